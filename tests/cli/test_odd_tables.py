"""Tables that a stranger may bring to `netlet train`: it runs, or says in one line why not; a report is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet.population.loading import load_networks

Command = Callable[..., Any]
QUICK = ("--preset", "fast", "--epochs", 2)
RNG = np.random.default_rng(7)
N = 90
X, Z = RNG.normal(size=(2, N))
LABEL = np.where(X + 0.5 * RNG.normal(size=N) > 0, "yes", "no")
CODES = RNG.permutation(N)
LONG = "a column of a name " * 30
ODD_NAMES = ["naïve größe", "数据", "<b>&\"'", "a,b\nc", "{{ 7 * 7 }}", "%s %d {}", LONG]


def days(text: bool = False) -> pl.Series:
    series = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 30), eager=True)
    return series.dt.strftime("%d.%m.%Y") if text else series


TABLES: dict[str, dict[str, Any]] = {
    "constant columns": {"one": [1] * N, "word": ["w"] * N, "empty": [None] * N},
    "only constant columns but one": {"z": [3] * N, "one": [1] * N},
    "identifying columns": {"id": range(N), "place": CODES + 10_000, "key": [f"k{i:05d}" for i in CODES]},
    "a leaking target": {"code": np.where(LABEL == "yes", 1, 0)},
    "dates": {"day": days(), "text_day": days(text=True), "moment": days().cast(pl.Datetime)},
    "text of many values": {"city": [f"c{i % 40}" for i in range(N)], "remark": [f"r {i} " * 20 for i in range(N)]},
    "mixed types": {"mixed": [*map(str, range(N - 2)), "x", "y"], "dash": [*map(str, range(N - 1)), "-"]},
    "a class of one row": {"t": ["rare", *LABEL[1:]]},
    "a target that is missing here and there": {"t": [None if i % 3 == 0 else each for i, each in enumerate(LABEL)]},
    "a column of NaN": {"nothing": [float("nan")] * N, "some": np.where(X > 0.5, np.nan, X)},
    "odd names": dict.fromkeys(ODD_NAMES, Z + 1),
    "a boolean target": {"t": X > 0},
    "a target of three whole numbers": {"t": RNG.integers(1, 4, N)},
    "a target of zeros and ones": {"t": (X > 0).astype(int)},
    "numbers that cannot be standardised": {"huge": X * 1e300},
    "huge numbers": {"huge": X * 1e100, "tiny": X * 1e-300, "t": 1e12 + 1e9 * X},
    "larger than float32": {"t": 1e39 * X},
    "one far number": {"far": [1e18, *X[1:]], "t": [1e9, *X[1:]]},
    "a number that is hardly spread": {"t": 1e6 + 1e-3 * X},
    "many missing cells": {f"c{i}": np.where(RNG.random(N) < 0.9, np.nan, X) for i in range(6)},
    "odd classes": {"t": RNG.choice(["<script>", "a\nb", "ä" * 200, "{{ 1 }}", " "], N)},
    "classes hardly there": {"t": ["b"] * 4 + ["a"] * (N - 4)},
    "thirty classes": {"t": [f"class {i % 30}" for i in range(N)]},
    "as many columns as rows": {f"c{i}": RNG.normal(size=N) for i in range(N)},
}  # fmt: skip


def write(columns: dict[str, Any], n: int = N) -> Path:
    path = Path("t.parquet")
    names = {"x": X[:n], "z": Z[:n], "t": LABEL[:n]} | {name: list(cells)[:n] for name, cells in columns.items()}
    pl.DataFrame({name: pl.Series(cells, strict=False) for name, cells in names.items()}).write_parquet(path)
    return path


def check(outcome: Any) -> None:
    """Assert that it went well, and that nothing of Python's own words reached the screen."""
    assert outcome.code == 0, outcome.err
    said = outcome.out + outcome.err
    assert not re.search(r"Traceback|Warning:|/site-packages/|\bnan\b|\[(1m|0m)", said)
    assert "Report     written to t.html" in outcome.out
    page = Path("t.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert not re.search(r">\s*(nan|inf|-inf|None)\s*<", page)
    assert "NaN" not in re.sub(r">[^<]*<", "><", page)  # no coordinate of a drawing
    model = load_networks("t.netlet")
    assert all(np.isfinite(each.theta).all() for each in getattr(model, "networks", [model]))
    assert all(len(line) <= 80 for line in outcome.out.splitlines()[:-1])
    assert all(line == line.rstrip() for line in outcome.out.splitlines())


@pytest.mark.parametrize("name", TABLES)
def test_an_odd_table(netlet: Command, name: str) -> None:
    path = write(TABLES[name])
    check(netlet("train", path, "-t", "t", *QUICK))
    assert netlet("predict", "t.netlet", path, "-o", "p.csv").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"numbers that cannot be standardised"}))
def test_an_odd_table_of_the_search(netlet: Command, name: str) -> None:
    path = write(TABLES[name])
    check(netlet("train", path, "-t", "t", "--trials", 3, "--epochs", 2))
    assert netlet("predict", "t.netlet", path, "-o", "p.csv").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 12, 13, 17])
@pytest.mark.parametrize("target", ["t", "z"])
def test_few_rows_of_the_search(netlet: Command, n: int, target: str) -> None:
    check(netlet("train", write({}, n), "-t", target, "--trials", 3, "--epochs", 2))


def test_repeated_rows(netlet: Command) -> None:
    path = write({})
    pl.concat([pl.read_parquet(path)] * 3).write_parquet(path)
    outcome = netlet("train", path, "-t", "t", *QUICK)
    check(outcome)
    assert "are also among those learned from" in " ".join(outcome.out.split())


@pytest.mark.parametrize("n", [10, 12, 13, 17])
@pytest.mark.parametrize("target", ["t", "z"])
def test_few_rows(netlet: Command, n: int, target: str) -> None:
    check(netlet("train", write({}, n), "-t", target, *QUICK))


@pytest.mark.parametrize("columns", [{}, {"t": X}, {"t": ["a", "a", "b", "b", "c"]}])
def test_five_rows(netlet: Command, columns: dict[str, Any]) -> None:
    outcome = netlet("train", write(columns, 5), "-t", "t")
    assert outcome.code == 2
    assert "known in only 5 of 5 rows; at least 10 are needed" in outcome.err
    assert not list(Path().glob("t.[nh]*"))


def test_a_row_for_each_class(netlet: Command) -> None:
    outcome = netlet("train", write({"t": [f"c{i}" for i in range(N)]}), "-t", "t")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "target 't' has 90 different values in 90 rows, too many to be classes" in outcome.err


@pytest.mark.parametrize(
    ("cells", "more", "message"),
    [
        (X * 1e300, ("--preset", "search"), "numbers too large to standardise"),
        (np.sign(X) * 1.7e308, (), "numbers too large to scale"),
        ([*X[1:], np.inf], (), "an infinite number in row 90"),
    ],
)
def test_numbers_that_are_none(netlet: Command, cells: Any, more: tuple[str, ...], message: str) -> None:
    outcome = netlet("train", write({"huge": cells}), "-t", "t", *more)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "column 'huge' " in outcome.err
    assert message in outcome.err


@pytest.mark.parametrize("columns", [{"t": ["only"] * N}, {"t": [5] * N}, {"t": [None] * N}, {"t": [float("nan")] * N}])
def test_nothing_to_predict(netlet: Command, columns: dict[str, Any]) -> None:
    outcome = netlet("train", write(columns), "-t", "t")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert not list(Path().glob("t.[nh]*"))


def test_nothing_to_learn_from(netlet: Command) -> None:
    outcome = netlet("train", write({"x": [1] * N, "z": ["w"] * N}), "-t", "t")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)


def test_two_hundred_classes(netlet: Command) -> None:
    path = Path("t.parquet")
    rng = np.random.default_rng(1)
    classes = [f"c{i % 200}" for i in range(600)]
    pl.DataFrame({"x": rng.normal(size=600), "z": rng.normal(size=600), "t": classes}).write_parquet(path)
    outcome = netlet("train", path, "-t", "t", *QUICK)
    check(outcome)
    assert "one of 200 classes" in outcome.out


def test_two_thousand_columns(netlet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlet.cli.page.SECONDS_OF_IMPORTANCE", 0.5)
    path = Path("t.parquet")
    x = np.random.default_rng(1).normal(size=(300, 2000))
    frame = pl.DataFrame(x, schema=[f"c{i}" for i in range(2000)])
    frame.with_columns(t=pl.Series(np.where(x[:, 0] > 0, "a", "b"))).write_parquet(path)
    outcome = netlet("train", path, "-t", "t", *QUICK)
    check(outcome)
    assert "300 rows, 2,001 columns" in outcome.out
    assert Path("t.html").stat().st_size < 3_000_000
