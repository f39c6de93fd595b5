"""What is to be predicted: classes of any kind, or numbers, checked before anything is learnt from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d

from netlet.tables.frame import is_missing

_PLAIN = (bool, int, float)
_CLASSES = (*_PLAIN, str, bytes, np.generic)
_KINDS = "OUbiuf"


def labels_of(y: Any, whose: str) -> np.ndarray:
    """Check the classes of rows: text, truth values or numbers, (n_rows,).

    Raises
    ------
    ValueError, TypeError
        If one is missing, there are several columns, they are numbers with fractions or dates, or of several kinds.
    """
    if y is None:
        raise ValueError(f"{whose} requires y to be passed, but the target y is None; give the class of each row")
    if _lacks(y):
        raise ValueError("Input y contains NaN or None; leave the rows without a class out")
    labels: np.ndarray = _tight(column_or_1d(np.asarray(y), warn=True))
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("Input y contains NaN or infinity; leave the rows without a class out")
    if labels.dtype.kind in "mM":
        raise ValueError(
            f"y holds {labels.dtype}, which are no classes; give them as text, or as numbers to a regressor"
        )
    if labels.dtype.kind == "O":
        kinds = sorted({type(each).__name__ for each in labels})
        if len(kinds) > 1:
            raise TypeError(
                f"y holds classes of several kinds: {', '.join(kinds)}; argument must be a string or a number"
            )
        if kinds and not isinstance(labels[0], _CLASSES):
            raise ValueError(
                f"y holds classes of the kind {kinds[0]}; give them as text, whole numbers or truth values"
            )
    check_classification_targets(labels)
    return labels


def classes_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes, and the number of each label's class.

    Raises
    ------
    ValueError
        If there are fewer than two.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        only = classes.tolist()
        raise ValueError(f"y has {len(only)} class, {only}; a classifier needs rows of two classes at least")
    return classes, codes


def described(classes: np.ndarray) -> dict[str, Any]:
    """Return classes as JSON values."""
    return {"classes": classes.tolist(), "dtype": "O" if classes.dtype.kind == "O" else classes.dtype.str}


def restored(stored: dict[str, Any]) -> np.ndarray:
    """Return the classes that `described` described.

    Raises
    ------
    ValueError
        If it holds something else.
    """
    kind = np.dtype(str(stored["dtype"]))
    if kind.kind not in _KINDS:
        raise ValueError(f"its classes are of the type {kind}")
    classes = np.array(stored["classes"], dtype=kind)
    if classes.ndim != 1 or len(classes) < 2:
        raise ValueError(f"its classes have the shape {classes.shape}")
    return classes


def numbers_of(y: Any, whose: str) -> np.ndarray:
    """Check the numbers of rows: float64, (n_rows,).

    Raises
    ------
    ValueError
        If one is missing, infinite or no number, or there are several columns.
    """
    if y is None:
        raise ValueError(f"{whose} requires y to be passed, but the target y is None; give the number of each row")
    if _lacks(y):
        raise ValueError("Input y contains NaN or None; leave the rows without a number out")
    given = np.asarray(y)
    if given.dtype.kind in "mM":
        raise ValueError(f"y holds {given.dtype}, which are no numbers; give days or seconds since some day")
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of the sum of large numbers
            checked = check_array(given, ensure_2d=False, dtype=np.float64, input_name="y")
    except ValueError as error:
        if "could not convert" in str(error):
            raise ValueError(f"y holds text: {error}; give numbers, or use TableClassifier for classes") from None
        raise
    numbers: np.ndarray = column_or_1d(checked, warn=True)
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(numbers.std()):
            raise ValueError("y holds numbers too large to scale; give them in a larger unit")
    return numbers


def name_of(y: Any) -> str | None:
    """Return the name of a column of a frame, if y is one."""
    name = getattr(y, "name", None)
    return name if isinstance(name, str) and name else None


def _lacks(y: Any) -> bool:
    """Tell whether a cell is missing."""
    for method in ("isna", "is_null"):
        if hasattr(y, method):
            return bool(np.asarray(getattr(y, method)()).any())
    if np.ma.is_masked(y):
        return True
    cells = np.asarray(y)
    if cells.dtype.kind in "US" and isinstance(y, (list, tuple)):  # NumPy makes text of a NaN among text
        cells = np.array(y, dtype=object)
    if cells.dtype.kind == "f":
        return bool(np.isnan(cells).any())
    return cells.dtype.kind == "O" and any(map(is_missing, cells.ravel()))


def _tight(labels: np.ndarray) -> np.ndarray:
    """Give objects that are all truth values or numbers their own type."""
    if labels.dtype.kind == "O" and len(labels) and len({type(each) for each in labels}) == 1:
        return np.array(labels.tolist()) if isinstance(labels[0], _PLAIN) else labels
    return labels
