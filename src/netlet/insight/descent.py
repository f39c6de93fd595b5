"""Descend any function with the update rules that train networks: to see on a plain surface what each of them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.kernels.adjustments import decay
from netlet.kernels.compiling import ADJUST, UPDATE, address
from netlet.kernels.registry import updates
from netlet.training.optimizers import Optimizer, optimizer_of

_MOST_SLOTS, _N_SETTINGS = 3, 8


def descend(
    gradient: Callable[[np.ndarray], Any],
    start: Any,
    optimizer: str | Optimizer = "sgd",
    steps: int = 100,
    *,
    learning_rate: float | None = None,
) -> np.ndarray:
    """Take steps of an optimizer from a point on, along the gradient of any function.

    The update rule is the one that trains networks, in double precision. The path ends where it leaves the finite
    numbers: the rows from there on are NaN.

    Parameters
    ----------
    gradient : callable
        From a point, float64 (n,), to the function's gradient there, (n,).
    start : array-like, (n,)
        One number is a point of one dimension.
    optimizer : str or Optimizer, default "sgd"
        An update rule, by name or with settings: ``Momentum(0.01, momentum=0.8)``.
    steps : int, >= 1, default 100
    learning_rate : float, > 0, optional
        For an update rule given by name; default: its own.

    Returns
    -------
    float64, (steps + 1, n)
        The points, the start first.

    Raises
    ------
    ValueError, TypeError
        If a parameter is not as it should be, or the gradient is not of the point's size.

    Examples
    --------
    >>> from netlet import descend
    >>> descend(lambda point: 2 * point, [8.0], "sgd", 3, learning_rate=0.25).ravel()  # of x^2
    array([8., 4., 2., 1.])
    """
    if not callable(gradient):
        raise TypeError(f"gradient={gradient!r} is not callable; give a function of a point that returns its gradient")
    check_number("steps", steps, int, 1)
    point = _point(start)
    if learning_rate is not None and not isinstance(optimizer, str):
        raise ValueError(f"learning_rate={learning_rate!r} is given beside optimizer={optimizer!r}; give one of them")
    method = optimizer_of(optimizer, learning_rate)
    row = updates[method.rule]
    address(row.kernel, UPDATE, "float64")
    address(decay, ADJUST, "float64")
    slots = [np.zeros(point.size if slot < row.n_slots else 0) for slot in range(_MOST_SLOTS)]
    settings = np.zeros(_N_SETTINGS)
    settings[: len(method.settings())] = method.settings()
    path = np.full((steps + 1, point.size), np.nan)
    path[0] = point
    with np.errstate(over="ignore", invalid="ignore"):  # the gradient's own, on a path that diverges
        for number in range(1, steps + 1):
            slope = _slope(gradient, point)
            if method.weight_decay:
                decay(point, slope, method.learning_rate * method.weight_decay)
            row.kernel(point, slope, *slots, settings, method.learning_rate, number)
            if not np.isfinite(point).all():
                break
            path[number] = point
    return path


def _point(start: Any) -> np.ndarray:
    try:
        point = np.array(start, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        raise ValueError(f"start={start!r} is not a point; give its coordinates, such as (1.0, -2.0)") from None
    if point.ndim != 1 or point.size == 0 or not np.isfinite(point).all():
        raise ValueError(f"start={start!r} is not a point of finite coordinates; give them, such as (1.0, -2.0)")
    return point


def _slope(gradient: Callable[[np.ndarray], Any], point: np.ndarray) -> np.ndarray:
    """Return the gradient at a point, as an array of its own: rules overwrite neither it nor what the caller keeps."""
    slope = np.array(gradient(point.copy()), dtype=np.float64, ndmin=1)
    if slope.shape != point.shape:
        raise ValueError(
            f"gradient gives an array of shape {slope.shape} at a point of {point.size} coordinates; "
            "return one number for each coordinate"
        )
    return slope
