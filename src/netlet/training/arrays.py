"""Checks at the border: what a person hands over becomes contiguous arrays or a clear error, before compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.kernels.registry import LossRow

_BLOCK = 4096  # rows looked at together, so that a check needs little memory


class _Borrowed:
    """Lends an array's memory as if it could be written; the kernels that get it only read. Keeps the owner alive."""

    def __init__(self, array: np.ndarray) -> None:
        self.owner = array
        self.__array_interface__ = array.__array_interface__ | {"data": (array.ctypes.data, False)}


def _lent(array: np.ndarray) -> np.ndarray:
    return array if array.flags.writeable else np.asarray(_Borrowed(array))


def _column_name(owner: Any, column: int) -> str:
    names = getattr(owner, "columns", None)
    return f"column {column} ({names[column]!r})" if names is not None and len(names) > column else f"column {column}"


def _as_numbers(name: str, values: Any) -> np.ndarray:
    """Return `values` as an array of real numbers.

    Raises
    ------
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


def _contiguous(name: str, owner: Any, array: np.ndarray, dtype: str) -> np.ndarray:
    """Return a contiguous, aligned array of the dtype in memory that may be lent: the caller's own if it is one.

    Raises
    ------
    ValueError
        If a number is not finite, with its row and column.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.require(array, dtype=dtype, requirements=["C", "A"])
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(result.sum()):  # a quick pass: a sum is finite only if every number is
            return _lent(result)
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
    return _lent(result)


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
    array = _as_numbers(name, X)
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
    return _contiguous(name, X, array, dtype)


def targets_of(
    y: Any, loss: LossRow, n_outputs: int, dtype: str, n_samples: int, name: str = "y", training: bool = True
) -> np.ndarray:
    """Check the targets of a loss.

    Parameters
    ----------
    y : array-like
        For a loss of labels: ints 0 to n_outputs - 1, (n_samples,). Else numbers, (n_samples,) or (n_samples,
        n_outputs).
    loss : LossRow
    n_outputs : int
    dtype : {"float32", "float64"}
    n_samples : int
    name : str
    training : bool
        Whether a network is to learn from them, for which one class is not enough.

    Returns
    -------
    dtype, (n_samples, 1) for labels, else (n_samples, n_outputs)

    Raises
    ------
    ValueError
        For a wrong shape or length, a label outside the range, a single class, or a number that is not finite.
    TypeError
        For anything that is not numbers.
    """
    try:
        array = _as_numbers(name, y)
    except TypeError as error:
        hint = "; for class names use: classes, y = numpy.unique(y, return_inverse=True)" if loss.output else ""
        raise TypeError(f"{error}{hint}") from None
    if array.ndim == 0 or len(array) != n_samples:
        found = "a single number" if array.ndim == 0 else f"{len(array)} rows"
        raise ValueError(f"{name} has {found}, X has {n_samples}; give one target for each row of X")
    width = 1 if loss.labels else n_outputs
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[1] != width:
        expected = f"({n_samples},) of class labels" if loss.labels else f"({n_samples}, {n_outputs})"
        raise ValueError(f"{name} has shape {array.shape}, the loss {loss.name!r} needs {expected}")
    result = _contiguous(name, y, array, dtype)
    if loss.labels:
        _check_range(name, result, n_outputs)
    elif loss.output == "sigmoid" and ((result < 0) | (result > 1)).any():
        row, column = (int(i) for i in np.argwhere((result < 0) | (result > 1))[0])
        raise ValueError(
            f"{name} holds {result[row, column]:g} in row {row}, column {column}, outside [0, 1]; "
            "use 0 for no and 1 for yes"
        )
    if training and loss.output and width == 1 and n_samples > 0 and (result == result[0, 0]).all():
        raise ValueError(
            f"{name} holds only the class {result[0, 0]:g}; training needs samples of at least two classes"
        )
    return result


def _check_range(name: str, labels: np.ndarray, n_classes: int) -> None:
    wrong = (labels < 0) | (labels >= n_classes) | (labels != np.floor(labels))
    if wrong.any():
        row = int(np.argwhere(wrong)[0, 0])
        raise ValueError(
            f"{name} holds the label {labels[row, 0]:g} in row {row}, not an int from 0 to {n_classes - 1} "
            f"(the network has {n_classes} outputs); use: "
            "classes, y = numpy.unique(y, return_inverse=True), and Dense(len(classes))"
        )


def weights_of(sample_weight: Any, dtype: str, n_samples: int) -> np.ndarray:
    """Check sample weights: numbers >= 0, not all 0, (n_samples,). None gives an empty array, which stands for all 1.

    Raises
    ------
    ValueError
        For a wrong shape, a negative weight, or weights that are all 0.
    TypeError
        For anything that is not numbers.
    """
    if sample_weight is None:
        return np.empty(0, dtype=dtype)
    array = _as_numbers("sample_weight", sample_weight)
    if array.shape != (n_samples,):
        raise ValueError(
            f"sample_weight has shape {array.shape}, not ({n_samples},); give one weight for each row of X"
        )
    result = _contiguous("sample_weight", sample_weight, array, dtype)
    if (result < 0).any():
        row = int(np.argmax(result < 0))
        raise ValueError(f"sample_weight holds {result[row]:g} in row {row}; weights must be >= 0")
    if n_samples and not (result > 0).any():
        raise ValueError("sample_weight is 0 for every row; at least one sample needs a weight > 0")
    return result
