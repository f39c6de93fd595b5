"""Level and spread of windows: what the network of a forecast reads and learns of them, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netlet.sequences.grid import Grid
from netlet.sequences.naive import naive
from netlet.sequences.phases import phase_features
from netlet.sequences.series import Series
from netlet.sequences.windows import Windows

_MOST_RATIO = 30.0  # of the usual spread to a window's
_LEAST_SPREAD = 1e-3  # of a window, as a share of its level


@dataclass(frozen=True, eq=False)
class Levels:
    """What windows are shifted and divided by.

    Parameters
    ----------
    season : int or None
        That of the naive forecast; None: the last value.
    known_mean, known_scale : float64, (n_known,)
        Of the columns that are known ahead.
    usual_spread : float
        The median of the training's windows.
    """

    season: int | None
    known_mean: np.ndarray
    known_scale: np.ndarray
    usual_spread: float

    @classmethod
    def of(cls, cut: Windows, season: int | None) -> Levels:
        """Find the scales of the windows to learn from."""
        known = cut.known.reshape(cut.known.shape[0] * cut.known.shape[1], cut.known.shape[2])
        scale = known.std(axis=0)
        usual = float(np.median(level_and_spread(cut.past, season)[1]))
        return cls(season, known.mean(axis=0), np.where(scale > 0, scale, 1.0), usual)

    def inputs(self, series: Sequence[Series], cut: Windows, grid: Grid, phases: tuple[str, ...]) -> np.ndarray:
        """Return what the network reads of windows of the series: float32, (n, n_inputs), the past first."""
        level, spread = level_and_spread(cut.past, self.season)
        first = np.array([each.first for each in series])[cut.series] + cut.origin
        parts = [(cut.past - level) / spread, phase_features(grid, first, phases)]
        if self.known_mean.size:
            # What the naive forecast repeats was measured under what was known then; the difference explains how far
            # the truth is off, in the series' unit: so it is divided by the spread, as the target is.
            horizon, period = cut.known.shape[1], self.season or 1
            steps = cut.origin[:, None] - period + np.arange(horizon) % period
            then = np.stack([series[own].known[at] for own, at in zip(cut.series, steps, strict=True)])
            ratio = np.minimum(self.usual_spread / spread, _MOST_RATIO)[:, :, None]
            width = horizon * cut.known.shape[2]
            parts += [((cut.known - self.known_mean) / self.known_scale).reshape(len(cut), width)]
            parts += [((cut.known - then) / self.known_scale * ratio).reshape(len(cut), width)]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def targets(self, cut: Windows) -> np.ndarray:
        """Return by how much the naive forecast is off, in spreads: float32, (n, horizon)."""
        _, spread = level_and_spread(cut.past, self.season)
        off: np.ndarray = (cut.ahead - naive(cut.past, cut.ahead.shape[1], self.season)) / spread
        return off.astype(np.float32)

    def values(self, past: np.ndarray, off: np.ndarray) -> np.ndarray:
        """Return, in the series' own unit, what is off by so much as `targets` has it: (n, horizon, n_quantiles)."""
        _, spread = level_and_spread(past, self.season)
        values: np.ndarray = naive(past, off.shape[1], self.season)[:, :, None] + off * spread[:, :, None]
        return values


def level_and_spread(past: np.ndarray, season: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over a window's last season, or its last value, and its standard deviation: two (n, 1)."""
    level = past[:, -(season or 1) :].mean(axis=1, keepdims=True)
    spread = past.std(axis=1, keepdims=True)
    least = _LEAST_SPREAD * np.abs(level)
    return level, np.maximum(spread, np.where(least > 0, least, 1.0))
