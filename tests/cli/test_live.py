"""The table of the best networks: it fits the screen, and says what the trials say."""

from __future__ import annotations

import io
import sys
import time

import pytest
from rich.cells import cell_len

from netlet.cli.live import LiveSearch, score_of, table_of
from netlet.searching.trial import Trial

pytestmark = pytest.mark.plain
SETTINGS = {
    "hidden": (106, 96, 107), "activation": "silu", "dropout": 0.1, "learning_rate": 0.00503, "batch_size": 32,
    "weight_decay": 1.7e-4,
}  # fmt: skip
TRIALS = [
    Trial(4, SETTINGS, score=0.30471, cost=0.30471, epochs=38),
    Trial(117, SETTINGS | {"hidden": (), "dropout": 0.0}, score=0.5, cost=0.5, epochs=6),
]


def rows(width: int) -> list[str]:
    return table_of("two networks", TRIALS, "smoothed_log_loss", tuple(SETTINGS), width).plain.splitlines()


def test_all_columns_where_there_is_room() -> None:
    assert rows(120) == [
        "two networks",
        "network  log loss  epochs  hidden layers   rate  activation  dropout  batch    decay",
        "      4    0.3047      38   106, 96, 107  0.005        silu      0.1     32  0.00017",
        "    117    0.5000       6           none  0.005        silu        0     32  0.00017",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_columns_that_do_not_fit_are_left_out(width: int) -> None:
    lines = rows(width)
    whole = rows(200)
    assert all(cell_len(line) <= width for line in lines)
    assert all(long.startswith(line) for long, line in zip(whole, lines, strict=True))
    assert len({len(line) for line in lines[1:]}) == 1
    assert lines[1].startswith("network  log loss  epochs")


@pytest.mark.parametrize(("score", "text"), [(-0.00001, "0.0000"), (0.12345, "0.1235"), (-1.5, "-1.5000"), (None, "")])
def test_scores(score: float | None, text: str) -> None:
    assert score_of(score) == text


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("netlet.cli.live.SECONDS_BETWEEN_LINES", 0.0)
    with LiveSearch("r2", time.perf_counter() - 7.2, 60.0, ("hidden",)) as shown:
        assert isinstance(shown, LiveSearch)
        shown.compiling()
        shown.compiling()
        shown.ended(Trial(3, SETTINGS, score=0.5, cost=-0.5, epochs=2))
        shown.ended(Trial(5, SETTINGS, status="failed"))
    assert capsys.readouterr().err.splitlines() == [
        "netlet: compiling kernels for this machine (once; some seconds) ...",
        "1 network tried, 7 of 60 s; best R2 0.5000 (network 3)",
        "2 networks tried, 7 of 60 s; best R2 0.5000 (network 3)",
    ]


def test_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("netlet.cli.live.SECONDS_BETWEEN_LINES", 0.0)
    with LiveSearch("r2", time.perf_counter(), None, ("hidden",), quiet=True) as shown:
        assert isinstance(shown, LiveSearch)
        shown.compiling()
        shown.ended(TRIALS[0])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("width", ["60", "120"])
def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with LiveSearch("smoothed_log_loss", time.perf_counter(), 60.0, tuple(SETTINGS)) as shown:
        assert isinstance(shown, LiveSearch)
        for trial in TRIALS:
            shown.ended(trial)
    said = terminal.getvalue()
    assert "2 networks tried, 0 of 60 s" in said
    assert "0.3047" in said
    assert ("decay" in said) == (width == "120")
    assert said.rstrip().endswith("\x1b[2K")  # the table goes when the search ends


def test_the_time_that_it_took_to_compile_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.perf_counter() - 70
    display = LiveSearch("accuracy", began, 60.0, ())
    display.begin_later(30)
    display._said -= 10
    display.ended(Trial(0, {}, score=0.5, cost=-0.5))
    assert "1 network tried, 40 of 60 s;" in capsys.readouterr().err
