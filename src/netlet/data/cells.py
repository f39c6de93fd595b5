"""What the text in a column's cells means: a missing value, numbers, truth values, dates, or just text."""

from __future__ import annotations

import polars as pl

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "?")
TRUTH = ("true", "false")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
COMMA_NUMBER = r"^[+-]?\d+(,\d+)?$"
CODE = r"^[+-]?0\d+$"  # a leading zero: a postcode or an article number, which would lose it
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")
MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ")
MOSTLY = 0.8


def clean_text(text: pl.Series) -> pl.Series:
    """Drop the spaces around each cell; what marks a missing value becomes null."""
    stripped = text.str.strip_chars()
    marked = stripped.str.to_lowercase().is_in(MISSING)
    return stripped.to_frame().select(pl.when(~marked).then(pl.col(text.name)).otherwise(None)).to_series()


def infer(column: pl.Series) -> pl.Series:
    """Convert a column of clean text if every cell that is not missing can be; another column is unchanged."""
    if column.dtype != pl.String or column.null_count() == len(column) or column.str.contains(CODE).any():
        return column
    for parse in (parse_numbers, parse_truth, parse_dates):
        parsed = parse(column)
        if parsed is not None:
            return parsed
    return column


def parse_numbers(text: pl.Series) -> pl.Series | None:
    """Read every cell as a number (int64 if all are whole, else float64), or give None if one cannot be.

    A comma is the decimal mark in a column where that makes all cells numbers.
    """
    if not text.str.contains(NUMBER).all():
        if not text.str.contains(COMMA_NUMBER).all():
            return None
        text = text.str.replace(",", ".", literal=True)
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == text.null_count():
        return whole
    return text.cast(pl.Float64, strict=False)


def parse_truth(text: pl.Series) -> pl.Series | None:
    """Read every cell as true or false, or give None if one cannot be."""
    lower = text.str.to_lowercase()
    if not lower.is_in(TRUTH).all():
        return None
    return lower == "true"


def parse_dates(text: pl.Series) -> pl.Series | None:
    """Read every cell as a day or a moment in one ISO format (or 31.12.2024), or give None if one cannot be."""
    best = _best_dates(text)
    return best if best.null_count() == text.null_count() else None


def misfits(text: pl.Series, kind: str) -> pl.Series:
    """Mark the cells that keep a column of text from being of a kind ("number", "boolean" or "date")."""
    if kind == "number":
        return ~text.str.contains(NUMBER)
    if kind == "boolean":
        return ~text.str.to_lowercase().is_in(TRUTH)
    return _best_dates(text).is_null() & text.is_not_null()


def _best_dates(text: pl.Series) -> pl.Series:
    """Read dates in the format that fits the most cells, the others null."""
    readings = [text.str.to_date(form, strict=False) for form in DAYS]
    readings += [text.str.to_datetime(form, strict=False) for form in MOMENTS]
    return min(readings, key=lambda reading: reading.null_count())


def first_row(wrong: pl.Series) -> int:
    """Give the row, counted from 1, of the first true value."""
    found = wrong.fill_null(False).arg_max()
    return 0 if found is None else int(found) + 1


def describe_mixed(column: pl.Series) -> str | None:
    """Say where a column of text is nearly one of numbers, for the person may think it is."""
    if column.dtype != pl.String or column.null_count() == len(column):
        return None
    is_number = column.str.contains(NUMBER)
    share = is_number.mean()
    if not isinstance(share, float) or not MOSTLY <= share < 1:
        return None
    others = ~is_number
    row = first_row(others)
    return (
        f"Column {column.name!r} is taken as text: {others.sum()} of {column.count()} values are not numbers, "
        f"the first is {column[row - 1]!r} in row {row}."
    )
