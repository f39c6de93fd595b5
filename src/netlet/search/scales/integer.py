"""A scale of whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from netlet.search.scales.base import Point, Scale, check_order

# Beyond it a float64 between 0 and 1 would no longer tell neighbours on the log scale apart.
LARGEST = 2**40


@dataclass(frozen=True)
class Integer(Scale):
    """Whole numbers from `low` to `high`.

    Parameters
    ----------
    low, high : int
        Both can be drawn; low < high.
    log : bool, default False
        False: all are equally likely. True: on the log scale, the number k has the weight log((k + 1/2) / (k - 1/2)),
        about 1 / k; low >= 1.

    Examples
    --------
    >>> Integer(1, 4).value_at(0.6)
    3
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        for parameter in ("low", "high"):
            object.__setattr__(self, parameter, whole("Integer", parameter, getattr(self, parameter)))
        if not isinstance(self.log, bool):
            raise TypeError(f"log={self.log!r} of Integer is not a bool; use log=True for the log scale")
        check_order("Integer", self.low, self.high)
        if self.log and self.low < 1:
            raise ValueError(f"low={self.low} of Integer is not >= 1, as log=True needs; raise it or leave log out")

    def _value(self, point: Point) -> int:
        return nearest(float(point[0]), self.low, self.high, log=self.log)

    def _coordinates(self, value: Any) -> Sequence[float]:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{value!r} is not an int, and so not in {self!r}")
        if not self.low <= int(value) <= self.high:
            raise self._outside(value)
        return (middle(int(value), self.low, self.high, log=self.log),)

    def count(self) -> int:
        return self.high - self.low + 1

    def all_values(self) -> Iterator[int]:
        return iter(range(self.low, self.high + 1))

    def suggest(self, trial: Any, name: str) -> int:
        return int(trial.suggest_int(name, self.low, self.high, log=self.log))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {name: int(value)}


def whole(owner: str, parameter: str, value: object) -> int:
    """Return an int of Python, or raise unless it is one and not too large for a scale."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{parameter}={value!r} of {owner} is not an int; give a whole number")
    if abs(int(value)) > LARGEST:
        raise ValueError(f"{parameter}={value!r} of {owner} is beyond 2**40; use Uniform or LogUniform, and round")
    return int(value)


def nearest(share: float, low: int, high: int, *, log: bool) -> int:
    """Return the whole number in whose cell [k - 1/2, k + 1/2] a share of the way from the first to the last lies."""
    first, last = _ends(low, high, log=log)
    place = first + share * (last - first)
    return min(max(math.floor((math.exp(place) if log else place) + 0.5), low), high)


def middle(value: int, low: int, high: int, *, log: bool) -> float:
    """Return the middle of the cell of a whole number, as a share of the way."""
    first, last = _ends(low, high, log=log)
    below, above = _ends(value, value, log=log)
    return ((below + above) / 2 - first) / (last - first)


def _ends(low: int, high: int, *, log: bool) -> tuple[float, float]:
    return (math.log(low - 0.5), math.log(high + 0.5)) if log else (low - 0.5, high + 0.5)
