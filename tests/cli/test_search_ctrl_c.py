"""Ctrl-C during `netlet train`: the best so far is written; before there is any, nothing is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netlet import load

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background may be born without
from netlet.cli import live
live.SECONDS_BETWEEN_LINES = 0.05
from netlet.cli.app import main
sys.argv[0] = "netlet"
main()
"""


@needs_signals
@pytest.mark.slow
def test_the_best_so_far_is_written(tmp_path: Path, penguins: Path) -> None:
    words = ("train", str(penguins), "-t", "species", "--trials", "1000000")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "best log loss" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "when Ctrl-C was pressed" in " ".join(out.split())
    assert "Model      stopped early; what it learned so far is written to penguins.netlet" in out
    assert "Traceback" not in err
    notes = load(tmp_path / "penguins.netlet").notes
    assert notes["training"]["stopped"] == "interrupted"
    assert 1 <= notes["training"]["networks"] < 1_000_000
    assert 0 < notes["test"]["accuracy"] <= 1
    assert (tmp_path / "penguins.html").exists()


@pytest.mark.plain
def test_before_there_is_a_network_nothing_is_written(
    netlet: Callable[..., Any], penguins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("netlet.searching.run.Run._compile", press)
    outcome = netlet("train", penguins, "-t", "species", "--trials", 5)
    assert (outcome.code, outcome.err) == (130, "error: stopped; nothing was written\n")
    assert not os.listdir()


def test_while_the_report_is_made(netlet: Callable[..., Any], penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netlet.cli.page.permutation_importance", press)
    outcome = netlet("train", penguins, "-t", "species", "--trials", 2, "--epochs", 1)
    assert outcome.code == 0
    assert "Report     stopped by Ctrl-C; the model is written, the report is not" in outcome.out
    assert sorted(os.listdir()) == ["penguins.netlet"]
