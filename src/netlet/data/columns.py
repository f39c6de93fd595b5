"""What becomes of each column: which kind of input it is, or why it is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from netlet.data.cells import first_row
from netlet.data.errors import TableError, listed, nearest
from netlet.data.identifiers import all_differ, names_rows
from netlet.data.remarks import nearly

Kind = Literal["number", "boolean", "date", "category"]
FREE_TEXT_VALUES = 50
FREE_TEXT_SHARE = 0.5
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Column:
    """An input column and its kind."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Dropped:
    """A column that is left out, and why, in a few words."""

    name: str
    why: str


def require_column(frame: pl.DataFrame, name: str, what: str) -> None:
    """Raise TableError, with the nearest name, if the table has no such column."""
    if name in frame.columns:
        return
    meant = nearest(name, frame.columns)
    hint = f"did you mean {meant!r}? The" if meant else "the"
    raise TableError(f"{what} {name!r} is not a column of the table; {hint} columns are: {listed(frame.columns)}")


def choose_columns(
    frame: pl.DataFrame, target: str | None, drop: Sequence[str] = ()
) -> tuple[tuple[Column, ...], tuple[Dropped, ...]]:
    """Decide which columns a network can learn from.

    Parameters
    ----------
    frame : polars.DataFrame
        The whole table, in its order (a row counter shows only there).
    target : str or None
        The column to predict; it is no input. None: the table has only inputs.
    drop : sequence of str, default ()
        Columns to leave out by wish.

    Returns
    -------
    columns : tuple of Column
        The inputs in the table's order, at least one.
    dropped : tuple of Dropped
        The others: constant, row counters, whole numbers that differ in every row under an identifier's name, texts
        that differ in (nearly) every row, types that are no table cells.

    Raises
    ------
    TableError
        If a name is no column, a column holds an infinite number, or no input is left.
    """
    if target is not None:
        require_column(frame, target, "target")
    for name in drop:
        require_column(frame, name, "--drop")
        if name == target:
            raise TableError(f"--drop {name!r} is the target; name another column")
    columns, dropped = [], []
    missing, distinct, infinite = _counts(frame)
    for series, n_missing, n_distinct in zip(frame.iter_columns(), missing, distinct, strict=True):
        if series.name == target:
            continue
        if series.name in infinite:
            check_finite(series)
        why = "as you asked" if series.name in drop else _why_not(series, n_missing, n_distinct)
        if why:
            dropped.append(Dropped(series.name, why))
        else:
            columns.append(Column(series.name, _kind(series.dtype)))
    if not columns:
        reasons = "; ".join(f"{column.name}: {column.why}" for column in dropped) or "it is the only column"
        predicts = "" if target is None else f" {target!r}"
        raise TableError(f"no column is left to predict{predicts} from ({reasons}); add one")
    return tuple(columns), tuple(dropped)


def check_finite(series: pl.Series) -> None:
    """Raise TableError if a column of numbers holds an infinite one."""
    if not series.dtype.is_float():
        return
    infinite = series.is_infinite()
    if infinite.any():
        row = first_row(infinite)
        raise TableError(
            f"column {series.name!r} has an infinite number in row {row} ({infinite.sum()} in all); "
            "replace it by a number, or leave the cell empty"
        )


def _kind(dtype: pl.DataType) -> Kind:
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "date" if dtype in (pl.Date, pl.Datetime) else "category"


def _counts(frame: pl.DataFrame) -> tuple[Sequence[int], Sequence[int], set[str]]:
    """Count each column's missing cells and its different values, missing as one of them; all columns at once.

    The third are the columns with infinite numbers.
    """
    plain = frame.clone()
    plain.columns = [str(place) for place in range(frame.width)]  # pl.col takes some names for patterns
    missing = plain.null_count().row(0)
    known = [name for name, kind in plain.schema.items() if _is_known(kind)]
    distinct = dict(zip(known, plain.select(pl.col(known).n_unique()).row(0), strict=True)) if known else {}
    floats = [name for name, kind in plain.schema.items() if kind.is_float()]
    ends = plain.select(pl.col(floats).is_infinite().any()).row(0) if floats else ()
    infinite = {frame.columns[int(name)] for name, has in zip(floats, ends, strict=True) if has}
    return missing, [distinct.get(name, 0) for name in plain.columns], infinite


def _is_known(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in (pl.Boolean, pl.String, pl.Date, pl.Datetime)


def _why_not(series: pl.Series, n_missing: int, n_distinct: int) -> str | None:
    if n_missing == len(series):
        return "every cell is empty"
    if not _is_known(series.dtype):
        if series.dtype == pl.Duration:
            return "a cell holds a span of time; make it a number, such as its hours"
        return f"a cell holds {series.dtype}"
    if n_distinct == 1:
        return f"every row is {_short(series[0])}"
    n_distinct -= n_missing > 0
    if series.dtype == pl.String:
        return _why_not_text(series.drop_nulls(), n_distinct)
    if not series.dtype.is_numeric():
        return None
    if series.dtype.is_integer() and n_distinct == len(series) and _counts_rows(series):
        return "it only counts the rows"
    if n_distinct == len(series) and names_rows(series.name) and all_differ(series, n_distinct):
        return "an identifier by its name, and another whole number in every row (to use it, rename it)"
    return None


def _why_not_text(present: pl.Series, distinct: int) -> str | None:
    if distinct <= 1:
        return None
    wrong = nearly(present) if distinct > FREE_TEXT_SHARE * len(present) else None
    if wrong and (distinct == len(present) or distinct > FREE_TEXT_VALUES):
        return f"text, for {wrong}"
    if distinct == len(present):
        return "text that differs in every row, so it only names the row"
    if distinct > FREE_TEXT_VALUES and distinct > FREE_TEXT_SHARE * len(present):
        return f"free text: {distinct:,} different values in {len(present):,} rows, such as {_short(present[0])!r}"
    return None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def _counts_rows(series: pl.Series) -> bool:
    if series.null_count() or series[0] not in (0, 1):
        return False
    return bool((series.cast(pl.Int64) - series[0] == pl.arange(0, len(series), eager=True)).all())
