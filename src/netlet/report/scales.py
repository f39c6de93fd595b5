"""From values to places along an axis, and the ticks that are good to read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from netlet.report.words import figure


class Scale(Protocol):
    """An axis: where a value is, and what is written beside it."""

    def place(self, value: float) -> float:
        """Return 0 to 1, from the axis's beginning to its end; values outside are brought to the nearer end."""
        ...

    def ticks(self) -> list[tuple[float, str]]:
        """Return places and texts."""
        ...


def _clamped(place: float) -> float:
    return min(1.0, max(0.0, place))


@dataclass(frozen=True)
class Linear:
    """An even axis; `percent` writes 0.25 as 25 %, `whole` has no ticks between whole numbers."""

    low: float
    high: float
    most: int = 6
    percent: bool = False
    whole: bool = False

    def place(self, value: float) -> float:
        """Return where a value is."""
        width = self.high - self.low
        return _clamped((value - self.low) / width) if width else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Return multiples of 1, 2 or 5 times a power of ten."""
        factor = 100.0 if self.percent else 1.0
        low, high = self.low * factor, self.high * factor
        if not high > low:
            return [(0.5, figure(low))]
        step = nice_step((high - low) / max(1, self.most - 1))
        step = max(step, 1.0) if self.whole else step
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        texts = []
        for count in range(first, last + 1):
            value = count * step
            large = max(abs(low), abs(high)) >= 1e7 or decimals > 6
            text = figure(value) if large else f"{value + 0.0:,.{decimals}f}".replace("-", "−")
            texts.append((self.place(value / factor), text + ("\N{NO-BREAK SPACE}%" if self.percent else "")))
        return texts


@dataclass(frozen=True)
class Log:
    """A logarithmic axis of positive values; `from_one` is that of 1 - value, for rates close to 1."""

    low: float
    high: float
    from_one: bool = False
    most: int = 6

    def _bent(self, value: float) -> float:
        return -math.log10(max(1.0 - value, 1e-12)) if self.from_one else math.log10(max(value, 1e-300))

    def place(self, value: float) -> float:
        """Return where a value is."""
        low, high = self._bent(self.low), self._bent(self.high)
        return _clamped((self._bent(value) - low) / (high - low)) if high > low else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Return powers of ten, and 2 and 5 times them where there are few."""
        low, high = self._bent(self.low), self._bent(self.high)
        if self.from_one:
            low, high = -high, -low
        inside: list[float] = []
        for factors in ((1,), (1, 3), (1, 2, 5)):
            powers = range(math.floor(low), math.ceil(high) + 1)
            inside = [
                f * 10.0**p for p in powers for f in factors if low - 1e-9 <= math.log10(f * 10.0**p) <= high + 1e-9
            ]
            if len(inside) >= 3:
                break
        step = math.ceil(len(inside) / self.most)
        values = [1.0 - value for value in inside[::step]] if self.from_one else inside[::step]
        return [(self.place(value), figure(value, 6 if self.from_one else 3)) for value in values]


@dataclass(frozen=True)
class Categories:
    """Values side by side, each with the same room; a value is its number from 0."""

    names: tuple[str, ...]
    most: int = 14

    def place(self, value: float) -> float:
        """Return the middle of the value's room."""
        return (value + 0.5) / len(self.names)

    def ticks(self) -> list[tuple[float, str]]:
        """Return all names, or every n-th of many."""
        step = math.ceil(len(self.names) / self.most)
        return [(self.place(at), self.names[at]) for at in range(0, len(self.names), step)]


def nice_step(rough: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below a number > 0."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def fitting(values: Sequence[float], most: int = 6, percent: bool = False, room: float = 0.04) -> Linear:
    """Return an even axis over finite values, with a little room at both ends."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    extra = room * (high - low) or 0.05 * abs(high) or 0.5
    return Linear(low - extra, high + extra, most, percent)


def evener_by_log(values: Sequence[float]) -> bool:
    """Say whether positive values lie more evenly on a logarithmic axis: their middle one is nearer to its middle."""
    if not spans_decades(values):
        return False
    low, high, middle = min(values), max(values), sorted(values)[len(values) // 2]
    bent = math.log(middle / low) / math.log(high / low)
    return abs(bent - 0.5) < abs((middle - low) / (high - low) - 0.5)


def spans_decades(values: Sequence[float], ratio: float = 20.0) -> bool:
    """Say whether positive values are so far apart that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) / min(values) >= ratio
