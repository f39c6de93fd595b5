"""The columns as a report shows them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from netlet.data import ColumnFacts, choose_columns, describe_columns, fit_target
from netlet.data.fitting import fit_preparation

pytestmark = pytest.mark.plain
N = 100


def described(frame: pl.DataFrame, drop: tuple[str, ...] = ()) -> list[ColumnFacts]:
    columns, dropped = choose_columns(frame, "t", drop)
    preparation = fit_preparation(frame, columns, fit_target(frame, "t", "classification"), dropped)
    return describe_columns(frame, columns, dropped, preparation)


def test_every_kind() -> None:
    frame = pl.DataFrame({
        "age": [None if i == 3 else 17 + i % 50 for i in range(N)],
        "price": np.linspace(0.125, 12345.678, N),
        "member": [i % 4 == 0 for i in range(N)],
        "word": [None if i < 5 else ("red" if i < 60 else f"a very long colour's name {i % 3}") for i in range(N)],
        "t": ["yes", "no"] * 50,
        "day": [date(2024, 1, 1) + timedelta(days=i % 90) for i in range(N)],
        "moment": [None if i == 0 else datetime(2024, 1, 1) + timedelta(hours=i) for i in range(N)],
        "name": [f"n{i}" for i in range(N)],
        "same": [7] * N,
        "void": [None] * N,
        "lists": [[1]] * N,
        "unwanted": [True, False] * 50,
    })  # fmt: skip
    assert described(frame, drop=("unwanted",)) == [
        ColumnFacts("age", "number", 1, 50, "17 to 66", "standardised; missing filled with the median 42, and marked"),
        ColumnFacts("price", "number", 0, N, "0.125 to 12,346", "standardised"),
        ColumnFacts("member", "truth value", 0, 2, "false (75.0 %), true (25.0 %)", "standardised"),
        ColumnFacts(
            "word", "category", 5, 4,
            "red (55.0 %), a very long colour's ... (14.0 %), a very long colour's ... (13.0 %), ...",
            "one input for each of 4 values, one for missing",
        ),
        ColumnFacts(
            "day", "date", 0, 90, "2024-01-01 to 2024-03-30", "split into days, month and weekday, each standardised"
        ),
        ColumnFacts(
            "moment", "date", 1, 99, "2024-01-01 01:00:00 to 2024-01-05 03:00:00",
            "split into days, month, weekday and hour, each standardised; missing filled with the medians, and marked",
        ),
        ColumnFacts(
            "name", "text", 0, N, "such as n0", "text that differs in every row, so it only names the row", True
        ),
        ColumnFacts("same", "number", 0, 1, "7", "every row is 7", True),
        ColumnFacts("void", "empty", N, 0, "", "every cell is empty", True),
        ColumnFacts("lists", "List(Int64)", 0, 0, "", "a cell holds List(Int64)", True),
        ColumnFacts("unwanted", "truth value", 0, 2, "false (50.0 %), true (50.0 %)", "as you asked", True),
    ]  # fmt: skip


def test_rare_values() -> None:
    words = [f"w{i % 70}" for i in range(3000)] + ["once"]
    (facts,) = described(pl.DataFrame({"word": words, "t": (["yes", "no"] * 1501)[:3001]}))
    assert facts.done == "one input for each of 49 values, one for all rarer values"


def test_columns_of_one_kind_only() -> None:
    (facts,) = described(pl.DataFrame({"word": ["u", "v"] * 50, "t": ["yes", "no", "no", "no"] * 25}))
    assert (facts.values, facts.done) == ("u (50.0 %), v (50.0 %)", "one input for each of 2 values")
