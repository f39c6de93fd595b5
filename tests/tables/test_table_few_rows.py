"""A few rows are read in the fewest steps, with the bits of the long way: the whole table cleaned, column by column."""

from __future__ import annotations

import datetime
import itertools

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import ndtri

from netlet.data import TableError, choose_columns
from netlet.data.columns import Column
from netlet.data.kinds import column_numbers, column_text
from netlet.tables import reading
from netlet.tables.classifier import TableClassifier
from netlet.tables.fitting import fit_preparation
from netlet.tables.frame import as_frame, with_kinds
from netlet.tables.given import given_of
from netlet.tables.preparation import Preparation
from netlet.tables.reading import SPACES

pytestmark = pytest.mark.plain

N = 300
DAYS = [datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=7 * k) for k in range(N)]
RNG = np.random.default_rng(0)
TRAINED = {
    "float": RNG.normal(size=N),
    "gaps": [None if k % 7 == 0 else float(k % 31) - 3.5 for k in range(N)],
    "whole": RNG.integers(-9, 9, size=N),
    "mostly zero": [0.0 if k % 9 else float(k) for k in range(N)],
    "written": [f"{k % 13}.{k % 4}" for k in range(N)],
    "two": ["no", "yes"] * (N // 2),
    "few": [(" a", "b ", "Ch", None)[k % 4] for k in range(N)],
    "many": [f"v{k % 20:02}" for k in range(N)],
    "truth": RNG.integers(0, 2, size=N).astype(bool),
    "said": [("True", "false", None)[k % 3] for k in range(N)],
    "day": DAYS,
    "digits": [("01", "1", "1.0")[k % 3] for k in range(N)],
}
ODD = {
    "float": [np.nan, -0.0, 1e300, 1.5],
    "gaps": [None, 0.5, 3, -7.25],
    "whole": [4, -3, 2**53 + 1, 0],
    "mostly zero": [12.5, None, 0.0, 1e9],
    "written": ["1.5", " 2", "na", "-0.25"],
    "two": ["YES", "yes ", None, "no"],
    "few": ["a", "\u2003Ch", "?", "z"],
    "many": ["v03", "v3", "", "v19\n"],
    "truth": [True, False, None, True],
    "said": ["TRUE", "n/a", "false", "False"],
    "day": [DAYS[0], None, DAYS[5], DAYS[9]],
    "digits": ["01", "1 ", "1.0", "1"],
}


def learnt(table, encoding="robust"):
    frame = with_kinds(as_frame(table))
    return fit_preparation(frame, choose_columns(frame, None)[0], (), encoding)


def scaled(value, number):
    if number.places:
        value = np.interp(value, number.places, np.arange(len(number.places)))
    if not number.knots:
        return (value - number.median) * number.factor
    knots, levels = np.array(number.knots), np.linspace(0, 1, len(number.knots))
    level = (np.interp(value, knots, levels) - np.interp(-value, -knots[::-1], -levels[::-1])) / 2
    return ndtri(np.clip(level, 1e-7, 1 - 1e-7))


def the_long_way(preparation, table):
    """Compute the inputs cell by cell from a frame that is clean as a whole."""
    frame = as_frame(table)
    inputs: list[list[float]] = [[] for _ in range(frame.height)]
    told: list[list[float]] = [[] for _ in range(frame.height)]
    for number in preparation.numbers:
        for row, value in enumerate(column_numbers(frame[number.column], number.kind, number.part)):
            t = 0.0 if np.isnan(value) else min(max(scaled(value, number), -1e100), 1e100)
            inputs[row].append(t / np.sqrt(1 + (t / 3) * (t / 3)))
            told[row] += [float(np.isnan(value))] * number.missing
    inputs = [first + then for first, then in zip(inputs, told, strict=True)]
    for category in preparation.categories:
        series = frame[category.column]
        if category.kind == "boolean" and series.dtype != pl.Boolean:
            cells = [None if np.isnan(v) else ("false", "true")[int(v)] for v in column_numbers(series, "boolean")]
        else:
            cells = column_text(series).to_list()
        values = category.values
        for row, cell in enumerate(cells):
            if category.is_embedded:
                inputs[row].append(values.index(cell) + 1 if cell in values else 0)
            elif len(values) == 2:
                inputs[row].append(0 if cell not in values else (-1, 1)[values.index(cell)])
            else:
                inputs[row] += [float(cell == value) for value in values]
    return np.array(inputs, dtype=np.float32)


def rows_of(columns, n):
    return {name: [values[k % len(values)] for k in range(n)] for name, values in columns.items()}


KINDS = {
    "dict": dict,
    "pandas": pd.DataFrame,
    "objects": lambda columns: pd.DataFrame(columns).astype(object),
    "nullable": lambda columns: pd.DataFrame(columns).convert_dtypes(),
    "categorical": lambda columns: pd.DataFrame(columns).astype(dict.fromkeys(("few", "many", "whole"), "category")),
    "polars": lambda columns: pl.DataFrame(columns, strict=False),
    "enum": lambda columns: pl.DataFrame(columns, strict=False).with_columns(
        pl.col("few").cast(pl.Categorical), pl.col("many").cast(pl.Enum(sorted({*columns["many"]})))
    ),
    "reordered": lambda columns: pd.DataFrame({"extra": [[1]] * len(columns["two"]), **columns}).iloc[:, ::-1],
}


@pytest.mark.parametrize("source", [TRAINED, ODD], ids=["usual", "odd"])
@pytest.mark.parametrize("kind", KINDS)
def test_few_rows_and_many_have_the_bits_of_the_long_way(kind, source):
    preparation = learnt(TRAINED)
    assert len(preparation.columns) == len(TRAINED)
    for n in (1, 2, 100):
        columns = rows_of(source, n)
        x = preparation.transform(given_of(KINDS[kind](columns)))
        table = KINDS[kind](columns)
        wanted = the_long_way(preparation, table.drop(columns="extra") if kind == "reordered" else table)
        assert x.tobytes() == wanted.tobytes()
    several = preparation.transform(given_of(KINDS[kind](rows_of(source, reading.FEW_ROWS + 1))))
    assert several[:100].tobytes() == x.tobytes()


def test_quantiles_of_few_rows_have_the_bits_of_the_long_way():
    assert any(number.places for number in learnt(TRAINED).numbers)  # of the tests above
    preparation = learnt(TRAINED, "quantile")
    assert any(number.knots for number in preparation.numbers)
    for n in (1, 2, 100):
        table = pd.DataFrame(rows_of(ODD, n))
        assert preparation.transform(given_of(table)).tobytes() == the_long_way(preparation, table).tobytes()


CELLS = (
    None, np.nan, 1, -2, 0, 2**53 + 1, 2**70, 2.5, -0.0, True, False, "1", " 2.50 ", "-0", "-0.0", "007", "+3", "1e2",
    "1,5", "na", "", "-", "true", "FALSE ", "b", " b\x1c", "2024-01-31", "2024-02-01 12:30",
    datetime.date(2024, 3, 1), [1],
)  # fmt: skip


def outcome(way, column):
    """Return the bits of what a way gives for a column, or the error that it raises."""
    try:
        return way({"c": column}).tobytes()
    except (TableError, TypeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("kind", ["number", "boolean", "category"])
def test_pairs_of_odd_cells_give_what_the_long_way_gives_or_the_same_error(kind):
    frame = {"number": [-1.0, 0.0, 7.0, None], "boolean": [True, False] * 2, "category": ["1", "b", "true", "-0"]}
    preparation = fit_preparation(pl.DataFrame({"c": frame[kind]}), [Column("c", kind)])
    assert Preparation.from_dict(preparation.to_dict()) == preparation
    pairs = [(cell,) for cell in CELLS] + list(itertools.combinations(CELLS, 2))
    for cells in pairs[:: 1 if kind == "number" else 3]:
        column = np.empty(len(cells), dtype=object)
        column[:] = cells
        wanted = outcome(lambda table: the_long_way(preparation, table), column)
        assert outcome(lambda table: preparation.transform(given_of(table)), column) == wanted, cells


def test_the_spaces_that_are_dropped_are_those_that_polars_drops():
    every = [chr(code) for code in range(0x3100)]  # Unicode has none above
    assert {each for each, left in zip(every, pl.Series(every).str.strip_chars(), strict=True) if not left} == {*SPACES}


def test_many_columns_of_numbers_in_groups(monkeypatch):
    values = np.random.default_rng(1).normal(size=(50, 12)).astype(np.float32)
    preparation = learnt(values)
    x = preparation.transform(given_of(values))
    assert x.tobytes() == the_long_way(preparation, values).tobytes()
    monkeypatch.setattr(reading, "_CELLS", 250)  # five columns at a time
    assert preparation.transform(given_of(values)).tobytes() == x.tobytes()
    assert preparation.transform(given_of(pd.DataFrame(values).add_prefix("x"))).tobytes() == x.tobytes()
    assert preparation.transform(as_frame(values)).tobytes() == x.tobytes()
    assert preparation.transform(as_frame(values).head(0)).shape == (0, 12)


def test_plain_rows_need_no_clean_frame(monkeypatch):
    plain = {name: values for name, values in TRAINED.items() if name not in ("day", "said")}
    preparation = learnt(plain)
    rows = rows_of(plain, 3)

    def fail(*_):
        raise AssertionError("the long way")

    monkeypatch.setattr(reading, "clean_columns", fail)
    for kind in ("dict", "pandas", "objects", "categorical", "polars"):
        preparation.transform(given_of(KINDS[kind](rows)))


def test_infinite_numbers_are_named_in_plain_rows():
    preparation = learnt(np.random.default_rng(0).normal(size=(9, 3)))
    row = np.array([[1.0, -np.inf, 2.0]])
    for table in (row, pd.DataFrame(row, columns=["x0", "x1", "x2"]), {"x0": 1.0, "x1": -np.inf, "x2": 2}):
        with pytest.raises(TableError, match=r"column 'x1' has an infinite number in row 1 \(1 in all\)"):
            preparation.transform(given_of(table))


def test_a_row_of_single_cells():
    model = TableClassifier("fast", epochs=2, recipe={"hidden": (8,)}, random_state=0)
    area = np.linspace(0, 1, 40)
    model.fit({"area": area, "district": ["north", "south"] * 20}, ["a", "b"] * 20)
    one = model.predict_proba({"area": 0.7, "district": "north"})
    assert one.shape == (1, 2)
    for table in (
        {"district": ["north"], "area": [0.7]},
        pd.DataFrame({"area": [0.7], "district": ["north"]}),
        pl.DataFrame({"area": [0.7], "district": ["north"]}),
        pd.DataFrame({"area": [0.7], "district": ["north"]}).iloc[0].to_frame().T,
    ):
        assert model.predict_proba(table).tobytes() == one.tobytes()
    with pytest.raises(TableError, match="different lengths: {'area': 1, 'district': 2}"):
        model.predict({"area": 0.7, "district": ["north", "south"]})
