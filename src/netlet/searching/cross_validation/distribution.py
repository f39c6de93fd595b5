"""A scale from a distribution of SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.scales.base import Point, Scale

_LEAST = 2.0**-53  # the quantile at 0 may be infinite


@dataclass(frozen=True)
class Distribution(Scale):
    """A frozen distribution, such as ``scipy.stats.loguniform(1e-4, 1e-1)``: the point is the quantile's level."""

    distribution: Any

    def _value(self, point: Point) -> Any:
        return np.asarray(self.distribution.ppf(min(max(float(point[0]), _LEAST), 1 - _LEAST))).item()

    def _coordinates(self, value: Any) -> Sequence[float]:
        return (float(self.distribution.cdf(value)),)

    def own(self, value: Any) -> Any:
        return value

    def suggest(self, trial: Any, name: str) -> Any:
        return self.value_at(trial.suggest_float(name, 0.0, 1.0))

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {name: float(self.point_of(value)[0])}


@dataclass(frozen=True)
class WholeDistribution(Distribution):
    """The same of whole numbers, such as ``scipy.stats.randint(1, 9)``."""

    def _value(self, point: Point) -> int:
        return int(super()._value(point))
