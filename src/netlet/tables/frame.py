"""From whatever holds a table (pandas, polars, a dict of columns, an array) to a polars frame with clean cells."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from netlet.data.cells import clean_text, infer_columns
from netlet.data.errors import TableError, listed

_NANOSECONDS_AS = "us"


def as_frame(X: Any, name: str = "X") -> pl.DataFrame:
    """Take a table over, with missing cells as null and the spaces around text dropped.

    Parameters
    ----------
    X : polars or pandas DataFrame, polars LazyFrame, dict of columns, or array-like, (n_rows, n_columns)
        An array's columns are named x0, x1, ...
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
    if isinstance(X, pl.LazyFrame):
        X = X.collect()
    if isinstance(X, pl.DataFrame):
        frame = X
    elif hasattr(X, "iloc") and hasattr(X, "columns"):
        frame = _from_pandas(X, name)
    elif hasattr(X, "toarray"):
        raise TypeError(f"Sparse data was passed, but {name} has to be dense; use {name}.toarray()")
    elif isinstance(X, dict):
        _check_names([str(key) for key in X], name)
        frame = _from_columns({str(key): np.asarray(values) for key, values in X.items()}, name)
    else:
        frame = _from_array(X, name)
    if not frame.width:
        raise TableError(
            f"{name} has no columns: 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required; give the "
            "columns to predict from"
        )
    if not frame.height:
        raise TableError(f"{name} has 0 rows (shape={frame.shape}) while a minimum of 1 is required")
    frame = frame.with_columns(pl.selectors.float().fill_nan(None), pl.selectors.categorical().cast(pl.String))
    enums = [series.name for series in frame.iter_columns() if isinstance(series.dtype, pl.Enum)]
    return clean_text(frame.with_columns(frame[each].cast(pl.String) for each in enums))


def has_names(X: Any) -> bool:
    """Tell whether a table's columns have names of their own."""
    return isinstance(X, (pl.DataFrame, pl.LazyFrame, dict)) or (hasattr(X, "iloc") and hasattr(X, "columns"))


def with_kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert the columns of text that hold numbers, truth values or dates in every cell that is not missing."""
    return infer_columns(frame)[0]


def _from_pandas(X: Any, name: str) -> pl.DataFrame:
    names = [str(each) for each in X.columns]
    _check_names(names, name)
    return pl.DataFrame([_series(names[place], _values(X.iloc[:, place]), name) for place in range(len(names))])


def _check_names(names: list[str], name: str) -> None:
    twice = [each for each, count in Counter(names).items() if count > 1]
    if twice:
        raise TableError(f"{name} has more than one column named {listed(twice)}; rename them")


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


def _from_columns(columns: dict[str, np.ndarray], name: str) -> pl.DataFrame:
    lengths = {key: len(np.atleast_1d(values)) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise TableError(f"the columns of {name} have different lengths: {lengths}; give one value a row")
    return pl.DataFrame([_series(key, np.atleast_1d(values), name) for key, values in columns.items()])


def _from_array(X: Any, name: str) -> pl.DataFrame:
    array = np.asarray(X)
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} holds {array.dtype}; give real and imaginary parts")
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {array.ndim}D array instead: {name} has the shape {array.shape}. Reshape your "
            "data with .reshape(-1, 1) for one column, or .reshape(1, -1) for one row"
        )
    return pl.DataFrame([_series(f"x{place}", array[:, place], name) for place in range(array.shape[1])])


def _series(key: str, values: np.ndarray, name: str) -> pl.Series:
    if values.ndim != 1:
        raise TableError(f"column {key!r} of {name} has the shape {values.shape}; give one value a row")
    if values.dtype.kind in "biuf":
        return pl.Series(key, values.astype(np.float32) if values.dtype == np.float16 else values)
    if values.dtype.kind == "M":
        return pl.Series(key, values.astype(f"datetime64[{_NANOSECONDS_AS}]"))
    if values.dtype.kind in "US":
        return pl.Series(key, values.astype(str).tolist(), dtype=pl.String)
    return _from_objects(key, values.tolist(), name)


def _from_objects(key: str, cells: list[Any], name: str) -> pl.Series:
    """Make a column of Python objects: of one kind as they are, of several as text."""
    cells = [None if isinstance(cell, float) and cell != cell else cell for cell in cells]
    wrong = next((cell for cell in cells if isinstance(cell, (list, tuple, dict, set, np.ndarray))), None)
    if wrong is not None:
        raise TypeError(
            f"column {key!r} of {name} has a cell with {type(wrong).__name__} {wrong!r}; argument must be a string, a "
            "number, a truth value or a date"
        )
    present = [cell for cell in cells if cell is not None]
    try:
        if present and all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in present):
            whole = all(isinstance(cell, int) for cell in present)
            return pl.Series(key, cells, dtype=pl.Int64 if whole else pl.Float64, strict=False)
        return pl.Series(key, cells, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        return pl.Series(key, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)
