"""From the rows of a table to a network's input, by numbers that are plain JSON: no object is ever unpickled.

For a number v of a column (a truth value is 0 or 1, a date is split into parts, each a number):

    v = median                     where it is missing
    input = (v - mean) / scale
    missing = 1 or 0               one more input, where the column had missing values when fitted

For a category: one input of 0 or 1 for each value, in order, and one for all other values if rare ones were put
together when fitted. Without that one, a value not seen then gives only zeros. Order of the inputs: all numbers, all
`missing`, all categories.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.columns import Dropped, Kind
from netlet.data.done import done_with_category, done_with_numbers
from netlet.data.errors import TableError, listed
from netlet.data.kinds import Part, column_numbers, column_text
from netlet.data.target import Target

VERSION = 1


@dataclass(frozen=True)
class NumberInput:
    """One number of a column and what it is standardised with; `missing` says that a second input tells its absence."""

    column: str
    kind: Kind
    part: Part
    median: float
    mean: float
    scale: float
    missing: bool


@dataclass(frozen=True)
class CategoryInput:
    """The values of a column that have an input each (None: missing), and whether `other` values share one."""

    column: str
    values: tuple[str | None, ...]
    other: bool


@dataclass(frozen=True)
class Preparation:
    """What was learned of a table's columns, and all that is needed to turn rows into a network's input.

    Attributes
    ----------
    target : Target
        The column to predict.
    numbers : tuple of NumberInput
        The inputs that are numbers.
    categories : tuple of CategoryInput
        The columns whose values have an input each.
    dropped : tuple of Dropped
        The columns that are left out.
    """

    target: Target
    numbers: tuple[NumberInput, ...]
    categories: tuple[CategoryInput, ...]
    dropped: tuple[Dropped, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns that are used, each once."""
        names = [number.column for number in self.numbers] + [category.column for category in self.categories]
        return tuple(dict.fromkeys(names))

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each of the network's inputs, in order."""
        numbers = [n.column if n.part == "value" else f"{n.column} {n.part}" for n in self.numbers]
        missing = [f"{name} missing" for name, n in zip(numbers, self.numbers, strict=True) if n.missing]
        categories = [
            f"{c.column}={'missing' if value is None else value}"
            for c in self.categories
            for value in (*c.values, *["other"] * c.other)
        ]
        return (*numbers, *missing, *categories)

    def done(self, column: str) -> str:
        """Say what becomes of a column that is used, in words."""
        category = self._category_of.get(column)
        return done_with_numbers(self._numbers_of[column]) if category is None else done_with_category(category)

    @cached_property
    def _category_of(self) -> dict[str, CategoryInput]:
        return {category.column: category for category in self.categories}

    @cached_property
    def _numbers_of(self) -> dict[str, list[NumberInput]]:
        numbers: dict[str, list[NumberInput]] = {}
        for number in self.numbers:
            numbers.setdefault(number.column, []).append(number)
        return numbers

    def transform(self, frame: pl.DataFrame) -> NDArray[np.float32]:
        """Turn rows into a network's input.

        Parameters
        ----------
        frame : polars.DataFrame
            Rows with at least the columns used, in any order; text is converted to what the column was when fitted.

        Returns
        -------
        ndarray of float32, shape (n, len(names)), C order

        Raises
        ------
        TableError
            If columns are missing, a value is not of its column's kind, or a number is infinite.
        """
        there = set(frame.columns)
        absent = [name for name in self.columns if name not in there]
        if absent:
            raise TableError(
                f"the table lacks {len(absent)} of the {len(self.columns)} columns the model needs: {listed(absent)}"
            )
        x = np.empty((frame.height, len(self.names)), dtype=np.float32)
        at = len(self.numbers)
        for place, number in enumerate(self.numbers):
            values = column_numbers(frame[number.column], number.kind, number.part)
            lacking = np.isnan(values)
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is said below
                x[:, place] = (np.where(lacking, number.median, values) - number.mean) / number.scale
            _check_fits(x[:, place], number.column)
            if number.missing:
                x[:, at] = lacking
                at += 1
        for category in self.categories:
            hits = _one_hot(column_text(frame[category.column]), category)
            x[:, at : at + hits.shape[1]] = hits
            at += hits.shape[1]
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
        version = stored.get("version")
        if version != VERSION:
            raise ValueError(
                f"the model's preparation has version {version!r}, this netlet reads {VERSION}; update netlet"
            )
        try:
            target = {**stored["target"], "classes": tuple(stored["target"]["classes"])}
            made = cls(
                Target(**target),
                tuple(NumberInput(**number) for number in stored["numbers"]),
                tuple(CategoryInput(c["column"], tuple(c["values"]), c["other"]) for c in stored["categories"]),
                tuple(Dropped(**column) for column in stored["dropped"]),
            )
            sound = all(math.isfinite(v) for n in made.numbers for v in (n.median, n.mean, n.scale))
        except (KeyError, TypeError) as error:
            raise ValueError(f"the model's preparation is damaged ({error}); train the model again") from None
        if not sound:
            raise ValueError("the model's preparation is damaged (a number is not finite); train the model again")
        return made


def _check_fits(values: NDArray[np.float32], column: str) -> None:
    if not np.isfinite(values).all():
        row = int((~np.isfinite(values)).argmax()) + 1
        raise TableError(f"column {column!r} has a number in row {row} too far from those trained on; check its unit")


def _one_hot(text: pl.Series, category: CategoryInput) -> NDArray[np.bool_]:
    hits = [
        (text.is_null() if value is None else (text == value).fill_null(False)).to_numpy() for value in category.values
    ]
    if category.other:
        hits.append(~np.logical_or.reduce(hits) if hits else np.ones(len(text), dtype=np.bool_))
    return np.stack(hits, axis=1) if hits else np.empty((len(text), 0), dtype=np.bool_)
