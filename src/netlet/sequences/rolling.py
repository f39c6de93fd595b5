"""A test at the end of the series: forecasts from one origin after the other, beside the naive ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet.sequences.forecast import middle_of


@dataclass(frozen=True)
class RollingTest:
    """Forecasts whose whole horizon lies in the steps that were held back, in the order of their origins.

    Attributes
    ----------
    truth : float64, (n, horizon)
    values : float64, (n, horizon, n_quantiles)
    last, seasonal : float64, (n, horizon)
        The last value repeated, and the last season; `seasonal` is None where there is no season.
    origin : int64, (n,)
        The row of the first step ahead in its series.
    series : int64, (n,)
    quantiles : tuple of float
    season : int or None
        That of `seasonal`: of the seasons, the one that was best in training.
    """

    truth: np.ndarray
    values: np.ndarray
    last: np.ndarray
    seasonal: np.ndarray | None
    origin: np.ndarray
    series: np.ndarray
    quantiles: tuple[float, ...]
    season: int | None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def median(self) -> np.ndarray:
        """The forecast of the middle: (n, horizon)."""
        middle: np.ndarray = self.values[:, :, middle_of(self.quantiles)]
        return middle

    def errors(self) -> dict[str, dict[str, float]]:
        """Return "mae" and "rmse" of this model, of "seasonal naive" (if there is a season) and of "last value"."""
        beside = {} if self.seasonal is None else {"seasonal naive": self.seasonal}
        return {
            name: {"mae": float(np.abs(off).mean()), "rmse": float(np.sqrt(np.square(off).mean()))}
            for name, values in ({"this model": self.median} | beside | {"last value": self.last}).items()
            for off in [values - self.truth]
        }

    def coverage(self) -> float:
        """Return the share of the truth from the lowest to the highest quantile; `nominal` is what it should be."""
        inside = (self.truth >= self.values[:, :, 0]) & (self.truth <= self.values[:, :, -1])
        return float(inside.mean())

    @property
    def nominal(self) -> float:
        """The share that should lie between the lowest and the highest quantile."""
        return self.quantiles[-1] - self.quantiles[0]
