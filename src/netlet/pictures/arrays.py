"""Pictures as arrays: what may be given, and how it becomes what a network reads."""

from __future__ import annotations

from typing import Any

import numpy as np

_REMEDY = "give an array (n, height, width), or (n, height, width, channels) with the channels last"
_WHITE = np.float32(255)
_AT_ONCE = 1024  # pictures that are looked at together: no second copy of all of them is made


def as_pictures(X: Any, name: str = "X") -> np.ndarray:
    """Check pictures and return them as float32, (n, height, width, channels).

    Parameters
    ----------
    X : array-like
        (n, height, width) or (n, height, width, channels). Numbers of type uint8 are divided by 255; others are taken
        as they are.
    name : str
        What messages call it.

    Raises
    ------
    TypeError
        If there are no numbers in it.
    ValueError
        If it has other axes, an axis without places, pictures of several sizes, or numbers that are not finite.
    """
    pictures = _array(X, name)
    if pictures.ndim not in (3, 4):
        one = " (one picture is X[np.newaxis])" if pictures.ndim == 2 else ""
        raise ValueError(f"{name} has the shape {pictures.shape}, which are no pictures; {_REMEDY}{one}")
    if pictures.ndim == 3:
        pictures = pictures[..., np.newaxis]
    if 0 in pictures.shape[1:]:
        raise ValueError(f"{name} has the shape {pictures.shape}: its pictures hold no numbers; {_REMEDY}")
    if pictures.dtype == np.uint8:
        shares: np.ndarray = np.divide(pictures, _WHITE, dtype=np.float32)
        return shares
    with np.errstate(over="ignore"):  # what float32 cannot hold is found below
        numbers: np.ndarray = np.ascontiguousarray(pictures, dtype=np.float32)
    for first in range(0, len(numbers), _AT_ONCE):
        finite = np.isfinite(numbers[first : first + _AT_ONCE]).all(axis=(1, 2, 3))
        if not finite.all():
            wrong = first + int(np.argmin(finite))
            raise ValueError(
                f"{name}[{wrong}] holds NaN, an infinite number, or one that float32 cannot hold; remove or mend the "
                "picture"
            )
    return numbers


def _array(X: Any, name: str) -> np.ndarray:
    try:
        pictures = np.asarray(X)
    except ValueError:  # rows of several lengths
        pictures = np.empty(0, dtype=object)
    if pictures.dtype == object:
        sizes = _sizes(X)
        if len(sizes) > 1:
            several = ", ".join(map(str, sorted(sizes)[:3]))
            raise ValueError(f"{name} holds pictures of several sizes ({several}); bring them to one size first")
        try:
            pictures = np.asarray(X, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(f"{name} does not hold numbers alone; {_REMEDY}") from None
    if pictures.dtype.kind not in "buif":
        raise TypeError(f"{name} holds {pictures.dtype}, not real numbers; {_REMEDY}")
    return pictures


def _sizes(X: Any) -> set[tuple[int, ...]]:
    """Return the shapes of pictures that stand in a list; none where they are no arrays."""
    try:
        return {np.shape(picture) for picture in X}
    except (TypeError, ValueError):
        return set()


def channel_scales(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each channel: float32, (channels,); 1 where a channel is constant."""
    n_channels = pictures.shape[-1]
    total, squares, count = np.zeros(n_channels), np.zeros(n_channels), max(pictures[..., 0].size, 1)
    for first in range(0, len(pictures), _AT_ONCE):
        total += pictures[first : first + _AT_ONCE].sum(axis=(0, 1, 2), dtype=np.float64)
    mean = total / count
    for first in range(0, len(pictures), _AT_ONCE):
        squares += np.square(pictures[first : first + _AT_ONCE] - mean).sum(axis=(0, 1, 2))
    deviation = np.sqrt(squares / count)
    constant = deviation <= 1e-6 * np.maximum(np.abs(mean), 1e-30)
    return mean.astype(np.float32), np.where(constant, 1.0, deviation).astype(np.float32)


def standardised(pictures: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Bring each channel to mean 0 and deviation 1: float32, of the same shape."""
    result: np.ndarray = np.subtract(pictures, mean)
    result /= scale
    return result
