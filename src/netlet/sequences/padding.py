"""Sequences of one length or of many, as one array: checked, and padded with zeros at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Padded:
    """Sequences side by side.

    Attributes
    ----------
    values : float64, (n_samples, time, features)
        0 after a sequence's end.
    lengths : int64, (n_samples,)
        Steps of each, >= 1.
    """

    values: np.ndarray
    lengths: np.ndarray

    def mask(self) -> np.ndarray:
        """Return which steps are no padding: bool, (n_samples, time)."""
        steps: np.ndarray = np.arange(self.values.shape[1]) < self.lengths[:, None]
        return steps


def padded(X: Any, name: str = "X") -> Padded:
    """Check sequences.

    Parameters
    ----------
    X : array, (n_samples, time) or (n_samples, time, features), or sequence of arrays (time_i,) or (time_i, features)
    name : str
        For messages.

    Returns
    -------
    Padded
        To the longest.

    Raises
    ------
    ValueError, TypeError
        If it is something else, a sequence has no step, features differ, or a number is not finite.
    """
    shape = getattr(X, "shape", None)
    if shape is not None and getattr(getattr(X, "dtype", None), "kind", "f") != "O":
        values = _numbers(X, name)
        if values.ndim not in (2, 3):
            raise ValueError(
                f"{name} has the shape {tuple(values.shape)}; give (n_samples, time), (n_samples, time, features), or "
                "a list of arrays (time, features)" + ("; one sequence is [sequence]" if values.ndim == 1 else "")
            )
        values = values[:, :, None] if values.ndim == 2 else values
        if len(values) and not values.shape[1]:
            raise ValueError(f"the sequences of {name} have no steps; leave out those of length 0")
        if len(values) and not values.shape[2]:
            raise ValueError(f"the sequences of {name} have no features; give at least one number for each step")
        _check_finite(values, name)
        return Padded(values, np.full(len(values), values.shape[1]))
    if isinstance(X, (str, bytes)) or not hasattr(X, "__len__"):
        raise TypeError(
            f"{name} is a {type(X).__name__}; give an array (n_samples, time, features) or a list of arrays"
        )
    return _of_many(list(X), name)


def _of_many(sequences: list[Any], name: str) -> Padded:
    parts = [_numbers(each, f"{name}[{place}]") for place, each in enumerate(sequences)]
    for place, part in enumerate(parts):
        if part.ndim not in (1, 2):
            raise ValueError(
                f"{name}[{place}] has the shape {part.shape}; each sequence is (time,) or (time, features)"
            )
        if part.ndim != parts[0].ndim:
            raise ValueError(
                f"{name}[0] has {parts[0].ndim} axes and {name}[{place}] has {part.ndim}; "
                "give all sequences as (time, features)"
            )
        if not part.shape[0]:
            raise ValueError(f"{name}[{place}] has no steps; leave out sequences of length 0")
    columns = [part[:, None] if part.ndim == 1 else part for part in parts]
    features = columns[0].shape[1] if columns else 1
    if not features:
        raise ValueError(f"{name}[0] has no features; give at least one number for each step")
    for place, column in enumerate(columns):
        if column.shape[1] != features:
            raise ValueError(
                f"{name}[0] has {features} features and {name}[{place}] has {column.shape[1]}; "
                "every step of every sequence has the same ones"
            )
        _check_finite(column[None], f"{name}[{place}]")
    lengths = np.array([len(column) for column in columns], dtype=np.int64)
    values = np.zeros((len(columns), int(lengths.max(initial=0)), features))
    for place, column in enumerate(columns):
        values[place, : len(column)] = column
    return Padded(values, lengths)


def _numbers(X: Any, name: str) -> np.ndarray:
    try:
        values: np.ndarray = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is not an array of numbers; give (time, features) for each sequence, without texts or gaps"
        ) from None
    return values


def _check_finite(values: np.ndarray, name: str) -> None:
    wrong = ~np.isfinite(values)
    if wrong.any():
        sample, step, feature = (int(place) for place in np.argwhere(wrong)[0])
        where = f"of sample {sample}, " if len(values) > 1 else ""
        raise ValueError(
            f"{name} holds {values[sample, step, feature]} {where}at step {step}, feature {feature}; fill gaps, or "
            "leave the sample out"
        )
