"""The times of series: where each stands on a grid of equal steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

MICROSECONDS_OF_DAY = 86_400_000_000
_LEAST_OF_MONTH = 28 * MICROSECONDS_OF_DAY
_UNITS = ((7 * MICROSECONDS_OF_DAY, "weeks"), (MICROSECONDS_OF_DAY, "days"), (3_600_000_000, "hours"),
          (60_000_000, "minutes"), (1_000_000, "seconds"), (1, "microseconds"))  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Places 0, 1, 2 ... and the times that stand there.

    Parameters
    ----------
    kind : {"rows", "numbers", "time", "months"}
        What a time is: the number of a row, a number, or a date, a step being so many microseconds or calendar months.
    origin : float
        The time at place 0: a number, microseconds since 1970, or months since 1970.
    step : float
    rest : int
        Of months: microseconds from the month's beginning to the time within it, or -1 for the month's last day.
    """

    kind: Literal["rows", "numbers", "time", "months"]
    origin: float = 0
    step: float = 1
    rest: int = 0

    def times(self, places: np.ndarray) -> np.ndarray:
        """Return the times at places: int64, float64 or datetime64."""
        if self.kind == "rows":
            return places
        if self.kind == "numbers":
            numbers: np.ndarray = self.origin + places * self.step
            return numbers
        at = int(self.origin) + places * int(self.step)
        if self.kind == "time":
            return at.astype("datetime64[us]")
        if self.rest < 0:
            return (at + 1).astype("datetime64[M]").astype("datetime64[D]") - np.timedelta64(1, "D")
        moments: np.ndarray = at.astype("datetime64[M]").astype("datetime64[us]") + np.timedelta64(self.rest, "us")
        return moments

    def step_in_words(self) -> str:
        """Return how far apart places are, such as "1 hours"."""
        if self.kind == "rows":
            return "1 row"
        if self.kind == "numbers":
            return f"{self.step:g}"
        if self.kind == "months":
            return "1 month" if self.step == 1 else f"{self.step:g} months"
        size, name = next(pair for pair in _UNITS if int(self.step) % pair[0] == 0)
        count = int(self.step) // size
        return f"1 {name[:-1]}" if count == 1 else f"{count} {name}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values that `Grid(**values)` takes."""
        return {"kind": self.kind, "origin": self.origin, "step": self.step, "rest": self.rest}


def time_in_words(time: np.generic) -> str:
    """Return a time as a message says it: a day without its midnight, a moment without idle fractions."""
    if not isinstance(time, np.datetime64):
        return str(time)
    return str(time).removesuffix(".000000").removesuffix("T00:00:00").replace("T", " ")


def times_of(column: Any, name: str) -> np.ndarray:
    """Return times as float64 or as datetime64[us]: (n,).

    Raises
    ------
    ValueError
        If they are neither numbers nor dates, or one is missing.
    """
    values = np.asarray(column)
    if values.dtype.kind in "iuf":
        numbers: np.ndarray = values.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError(
                f"the time {name!r} is missing in row {int(np.argmin(np.isfinite(numbers)))}; leave it out"
            )
        return numbers
    try:
        if values.dtype.kind in "OU" and len(values) and isinstance(values[0], str):
            values = np.array([each.strip() for each in values.tolist()])
        moments: np.ndarray = values.astype("datetime64[us]")
    except (TypeError, ValueError, AttributeError):
        raise ValueError(
            f"the times {name!r} are neither numbers nor dates (of the form 2024-05-31 or 2024-05-31T14:00); "
            "convert them first"
        ) from None
    if np.isnat(moments).any():
        raise ValueError(f"the time {name!r} is missing in row {int(np.argmax(np.isnat(moments)))}; leave it out")
    return moments


def grid_of(series: Sequence[np.ndarray], name: str) -> tuple[Grid, list[np.ndarray]]:
    """Find the grid of sorted times without duplicates, and their places on it.

    Parameters
    ----------
    series : sequence of arrays of one dtype
        The times of each series. Their commonest distance is the step.
    name : str
        Of the column, for messages.

    Returns
    -------
    grid : Grid
    places : list of int64 arrays

    Raises
    ------
    ValueError
        If a time does not lie on the grid.
    """
    if series[0].dtype.kind == "M":
        months = _months(series)
        if months is not None:
            return months
        kind, numbers = "time", [times.astype(np.int64) for times in series]
    else:
        kind, numbers = "numbers", list(series)
    origin = min(times[0] for times in numbers)
    gaps = np.concatenate([np.diff(times) for times in numbers])
    distances, counts = np.unique(gaps, return_counts=True)
    step = distances[counts.argmax()] if len(gaps) else 1
    places = []
    for times, original in zip(numbers, series, strict=True):
        exact = (times - origin) / step
        own = np.round(exact)
        off = np.abs(exact - own) > 1e-6
        if off.any():
            at = int(np.argmax(off))
            grid = Grid("time" if kind == "time" else "numbers", float(origin), float(step))
            raise ValueError(
                f"{name!r} has the time {original[at]}, which is not a multiple of the usual step "
                f"({grid.step_in_words()}) away from the first; bring the series to equal steps first, by means over "
                "hours or days"
            )
        places.append(own.astype(np.int64))
    plain = (int(origin), int(step)) if kind == "time" else (float(origin), float(step))
    return Grid("time" if kind == "time" else "numbers", *plain), places


def _months(series: Sequence[np.ndarray]) -> tuple[Grid, list[np.ndarray]] | None:
    """Return the grid where all times are the same day of a month, or its last one; else None."""
    times = np.concatenate(series)
    gaps = np.concatenate([np.diff(each.astype(np.int64)) for each in series])
    if not len(gaps) or gaps.min() < _LEAST_OF_MONTH:
        return None
    rests = np.unique((times - times.astype("datetime64[M]").astype("datetime64[us]")).astype(np.int64))
    ends = ((times + np.timedelta64(1, "D")).astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
            == (times + np.timedelta64(1, "D")).astype("datetime64[us]"))  # fmt: skip
    if len(rests) > 1 and not ends.all():
        return None
    numbers = [each.astype("datetime64[M]").astype(np.int64) for each in series]
    origin = int(min(each[0] for each in numbers))
    step = int(np.gcd.reduce(np.concatenate([np.diff(each) for each in numbers])))
    rest = -1 if ends.all() else int(rests[0])
    return Grid("months", origin, step, rest), [(each - origin) // step for each in numbers]
