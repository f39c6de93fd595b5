"""Scales of real numbers: evenly, or evenly in a logarithm.

Each is given by an increasing function t, even in t(value):

    point = (t(value) - t(low)) / (t(high) - t(low))

    Uniform      t(v) = v
    LogUniform   t(v) = log(v)
    OneMinusLog  t(v) = -log(1 - v)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from netlet.search.scales.base import Point, Scale, check_order, finite


@dataclass(frozen=True)
class _Interval(Scale):
    """Numbers between two ends, both of which can be drawn."""

    low: float
    high: float

    def __post_init__(self) -> None:
        name = type(self).__name__
        for parameter in ("low", "high"):
            object.__setattr__(self, parameter, finite(name, parameter, getattr(self, parameter)))
        check_order(name, self.low, self.high)
        self._check()
        width = self._forward(self.high) - self._forward(self.low)
        if not 0 < width < math.inf:
            extent = "too wide" if width else "too narrow"
            raise ValueError(f"low={self.low!r} and high={self.high!r} of {name} are {extent} apart for float64")

    def _check(self) -> None:
        """Raise unless the ends suit the scale."""

    def _forward(self, value: float) -> float:
        raise NotImplementedError

    def _inverse(self, place: float) -> float:
        raise NotImplementedError

    def _value(self, point: Point) -> float:
        share = float(point[0])
        if share in (0.0, 1.0):  # the ends themselves, not what rounding makes of them
            return self.high if share else self.low
        low, high = self._forward(self.low), self._forward(self.high)
        return self._clipped(self._inverse(low + share * (high - low)))

    def own(self, value: Any) -> float:
        self.point_of(value)
        return float(value)  # the point would give it back only to the last digit but one

    def _clipped(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def _coordinates(self, value: Any) -> Sequence[float]:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{value!r} is not a number, and so not in {self!r}")
        number = float(value)
        if not self.low <= number <= self.high:
            raise self._outside(value)
        low, high = self._forward(self.low), self._forward(self.high)
        return (min(max((self._forward(number) - low) / (high - low), 0.0), 1.0),)


@dataclass(frozen=True)
class Uniform(_Interval):
    """Numbers between `low` and `high`, all equally likely.

    Parameters
    ----------
    low, high : float
        Both can be drawn; low < high.

    Examples
    --------
    >>> Uniform(0.0, 0.5).value_at(0.5)
    0.25
    """

    def _forward(self, value: float) -> float:
        return value

    def _inverse(self, place: float) -> float:
        return place

    def suggest(self, trial: Any, name: str) -> float:
        return float(trial.suggest_float(name, self.low, self.high))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {name: float(value)}


@dataclass(frozen=True)
class LogUniform(_Interval):
    """Positive numbers whose logarithm is uniform: every decade is equally likely. For rates and penalties.

    Parameters
    ----------
    low, high : float
        Both can be drawn; 0 < low < high.

    Examples
    --------
    >>> round(LogUniform(1e-4, 1e-2).value_at(0.5), 10)
    0.001
    """

    def _check(self) -> None:
        if self.low <= 0:
            raise ValueError(
                f"low={self.low!r} of LogUniform is not > 0; the logarithm needs a positive end, such as 1e-5, or use "
                f"Uniform({self.low!r}, {self.high!r})"
            )

    def _forward(self, value: float) -> float:
        return math.log(value)

    def _inverse(self, place: float) -> float:
        return math.exp(place)

    def suggest(self, trial: Any, name: str) -> float:
        return float(trial.suggest_float(name, self.low, self.high, log=True))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {name: float(value)}


@dataclass(frozen=True)
class OneMinusLog(_Interval):
    """Numbers below 1 whose distance from 1 has a uniform logarithm. For momentum-like values.

    An average with the momentum beta reaches back over about 1 / (1 - beta) steps; on this scale 10 to 100 steps are
    as likely as 100 to 1000.

    Parameters
    ----------
    low, high : float
        Both can be drawn; 0 <= low < high < 1.

    Examples
    --------
    >>> round(OneMinusLog(0.9, 0.999).value_at(0.5), 10)
    0.99
    """

    def _check(self) -> None:
        for parameter, value in (("low", self.low), ("high", self.high)):
            if not 0 <= value < 1:
                raise ValueError(
                    f"{parameter}={value!r} of OneMinusLog is not in [0, 1); it is for momentum-like values, "
                    "OneMinusLog(0.9, 0.999) is usual"
                )

    def _forward(self, value: float) -> float:
        return -math.log1p(-value)

    def _inverse(self, place: float) -> float:
        return -math.expm1(-place)

    def suggest(self, trial: Any, name: str) -> float:
        return self._clipped(1 - float(trial.suggest_float(f"1 - {name}", 1 - self.high, 1 - self.low, log=True)))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {f"1 - {name}": 1 - float(value)}
