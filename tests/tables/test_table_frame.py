"""Whatever holds a table becomes the same frame."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from netlet.data import TableError
from netlet.tables.frame import as_frame, with_kinds

pytestmark = pytest.mark.plain

DAY = datetime.datetime(2024, 2, 29, 12)
COLUMNS = {
    "number": [1.5, None, 3.0],
    "whole": [1, 2, 3],
    "text": ["a", None, " b "],
    "truth": [True, False, True],
    "day": [DAY, DAY, None],
}
WANTED = pl.DataFrame({**COLUMNS, "text": ["a", None, "b"]})


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "pandas nullable", "pandas categories", "dict"])
def test_every_kind_of_table_becomes_the_same_frame(kind):
    given = {
        "polars": lambda: pl.DataFrame(COLUMNS),
        "lazy": lambda: pl.DataFrame(COLUMNS).lazy(),
        "pandas": lambda: pd.DataFrame(COLUMNS),
        "pandas nullable": lambda: pd.DataFrame(COLUMNS).convert_dtypes(),
        "pandas categories": lambda: pd.DataFrame(COLUMNS).astype({"text": "category"}),
        "dict": lambda: COLUMNS | {"number": [1.5, np.nan, 3.0]},
    }[kind]()
    frame = as_frame(given)
    assert frame.columns == WANTED.columns
    for name in WANTED.columns:
        assert frame[name].to_list() == WANTED[name].to_list(), name


def test_a_time_zone_is_brought_to_utc():
    moments = pd.to_datetime(["2024-01-01 01:00+01:00", "2024-06-01 00:00+02:00"], utc=True).tz_convert("Europe/Paris")
    frame = as_frame(pd.DataFrame({"t": moments}))
    assert frame["t"].to_list() == [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 5, 31, 22)]


def test_an_arrays_columns_are_numbered():
    frame = as_frame(np.array([[1.0, np.nan], [2.0, 3.0]]))
    assert frame.to_dict(as_series=False) == {"x0": [1.0, 2.0], "x1": [None, 3.0]}


def test_objects_of_several_kinds_become_text():
    assert as_frame(np.array([["a", 1], [None, 2.5]], dtype=object)).to_dict(as_series=False) == {
        "x0": ["a", None],
        "x1": [1.0, 2.5],
    }
    assert as_frame({"m": np.array([1, "a"], dtype=object)})["m"].to_list() == ["1", "a"]


def test_text_that_holds_numbers_and_dates_becomes_such():
    frame = with_kinds(as_frame({"n": ["1,5", "2"], "d": ["31.12.2024", "01.01.2025"], "t": ["true", "False"]}))
    assert frame["n"].to_list() == [1.5, 2.0]
    assert frame["d"].to_list() == [datetime.date(2024, 12, 31), datetime.date(2025, 1, 1)]
    assert frame["t"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), TableError, "X has more than one column named a; rename them"),
        (pd.DataFrame({"a": []}), TableError, r"X has 0 rows \(shape=\(0, 1\)\)"),
        (pl.DataFrame(), TableError, "X has no columns"),
        ({"a": [1, 2], "b": [1]}, TableError, "different lengths: {'a': 2, 'b': 1}"),
        ([1.0, 2.0], ValueError, "Expected 2D array, got 1D array instead"),
        ("t.csv", TypeError, "X='t.csv' is the name of a file, .* or learn from it with fit_file"),
        (Path("t.csv"), TypeError, "X='t.csv' is the name of a file"),
        ([[1, 2], [3]], ValueError, "X has rows of different lengths: .*; give each row one cell a column"),
        (np.ones((2, 2), dtype=complex), ValueError, "Complex data not supported: X holds complex128"),
        (pd.DataFrame({"a": [[1], [2]]}), TypeError, r"column 'a' of X has a cell with list \[1\]"),
    ],
)
def test_what_is_no_table_is_refused(table, error, message):
    with pytest.raises(error, match=message):
        as_frame(table)


def test_a_column_without_a_name_keeps_it():
    assert as_frame(pl.DataFrame({"": [1.0, 2.0], "a": [3.0, 4.0]})).columns == ["", "a"]
    assert as_frame({"": [1.0, 2.0]}).columns == [""]


@pytest.mark.parametrize("absent", [None, np.nan, np.float32("nan"), pd.NA, pd.NaT])
def test_whatever_stands_for_a_missing_cell_is_one(absent):
    for cells in ([1, absent], ["a", absent], [True, absent], [DAY, absent]):
        objects = np.array(cells, dtype=object)
        assert as_frame({"m": objects})["m"].to_list() == [cells[0], None]
        assert as_frame(objects[:, None])["x0"].to_list() == [cells[0], None]


def test_cells_that_a_masked_array_hides_are_missing():
    hidden = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], mask=[[False, True], [False, False]])
    assert as_frame(hidden).to_dict(as_series=False) == {"x0": [1.0, 3.0], "x1": [None, 4.0]}
    assert as_frame({"m": np.ma.masked_array([1, 2], mask=[True, False])})["m"].to_list() == [None, 2]
    assert as_frame({"m": np.ma.masked_array([1, 2])})["m"].to_list() == [1, 2]


def test_integers_that_no_type_holds_are_numbers():
    assert as_frame({"m": [10**30, -1, None]})["m"].to_list() == [1e30, -1.0, None]
    assert as_frame({"m": [2**63, 1]})["m"].to_list() == [2.0**63, 1.0]


def test_days_and_moments_in_one_column_are_dates():
    cells = np.array([DAY.date(), DAY, None], dtype=object)
    assert as_frame({"d": cells})["d"].to_list() == [datetime.datetime(2024, 2, 29), DAY, None]


def test_truth_values_among_text_are_written_as_alone():
    cells = np.array([True, "no", False, 1], dtype=object)
    assert as_frame({"m": cells})["m"].to_list() == ["true", "no", "false", "1"]


def test_cells_that_only_pandas_has_are_text():
    bins = pd.cut([1.0, 2.0, np.nan], [0, 1, 2])
    assert as_frame(pd.DataFrame({"bin": bins}))["bin"].to_list() == ["(0, 1]", "(1, 2]", None]
    months = pd.period_range("2024-01", periods=2, freq="M")
    assert as_frame(pd.DataFrame({"month": months}))["month"].to_list() == ["2024-01", "2024-02"]
