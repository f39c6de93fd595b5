"""What a column of numbers or of categories becomes, by numbers and texts that are plain JSON.

A number v of a column (a date is split into parts, each a number), after Holzmueller, Grinsztajn and Steinwart, "Better
by default", 2024 (arXiv 2407.04491):

    t = factor (v - median)            0 where v is missing
    input = t / sqrt(1 + (t / 3)^2)    a smooth clip: about t near 0, never beyond 3
    missing = 1 or 0                   one more input, where the column had missing values when fitted

with factor = 1 / (q75 - q25). Where the quartiles are equal, as in a column that is mostly 0, v's place among the
different values of the column, 0, 1, 2, ..., stands for v (between two, as far along as v is), and

    factor = 1 / median |v - median| over the values that are not the median, or 0 where all are

The published one there, 2 / (max - min) of the numbers themselves, makes nearly all of them 0 where few are very large.

With the encoding "quantile" it is instead

    t = the normal quantile of v's level: the share of numbers below it, and half of those equal to it
    input = t / sqrt(1 + (t / 3)^2)

The level is interpolated between at most 200 knots, the quantiles at evenly spaced levels from 0 to 1. That is
scikit-learn's QuantileTransformer(output_distribution="normal") and the smooth clip, but for the least and the greatest
number where many are equal to it: there they are -5.2 and 5.2, here in the middle of their ties, as all others are.

A category of two values is one input, -1 or 1; of three to nine, one input of 0 or 1 each; of more, a number that an
embedding reads. A missing or unknown value is 0 in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from netlet.data.columns import Kind
from netlet.data.kinds import Part

MOST_ONE_HOT = 9
LEAST_LEVEL = 1e-7  # where a level becomes a normal number: none is beyond 5.2, as in scikit-learn
CLIP = 3.0


@dataclass(frozen=True)
class Number:
    """One number of a column, what it is scaled with, and whether a second input tells its absence.

    `knots` are the quantiles at evenly spaced levels from 0 to 1; without them `median` and `factor` say all, of the
    number itself or, where there are `places`, of where it stands among those.
    """

    column: str
    kind: Kind
    part: Part
    median: float
    factor: float
    missing: bool
    knots: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    @property
    def is_bent(self) -> bool:
        """Whether more than the median and the factor is needed."""
        return bool(self.knots or self.places)

    @cached_property
    def _ladder(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What a number is looked up among, and what stands there."""
        if self.knots:
            return np.array(self.knots), np.linspace(0, 1, len(self.knots))
        return np.array(self.places), np.arange(len(self.places), dtype=np.float64)

    def bent(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each number becomes before the clip, where there are knots or places; NaN stays NaN."""
        if self.knots:
            return _normal(values, *self._ladder)
        with np.errstate(over="ignore"):
            scaled: NDArray[np.float64] = (np.interp(values, *self._ladder) - self.median) * self.factor
        return scaled


@dataclass(frozen=True)
class Category:
    """The values of a column, in order."""

    column: str
    kind: Kind
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """The inputs that it takes."""
        return len(self.values) if 2 < len(self.values) <= MOST_ONE_HOT else 1

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each value, from 1."""
        return {value: place for place, value in enumerate(self.values, start=1)}

    @property
    def is_embedded(self) -> bool:
        """Whether its input is the number of its value: 0 for an unknown one, else from 1."""
        return len(self.values) > MOST_ONE_HOT


def clipped(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers smoothly clipped to -3 to 3."""
    finite = np.clip(t, -1e100, 1e100)  # the square of what is larger is not a number of this type
    smooth: NDArray[np.float64] = finite / np.sqrt(1 + (finite / CLIP) ** 2)
    return smooth


def _normal(
    values: NDArray[np.float64], knots: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the normal quantiles of the levels at which numbers stand among the knots, in the middle of ties."""
    lowest = -np.interp(-values, -knots[::-1], -levels[::-1])
    level = (np.interp(values, knots, levels) + lowest) / 2
    normal: NDArray[np.float64] = ndtri(np.clip(level, LEAST_LEVEL, 1 - LEAST_LEVEL))
    return normal
