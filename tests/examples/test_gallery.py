"""Every page of the gallery runs without a warning, proves its claim and draws one small picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "examples" / "gallery"
PAGES = sorted(path.stem for path in GALLERY.glob("plot_*.py"))
LARGEST = 100_000  # bytes of a picture
LARGEST_ANIMATION = 200_000

slow = [pytest.mark.slow, pytest.mark.compiled]


def run(page, folder, **environment):
    settings = os.environ | {"MPLBACKEND": "Agg", "PYTHONUTF8": "1"} | environment
    command = [sys.executable, "-W", "error", GALLERY / "draw.py", folder, page]
    return subprocess.run(command, env=settings, capture_output=True, text=True, encoding="utf-8", timeout=600)


@pytest.mark.parametrize("page", [pytest.param(page, marks=slow) for page in PAGES])
def test_a_page_proves_what_it_says(page, tmp_path):
    ended = run(page, tmp_path)
    if "NETLET_SHARED_DATA names the folder" in ended.stderr:
        pytest.skip(ended.stderr.strip())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not ended.stderr
    assert 1000 < (tmp_path / f"{page}.png").stat().st_size < LARGEST


@pytest.mark.slow
def test_a_page_without_its_data_says_what_is_missing(tmp_path):
    ended = run("plot_shakespeare", tmp_path, NETLET_SHARED_DATA=str(tmp_path))
    missing = tmp_path / "text" / "tinyshakespeare.txt"
    assert ended.stderr.startswith(f"{missing} is not there; NETLET_SHARED_DATA names the folder")
    assert "Traceback" not in ended.stderr


def test_the_list_of_pages_has_each_with_its_small_picture():
    assert PAGES, GALLERY
    listed = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"../examples/gallery/{page}.py)" in listed
        assert f"](gallery/{page}.png)" in listed
        assert (ROOT / "docs" / "gallery" / f"{page}.png").stat().st_size < LARGEST


def test_the_animations_are_listed_and_small():
    listed = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "gallery").glob("*.gif"):
        assert f"](gallery/{path.name})" in listed
        assert path.stat().st_size < LARGEST_ANIMATION
