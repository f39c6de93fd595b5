"""A forecast: quantiles of each step ahead, of each series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Forecast:
    """What `Forecaster.predict` returns.

    Attributes
    ----------
    values : float64, (n_series, steps, n_quantiles)
        Ascending along the last axis.
    quantiles : tuple of float
    times : tuple of arrays, (steps,), one for each series
        datetime64, numbers, or row numbers, as the series had.
    names : tuple of str
        Of the series; ("",) where there is one without a name.
    """

    values: np.ndarray
    quantiles: tuple[float, ...]
    times: tuple[np.ndarray, ...]
    names: tuple[str, ...] = ("",)

    @property
    def median(self) -> np.ndarray:
        """The quantile nearest to one half: (n_series, steps)."""
        middle: np.ndarray = self.values[:, :, middle_of(self.quantiles)]
        return middle

    def columns(self, time: str = "time", series: str = "series") -> dict[str, np.ndarray]:
        """Return the forecast as columns of a table, a row for each step of each series.

        Parameters
        ----------
        time, series : str
            What the first columns are called. There is no column of series where there is one without a name.
        """
        steps = self.values.shape[1]
        named = {} if self.names == ("",) else {series: np.repeat(np.array(self.names), steps)}
        flat = self.values.reshape(-1, len(self.quantiles))
        quantiles = {quantile_name(each): flat[:, place] for place, each in enumerate(self.quantiles)}
        return named | {time: np.concatenate(self.times)} | quantiles


def middle_of(quantiles: tuple[float, ...]) -> int:
    """Return the place of the quantile nearest to one half."""
    return int(np.argmin(np.abs(np.array(quantiles) - 0.5)))


def quantile_name(quantile: float) -> str:
    """Return what a column of a quantile is called: "q10", "q2.5"."""
    return f"q{100 * quantile:.6g}"
