"""Running the command in this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from netlet.cli.app import run

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def netlet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Run `netlet WORDS` in a new folder, on a screen of 80 columns that is no terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def command(*words: object) -> Outcome:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return command


@pytest.fixture
def alone(netlet: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Run `netlet WORDS`; a training is of the usual network only, without a report."""

    def command(*words: object) -> Outcome:
        return netlet(*words, *(("--trials", "1", "--no-report") if words[0] == "train" else ()))

    return command


@pytest.fixture
def fast(netlet: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Run `netlet WORDS`; a training is of one network by the preset fast, without a report."""

    def command(*words: object) -> Outcome:
        return netlet(*words, *(("--preset", "fast", "--no-report") if words[0] == "train" else ()))

    return command


@pytest.fixture
def penguins() -> Path:
    """Give the example table."""
    return PENGUINS
