"""Windows of series: what was seen up to a moment, and what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.sequences.series import Series, read_series


@dataclass(frozen=True)
class Windows:
    """Windows, series by series in the order of time.

    Attributes
    ----------
    past : float64, (n_windows, n_lags)
        The values at the lags, the oldest first: only such as lie before the window's origin.
    ahead : float64, (n_windows, horizon)
        The values from the origin on.
    known : float64, (n_windows, horizon, n_known)
        The columns that are known ahead, from the origin on.
    origin : int64, (n_windows,)
        The first step ahead: its row in its series.
    series : int64, (n_windows,)
        The number of the series, in the order of `names`.
    names : tuple of str
    notes : tuple of str
        How the series were read, where it is worth knowing.
    """

    past: np.ndarray
    ahead: np.ndarray
    known: np.ndarray
    origin: np.ndarray
    series: np.ndarray
    names: tuple[str, ...] = ("",)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.origin)


def windows(
    table: Any,
    lags: int | Sequence[int],
    horizon: int,
    *,
    time: str | None = None,
    target: str | None = None,
    series: str | None = None,
    known: Sequence[str] = (),
    gaps: str = "error",
    stride: int = 1,
) -> Windows:
    """Cut series into windows of lags and of steps ahead. No window sees what comes after its origin.

    Parameters
    ----------
    table : array (n,) or (n, n_series), or table with named columns (polars, pandas, dict of arrays)
    lags : int or sequence of int, >= 1
        How many values before the origin, or which: 1 is the last one before it, 24 that a day before in hours.
    horizon : int, >= 1
        Steps ahead.
    time, target, series, known, gaps
        As of `Forecaster.fit`.
    stride : int, >= 1, default 1
        Steps from one origin to the next.

    Returns
    -------
    Windows
        Series that are too short for one give none.

    Raises
    ------
    ValueError, TypeError
        If the table cannot be read so, or no series is long enough.

    Examples
    --------
    >>> from netlet.sequences import windows
    >>> found = windows([10, 11, 12, 13, 14], lags=2, horizon=2)
    >>> found.past.tolist(), found.ahead.tolist()
    ([[10.0, 11.0], [11.0, 12.0]], [[12.0, 13.0], [13.0, 14.0]])
    """
    places = lags_of(lags)
    check_number("horizon", horizon, int, 1)
    check_number("stride", stride, int, 1)
    found = read_series(table, time=time, target=target, series=series, known=known, gaps=gaps)
    cut = windows_of(found.series, places, horizon, stride=stride)
    if not len(cut):
        longest = max(len(each) for each in found.series)
        raise ValueError(
            f"the longest series has {longest} values, and a window takes {places.max()} lags and {horizon} steps "
            "ahead; use fewer lags or a shorter horizon"
        )
    return Windows(
        cut.past, cut.ahead, cut.known, cut.origin, cut.series, tuple(each.name for each in found.series), found.notes
    )


def lags_of(lags: int | Sequence[int]) -> np.ndarray:
    """Check lags: int64, the greatest first, each once."""
    if isinstance(lags, (Sequence, np.ndarray)):
        if not len(lags):
            raise ValueError("lags is empty; give at least one, such as 1, the value before")
        for lag in lags:
            check_number("lags", lag, int, 1)
        return np.unique(np.array(lags, dtype=np.int64))[::-1]
    check_number("lags", lags, int, 1)
    return np.arange(int(lags), 0, -1)


def windows_of(series: Sequence[Series], lags: np.ndarray, horizon: int, *, stride: int = 1) -> Windows:
    """Cut series that are read already; see `windows`."""
    origins = [np.arange(lags.max(), len(each) - horizon + 1, stride) for each in series]
    ahead = np.arange(horizon)
    parts = list(zip(series, origins, strict=True))
    return Windows(
        np.concatenate([each.values[origin[:, None] - lags] for each, origin in parts]),
        np.concatenate([each.values[origin[:, None] + ahead] for each, origin in parts]),
        np.concatenate([each.known[origin[:, None] + ahead] for each, origin in parts]),
        np.concatenate(origins),
        np.repeat(np.arange(len(series)), [len(origin) for origin in origins]),
    )
