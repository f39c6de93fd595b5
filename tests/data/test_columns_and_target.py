"""What becomes of each column, and what is asked of the target."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from netlet.data import TableError, Target, choose_columns, choose_task, fit_target

N = 60


def frame(**columns: object) -> pl.DataFrame:
    return pl.DataFrame({"x": np.linspace(0.0, 1.0, N), "y": ["a", "b"] * (N // 2), **columns})


def test_kinds() -> None:
    table = frame(
        whole=[i % 7 for i in range(N)],
        truth=[i % 3 == 0 for i in range(N)],
        day=pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 29), eager=True),
        word=["u", "v", None] * (N // 3),
    )
    columns, dropped = choose_columns(table, "y")
    kinds = {"x": "number", "whole": "number", "truth": "boolean", "day": "date", "word": "category"}
    assert {column.name: column.kind for column in columns} == kinds
    assert dropped == ()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([None] * N, "every cell is empty"),
        ([3] * N, "every row is 3"),
        (["s"] * N, "every row is s"),
        ([f"id{i}" for i in range(N)], "text that differs in every row, so it only names the row"),
        ([f"id{i}" for i in range(N - 1)] + ["id0"], "free text: 59 different values in 60 rows, such as 'id0'"),
        (list(range(N)), "it only counts the rows"),
        (list(range(1, N + 1)), "it only counts the rows"),
        ([[1]] * N, "a cell holds List(Int64)"),
        ([timedelta(hours=i) for i in range(N)], "a cell holds a span of time; make it a number, such as its hours"),
    ],
)
def test_dropped(values: list[object], why: str) -> None:
    _, dropped = choose_columns(frame(extra=values), "y")
    assert [(column.name, column.why) for column in dropped] == [("extra", why)]


@pytest.mark.parametrize("values", [list(range(2, N + 2)), list(range(N, 0, -1)), [1, None] * (N // 2)])
def test_kept(values: list[object]) -> None:
    columns, _ = choose_columns(frame(extra=values), "y")
    assert [column.name for column in columns] == ["x", "extra"]


def test_dropped_by_wish() -> None:
    columns, dropped = choose_columns(frame(extra=[i % 5 for i in range(N)]), "y", drop=["x"])
    assert [column.name for column in columns] == ["extra"]
    assert dropped[0].why == "as you asked"


def test_choose_columns_errors() -> None:
    with pytest.raises(
        TableError, match="target 'Y' is not a column of the table; did you mean 'y'\\? The columns are: x, y"
    ):
        choose_columns(frame(), "Y")
    with pytest.raises(TableError, match="drop 'z' is not a column"):
        choose_columns(frame(), "y", drop=["z"])
    with pytest.raises(TableError, match="drop 'y' is the target"):
        choose_columns(frame(), "y", drop=["y"])
    with pytest.raises(TableError, match=r"no column is left to predict 'y' from \(x: as you asked\)"):
        choose_columns(frame(), "y", drop=["x"])
    with pytest.raises(TableError, match=r"no column is left to predict 'y' from \(it is the only column\)"):
        choose_columns(frame().select("y"), "y")


def test_infinite_number_is_located() -> None:
    values = [1.0] * N
    values[11] = float("inf")
    with pytest.raises(TableError, match=r"column 'extra' has an infinite number in row 12 \(1 in all\)"):
        choose_columns(frame(extra=values), "y")


@pytest.mark.parametrize(
    ("values", "task", "why"),
    [
        (["a", "b", "b"] * 20, "classification", "text"),
        ([True, False] * 30, "classification", "truth values"),
        ([0, 1] * 30, "classification", "only 2 different whole numbers"),
        ([0.0, 1.0] * 30, "classification", "only 2 different whole numbers"),
        ([0, 1, 2] * 100, "classification", "only 3 different whole numbers"),
        ([0, 1, 2] * 20, "regression", "numbers"),
        ([0.5, 1.0] * 30, "regression", "numbers"),
        (list(range(60)), "regression", "numbers"),
    ],
)
def test_task(values: list[object], task: str, why: str) -> None:
    assert choose_task(pl.DataFrame({"t": values}), "t") == (task, why)


def test_task_by_wish() -> None:
    table = pl.DataFrame({"t": [0, 1, 2] * 100})
    assert choose_task(table, "t", "regression") == ("regression", "as you asked")
    with pytest.raises(ValueError, match=r"task='clasification' is not one of .*did you mean 'classification'"):
        choose_task(table, "t", "clasification")


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        (["a"] * 60, "auto", "target 't' is 'a' in every row; there is nothing to learn"),
        ([2.5] * 60, "auto", "target 't' is 2.5 in every row"),
        (["a", "b", None] * 3, "auto", "target 't' is known in only 6 of 9 rows; at least 10 are needed"),
        ([None] * 60, "auto", "target 't' is known in only 0 of 60 rows"),
        (
            [f"n{i}" for i in range(60)],
            "auto",
            "60 different values in 60 rows, too many to be classes; choose another",
        ),
        (
            [f"1.{i},5" for i in range(100, 160)],
            "auto",
            r"too many to be classes. Column 't' is .* '1.100,5' \(row 1\)",
        ),
        (list(range(60)), "classification", "too many to be classes; use the task 'regression'"),
        (["a", "b"] * 30, "regression", r"target 't' is text \(row 1 is 'a'\), which cannot be predicted as a number"),
        ([[1], [2]] * 30, "auto", r"target 't' holds List\(Int64\)"),
        ([float("-inf"), 1.0] * 30, "auto", "column 't' has an infinite number in row 1"),
    ],
)
def test_target_errors(values: list[object], task: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        choose_task(pl.DataFrame({"t": values}), "t", task)


@pytest.mark.parametrize("values", [["b", "a", "c"], [3, -1, 2], [True, False, True], [1.5, 0.5, 2.5]])
def test_classes_there_and_back(values: list[object]) -> None:
    table = pl.DataFrame({"t": values})
    target = fit_target(table, "t", "classification")
    labels = target.encode(table)
    assert labels.dtype == np.int64
    assert target.classes == tuple(sorted(set(values)))  # type: ignore[type-var]
    probabilities = np.eye(len(target.classes))[labels]
    decoded = target.decode(probabilities)
    assert decoded.to_list() == values
    assert decoded.dtype == table["t"].dtype


def test_numbers_there_and_back() -> None:
    table = pl.DataFrame({"t": [1, 2, 6]})
    target = fit_target(table, "t", "regression")
    encoded = target.encode(table)
    assert encoded.mean() == pytest.approx(0)
    assert encoded.std() == pytest.approx(1)
    assert target.decode(encoded[:, None]).to_list() == pytest.approx([1, 2, 6])


def test_unknown_class_is_located() -> None:
    target = Target("t", "classification", ("a", "b"))
    with pytest.raises(TableError, match="target 't' is 'c' in row 2, which is none of the classes: a, b"):
        target.encode(pl.DataFrame({"t": ["a", "c"]}))


def test_numbers_too_large() -> None:
    with pytest.raises(TableError, match="target 't' holds numbers too large to standardise"):
        fit_target(pl.DataFrame({"t": [1e308, -1e308, 1e308]}), "t", "regression")


def test_numbers_too_near_to_each_other() -> None:
    with pytest.raises(TableError, match="target 't' holds numbers too near to each other to standardise"):
        fit_target(pl.DataFrame({"t": [1e-200, -1e-200, 2e-200]}), "t", "regression")
