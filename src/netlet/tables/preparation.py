"""From the rows of a table to a network's input, by what was learnt of its columns: no object is ever unpickled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.columns import Dropped
from netlet.data.errors import TableError, listed, nearest
from netlet.tables.done import done_with_category, done_with_numbers
from netlet.tables.given import Given, clean_given
from netlet.tables.inputs import Category, Number, clipped
from netlet.tables.reading import read_codes, read_numbers

VERSION = 2
READABLE = (1, 2)  # 1 has neither knots nor places
SIGNS = np.array([0, -1, 1])  # of two values, by their code


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
            others = [name for name in given.names if name not in self.columns]
            meant = nearest(absent[0], others) if len(absent) == 1 else None
            raise TableError(
                f"the table lacks {len(absent)} of the {len(self.columns)} columns the model needs: {listed(absent)}"
                + (f"; is it what the table calls {meant!r}?" if meant else "")
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
            x[:, places] = clipped(np.where(lacking, 0.0, scaled))
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
