"""Tables that a stranger may bring to `netlet train`: each is trained on or refused, and the report says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

Command = Callable[..., Any]
QUICK = ("-t", "t", "--epochs", "1")


def write(n: int = 120, **columns: object) -> Path:
    rng = np.random.default_rng(4)
    x = rng.normal(size=n)
    label = np.where(x + rng.normal(size=n) > 0, "yes", "no")
    path = Path("table.csv")
    pl.DataFrame({"x": x, "z": rng.normal(size=n), "t": label, **columns}).write_csv(path)
    return path


def words_of(outcome: Any) -> str:
    """Give the report as one line, as it would be on a screen without an edge."""
    assert outcome.code == 0, outcome.err
    return " ".join(outcome.out.split())


def test_a_constant_column(fast: Command) -> None:
    out = words_of(fast("train", write(same=[3] * 120, almost=["a"] * 119 + ["b"]), *QUICK))
    assert "Left out same: every row is 3" in out
    assert "Warning Column 'almost' is a in all but one row of 120" in out


def test_a_column_that_identifies_rows(fast: Command) -> None:
    numbers = np.random.default_rng(0).permutation(120) + 500
    out = words_of(fast("train", write(order_id=numbers, place=numbers), *QUICK))
    assert "Left out order_id: an identifier by its name, and another whole number in every row" in out
    assert "Warning Column 'place' has another whole number in (nearly) every row" in out


def test_a_target_that_leaks(fast: Command) -> None:
    path = write()
    table = pl.read_csv(path)
    table.with_columns(code=pl.col("t").replace_strict({"yes": 1, "no": 0})).write_csv(path)
    out = words_of(fast("train", path, *QUICK))
    assert "Warning Column 'code' is the target 't' in other words (0 for no, 1 for yes)." in out
    assert "leave it out with --drop code." in out
    assert "Warning" not in words_of(fast("train", path, *QUICK, "--drop", "code"))


def test_repeated_rows_across_the_split(fast: Command) -> None:
    path = write()
    pl.concat([pl.read_csv(path)] * 2).write_csv(path)
    out = words_of(fast("train", path, *QUICK))
    assert "of the 48 test rows are also among those learned from" in out
    assert "the test score will flatter" in out


def test_dates(fast: Command) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 29), eager=True)
    out = words_of(fast("train", write(day=days, american=days.dt.strftime("%m/%d/%Y")), *QUICK))
    assert "2 numbers, 1 date, made into 5 inputs" in out
    assert "Column 'american' is taken as text: in '01/01/2024' (row 1) day and month could be taken" in out
    assert "Left out american: text that differs in every row" in out


def test_text_of_many_values(fast: Command, netlet: Command) -> None:
    cities, remarks = [f"city {i % 55}" for i in range(120)], [f"remark {i % 110}" for i in range(120)]
    table = write(city=cities, remark=remarks)
    searched = words_of(netlet("train", table, *QUICK, "--trials", 1, "--hidden", 4, "--no-report"))
    embedded = words_of(fast("train", table, *QUICK))
    few = "Warning Column 'city' has 55 different texts: only the 49 most frequent have an input each"
    assert few in searched
    assert "'city'" not in embedded
    assert "2 numbers, 1 category, made into 3 inputs" in embedded
    for out in (searched, embedded):
        assert "Left out remark: free text: 110 different values in 120 rows, such as 'remark 0'" in out


def test_mixed_types(fast: Command) -> None:
    numbers = [str(i) for i in range(118)]
    out = words_of(fast("train", write(mixed=[*numbers, "x", "y"], dash=[*numbers[::-1], "-", "-"]), *QUICK))
    assert "Column 'mixed' is taken as text: 2 of 120 values are no numbers, the first is 'x' in row 119." in out
    assert "Left out mixed: text, for 2 of 120 values are no numbers" in out
    assert "Column 'dash' is taken as numbers: cells such as '-' (row 119) count as missing, 2 of 120." in out


def test_one_row_for_each_class(fast: Command) -> None:
    outcome = fast("train", write(15, t=[f"c{i}" for i in range(15)]), *QUICK)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "target 't' has a class of its own in each of the 15 rows (c0, c1, c2, ...)" in outcome.err


def test_classes_of_a_single_row(fast: Command) -> None:
    out = words_of(fast("train", write(t=["one", "two", *["yes", "no"] * 59]), *QUICK))
    assert "Warning 2 of 4 classes of 't' have a single row ('one', 'two')" in out


def test_two_hundred_classes(fast: Command) -> None:
    out = words_of(fast("train", write(400, t=[f"c{i % 200}" for i in range(400)]), *QUICK))
    assert "one of 200 classes: " in out
    assert "Warning 't' has 200 classes in 400 rows, too few rows for each." in out
    assert "Test on " in out


def test_five_rows(fast: Command) -> None:
    outcome = fast("train", write(5), *QUICK)
    assert outcome.code == 2
    assert outcome.err == (
        "error: target 't' is known in only 5 of 5 rows; at least 10 are needed, some to learn from and some to test "
        "with; add rows\n"
    )


@pytest.mark.parametrize("name", ["count", "value", "*", "a b", "row", "literal", "inputs"])
def test_any_name_will_do(fast: Command, name: str) -> None:
    path = write()
    table = pl.read_csv(path)
    pl.concat([table, table[:60]]).rename({"t": name}).write_csv(path)
    out = words_of(fast("train", path, "-t", name, *QUICK[2:]))
    assert f"Target {name}, one of 2 classes: " in out
    pl.concat([table, table[:60]]).rename({"x": name}).write_csv(path)
    assert "2 numbers, made into 2 inputs" in words_of(fast("train", path, *QUICK))


def test_ten_rows(fast: Command) -> None:
    out = words_of(fast("train", write(10, t=["a", "b"] * 5), *QUICK))
    assert "Rows 8 to learn from, 2 to test with" in out
    assert "on all rows, too few to hold any back" in out


def test_two_thousand_columns(fast: Command) -> None:
    rng = np.random.default_rng(1)
    out = words_of(fast("train", write(60, **{f"c{i}": rng.normal(size=60) for i in range(2000)}), *QUICK))
    assert "60 rows, 2,003 columns" in out
    assert "made into 2,002 inputs" in out
    assert out.count("Warning") == 1
    assert "Warning There are more columns (2,002) than rows (60): a network can learn the rows by heart." in out
