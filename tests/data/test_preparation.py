"""The preparation kept as JSON gives exactly the numbers of the scikit-learn transformers it was learned with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from netlet.data import Preparation, TableError, choose_columns, fit_target
from netlet.data.columns import Column
from netlet.data.fitting import fit_preparation, fit_transformer, input_table


def table(n: int = 400, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    number = rng.normal(50, 20, n)
    number[rng.random(n) < 0.1] = np.nan
    words = [f"w{i}" for i in range(80)]
    weights = 1.0 / np.arange(1, 81)
    return pl.DataFrame({
        "number": pl.Series(number).fill_nan(None),
        "whole": rng.integers(-5, 5, n),
        "huge": rng.normal(1e9, 1e3, n),
        "truth": pl.Series(rng.random(n) < 0.3),
        "gap": pl.Series([None if u < 0.2 else u < 0.6 for u in rng.random(n)], dtype=pl.Boolean),
        "day": [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, n)],
        "moment": [None if i % 9 == 0 else datetime(2021, 3, 4) + timedelta(hours=7 * i) for i in range(n)],
        "word": rng.choice(words, n, p=weights / weights.sum()),
        "few": pl.Series(rng.choice(["", "red", "green"], n)).replace({"": None}),
        "y": rng.choice(["no", "yes"], n),
    })  # fmt: skip


def fitted(frame: pl.DataFrame, columns: Sequence[Column] | None = None) -> Preparation:
    if columns is None:
        columns, _ = choose_columns(frame, "y")
    return fit_preparation(frame, columns, fit_target(frame, "y", "classification"))


def test_equals_scikit_learn_to_the_bit() -> None:
    train, new = table(), table(300, seed=1)
    new = new.with_columns(  # what training never saw
        word=pl.when(pl.int_range(300) == 3).then(pl.lit("unheard")).otherwise("word"),
        few=pl.when(pl.int_range(300) == 4).then(pl.lit("blue")).otherwise("few"),
        whole=pl.when(pl.int_range(300) == 5).then(None).otherwise("whole"),
    )
    columns, _ = choose_columns(train, "y")
    transformer = fit_transformer(input_table(train, columns))
    preparation = fitted(train, columns)
    for frame in (train, new):
        expected = transformer.transform(input_table(frame, columns)).astype(np.float32)
        got = preparation.transform(frame)
        assert got.dtype == np.float32
        assert got.flags.c_contiguous
        np.testing.assert_array_equal(got, expected)
    assert any(category.other for category in preparation.categories)
    assert len(preparation.names) == got.shape[1] == len(set(preparation.names))


def test_there_and_back_through_json() -> None:
    preparation = fitted(table())
    stored = json.loads(json.dumps(preparation.to_dict(), allow_nan=False))
    assert Preparation.from_dict(stored) == preparation


def test_worked_by_hand() -> None:
    train = pl.DataFrame({"n": [1.0, 3.0, None, 8.0], "c": ["a", "b", "a", None], "y": ["p", "q", "p", "q"]})
    preparation = fitted(train, [Column("n", "number"), Column("c", "category")])
    # median 3, so the column is 1 3 3 8: mean 3.75, variance (7.5625 + 0.5625 + 0.5625 + 18.0625) / 4 = 6.6875
    number = preparation.numbers[0]
    assert (number.median, number.mean, number.scale) == (3.0, 3.75, pytest.approx(6.6875**0.5))
    assert preparation.names == ("n", "n missing", "c=a", "c=b", "c=missing")
    x = preparation.transform(pl.DataFrame({"c": ["b", "unheard", None], "n": [3.75, None, 3.75]}))
    assert x.tolist() == [
        [0, 0, 0, 1, 0],
        [pytest.approx(-0.75 / 6.6875**0.5), 1, 0, 0, 0],
        [0, 0, 0, 0, 1],
    ]


def test_only_numbers_and_only_categories() -> None:
    for name, kind, width in (("huge", "number", 1), ("few", "category", 3)):
        preparation = fitted(table(), [Column(name, kind)])  # type: ignore[arg-type]
        assert preparation.transform(table()).shape == (400, width)


def test_no_rows() -> None:
    preparation = fitted(table())
    assert preparation.transform(table().clear()).shape == (0, len(preparation.names))
    empty = pl.DataFrame(schema=dict.fromkeys(table().columns, pl.String))
    assert preparation.transform(empty).shape == (0, len(preparation.names))


def test_text_is_converted_to_what_the_column_was() -> None:
    frame = table()
    preparation = fitted(frame)
    text = frame.with_columns(pl.all().cast(pl.String))
    np.testing.assert_array_equal(preparation.transform(text), preparation.transform(frame))


def test_a_column_empty_in_training_gives_zeros() -> None:
    train = table(40).with_columns(number=pl.lit(None, dtype=pl.Float64))
    preparation = fitted(train, [Column("number", "number")])
    assert not preparation.transform(train)[:, 0].any()


def test_a_constant_column_gives_zeros() -> None:
    train = table(40).with_columns(number=pl.lit(7.0))
    assert not fitted(train, [Column("number", "number")]).transform(train).any()


def test_a_column_that_is_missing() -> None:
    preparation = fitted(table())
    with pytest.raises(TableError, match="the table lacks 2 of the 9 columns the model needs: day, word"):
        preparation.transform(table().drop("word", "day"))


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("number", ["1", "x"], "column 'number' has 'x' in row 2, the model was trained with numbers there"),
        ("number", ["1,5", "1.5"], "column 'number' has '1,5' in row 1, the model was trained with numbers there"),
        (
            "truth",
            ["true", "maybe"],
            "column 'truth' has 'maybe' in row 2, the model was trained with true or false there",
        ),
        ("truth", [1, 2], "column 'truth' holds Int64, the model was trained with true or false there"),
        ("day", ["2024-01-01", "soon"], "column 'day' has 'soon' in row 2, the model was trained with dates there"),
        ("day", [1, 2], "column 'day' holds Int64, the model was trained with dates there"),
        ("number", [1.0, float("inf")], "column 'number' has an infinite number in row 2"),
        ("huge", [1.0, 1e300], "column 'huge' has a number in row 2 too far from those trained on"),
    ],
)
def test_values_that_do_not_fit(column: str, values: list[object], message: str) -> None:
    preparation = fitted(table())
    with pytest.raises(TableError, match=message):
        preparation.transform(table().head(2).with_columns(pl.Series(column, values)))


def test_zeros_and_ones_are_truth_values() -> None:
    preparation = fitted(table(), [Column("truth", "boolean")])
    for values in ([0, 1], ["0", "1"], ["false", "TRUE"], [False, True]):
        x = preparation.transform(pl.DataFrame({"truth": values}))
        np.testing.assert_array_equal(x, preparation.transform(pl.DataFrame({"truth": [False, True]})))


def test_numbers_too_large_to_standardise() -> None:
    train = table(40).with_columns(number=pl.Series([1e308, -1e308] * 20))
    with pytest.raises(TableError, match="column 'number' holds numbers too large to standardise"):
        fitted(train, [Column("number", "number")])


def test_damaged_or_newer() -> None:
    stored = fitted(table()).to_dict()
    with pytest.raises(ValueError, match="has version 2, this netlet reads 1"):
        Preparation.from_dict({**stored, "version": 2})
    with pytest.raises(ValueError, match="is damaged"):
        Preparation.from_dict({**stored, "numbers": [{"column": "a"}]})
    stored["numbers"][0]["scale"] = float("nan")
    with pytest.raises(ValueError, match=r"is damaged \(a number is not finite"):
        Preparation.from_dict(stored)
