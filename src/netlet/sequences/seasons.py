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
    """Return the lag at which the differences of a series are most alike themselves: the highest peak above 0.3.

    Differences have no trend. Of peaks of nearly the same height the first is taken, for what repeats after 12 steps
    repeats after 24.

    Parameters
    ----------
    values : float64, (n,)
    most : int
        The longest lag.
    """
    steps = np.diff(values)
    steps = steps - steps.mean() if len(steps) else steps
    size = len(steps)
    most = min(most, size - 2)
    total = float(np.square(steps).sum())
    if most < 2 or total == 0:
        return None
    spectrum = np.fft.rfft(steps, 2 * size)
    alike = np.fft.irfft(np.square(np.abs(spectrum)), 2 * size)[: most + 2] / total
    alike = alike * (size / (size - np.arange(most + 2)))  # fewer pairs are summed at longer lags
    inner = alike[2 : most + 1]
    peaks = np.flatnonzero((inner >= alike[1:most]) & (inner >= alike[3 : most + 2])) + 2
    peaks = peaks[alike[peaks] > _LEAST_CORRELATION]
    if not len(peaks):
        return None
    return int(peaks[alike[peaks] >= alike[peaks].max() - 0.1][0])
