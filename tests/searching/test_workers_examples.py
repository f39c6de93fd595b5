"""The examples of docs/many-machines.md run."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.compiled]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize(("engine", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_it_finds_a_good_network(engine: str, package: str, tmp_path: Path) -> None:
    pytest.importorskip(package, reason=f'needs {package}: pip install "netlet[{engine}]"')
    ray = {"RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / f"search_on_{engine}.py")], cwd=tmp_path, env=os.environ | ray,
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout.strip().splitlines()[-1]
    assert said.startswith("SearchResult(24 trials, ")
    assert float(said.partition("best accuracy ")[2].partition(":")[0]) > 0.9
