"""A scale of hidden layers: how many there are, and how many units each has."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from netlet.search.scales.base import Point, Scale
from netlet.search.scales.integer import middle, nearest, whole


@dataclass(frozen=True)
class Sizes(Scale):
    """The sizes of the hidden layers of a network, as a tuple, each drawn by itself.

    Parameters
    ----------
    layers : int or (int, int)
        The number of hidden layers, or the least and the most, all equally likely. 0 layers are a linear model.
    units : (int, int)
        The least and the most units of a layer.
    log : bool, default True
        Whether a layer's size is drawn on the log scale, see `Integer`: then 16 to 32 are about as likely as 32 to 64.

    Notes
    -----
    The coordinates of a point: the number of layers, unless it is fixed; then the size of each layer, the first one
    first. Those of layers that are not there have no say.

    Examples
    --------
    >>> Sizes(layers=(1, 3), units=(16, 128)).value_at([0.5, 0.0, 1.0, 0.3])
    (16, 128)
    """

    layers: int | tuple[int, int]
    units: tuple[int, int]
    log: bool = True

    def __post_init__(self) -> None:
        layers: Any = self.layers
        paired = isinstance(layers, Iterable)
        object.__setattr__(
            self, "layers", _pair("layers", layers, 0, "1, 3") if paired else whole("Sizes", "layers", layers)
        )
        object.__setattr__(self, "units", _pair("units", self.units, 1, "16, 128"))
        if not isinstance(self.log, bool):
            raise TypeError(f"log={self.log!r} of Sizes is not a bool; use log=False to draw all sizes equally often")
        fewest, most = self._depths
        if most < 1:
            raise ValueError(f"layers={self.layers!r} of Sizes leaves no layer to size; give at least 1, or (1, 3)")
        if fewest == most and self.units[0] == self.units[1]:
            sizes = (self.units[0],) * most
            raise ValueError(f"{self!r} leaves nothing to vary; to hold the sizes fixed, give the plain value {sizes}")

    @property
    def _depths(self) -> tuple[int, int]:
        """The least and the most layers."""
        return (self.layers, self.layers) if isinstance(self.layers, int) else self.layers

    @property
    def _depth_varies(self) -> bool:
        fewest, most = self._depths
        return fewest < most

    @property
    def dimensions(self) -> int:
        return self._depth_varies + self._depths[1]

    def _value(self, point: Point) -> tuple[int, ...]:
        fewest, most = self._depths
        depth = nearest(float(point[0]), fewest, most, log=False)
        shares = point[self._depth_varies :][:depth]
        return tuple(nearest(float(share), *self.units, log=self.log) for share in shares)

    def _coordinates(self, value: Any) -> Sequence[float]:
        sizes = self._sizes(value)
        fewest, most = self._depths
        depth = [middle(len(sizes), fewest, most, log=False)] if self._depth_varies else []
        places = [middle(size, *self.units, log=self.log) for size in sizes]
        return depth + places + [0.5] * (most - len(sizes))

    def uses(self, value: Any) -> tuple[bool, ...]:
        depth = len(self._sizes(value))
        return (True,) * (self._depth_varies + depth) + (False,) * (self._depths[1] - depth)

    def _sizes(self, value: Any) -> tuple[int, ...]:
        """Return a value as a tuple of ints, or raise unless the scale holds it. A list will do: JSON makes one."""
        if not isinstance(value, tuple | list) or not all(
            isinstance(size, Integral) and not isinstance(size, bool) for size in value
        ):
            raise TypeError(f"{value!r} is not a tuple of ints, and so not in {self!r}")
        fewest, most = self._depths
        least, largest = self.units
        if not fewest <= len(value) <= most or not all(least <= size <= largest for size in value):
            raise self._outside(value)
        return tuple(int(size) for size in value)

    def count(self) -> int:
        fewest, most = self._depths
        n_units = self.units[1] - self.units[0] + 1
        return sum(n_units**depth for depth in range(fewest, most + 1))

    def all_values(self) -> Iterator[tuple[int, ...]]:
        fewest, most = self._depths
        sizes = range(self.units[0], self.units[1] + 1)
        for depth in range(fewest, most + 1):
            yield from itertools.product(sizes, repeat=depth)

    def key(self, value: Any) -> tuple[int, ...]:
        return self._sizes(value)

    def suggest(self, trial: Any, name: str) -> tuple[int, ...]:
        fewest, most = self._depths
        depth = int(trial.suggest_int(f"{name}[layers]", fewest, most)) if self._depth_varies else most
        return tuple(int(trial.suggest_int(f"{name}[{i}]", *self.units, log=self.log)) for i in range(depth))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        sizes = self._sizes(value)
        depth = {f"{name}[layers]": len(sizes)} if self._depth_varies else {}
        return depth | {f"{name}[{i}]": size for i, size in enumerate(sizes)}


def _pair(parameter: str, value: object, smallest: int, usual: str) -> tuple[int, int]:
    """Return the least and the most as a tuple, or raise unless they are that."""
    numbers = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else ()
    if len(numbers) != 2:
        raise TypeError(f"{parameter}={value!r} of Sizes is not (least, most); give two ints, such as ({usual})")
    least, most = (whole("Sizes", parameter, number) for number in numbers)
    if least < smallest:
        raise ValueError(f"{parameter}=({least}, {most}) of Sizes begins below {smallest}; ({usual}) is usual")
    if least > most:
        raise ValueError(f"{parameter}=({least}, {most}) of Sizes has its least above its most; swap them")
    return least, most
