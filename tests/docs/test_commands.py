"""The commands that a guide shows under ``<!-- runs -->`` run, after the Python before them, one after another."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"(?:<!-- (\w+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
GUIDES = [page for page in sorted(DOCS.glob("*.md")) if "<!-- runs -->" in page.read_text(encoding="utf-8")]


def commands_of(text):
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.parametrize("guide", GUIDES, ids=[page.name for page in GUIDES])
def test_commands_run(guide, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": guide.stem}
    n_commands = 0
    blocks = BLOCK.findall(guide.read_text(encoding="utf-8"))
    last = max(place for place, (mark, _, _) in enumerate(blocks) if mark == "runs")
    for mark, language, text in blocks[: last + 1]:
        if mark == "runs":
            for command in commands_of(text):
                program, *arguments = shlex.split(command)
                assert program == "netlet"
                ended = subprocess.run(
                    [sys.executable, "-W", "error", "-m", "netlet", *arguments],
                    capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
                )  # fmt: skip
                assert ended.returncode == 0, ended.stdout + ended.stderr
                n_commands += 1
        elif language == "python" and not mark:
            exec(compile(text, str(guide), "exec", dont_inherit=True), names)
    assert n_commands
    assert all(path.stat().st_size for path in tmp_path.iterdir() if path.is_file())


def test_there_are_such_guides():
    assert {"first-five-minutes.md", "tables.md"} <= {page.name for page in GUIDES}
