"""A table as it was given: its columns' names, and each column when it is asked for. Nothing is converted here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from netlet.data.errors import TableError, listed

PLAIN = "biuf"  # kinds of NumPy's dtypes that are truth values and real numbers


class Given:
    """Columns under names.

    Parameters
    ----------
    names : list of str
        Each once.
    height : int
        The number of rows.
    columns : callable
        Called without arguments, once, it returns all columns: arrays, polars' or pandas' series.
    matrix : callable, optional
        Where all columns are numbers or truth values: called without arguments, it returns them side by side, an array
        (height, len(names)) of one such dtype.
    is_clean : bool
        Whether missing cells are null and no text has spaces around it.
    """

    def __init__(
        self,
        names: list[str],
        height: int,
        columns: Callable[[], Sequence[Any]],
        matrix: Callable[[], np.ndarray] | None = None,
        *,
        is_clean: bool = False,
    ) -> None:
        self.names = names
        self.height = height
        self.matrix = matrix
        self.is_clean = is_clean
        self._make = columns
        self._columns: Sequence[Any] | None = None
        self._places: dict[str, int] | None = None

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @property
    def places(self) -> dict[str, int]:
        """Where each name stands."""
        if self._places is None:
            self._places = {name: place for place, name in enumerate(self.names)}
        return self._places

    def column(self, name: str) -> Any:
        """Return a column as it was given: an array, polars' or pandas' series."""
        if self._columns is None:
            self._columns = self._make()
        return self._columns[self.places[name]]

    def renamed(self, names: list[str]) -> Given:
        """Return the same columns under other names."""
        return Given(names, self.height, self._make, self.matrix, is_clean=self.is_clean)


def given_of(X: Any, name: str = "X") -> Given:
    """Take a table over.

    Parameters
    ----------
    X : polars or pandas DataFrame, polars LazyFrame, dict of columns or of single cells, or array-like
        An array, (n_rows, n_columns), has columns named x0, x1, ...
    name : str
        What messages call it.

    Raises
    ------
    TableError
        If it has no rows or no columns, a name stands twice, or columns have different lengths.
    ValueError, TypeError
        If it is no table.
    """
    given = _given(X, name)
    if not given.names:
        raise TableError(
            f"{name} has no columns: 0 feature(s) (shape={(given.height, 0)}) while a minimum of 1 is required; give "
            "the columns to predict from"
        )
    if not given.height:
        raise TableError(f"{name} has 0 rows (shape={(0, given.width)}) while a minimum of 1 is required")
    return given


def clean_given(frame: pl.DataFrame) -> Given:
    """Take over a frame that `as_frame` made."""
    return Given(frame.columns, frame.height, frame.get_columns, is_clean=True)


def has_names(X: Any) -> bool:
    """Tell whether a table's columns have names of their own."""
    return isinstance(X, (pl.DataFrame, pl.LazyFrame, dict)) or _is_pandas(X)


def _is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _given(X: Any, name: str) -> Given:
    if isinstance(X, pl.LazyFrame):
        X = X.collect()
    if isinstance(X, pl.DataFrame):
        return Given(X.columns, X.height, X.get_columns)
    if isinstance(X, np.ndarray):
        return _of_array(X, name)
    if _is_pandas(X):
        return _of_pandas(X, name)
    if isinstance(X, (str, os.PathLike)):
        raise TypeError(
            f"{name}={os.fspath(X)!r} is the name of a file, where a table is wanted; read it, such as with "
            "polars.read_csv, or learn from it with fit_file"
        )
    if hasattr(X, "toarray"):
        raise TypeError(f"Sparse data was passed, but {name} has to be dense; use {name}.toarray()")
    return _of_columns(X, name) if isinstance(X, dict) else _of_array(X, name)


def _of_pandas(X: Any, name: str) -> Given:
    names = [str(each) for each in X.columns]
    _check_names(names, name)
    plain = all(isinstance(dtype, np.dtype) and dtype.kind in PLAIN for dtype in X.dtypes)
    matrix = (lambda: X.to_numpy(dtype=np.float64)) if plain else None
    return Given(names, len(X), lambda: [column for _, column in X.items()], matrix)


def _of_columns(X: dict[Any, Any], name: str) -> Given:
    names = [str(key) for key in X]
    _check_names(names, name)
    columns = [np.atleast_1d(_unmasked(values)) for values in X.values()]
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        told = dict(zip(names, lengths, strict=True))
        raise TableError(f"the columns of {name} have different lengths: {told}; give one value a row")
    return Given(names, lengths[0] if lengths else 0, lambda: columns)


def _of_array(X: Any, name: str) -> Given:
    if isinstance(X, (list, tuple)) and X and isinstance(X[0], dict):
        raise TypeError(
            f"{name} is a list of dicts; give a dict of columns, or a frame such as polars.DataFrame({name})"
        )
    try:
        array = _unmasked(X)
    except ValueError as error:
        raise ValueError(f"{name} has rows of different lengths: {error}; give each row one cell a column") from None
    kind = array.dtype.kind
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} holds {array.dtype}; give real and imaginary parts")
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {array.ndim}D array instead: {name} has the shape {array.shape}. Reshape your "
            "data with .reshape(-1, 1) for one column, or .reshape(1, -1) for one row"
        )
    names = numbered(array.shape[1])
    return Given(names, len(array), lambda: list(array.T), (lambda: array) if kind in PLAIN else None)


def _unmasked(values: Any) -> np.ndarray:
    """Return an array, with None for the cells that NumPy's masked arrays hide."""
    if np.ma.is_masked(values):
        told: np.ndarray = np.array(values.data, dtype=object)
        told[values.mask] = None
        return told
    return np.asarray(values)


def numbered(n_columns: int) -> list[str]:
    """Return the names of columns that have none: x0, x1, ..."""
    return [f"x{place}" for place in range(n_columns)]


def _check_names(names: list[str], name: str) -> None:
    if len(set(names)) == len(names):
        return
    twice = [each for each, count in Counter(names).items() if count > 1]
    raise TableError(f"{name} has more than one column named {listed(twice)}; rename them")
