"""What every scale does: it maps the unit cube to values and back."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import fields
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from netlet.search.plain import plain

Point = NDArray[np.float64]


class Scale:
    """Base of all scales: a distribution of values, as the image of the uniform one on the cube [0, 1]^dimensions.

    A scale is immutable; two scales with the same parameters are equal.

    Attributes
    ----------
    ordered : bool
        Whether near points give near values. Where not, a region is a set of values, not an interval.
    """

    ordered: ClassVar[bool] = True

    @property
    def dimensions(self) -> int:
        """The number of coordinates of a point."""
        return 1

    def value_at(self, point: float | Sequence[float] | Point) -> Any:
        """Return the value at a point of the unit cube.

        Parameters
        ----------
        point : array-like of shape (dimensions,)
            Coordinates in [0, 1], both ends included; of a scale of one dimension also the number itself.

        Returns
        -------
        object

        Raises
        ------
        ValueError
            If it is no such point.
        """
        return self._value(as_point(point, self.dimensions, type(self).__name__))

    def point_of(self, value: Any) -> Point:
        """Return a point at which the value stands: the middle of them where there are several.

        A coordinate that the value does not depend on is 0.5; see `uses`.

        Raises
        ------
        TypeError, ValueError
            If the scale does not hold the value.
        """
        return np.asarray(self._coordinates(value), dtype=np.float64)

    def uses(self, value: Any) -> tuple[bool, ...]:  # noqa: ARG002 - most values use all
        """Return for each coordinate whether the value depends on it; a layer that is not there has no size."""
        return (True,) * self.dimensions

    def count(self) -> int | None:
        """Return the number of distinct values; None where there is no end of them."""
        return None

    def all_values(self) -> Iterator[Any]:
        """Yield every value, where their number is finite.

        Raises
        ------
        TypeError
            If it is not.
        """
        raise TypeError(f"{self!r} has no end of values; only a scale whose count() is a number can be listed")

    def own(self, value: Any) -> Any:
        """Return a value of the scale as `value_at` would give it: its object, or its type."""
        return self.value_at(self.point_of(value))

    def key(self, value: Any) -> Hashable:
        """Return what tells the value from the others of the scale."""
        return value  # type: ignore[no-any-return]

    def describe(self) -> dict[str, Any]:
        """Return the scale as plain JSON values."""
        parameters = {each.name: plain(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]
        return {"scale": type(self).__name__} | parameters

    def suggest(self, trial: Any, name: str) -> Any:
        """Return the value that Optuna suggests.

        Parameters
        ----------
        trial : optuna.trial.BaseTrial
        name : str
            The setting. What Optuna stores bears this name, or one made from it.
        """
        raise NotImplementedError

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        """Return what Optuna would have to suggest for the value, by Optuna's names: the inverse of `suggest`."""
        raise NotImplementedError

    def _value(self, point: Point) -> Any:
        """Return the value at a point that was checked."""
        raise NotImplementedError

    def _coordinates(self, value: Any) -> Sequence[float]:
        """Return the coordinates of a value, which is to be checked."""
        raise NotImplementedError

    def _outside(self, value: Any) -> ValueError:
        return ValueError(f"{value!r} is not in {self!r}; widen the scale or leave the value out")


def as_point(point: float | Sequence[float] | Point, dimensions: int, owner: str) -> Point:
    """Return a point as an array, or raise unless it is one of the unit cube."""
    try:
        array = np.atleast_1d(np.asarray(point, dtype=np.float64))
    except (TypeError, ValueError):
        raise ValueError(f"point={point!r} of {owner} is no row of numbers; give {dimensions} in [0, 1]") from None
    if array.shape != (dimensions,):
        raise ValueError(f"point of {owner} has the shape {array.shape}; give {dimensions} number(s) in [0, 1]")
    if not bool(np.all((array >= 0) & (array <= 1))):
        raise ValueError(f"point={array.tolist()} of {owner} is not within [0, 1]; scale it to the unit cube")
    return array


def finite(owner: str, parameter: str, value: object) -> float:
    """Return a number as a float of Python, or raise unless it is one and finite."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{parameter}={value!r} of {owner} is not a number; give one, such as {owner}(0.1, 0.9)")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{parameter}={value!r} of {owner} is not finite; give an end that can be reached")
    return number


def check_order(owner: str, low: float, high: float) -> None:
    """Raise unless the least value is less than the greatest."""
    if not low < high:
        remedy = "swap them" if low > high else f"to hold the setting fixed, give the plain value {low!r}"
        raise ValueError(f"low={low!r} of {owner} is not < high={high!r}; {remedy}")
