"""The commands as such: help that is prompt, usage errors in one line, exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import netlet as package
from netlet.graph.layers import ACTIVATIONS
from netlet.training.optimizers import OPTIMIZERS

HEAVY = {"numpy", "polars", "sklearn", "numba", "llvmlite", "scipy", "rich"}


@pytest.mark.parametrize("words", [[], ["--help"], ["train", "--help"], ["predict", "-h"], ["warmup", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    script = f"import sys; from netlet.cli.app import run; run({words}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: netlet")
    assert not HEAVY & set(done.stderr.split())


def test_help_names_what_there_is(netlet: Callable[..., Any]) -> None:
    text = netlet("train", "--help").out
    assert all(name in text for name in [*(set(ACTIVATIONS) - {"softmax"}), *OPTIMIZERS])
    assert max(map(len, text.splitlines())) <= 80


def test_version(netlet: Callable[..., Any]) -> None:
    outcome = netlet("--version")
    assert outcome.code == 0
    assert outcome.out == f"netlet {package.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "error: No such command 'trian'. Did you mean 'train'? netlet --help lists what there is\n"),
        (["train"], "error: Missing argument 'FILE'; netlet train --help lists what there is\n"),
        (["train", "t.csv", "--traget", "a"], "error: No such option: --traget"),
        (["train", "t.csv", "--epochs", "0"], "error: --epochs 0 is out of range; it has to be at least 1\n"),
        (["train", "t.csv", "--epochs", "x"], "error: Invalid value for '--epochs': "),
        (["train", "t.csv", "--seed", "-1"], "error: --seed -1 is out of range"),
        (
            ["train", "t.csv", "--dropout", "1"],
            "error: --dropout 1.0 is out of range; it has to be at least 0 and less than 1\n",
        ),
        (["train", "t.csv", "--dropout", "nan"], "error: --dropout nan is out of range"),
        (
            ["train", "t.csv", "--learning-rate", "0"],
            "error: --learning-rate 0.0 is out of range; it has to be more than 0\n",
        ),
        (["train", "t.csv", "--learning-rate", "inf"], "error: --learning-rate inf is out of range"),
        (["train", "t.csv", "--time", "0"], "error: --time 0.0 is out of range; it has to be more than 0\n"),
        (["train", "t.csv", "--test-share", "1"], "error: --test-share 1.0 is out of range"),
        (
            ["train", "t.csv", "--hidden", "64,x"],
            "error: --hidden '64,x' is not a list of layer sizes; write it like 64,64",
        ),
        (["train", "t.csv", "--hidden", "0"], "error: --hidden '0' is not a list of layer sizes"),
        (["train", "t.csv", "--activation", "rleu"], "error: --activation='rleu' is not one of "),
        (["train", "t.csv", "--optimizer", "adm"], "error: --optimizer='adm' is not one of "),
        (["train", "t.csv", "--task", "guess"], "error: --task='guess' is not one of "),
        (["predict", "m.netlet"], "error: Missing argument 'FILE'; netlet predict --help lists what there is\n"),
        (["predict", "m.netlet", "t.csv", "--threads", "0"], "error: --threads 0 is out of range"),
    ],
)
def test_usage_errors(netlet: Callable[..., Any], words: list[str], message: str) -> None:
    outcome = netlet(*words)
    assert outcome.code == 2
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1
    assert outcome.out == ""


def test_an_error_is_red_on_a_terminal_only(netlet: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in netlet("train", "none.csv").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in netlet("train", "none.csv").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in netlet("train", "none.csv").err


def test_what_nobody_foresaw_keeps_its_traceback(netlet: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("netlet.cli.prepare.read_table", broken)
    with pytest.raises(ZeroDivisionError):
        netlet("train", "t.csv", "-t", "a")


def test_out_of_memory(netlet: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object, **__: object) -> None:
        raise MemoryError("Unable to allocate 80 GiB")

    monkeypatch.setattr("netlet.cli.prepare.read_table", too_large)
    outcome = netlet("train", "t.csv", "-t", "a")
    assert (outcome.code, outcome.err) == (1, "error: out of memory (Unable to allocate 80 GiB)\n")


def test_warmup(netlet: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_two(tell: Callable[[str], None]) -> int:
        tell("dense_forward")
        tell("dense_backward")
        return 2

    monkeypatch.setattr(package, "warmup", compile_two)
    outcome = netlet("warmup")
    assert outcome.code == 0
    assert outcome.out.startswith("2 kernels are ready, after 0.")
