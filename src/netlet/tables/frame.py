"""From whatever holds a table (pandas, polars, a dict of columns, an array) to a polars frame with clean cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from netlet.data.cells import clean_text, infer_columns
from netlet.data.errors import TableError
from netlet.tables.given import PLAIN, Given, given_of

_NANOSECONDS_AS = "us"
_LARGEST_INTEGER = 2**63  # from here on int64 does not hold them
_ABSENT = ("NAType", "NaTType")  # pandas' missing cells, by name: it need not be installed
_WRITTEN = ("Interval", "Period")  # pandas' cells that polars has no type for, and whose text says all


def as_frame(X: Any, name: str = "X") -> pl.DataFrame:
    """Take a table over, with missing cells as null and the spaces around text dropped.

    Parameters
    ----------
    X : polars or pandas DataFrame, polars LazyFrame, dict of columns or of single cells, or array-like
        An array, (n_rows, n_columns), has columns named x0, x1, ...
    name : str
        What messages call it.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    TableError
        If it has no rows or no columns, a name stands twice, or it is no table.
    """
    return clean_columns(given_of(X, name), name=name)


def clean_columns(given: Given, names: Sequence[str] | None = None, name: str = "X") -> pl.DataFrame:
    """Make a frame with clean cells of a table, or of some of its columns.

    Parameters
    ----------
    given : Given
    names : sequence of str, optional
        Each once. Default: all.
    name : str
        What messages call the table.

    Raises
    ------
    TableError, TypeError
        If a cell or a column is no such thing.
    """
    # By a dict: in a list polars would give a column of the name "" another one.
    frame = pl.DataFrame({each: _series(each, given.column(each), name) for each in names or given.names})
    if given.is_clean:
        return frame
    kinds = frame.dtypes
    if any(kind.is_float() for kind in kinds):
        frame = frame.with_columns(pl.selectors.float().fill_nan(None))
    worded = [place for place, kind in enumerate(kinds) if isinstance(kind, (pl.Categorical, pl.Enum))]
    if worded:
        frame = frame.with_columns(frame.to_series(place).cast(pl.String) for place in worded)
    return clean_text(frame) if pl.String in frame.dtypes else frame


def with_kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert the columns of text that hold numbers, truth values or dates in every cell that is not missing."""
    return infer_columns(frame)[0]


def is_missing(cell: Any) -> bool:
    """Tell whether a Python object stands for a missing cell."""
    if isinstance(cell, (float, np.floating)):
        return bool(cell != cell)
    return cell is None or type(cell).__name__ in _ABSENT


def _series(key: str, column: Any, name: str) -> pl.Series:
    if isinstance(column, pl.Series):
        return column if column.name == key else column.alias(key)
    values = column if isinstance(column, np.ndarray) else _values(column)
    if values.ndim != 1:
        raise TableError(f"column {key!r} of {name} has the shape {values.shape}; give one value a row")
    if values.dtype.kind in PLAIN:
        return pl.Series(key, values.astype(np.float32) if values.dtype == np.float16 else values)
    if values.dtype.kind == "M":
        return pl.Series(key, values.astype(f"datetime64[{_NANOSECONDS_AS}]"))
    if values.dtype.kind in "US":
        return pl.Series(key, values.astype(str).tolist(), dtype=pl.String)
    return _from_objects(key, values.tolist(), name)


def _values(column: Any) -> np.ndarray:
    """Return a pandas column's values: numbers, truth values or moments as they are, else objects with None."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufM":
        values: np.ndarray = column.to_numpy()
        return values
    if getattr(dtype, "tz", None) is not None:  # brought to UTC, as in a file
        moments: np.ndarray = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return moments
    missing = column.isna().to_numpy()
    objects: np.ndarray = column.astype(object).to_numpy(copy=True)
    objects[missing] = None
    return objects


def _from_objects(key: str, cells: list[Any], name: str) -> pl.Series:
    """Make a column of Python objects: of one kind as they are, of several as text."""
    cells = [None if is_missing(cell) else cell for cell in cells]
    wrong = next((cell for cell in cells if isinstance(cell, (list, tuple, dict, set, np.ndarray))), None)
    if wrong is not None:
        raise TypeError(
            f"column {key!r} of {name} has a cell with {type(wrong).__name__} {wrong!r}; argument must be a string, a "
            "number, a truth value or a date"
        )
    present = [cell for cell in cells if cell is not None]
    try:
        if present and all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in present):
            whole = all(isinstance(cell, int) and -_LARGEST_INTEGER <= cell < _LARGEST_INTEGER for cell in present)
            return pl.Series(key, cells if whole else _floats(cells), dtype=pl.Int64 if whole else pl.Float64)
        if not any(type(cell).__name__ in _WRITTEN for cell in present):
            return pl.Series(key, cells, strict=not all(_is_plain_date(cell) for cell in present))
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        pass
    return pl.Series(key, [None if cell is None else _text(cell) for cell in cells], dtype=pl.String)


def _is_plain_date(cell: Any) -> bool:
    """Tell whether a cell is a day or a moment without a time zone: the two may stand in one column."""
    return isinstance(cell, date) and getattr(cell, "tzinfo", None) is None


def _floats(cells: list[Any]) -> list[float | None]:
    return [None if cell is None else float(cell) for cell in cells]


def _text(cell: Any) -> str:
    """Write a cell as polars writes it where all of its column are of its kind, as those of one row always are."""
    return str(cell).lower() if isinstance(cell, (bool, np.bool_)) else str(cell)
