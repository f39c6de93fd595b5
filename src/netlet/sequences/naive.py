"""The forecasts that any other has to beat: the last value, and the value a season before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def naive(past: np.ndarray, horizon: int, season: int | None) -> np.ndarray:
    """Repeat the last value, or the last season.

    Parameters
    ----------
    past : array, (n, n_lags)
        The oldest first; at least a season.
    horizon : int
    season : int, optional
        None: the last value.

    Returns
    -------
    array, (n, horizon)
    """
    period = season or 1
    repeated: np.ndarray = past[:, past.shape[1] - period + np.arange(horizon) % period]
    return repeated


def best_season(past: np.ndarray, ahead: np.ndarray, seasons: Sequence[int]) -> int | None:
    """Return the season whose repetition comes nearest to the truth by mean absolute error; None: the last value."""
    choices = [None, *seasons]
    errors = [float(np.abs(naive(past, ahead.shape[1], each) - ahead).mean()) for each in choices]
    return choices[int(np.argmin(errors))]
