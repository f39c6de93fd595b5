"""Reading series from a table: sorted by time, on a grid of equal steps, gaps filled by a stated rule or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.sequences.grid import Grid, grid_of, time_in_words, times_of

GAPS = ("error", "last", "zero")


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes
    ----------
    name : str
        "" where there is but one.
    values : float64, (n,)
        Without gaps.
    known : float64, (n + m, n_known)
        Columns that are known ahead, for the values and for m steps after them.
    first : int
        The place of the first value on the grid.
    """

    name: str
    values: np.ndarray
    known: np.ndarray
    first: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def until(self, n: int) -> Series:
        """Return the first n values, with what is known of all."""
        return Series(self.name, self.values[:n], self.known, self.first)


@dataclass(frozen=True)
class SeriesSet:
    """All series of a table, on one grid, with what a reader should know of how they were read."""

    series: tuple[Series, ...]
    grid: Grid
    notes: tuple[str, ...] = field(default=())


def read_series(
    table: Any,
    *,
    time: str | None = None,
    target: str | None = None,
    series: str | None = None,
    known: Sequence[str] = (),
    gaps: str = "error",
) -> SeriesSet:
    """Read series.

    Parameters
    ----------
    table : array (n,) or (n, n_series), or table with named columns (polars, pandas, dict of arrays)
    time : str, optional
        The column of times: numbers or dates. Default: rows are in order, at equal steps. Rows that are out of order
        are sorted, and a note says so; two rows of one time are an error.
    target : str
        The column of values; not for an array.
    series : str, optional
        The column that names the series of each row.
    known : sequence of str
        Columns that are known ahead. Rows at the end that have no target hold those of the steps to come.
    gaps : {"error", "last", "zero"}
        What stands where a time of the grid has no row, or a row no target: nothing may be missing, the value before
        it, or 0. What is known is then that of the row before. Missing targets at the beginning are left out.

    Returns
    -------
    SeriesSet

    Raises
    ------
    ValueError, TypeError
        If it is something else; the message names the column, and the time.
    """
    if gaps not in GAPS:
        raise ValueError(unknown_name("gaps", gaps, GAPS))
    if getattr(table, "columns", None) is None and not isinstance(table, dict):
        return _of_array(table, time, target, series, known, gaps)
    if target is None:
        raise ValueError("target=None: name the column of the table to forecast")
    known = [known] if isinstance(known, str) else list(known)
    values = _numbers(_column(table, target, "target"), target)
    n = len(values)
    if not n:
        raise ValueError("the table has no rows; a series needs some")
    extra = np.zeros((n, len(known)))
    for place, name in enumerate(known):
        extra[:, place] = _numbers(_column(table, name, "known"), name)
        if not np.isfinite(extra[:, place]).all():
            row = int(np.argmin(np.isfinite(extra[:, place])))
            raise ValueError(f"the known column {name!r} is missing in row {row}; fill it, or leave the column out")
    names, rows_of = _groups(table, series, n)
    if time is None:
        order, grid, places = rows_of, Grid("rows"), [np.arange(len(rows)) for rows in rows_of]
        notes: list[str] = []
    else:
        order, grid, places, notes = _placed(times_of(_column(table, time, "time"), time), time, names, rows_of)
    found = [
        _series(name, values[rows], extra[rows], own, gaps, grid, target, notes)
        for name, rows, own in zip(names, order, places, strict=True)
    ]
    return SeriesSet(tuple(found), grid, tuple(dict.fromkeys(notes)))


def _of_array(
    values: Any, time: str | None, target: str | None, series: str | None, known: Sequence[str], gaps: str
) -> SeriesSet:
    named = {"time": time, "target": target, "series": series, "known": known or None}
    for option, value in named.items():
        if value is not None:
            raise ValueError(f"{option}={value!r} names a column, but an array has none; give a table, such as a dict")
    numbers = _numbers(values, "values")
    if numbers.ndim not in (1, 2):
        raise ValueError(f"the array has {numbers.ndim} axes; give (n,) for one series or (n, n_series) for several")
    if not numbers.size:
        raise ValueError("the array has no values; a series needs some")
    notes: list[str] = []
    columns = [numbers] if numbers.ndim == 1 else list(numbers.T)
    places, grid = np.arange(len(numbers)), Grid("rows")
    found = [
        _series(
            "" if numbers.ndim == 1 else str(at), each, np.zeros((len(each), 0)), places, gaps, grid, "values", notes
        )
        for at, each in enumerate(columns)
    ]
    return SeriesSet(tuple(found), grid, tuple(dict.fromkeys(notes)))


def _column(table: Any, name: str, option: str) -> Any:
    columns = [str(each) for each in (table if isinstance(table, dict) else table.columns)]
    if name not in columns:
        raise ValueError(unknown_name(option, name, columns, "the columns of the table"))
    return table[name]


def _numbers(column: Any, name: str) -> np.ndarray:
    try:
        values: np.ndarray = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name!r} holds something that is no number; give numbers, and nothing for a gap") from None
    if np.isinf(values).any():
        raise ValueError(f"{name!r} holds an infinite number; mend or leave out that row")
    return values


def _groups(table: Any, series: str | None, n: int) -> tuple[list[str], list[np.ndarray]]:
    if series is None:
        return [""], [np.arange(n)]
    names, codes = np.unique(np.asarray(_column(table, series, "series")).astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    return names.tolist(), np.split(order, np.cumsum(np.bincount(codes))[:-1])


def _placed(
    times: np.ndarray, time: str, names: list[str], rows_of: list[np.ndarray]
) -> tuple[list[np.ndarray], Grid, list[np.ndarray], list[str]]:
    """Sort the rows of each series by time, and find their places."""
    notes, ordered = [], []
    for name, rows in zip(names, rows_of, strict=True):
        own = times[rows]
        rank = np.argsort(own, kind="stable")
        if (rank != np.arange(len(rank))).any():
            notes.append("Rows were not in the order of time: sorted.")
        own = own[rank]
        twice = np.flatnonzero(own[1:] == own[:-1])
        if len(twice):
            where = f" of the series {name!r}" if name else ""
            hint = "" if name else ", or name the column that tells several series apart (series=)"
            raise ValueError(
                f"{time!r} has the time {time_in_words(own[twice[0]])} twice{where}; leave one row of each time{hint}"
            )
        ordered.append(rows[rank])
    grid, places = grid_of([times[rows] for rows in ordered], time)
    return ordered, grid, places, notes


def _series(
    name: str, values: np.ndarray, known: np.ndarray, places: np.ndarray, gaps: str, grid: Grid, target: str,
    notes: list[str],
) -> Series:  # fmt: skip
    """Lay the rows of a series out on the grid."""
    whose = f" of the series {name!r}" if name else ""
    present = np.flatnonzero(np.isfinite(values))
    if not len(present):
        raise ValueError(f"{target!r}{whose} has no value; leave the series out")
    first, last = int(present[0]), int(present[-1])
    if first:
        notes.append(f"{target}{whose}: {first} rows before the first value are left out.")
    places, values, known = places[first:], values[first:], known[first:]
    size, n = int(places[-1] - places[0]) + 1, int(places[last - first] - places[0]) + 1
    row_at = np.full(size, -1)
    row_at[places - places[0]] = np.arange(len(places))
    missing = row_at < 0
    row_at = np.maximum.accumulate(row_at)
    laid = np.where(missing, np.nan, values[row_at])[:n]
    empty = ~np.isfinite(laid)
    ahead_missing = missing[n:]
    if known.shape[1] and ahead_missing.any():
        at = time_in_words(grid.times(places[0] + n + np.array([int(np.argmax(ahead_missing))]))[0])
        raise ValueError(
            f"the rows that hold known columns{whose} end at a gap, {at}; give a row for each step to come"
        )
    if empty.any():
        count, at = int(empty.sum()), time_in_words(grid.times(places[0] + np.array([int(np.argmax(empty))]))[0])
        if gaps == "error":
            raise ValueError(
                f"{target!r}{whose} has {'no value' if count == 1 else f'{count} gaps, the first'} at {at} (the step "
                f"is {grid.step_in_words()}); fill it, or use gaps='last' (the value before) or gaps='zero'"
            )
        filled = "the value before" if gaps == "last" else "0"
        notes.append(f"{target}{whose}: {count} missing {'value' if count == 1 else 'values'} filled with {filled}.")
        if gaps == "zero":
            laid = np.where(empty, 0.0, laid)
        else:
            laid = laid[np.maximum.accumulate(np.where(empty, 0, np.arange(n)))]
    return Series(name, laid, known[row_at] if known.shape[1] else np.zeros((size, 0)), int(places[0]))
