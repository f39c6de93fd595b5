"""After how many steps a series repeats itself: from the calendar, or from what it is alike to itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.sequences.grid import MICROSECONDS_OF_DAY, Grid

MOST_STEPS = 400
_LEAST_CORRELATION = 0.3
_CYCLES = 2  # of a season that a series must hold to be read with it


def seasons_of(grid: Grid, series: Sequence[np.ndarray], horizon: int) -> tuple[int, ...]:
    """Return the seasons in steps, the shortest first; none if nothing repeats.

    Those of the calendar are the day and the week, the year of weeks, of months and of quarters, up to 400 steps; they
    are trusted if the longest series holds two of them beside the horizon. Where the times are no dates, or the
    calendar has none for the step, the autocorrelation of the longest series tells.

    Parameters
    ----------
    grid : Grid
    series : sequence of float64 arrays
        What may be learnt from.
    horizon : int
    """
    longest = max(series, key=len)
    room = len(longest) - horizon
    found = [each for each in _of_calendar(grid) if 2 <= each <= MOST_STEPS]
    if not found:
        own = season_by_autocorrelation(longest, min(MOST_STEPS, room // _CYCLES))
        return () if own is None else (own,)
    return tuple(each for each in found if _CYCLES * each <= room)


def _of_calendar(grid: Grid) -> list[int]:
    if grid.kind == "months":
        return [12 // int(grid.step)] if 12 % int(grid.step) == 0 else []
    if grid.kind != "time":
        return []
    step = int(grid.step)
    if step == 7 * MICROSECONDS_OF_DAY:
        return [52]
    return [size // step for size in (MICROSECONDS_OF_DAY, 7 * MICROSECONDS_OF_DAY) if size % step == 0]


def season_by_autocorrelation(values: np.ndarray, most: int) -> int | None:
    """Return the lag at which a series is most alike itself: the highest peak above 0.3.

    A trend is taken out first, as a parabola. A peak counts only after the autocorrelation has been negative, and where
    the series' differences are alike, too: a random walk, whose level wanders, has no such lag. Of peaks of nearly the
    same height the first is taken, for what repeats after 12 steps repeats after 24.

    Parameters
    ----------
    values : float64, (n,)
    most : int
        The longest lag.
    """
    size = len(values)
    most = min(most, size - 3)
    if most < 2 or (values == values[0]).all():
        return None
    time = np.linspace(-1, 1, size)
    level = _alike(values - np.polynomial.Polynomial.fit(time, values, 2)(time), most)
    steps = _alike(np.diff(values), most)
    crossed = np.flatnonzero(level < 0)
    lags = np.arange(2, most + 1)
    peaks = lags[(level[2 : most + 1] >= level[1:most]) & (level[2 : most + 1] >= level[3 : most + 2])]
    peaks = peaks[(level[peaks] > _LEAST_CORRELATION) & (steps[peaks] > max(0.1, 2.5 / np.sqrt(size)))]
    peaks = peaks[peaks > crossed[0]] if len(crossed) else peaks[:0]
    if not len(peaks):
        return None
    return int(peaks[level[peaks] >= level[peaks].max() - 0.1][0])


def _alike(values: np.ndarray, most: int) -> np.ndarray:
    """Return the autocorrelation at the lags 0 to most + 1; fewer pairs at longer lags are made up for."""
    off = values - values.mean()
    size, total = len(off), float(np.square(off).sum())
    spectrum = np.fft.rfft(off, 2 * size)
    products = np.fft.irfft(np.square(np.abs(spectrum)), 2 * size)[: most + 2]
    alike: np.ndarray = products / (total or 1.0) * size / (size - np.arange(most + 2))
    return alike
