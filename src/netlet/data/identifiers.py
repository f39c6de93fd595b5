"""Columns of whole numbers that name rows: what they are called, and how their numbers lie."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

WORDS = {"id", "ids", "uid", "uuid", "guid", "pk", "key", "idx", "index", "identifier", "nr", "no", "rowid", "rownum"}
LEAST_ROWS = 20  # fewer may all differ by chance
DENSE = 2.0  # numbers given in turn leave few gaps; measures spread wider


def names_rows(name: str) -> bool:
    """Say whether the last word of a column's name is one for identifiers: `customer_id`, `orderNo`, `ID`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return bool(words) and words[-1].lower() in WORDS


def all_differ(present: pl.Series, distinct: int) -> bool:
    """Say whether a column's values, without missing ones, are enough whole numbers and no two of them equal."""
    if distinct < len(present) or len(present) < LEAST_ROWS or not present.dtype.is_numeric():
        return False
    return present.dtype.is_integer() or bool((present == present.round()).all())


def numbered_in_turn(present: pl.Series) -> bool:
    """Say whether whole numbers, no two of them equal, fill their range so densely that they look given in turn."""
    values = present.cast(pl.Float64).to_numpy()
    return bool(np.ptp(values) < DENSE * len(values))
