"""A column's values as its kind wants them: float64 numbers or text, whatever type the table gave them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.cells import first_row, misfits, parse_dates, parse_numbers, parse_truth
from netlet.data.columns import Kind, check_finite
from netlet.data.errors import TableError

Part = Literal["value", "days", "month", "weekday", "hour"]
SECONDS_A_DAY = 86_400
MICROSECONDS_A_DAY = SECONDS_A_DAY * 1_000_000
PARSERS = {"number": parse_numbers, "boolean": parse_truth, "date": parse_dates}
PLURALS = {"number": "numbers", "boolean": "true or false", "date": "dates"}


def parts_of(series: pl.Series, kind: Kind) -> tuple[Part, ...]:
    """Say into which numbers a column's values are split: a date into several, another value is one."""
    if kind != "date":
        return ("value",)
    return ("days", "month", "weekday", "hour") if series.dtype == pl.Datetime else ("days", "month", "weekday")


def column_numbers(series: pl.Series, kind: Kind, part: Part = "value") -> NDArray[np.float64]:
    """Give a column's values as numbers.

    Parameters
    ----------
    series : polars.Series
        The column; text is converted if every cell can be.
    kind : "number", "boolean" or "date"
        What the values have to be.
    part : str, default "value"
        For a date: "days" since 1970-01-01 (with the fraction of the day), "month" 1..12, "weekday" 1 (Monday)..7,
        "hour".

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where a value is missing.

    Raises
    ------
    TableError
        If a value is not of the kind, or is infinite.
    """
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    if series.dtype == pl.String:
        series = _parsed(series, kind)
    if not _fits(series, kind):
        raise TableError(
            f"column {series.name!r} holds {series.dtype}, the model was trained with {PLURALS[kind]} there"
        )
    numbers = _date_part(series, part) if kind == "date" else series
    values: NDArray[np.float64] = numbers.cast(pl.Float64).to_numpy()  # NaN where null
    if np.isinf(values).any():
        check_finite(series)
    return values


def column_text(series: pl.Series) -> pl.Series:
    """Give a column's values as text, null where missing.

    Raises
    ------
    TableError
        If they have none, as lists and spans of time.
    """
    try:
        return series if series.dtype == pl.String else series.cast(pl.String)
    except pl.exceptions.PolarsError:
        raise TableError(
            f"column {series.name!r} holds {series.dtype}, the model was trained with text there; make it text"
        ) from None


def _parsed(text: pl.Series, kind: Kind) -> pl.Series:
    parsed = PARSERS[kind](text)
    if parsed is None and kind == "boolean":
        parsed = parse_numbers(text)
    if parsed is None:
        row = first_row(misfits(text, kind))
        raise TableError(
            f"column {text.name!r} has {text[row - 1]!r} in row {row}, "
            f"the model was trained with {PLURALS[kind]} there; mend the cell or leave it empty"
        )
    return parsed


def _fits(series: pl.Series, kind: Kind) -> bool:
    if kind == "date":
        return series.dtype in (pl.Date, pl.Datetime)
    if kind == "number":
        return series.dtype.is_numeric() or series.dtype == pl.Boolean
    return series.dtype == pl.Boolean or (series.dtype.is_numeric() and bool(((series == 0) | (series == 1)).all()))


def _date_part(series: pl.Series, part: Part) -> pl.Series:
    if part == "days":
        if series.dtype == pl.Date:
            return series.cast(pl.Int32)
        local = series.dt.replace_time_zone(None).dt.cast_time_unit("us")
        return local.cast(pl.Int64) / MICROSECONDS_A_DAY
    if part == "hour" and series.dtype == pl.Date:
        return series.dt.year() * 0
    return {"month": series.dt.month, "weekday": series.dt.weekday, "hour": series.dt.hour}[part]()
