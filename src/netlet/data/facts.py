"""A table's columns as a report shows them: what they hold, and what was done with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from netlet.data.columns import Column, Dropped
from netlet.data.done import plain_number

VALUES_SHOWN = 3
LONGEST_VALUE = 24


class Describing(Protocol):
    """A preparation that says what it does with a column."""

    def done(self, column: str) -> str:
        """Say what becomes of a column, in words."""
        ...


@dataclass(frozen=True)
class ColumnFacts:
    """What there is to know of a column.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        "number", "truth value", "date", "category", "text", or, for what is no table cell, its type.
    n_missing, n_distinct : int
        Cells without a value; different values, a missing one not counted.
    values : str
        The range of numbers and dates; the most frequent of other values, with their share of the rows.
    done : str
        What becomes of it, or why it is left out.
    left_out : bool
    """

    name: str
    kind: str
    n_missing: int
    n_distinct: int
    values: str
    done: str
    left_out: bool = False


def describe_columns(
    frame: pl.DataFrame, columns: Sequence[Column], dropped: Sequence[Dropped], preparation: Describing
) -> list[ColumnFacts]:
    """Describe the inputs and the columns left out, in the table's order.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    columns, dropped : sequence of Column and of Dropped
        From `choose_columns`; the target is neither.
    preparation : Describing
        That of these columns, such as a `Preparation`.

    Returns
    -------
    list of ColumnFacts
    """
    used = {column.name: column for column in columns}
    left_out = {column.name: column.why for column in dropped}
    chosen = [name for name in frame.columns if name in used or name in left_out]
    counts = _counts(frame.select(frame[name] for name in chosen))
    described = []
    for name, (n_missing, n_distinct, low, high) in zip(chosen, counts, strict=True):
        column = used.get(name)
        kind = _kind(frame[name].dtype, column)
        values = _values(frame[name], kind, low, high)
        done = left_out[name] if column is None else preparation.done(name)
        described.append(ColumnFacts(name, kind, n_missing, n_distinct, values, done, column is None))
    return described


def _counts(frame: pl.DataFrame) -> list[tuple[int, int, Any, Any]]:
    """Give each column's missing cells, different values, and its ends where it has an order; all columns at once."""
    plain = frame.clone()
    plain.columns = [str(place) for place in range(frame.width)]  # pl.col takes some names for patterns
    schema = plain.schema
    plain_kinds = [name for name, kind in schema.items() if not kind.is_nested() and kind != pl.Object]
    ordered = [name for name in plain_kinds if schema[name].is_numeric() or schema[name].is_temporal()]
    missing = plain.null_count().row(0)
    distinct = dict(zip(plain_kinds, plain.select(pl.col(plain_kinds).n_unique()).row(0), strict=True))
    low = dict(zip(ordered, plain.select(pl.col(ordered).min()).row(0), strict=True)) if ordered else {}
    high = dict(zip(ordered, plain.select(pl.col(ordered).max()).row(0), strict=True)) if ordered else {}
    return [
        (lacking, distinct.get(name, lacking > 0) - (lacking > 0), low.get(name), high.get(name))
        for name, lacking in zip(plain.columns, missing, strict=True)
    ]


def _kind(dtype: pl.DataType, column: Column | None) -> str:
    if dtype == pl.Boolean:
        return "truth value"
    if dtype.is_numeric():
        return "number"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if dtype == pl.String:
        return "text" if column is None else "category"
    return "empty" if dtype == pl.Null else str(dtype)


def _values(series: pl.Series, kind: str, low: Any, high: Any) -> str:
    if series.null_count() == len(series):
        return ""
    if kind == "number":
        return plain_number(low) if low == high else f"{plain_number(low)} to {plain_number(high)}"
    if kind == "date":
        return f"{low} to {high}"
    if kind not in ("truth value", "category", "text"):
        return ""
    present = series.drop_nulls()
    counts = present.alias("value").value_counts(name="times").sort("times", "value", descending=[True, False])
    if counts.height == len(present):
        return f"such as {_short(present[0])}"
    most = counts.head(VALUES_SHOWN).rows()
    shown = [f"{_short(value)} ({_percent(times / len(series))})" for value, times in most]
    return ", ".join(shown) + (", ..." if counts.height > VALUES_SHOWN else "")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _short(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."
