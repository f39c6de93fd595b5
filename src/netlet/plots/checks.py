"""What the pictures ask of the arrays that they are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from netlet.errors import unknown_name


def matrix_of(parameter: str, values: Any, least_columns: int = 1) -> np.ndarray:
    """Return features as an array, float, (n_samples, n_features), of at least one row.

    Raises
    ------
    ValueError
        If they have another shape, no row, too few columns, or numbers that are not finite.
    """
    found = np.asarray(values)
    if found.dtype == object or not np.issubdtype(found.dtype, np.floating):
        found = found.astype(float)
    if found.ndim != 2:
        raise ValueError(f"{parameter} has the shape {found.shape}; give a matrix, (n_samples, n_features)")
    if not len(found) or found.shape[1] < least_columns:
        raise ValueError(
            f"{parameter} has the shape {found.shape}; give at least one row and {least_columns} column"
            f"{'s' if least_columns > 1 else ''}"
        )
    if not np.isfinite(found).all():
        raise ValueError(f"{parameter} has numbers that are not finite; leave those rows out or fill them in")
    return found


def column_of(parameter: str, values: Any, n: int | None = None) -> np.ndarray:
    """Return a column of anything, (n,), of at least one value; a matrix of one column is one too.

    Raises
    ------
    ValueError
        If it has another shape or length.
    """
    found = np.asarray(values)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise ValueError(f"{parameter} has the shape {found.shape}; give one value for each sample, (n_samples,)")
    if not len(found):
        raise ValueError(f"{parameter} is empty; give at least one value")
    if n is not None and len(found) != n:
        raise ValueError(f"{parameter} has {len(found)} values for {n} samples; give one for each")
    return found


def names_of(parameter: str, names: Sequence[Any] | None, n: int, default: Callable[[int], str]) -> list[str]:
    """Return n names as text, or default ones.

    Raises
    ------
    ValueError
        If there are more or fewer.
    """
    if names is None:
        return [default(place) for place in range(n)]
    if isinstance(names, str) or len(names) != n:
        raise ValueError(f"{parameter}={names!r} does not hold {n} names; give a list of {n}")
    return [str(name) for name in names]


def place_of(parameter: str, value: Any, names: Sequence[str]) -> int:
    """Return the place of something that is named or counted from 0.

    Raises
    ------
    ValueError
        If there is no such name or place.
    """
    if isinstance(value, str):
        if value not in names:
            raise ValueError(unknown_name(parameter, value, names))
        return list(names).index(value)
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value < len(names):
        raise ValueError(f"{parameter}={value!r} is no int from 0 to {len(names) - 1}, and no name")
    return int(value)
