"""`netlet train --forecast` and `netlet predict` with its model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet.sequences import Forecaster

Command = Callable[..., Any]
QUICK = ("--epochs", "2", "--threads", "1")


def table(path: Path, n: int = 120, drop: tuple[int, ...] = (), **columns: object) -> Path:
    t = np.arange(n)
    days = np.datetime64("2024-01-01", "us") + t * np.timedelta64(1, "D")
    frame = pl.DataFrame({"day": days, "sold": 20 + 5 * np.sin(2 * np.pi * t / 7) + t / 50, **columns})
    frame = frame.with_columns(pl.col("day").cast(pl.Date))
    frame[[at for at in range(n) if at not in drop]].write_csv(path)
    return path


def test_from_a_table_to_a_forecast(netlet: Command, tmp_path: Path) -> None:
    sales = table(tmp_path / "sales.csv")
    outcome = netlet("train", sales, "--forecast", "sold", "--horizon", 7, *QUICK)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[:3] == [
        "Table      sales.csv: 120 rows, 2 columns",
        "Forecast   sold, 7 steps ahead",
        "Time       by day, 1 day a step, 120 steps",
    ]
    for text in ("Test on the last 24 steps", "this model", "seasonal naive", "last value", "18 forecasts, each from"):
        assert text in outcome.out
    assert "of the truth lies between the quantiles 0.1 and 0.9" in outcome.out
    page = Path("sales.html").read_text()
    assert "Forecasting sold" in page
    assert page.count("<svg") == 3
    assert "netlet report</title>" in page
    model = Forecaster.load("sales.netlet")
    assert set(model.network_.notes["test"]["errors"]) == {"this model", "seasonal naive", "last value"}

    outcome = netlet("predict", "sales.netlet", sales, "-o", "next.csv")
    assert (outcome.code, outcome.out) == (0, "")
    assert "7 steps written to next.csv" in outcome.err
    frame = pl.read_csv("next.csv", try_parse_dates=True)
    assert frame.columns == ["day", "q10", "q50", "q90"]
    assert frame["day"].cast(pl.String).to_list()[0] == "2024-04-30"
    expected = model.predict(pl.read_csv(sales, try_parse_dates=True)).median[0]
    assert frame["q50"].to_numpy() == pytest.approx(expected)
    again = netlet("train", sales, "--forecast", "sold", "--horizon", 7, *QUICK, "-q")
    assert again.code == 0
    assert "Network" not in again.out


def test_several_series_and_gaps(netlet: Command, tmp_path: Path) -> None:
    one = pl.read_csv(table(tmp_path / "one.csv", drop=(50, 51)))
    two = one.with_columns(pl.col("sold") * 3)
    both = pl.concat([one.with_columns(shop=pl.lit("a")), two.with_columns(shop=pl.lit("b"))])
    both.write_csv(tmp_path / "both.csv")
    words = ("train", "both.csv", "--forecast", "sold", "--horizon", 3, "--series", "shop", "--time-column", "day")
    outcome = netlet(*words, *QUICK, "--no-report")
    assert outcome.code == 2
    assert "the series 'a' has 2 gaps, the first at 2024-02-20" in outcome.err
    assert "--gaps last" in outcome.err
    outcome = netlet(*words, *QUICK, "--gaps", "last", "--test-share", 0, "--no-report")
    assert outcome.code == 0, outcome.err
    assert "3 steps ahead, 2 series" in outcome.out
    assert "Test on" not in outcome.out
    outcome = netlet("predict", "both.netlet", "both.csv")
    assert [line.split(",")[0] for line in outcome.out.splitlines()] == ["shop", *"aaabbb"]


def test_what_is_known_ahead(netlet: Command, tmp_path: Path) -> None:
    sales = table(tmp_path / "s.csv", offer=np.arange(120) % 2)
    words = ("train", sales, "--forecast", "sold", "--horizon", 2, "--known", "offer", *QUICK)
    assert netlet(*words).code == 0
    outcome = netlet("predict", "s.netlet", sales)
    assert outcome.code == 2
    assert "add rows for 2 steps" in outcome.err
    with sales.open("a") as file:
        file.write("2024-04-30,,1\n2024-05-01,,0\n")
    assert len(netlet("predict", "s.netlet", sales).out.splitlines()) == 3


BAD = [
    (("--forecast", "sold"), "--forecast needs --horizon"),
    (("--forecast", "gold", "--horizon", 2), "target='gold' is not one of"),
    (("--forecast", "sold", "--horizon", 0), "--horizon 0 is out of range"),
    (("--forecast", "sold", "--horizon", 2, "-t", "sold"), "--target is not for --forecast"),
    (("--forecast", "sold", "--horizon", 2, "--hidden", "8"), "--hidden is not for --forecast"),
    (("--forecast", "sold", "--horizon", 2, "--time-column", "when"), "time='when' is not one of"),
    (("--forecast", "sold", "--horizon", 2, "--gaps", "fill"), "gaps='fill' is not one of"),
    (("--forecast", "sold", "--horizon", 100), "use fewer lags or a shorter horizon"),
    (("--forecast", "sold", "--horizon", 600), "--horizon 600 is not shorter than the series, which has 120 steps"),
    (("--forecast", "slod", "--horizon", 2), "'day', 'sold', the columns of the table; did you mean 'sold'?"),
    (("--target", "sold", "--horizon", 2), "--horizon is for --forecast"),
    (("--target", "sold", "--series", "day"), "--series is for --forecast"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_options_that_do_not_fit(netlet: Command, tmp_path: Path, words: tuple[object, ...], message: str) -> None:
    outcome = netlet("train", table(tmp_path / "s.csv"), *words, *QUICK)
    assert outcome.code == 2
    assert message in outcome.err
    assert not Path("s.netlet").exists()


def test_tables_that_cannot_be_forecast(netlet: Command, tmp_path: Path) -> None:
    words = ("--forecast", "sold", "--horizon", 2, *QUICK)
    two = table(tmp_path / "two.csv", other=np.array(["2024-01-01"] * 120))
    outcome = netlet("train", two, *words)
    assert outcome.code == 2
    assert "several columns of dates, day, other; choose one with --time-column" in outcome.err
    twice = tmp_path / "twice.csv"
    one = table(tmp_path / "one.csv").read_text()
    twice.write_text(one + one.splitlines()[-1] + "\n")
    outcome = netlet("train", twice, *words)
    assert outcome.code == 2
    assert "has the time 2024-04-29 twice" in outcome.err
    assert "several series apart with --series" in outcome.err
    assert netlet("train", tmp_path / "one.csv", *words).code == 0
    outcome = netlet("predict", "one.netlet", "one.csv", "--with-input")
    assert outcome.code == 2
    assert "--with-input is not for a forecast" in outcome.err


def test_a_gap_in_the_table_to_predict_from_is_told_in_the_words_of_the_command(
    netlet: Command, tmp_path: Path
) -> None:
    whole, gap = table(tmp_path / "whole.csv"), table(tmp_path / "gap.csv", drop=(60,))
    assert netlet("train", whole, "--forecast", "sold", "--horizon", 2, *QUICK).code == 0
    outcome = netlet("predict", "whole.netlet", gap)
    assert outcome.code == 2
    assert "no value at 2024-03-01 (the step is 1 day); fill it, or train with --gaps last" in outcome.err
