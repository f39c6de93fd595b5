"""From the rows of a table to a network's input, by numbers that are plain JSON: no object is ever unpickled.

A number v of a column (a date is split into parts, each a number), after Holzmueller, Grinsztajn and Steinwart, "Better
by default", 2024 (arXiv 2407.04491):

    t = factor (v - median)            0 where v is missing
    input = t / sqrt(1 + (t / 3)^2)    a smooth clip: about t near 0, never beyond 3
    missing = 1 or 0                   one more input, where the column had missing values when fitted

with factor = 1 / (q75 - q25). Where the quartiles are equal, as in a column that is mostly 0, v's place among the
different values of the column, 0, 1, 2, ..., stands for v (between two, as far along as v is), and

    factor = 1 / median |v - median| over the values that are not the median, or 0 where all are

The published one there, 2 / (max - min) of the numbers themselves, makes nearly all of them 0 where few are very large.

With the encoding "quantile" it is instead

    t = the normal quantile of v's level: the share of numbers below it, and half of those equal to it
    input = t / sqrt(1 + (t / 3)^2)

The level is interpolated between at most 200 knots, the quantiles at evenly spaced levels from 0 to 1. That is
scikit-learn's QuantileTransformer(output_distribution="normal") and the smooth clip, but for the least and the greatest
number where many are equal to it: there they are -5.2 and 5.2, here in the middle of their ties, as all others are.

A category of two values is one input, -1 or 1; of three to nine, one input of 0 or 1 each; of more, a number that an
embedding reads. A missing or unknown value is 0 in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from netlet.data.columns import Column, Dropped, Kind
from netlet.data.errors import TableError, listed
from netlet.data.kinds import Part, column_numbers, column_text, parts_of
from netlet.tables.done import done_with_category, done_with_numbers
from netlet.tables.given import Given, clean_given
from netlet.tables.reading import read_codes, read_numbers

VERSION = 2
READABLE = (1, 2)  # 1 has neither knots nor places
ENCODINGS = ("robust", "quantile")
MOST_KNOTS = 200  # of the different values, too, whose places count: evenly chosen among more
LEAST_LEVEL = 1e-7  # where a level becomes a normal number: none is beyond 5.2, as in scikit-learn
MOST_ONE_HOT = 9
LEAST_ROWS = 2  # of a value of many: those seen once share the place of the unknown ones, which is trained by them
CLIP = 3.0
SIGNS = np.array([0, -1, 1])  # of two values, by their code


@dataclass(frozen=True)
class Number:
    """One number of a column, what it is scaled with, and whether a second input tells its absence.

    `knots` are the quantiles at evenly spaced levels from 0 to 1; without them `median` and `factor` say all, of the
    number itself or, where there are `places`, of where it stands among those.
    """

    column: str
    kind: Kind
    part: Part
    median: float
    factor: float
    missing: bool
    knots: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    @property
    def is_bent(self) -> bool:
        """Whether more than the median and the factor is needed."""
        return bool(self.knots or self.places)

    @cached_property
    def _ladder(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What a number is looked up among, and what stands there."""
        if self.knots:
            return np.array(self.knots), np.linspace(0, 1, len(self.knots))
        return np.array(self.places), np.arange(len(self.places), dtype=np.float64)

    def bent(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each number becomes before the clip, where there are knots or places; NaN stays NaN."""
        if self.knots:
            return _normal(values, *self._ladder)
        with np.errstate(over="ignore"):
            scaled: NDArray[np.float64] = (np.interp(values, *self._ladder) - self.median) * self.factor
        return scaled


@dataclass(frozen=True)
class Category:
    """The values of a column, in order."""

    column: str
    kind: Kind
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """The inputs that it takes."""
        return len(self.values) if 2 < len(self.values) <= MOST_ONE_HOT else 1

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each value, from 1."""
        return {value: place for place, value in enumerate(self.values, start=1)}

    @property
    def is_embedded(self) -> bool:
        """Whether its input is the number of its value: 0 for an unknown one, else from 1."""
        return len(self.values) > MOST_ONE_HOT


@dataclass(frozen=True)
class Preparation:
    """What was learned of a table's columns.

    The inputs are, in this order: all numbers, all their `missing`, all categories of few values, all of many.

    Attributes
    ----------
    numbers : tuple of Number
    categories : tuple of Category
        First those of few values, then those that are embedded.
    dropped : tuple of Dropped
        Columns that are left out, and why.
    """

    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    dropped: tuple[Dropped, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The table's columns that are used, each once."""
        return tuple(dict.fromkeys([*(each.column for each in self.numbers), *(c.column for c in self.categories)]))

    @property
    def embedded(self) -> tuple[Category, ...]:
        """The categories of many values."""
        return tuple(each for each in self.categories if each.is_embedded)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each input, in order."""
        numbers = [n.column if n.part == "value" else f"{n.column} {n.part}" for n in self.numbers]
        missing = [f"{name} missing" for name, n in zip(numbers, self.numbers, strict=True) if n.missing]
        categories = [
            name
            for c in self.categories
            for name in ([f"{c.column}={v}" for v in c.values] if c.width > 1 else [c.column])
        ]
        return (*numbers, *missing, *categories)

    def columns_of(self) -> dict[str, list[int]]:
        """Return the places among the inputs of each column of the table."""
        places: dict[str, list[int]] = {name: [] for name in self.columns}
        owners = [n.column for n in self.numbers] + [n.column for n in self.numbers if n.missing]
        owners += [c.column for c in self.categories for _ in range(c.width)]
        for place, owner in enumerate(owners):
            places[owner].append(place)
        return places

    def done(self, column: str) -> str:
        """Say what becomes of a column that is used, in words."""
        category = self._category_of.get(column)
        return done_with_numbers(self._numbers_of[column]) if category is None else done_with_category(category)

    @cached_property
    def _category_of(self) -> dict[str, Category]:
        return {category.column: category for category in self.categories}

    @cached_property
    def _numbers_of(self) -> dict[str, list[Number]]:
        numbers: dict[str, list[Number]] = {}
        for number in self.numbers:
            numbers.setdefault(number.column, []).append(number)
        return numbers

    @cached_property
    def _scaling(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """The medians, the factors, and the place among the inputs of each `missing`, or -1."""
        missing = np.array([each.missing for each in self.numbers], dtype=bool)
        return (
            np.array([each.median for each in self.numbers], dtype=np.float64),
            np.array([each.factor for each in self.numbers], dtype=np.float64),
            np.where(missing, len(missing) - 1 + np.cumsum(missing), -1),
        )

    @cached_property
    def _layout(self) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """The place among the inputs of each category's first, whether it is -1 or 1, and whether it is one-hot."""
        first = len(self.numbers) + sum(each.missing for each in self.numbers)
        widths = np.array([each.width for each in self.categories], dtype=np.int64)
        signed = np.array([len(each.values) == 2 for each in self.categories], dtype=bool)
        return first + np.cumsum(widths) - widths, signed, widths > 1

    def transform(self, table: pl.DataFrame | Given) -> NDArray[np.float32]:
        """Turn rows into a network's input.

        Parameters
        ----------
        table : polars.DataFrame or Given
            With at least the columns used, in any order; text is read as what the column was when fitted. The frame is
            one that `as_frame` made, with missing cells as null.

        Returns
        -------
        float32, (n, len(names))

        Raises
        ------
        TableError
            If columns are missing, a value is not of its column's kind, or a number is infinite.
        """
        given = table if isinstance(table, Given) else clean_given(table)
        absent = [name for name in self.columns if name not in given.places]
        if absent:
            raise TableError(
                f"the table lacks {len(absent)} of the {len(self.columns)} columns the model needs: {listed(absent)}"
            )
        x = np.zeros((given.height, len(self.names)), dtype=np.float32)
        medians, factors, missing = self._scaling
        for places, values in read_numbers(given, self.numbers):
            lacking = np.isnan(values)
            with np.errstate(over="ignore"):
                scaled = (values - medians[places]) * factors[places]
            numbers = self.numbers[places] if isinstance(places, slice) else [self.numbers[each] for each in places]
            for place, number in enumerate(numbers):
                if number.is_bent:
                    scaled[:, place] = number.bent(values[:, place])
            x[:, places] = _clipped(np.where(lacking, 0.0, scaled))
            told = missing[places]
            x[:, told[told >= 0]] = lacking[:, told >= 0]
        starts, signed, one_hot = self._layout
        for places, codes in read_codes(given, self.categories):
            single, several = ~one_hot[places], one_hot[places]
            at, kept = starts[places], codes[:, single]
            x[:, at[single]] = np.where(signed[places][single], SIGNS[np.minimum(kept, 2)], kept)
            rows, columns = np.nonzero(codes * several)
            x[rows, at[columns] + codes[rows, columns] - 1] = 1
        return x

    def to_dict(self) -> dict[str, Any]:
        """Give everything as a dictionary that JSON can hold."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Preparation:
        """Make a preparation from what `to_dict` gave.

        Raises
        ------
        ValueError
            If it was written by a later netlet, or is damaged.
        """
        if stored.get("version") not in READABLE:
            raise ValueError(
                f"the model's preparation has version {stored.get('version')!r}, this netlet reads "
                f"{listed(list(map(str, READABLE)))}; update netlet"
            )
        made = cls(
            tuple(
                Number(**each | {name: tuple(each.get(name, ())) for name in ("knots", "places")})
                for each in stored["numbers"]
            ),
            tuple(Category(each["column"], each["kind"], tuple(each["values"])) for each in stored["categories"]),
            tuple(Dropped(**each) for each in stored["dropped"]),
        )
        if not all(math.isfinite(value) for n in made.numbers for value in (n.median, n.factor, *n.knots, *n.places)):
            raise ValueError("the model's preparation is damaged (a number is not finite); train the model again")
        return made


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
        knots = np.empty(0)
        if encoding == "quantile" and span:
            knots = np.quantile(present, np.linspace(0, 1, min(MOST_KNOTS, len(present))))
    if not math.isfinite(median) or not math.isfinite(span) or not np.isfinite(knots).all():
        raise TableError(f"column {column.name!r} holds numbers too large to scale; give them in a larger unit")
    missing = len(present) < len(values)
    if spread or not span or len(knots):
        factor = 1 / spread if spread and math.isfinite(1 / spread) else 0.0
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


def _clipped(t: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = np.clip(t, -1e100, 1e100)  # the square of what is larger is not a number of this type
    clipped: NDArray[np.float64] = finite / np.sqrt(1 + (finite / CLIP) ** 2)
    return clipped


def _normal(
    values: NDArray[np.float64], knots: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the normal quantiles of the levels at which numbers stand among the knots, in the middle of ties."""
    lowest = -np.interp(-values, -knots[::-1], -levels[::-1])
    level = (np.interp(values, knots, levels) + lowest) / 2
    normal: NDArray[np.float64] = ndtri(np.clip(level, LEAST_LEVEL, 1 - LEAST_LEVEL))
    return normal
