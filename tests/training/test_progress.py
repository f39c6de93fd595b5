"""What a training shows on standard error."""

from __future__ import annotations

import io
import sys

import pytest
from problems import classes, classifier

from netlet.training import progress
from netlet.training.progress import Bar, Lines, Progress, progress_of

pytestmark = pytest.mark.plain
EPOCHS = [
    {"epoch": n, "loss": 1 / n, "validation_loss": 2 / n, "validation_accuracy": 0.5, "seconds": n} for n in (1, 2)
]


@pytest.mark.parametrize(
    ("choice", "kind"),
    [(False, Progress), ("none", Progress), ("bar", Bar), ("lines", Lines), (True, Lines), ("auto", Lines)],
)
def test_a_choice_stands_for_a_display(choice, kind):
    assert type(progress_of(choice, 5)) is kind


def test_auto_is_a_bar_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    assert type(progress_of("auto", 5)) is Bar


@pytest.mark.parametrize("choice", ["line", 3, None])
def test_an_unknown_choice_is_refused(choice):
    with pytest.raises(ValueError, match="is not one of 'auto', 'bar', 'lines', 'none'"):
        progress_of(choice, 5)


def shown(display):
    with display:
        display.compiling()
        for epoch in EPOCHS:
            display.show(epoch)
        display.end("done")


def test_nothing_is_shown(capsys):
    shown(Progress(2))
    assert capsys.readouterr() == ("", "")


def test_lines_say_once_that_kernels_are_compiled(capsys):
    lines = Lines(2)
    lines.compiling()
    lines.compiling()
    assert capsys.readouterr().err.count("compiling kernels") == 1


def test_lines_come_now_and_then_and_the_last_epoch_always(capsys):
    shown(Lines(2))
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "netlet: compiling kernels for this machine (once; some seconds) ..."
    assert [line.split("  ")[0] for line in lines[1:]] == ["epoch 2/2", "done"]
    assert "0.5000" in lines[1], "the loss"
    assert "1.0000" in lines[1], "the validation loss"


def test_a_line_for_each_epoch_where_epochs_are_long(monkeypatch, capsys):
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    shown(Lines(2))
    assert [line.split("  ")[0] for line in capsys.readouterr().err.splitlines()[1:]] == [
        "epoch 1/2",
        "epoch 2/2",
        "done",
    ]


def test_the_bar_ends_with_the_last_epoch(capsys):
    shown(Bar(2))
    out, err = capsys.readouterr()
    assert out == ""
    assert "done" in err
    assert "2/2" in err


@pytest.mark.parametrize("choice", ["bar", "lines"])
def test_a_training_shows_its_end(choice, capsys):
    x, y = classes(n=60)
    classifier().fit(x, y, epochs=2, validation_share=0.2, progress=choice)
    assert "2 epochs done" in capsys.readouterr().err


ENDINGS = {
    "no better validation loss for 1 epochs": {"epochs": 10_000, "patience": 1, "learning_rate": 0.5},
    "stopped by the time limit of 0.05 s": {"epochs": 10**9, "time_limit": 0.05},
    "stopped by a callback after 1 epoch": {"callbacks": [lambda state: True]},
}


@pytest.mark.parametrize("words", ENDINGS)
def test_each_ending_has_its_words(words, capsys):
    x, y = classes(n=60)
    classifier().fit(x, y, validation_share=0.2, progress="lines", **ENDINGS[words])
    assert words in capsys.readouterr().err
