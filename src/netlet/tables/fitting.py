"""Learning a table's columns: medians, quartiles, knots, places and the values of categories."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from netlet.data.columns import Column, Dropped
from netlet.data.errors import TableError
from netlet.data.kinds import Part, column_numbers, column_text, parts_of
from netlet.tables.inputs import MOST_ONE_HOT, Category, Number
from netlet.tables.preparation import Preparation

ENCODINGS = ("robust", "quantile")
MOST_KNOTS = 200  # of the different values, too, whose places count: evenly chosen among more
LEAST_ROWS = 2  # of a value of many: those seen once share the place of the unknown ones, which is trained by them


def fit_preparation(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    dropped: Sequence[Dropped] = (),
    encoding: str = "robust",
) -> Preparation:
    """Learn medians, quantiles and categories from the rows to train on.

    Parameters
    ----------
    frame : polars.DataFrame
    columns : sequence of Column
        The inputs, from `netlet.data.choose_columns`.
    dropped : sequence of Dropped, default ()
        Kept, not used.
    encoding : {"robust", "quantile"}
        What becomes of numbers.

    Returns
    -------
    Preparation
        Of a column with more than nine values, those seen in one row only count as unknown.

    Raises
    ------
    TableError
        If a column's numbers are too large.
    """
    numbers: list[Number] = []
    few: list[Category] = []
    many: list[Category] = []
    for column in columns:
        series = frame[column.name]
        if column.kind in ("number", "date"):
            numbers += [_number(series, column, part, encoding) for part in parts_of(series, column.kind)]
            continue
        counts = column_text(series).alias("value").drop_nulls().value_counts().sort("value")
        if len(counts) > MOST_ONE_HOT:
            counts = counts.filter(pl.col("count") >= LEAST_ROWS)
        category = Category(column.name, column.kind, tuple(counts["value"].to_list()))
        (many if category.is_embedded else few).append(category)
    return Preparation(tuple(numbers), (*few, *many), tuple(dropped))


def _number(series: pl.Series, column: Column, part: Part, encoding: str) -> Number:
    values = column_numbers(series, column.kind, part)
    present = values[~np.isnan(values)]
    if not len(present):
        return Number(column.name, column.kind, part, 0.0, 0.0, False)
    with np.errstate(over="ignore", invalid="ignore"):
        low, lower, median, upper, high = np.quantile(present, [0, 0.25, 0.5, 0.75, 1])
        spread, span = upper - lower, (high - low) / 2
        inverse = 1 / spread if spread else 0.0
        knots = np.empty(0)
        if encoding == "quantile" and span:
            knots = np.quantile(present, np.linspace(0, 1, min(MOST_KNOTS, len(present))))
    if not math.isfinite(median) or not math.isfinite(span) or not np.isfinite(knots).all():
        raise TableError(f"column {column.name!r} holds numbers too large to scale; give them in a larger unit")
    missing = len(present) < len(values)
    if spread or not span or len(knots):
        factor = inverse if math.isfinite(inverse) else 0.0
        return Number(column.name, column.kind, part, float(median), factor, missing, tuple(knots.tolist()))
    places = np.unique(present)
    if len(places) > MOST_KNOTS:
        places = places[np.linspace(0, len(places) - 1, MOST_KNOTS).round().astype(np.int64)]
    ranks = np.arange(len(places))
    median = np.interp(median, places, ranks)
    distances = np.abs(np.interp(present, places, ranks) - median)
    factor = 1 / float(np.median(distances[distances > 0]))
    return Number(
        column.name, column.kind, part, float(median), factor, missing, tuple(knots.tolist()), tuple(places.tolist())
    )
