"""What the calendar says of a moment: the time of the day, the day of the week, the time of the year."""

from __future__ import annotations

import numpy as np

from netlet.sequences.grid import MICROSECONDS_OF_DAY, Grid

_YEAR = 365.2425 * MICROSECONDS_OF_DAY
_CYCLES = 2  # years that series must span before the time of the year is read
_FIRST_MONDAY = 4  # 1970-01-05, in days


def phases_of(grid: Grid, span: int) -> tuple[str, ...]:
    """Return which phases say something of series with so many steps: some of "day", "week" and "year".

    Parameters
    ----------
    grid : Grid
    span : int
        Steps from the first value to the last.
    """
    if grid.kind == "months":
        return ("year",) if span * grid.step >= 12 * _CYCLES and grid.step < 12 else ()
    if grid.kind != "time":
        return ()
    found = ["day"] if grid.step < MICROSECONDS_OF_DAY else []
    if grid.step <= MICROSECONDS_OF_DAY:
        found.append("week")
    if span * grid.step >= _CYCLES * _YEAR and grid.step < _YEAR / 3:
        found.append("year")
    return tuple(found)


def phase_features(grid: Grid, places: np.ndarray, phases: tuple[str, ...]) -> np.ndarray:
    """Return the phases of places as numbers from -1 to 1: float64, (n, n_features).

    The day and the year are waves, of one and of two cycles; a day of the week is 1 among seven.
    """
    columns = [np.zeros((len(places), 0))]
    if not phases:
        return columns[0]
    moments = grid.times(places).astype("datetime64[us]").astype(np.int64)
    if "day" in phases:
        columns.append(_waves(moments % MICROSECONDS_OF_DAY / MICROSECONDS_OF_DAY))
    if "week" in phases:
        columns.append(np.eye(7)[(moments // MICROSECONDS_OF_DAY - _FIRST_MONDAY) % 7])
    if "year" in phases:
        columns.append(_waves(moments / _YEAR))
    return np.concatenate(columns, axis=1)


def _waves(turns: np.ndarray) -> np.ndarray:
    angles = 2 * np.pi * turns[:, None] * np.array([1, 2])
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
