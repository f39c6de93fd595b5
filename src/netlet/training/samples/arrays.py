"""Checks at the border: what a person hands over becomes contiguous arrays or a clear error, before compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np

_BLOCK = 4096  # rows looked at together, so that a check needs little memory
_FEW = 4096  # numbers so few that the calls of NumPy cost more than its loops
_REALS = {name: np.dtype(name) for name in ("float32", "float64")}


class _Borrowed:
    """Lends an array's memory as if it could be written; the kernels that get it only read. Keeps the owner alive."""

    def __init__(self, array: np.ndarray) -> None:
        self.owner = array
        self.__array_interface__ = array.__array_interface__ | {"data": (array.ctypes.data, False)}


def lent(array: np.ndarray) -> np.ndarray:
    """Return an array that passes for one that can be written, for kernels that only read: compiled once, not twice."""
    return array if array.flags.writeable else np.asarray(_Borrowed(array))


def _column_name(owner: Any, column: int) -> str:
    names = getattr(owner, "columns", None)
    return f"column {column} ({names[column]!r})" if names is not None and len(names) > column else f"column {column}"


def as_numbers(name: str, values: Any) -> np.ndarray:
    """Return `values` as an array of real numbers.

    Parameters
    ----------
    name : str
        What to call it in a message.
    values : array-like or data frame

    Returns
    -------
    array of any shape and real dtype; missing values are NaN

    Raises
    ------
    ValueError
        If its rows are not of one length.
    TypeError
        If it is sparse, or holds text, dates, complex numbers or anything else that is no real number.
    """
    if hasattr(values, "tocsr"):
        raise TypeError(f"{name} is a sparse matrix, which is not supported; use {name}.toarray()")
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "fiub":
        # A masked number is a missing one, not the one behind the mask.
        values = np.ma.filled(values.astype(np.float64), np.nan)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is not a rectangular array ({error}); all rows need the same length") from None
    if array.dtype.kind in "fiub":
        return array
    if array.dtype.kind == "O":
        return _numbers_of_objects(name, values, array)
    kind = {"U": "text", "S": "bytes", "c": "complex numbers", "M": "dates", "m": "time spans"}.get(
        array.dtype.kind, "no numbers"
    )
    raise TypeError(f"{name} holds {kind} (dtype {array.dtype}), not numbers; encode it as numbers first")


def _numbers_of_objects(name: str, owner: Any, array: np.ndarray) -> np.ndarray:
    result = np.empty(array.shape, dtype=np.float64)
    for place, value in np.ndenumerate(array):
        if value is None:
            result[place] = np.nan
            continue
        try:
            if isinstance(value, str):
                raise TypeError
            result[place] = value
        except (TypeError, ValueError):
            where = f"row {place[0]}" + (f", {_column_name(owner, place[1])}" if len(place) > 1 else "")
            raise TypeError(
                f"{name} holds {value!r} in {where}, which is not a number; encode it as a number first"
            ) from None
    return result


def contiguous(name: str, owner: Any, array: np.ndarray, dtype: str) -> np.ndarray:
    """Return a contiguous, aligned array of the dtype in memory that may be lent: the caller's own if it is one.

    Parameters
    ----------
    name : str
        What to call it in a message.
    owner : object
        What `array` was made from; a data frame knows its columns' names.
    array : real numbers, (n_samples,) or (n_samples, n_columns)
    dtype : {"float32", "float64"}

    Raises
    ------
    ValueError
        If a number is not finite, with its row and column.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.require(array, dtype=dtype, requirements=["C", "A"])
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(result.sum()):  # a quick pass: a sum is finite only if every number is
            return lent(result)
    for start in range(0, result.shape[0], _BLOCK):
        block = result[start : start + _BLOCK]
        if np.isfinite(block).all():
            continue
        row, *column = (int(i) for i in np.argwhere(~np.isfinite(block))[0])
        value = array[(start + row, *column)]
        where = f"row {start + row}" + (f", {_column_name(owner, column[0])}" if column else "")
        if np.isfinite(value):
            raise ValueError(
                f"{name} holds {value:g} in {where}, too large for {dtype}; scale the column or use dtype='float64'"
            )
        remedy = "fill in or drop missing values first" if np.isnan(value) else "replace it by a finite number"
        raise ValueError(f"{name} holds {value!s} in {where}; {remedy}")
    return lent(result)


def features_of(X: Any, dtype: str, n_features: int | None = None, name: str = "X") -> np.ndarray:
    """Check the features.

    Parameters
    ----------
    X : array-like or data frame, (n_samples, n_features)
        Numbers; copied only if it is not contiguous or not of the dtype.
    dtype : {"float32", "float64"}
    n_features : int, optional
        How many the network reads.
    name : str

    Returns
    -------
    dtype, (n_samples, n_features), contiguous

    Raises
    ------
    ValueError
        For a wrong shape, no rows, no columns, or a number that is not finite.
    TypeError
        For anything that is not numbers.
    """
    array = as_numbers(name, X)
    if array.ndim != 2:
        its = name.rpartition(" ")[2]  # of "validation X", X
        hint = f"{its}.reshape(-1, 1) for one feature, {its}.reshape(1, -1) for one sample" if array.ndim == 1 else (
            f"use {its}.reshape(len({its}), -1)"
        )  # fmt: skip
        raise ValueError(f"{name} has shape {array.shape}, not (n_samples, n_features); {hint}")
    if array.shape[1] == 0:
        raise ValueError(f"{name} has no columns (shape {array.shape}); give at least one feature")
    if n_features is not None and array.shape[1] != n_features:
        raise ValueError(
            f"{name} has {array.shape[1]} features, the network reads {n_features}; "
            "give the same columns as in training"
        )
    return contiguous(name, X, array, dtype)


def few_features_of(X: Any, dtype: str, n_features: int | None) -> np.ndarray | None:
    """Check a few samples in the fewest steps: what is right passes in 2 us where `features_of` takes 10.

    Parameters
    ----------
    X : object
    dtype : {"float32", "float64"}
    n_features : int or None

    Returns
    -------
    dtype, (n_samples, n_features), contiguous; or None
        What `features_of` would return. None where that must look closer: at anything but an array of floats with some
        thousand finite numbers.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.size > _FEW or X.shape[1] != n_features or n_features == 0:
        return None
    real = _REALS[dtype]
    if X.dtype == real:
        x = X if X.flags.carray else lent(np.require(X, requirements=["C", "A"]))
    elif X.dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            x = X.astype(real, order="C")
    else:
        return None
    return x if np.count_nonzero(np.isfinite(x)) == x.size else None
