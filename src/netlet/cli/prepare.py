"""The table read and divided: what is predicted, from which columns, and the rows to test with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from netlet.cli import lines
from netlet.cli.command_error import CommandError
from netlet.cli.options import TrainOptions
from netlet.cli.screen import Screen
from netlet.data import (
    Finding,
    Table,
    Target,
    choose_columns,
    choose_task,
    duplicates_across,
    findings_of,
    fit_target,
    read_table,
    split_rows,
)
from netlet.data.columns import Column, Dropped
from netlet.data.errors import listed
from netlet.data.split import Rows


@dataclass(frozen=True)
class Divided:
    """A table, and what its rows and columns are for.

    Attributes
    ----------
    table : Table
        As read.
    frame : polars.DataFrame
        The rows that have a target.
    places : ndarray of int
        Their places in the table.
    columns, dropped : sequence of Column and of Dropped
    target : Target
        Of a number, with the mean and scale of the rows to learn from.
    kept, test : ndarray of int
        The rows of `frame` to learn from, and to test with.
    """

    table: Table
    frame: pl.DataFrame
    places: Rows
    columns: Sequence[Column]
    dropped: Sequence[Dropped]
    target: Target
    kept: Rows
    test: Rows

    def without_target(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows without the target's column, whatever its name: `drop` takes "*" for a pattern."""
        return frame.select(frame[name] for name in frame.columns if name != self.target.column)


def divide(options: TrainOptions, screen: Screen) -> Divided:
    """Read the table and set the rows of the test aside; nothing is learned from them."""
    table = read_table(options.file)
    lines.show_table(screen, table)
    name = _target_name(options, table.frame)
    task, why = choose_task(table.frame, name, options.task)
    columns, dropped = choose_columns(table.frame, name, options.drop)

    has_target = table.frame[name].is_not_null()
    frame = table.frame.filter(has_target)
    target = fit_target(frame, name, task)
    lines.show_target(screen, target, why, table.frame[name])
    kept, test = split("test", options.test_share, options.seed, frame, target)
    if task == "regression":
        target = fit_target(frame[kept], name, task)
    return Divided(table, frame, np.flatnonzero(has_target.to_numpy()), columns, dropped, target, kept, test)


def look_over(divided: Divided, seed: int) -> list[Finding]:
    """Find what in the table may mislead; the test's rows are looked at, and nothing is learned from them."""
    target, columns = divided.target, divided.columns
    return [
        *findings_of(divided.table.frame, target, columns, seed),
        *duplicates_across(divided.frame, target.column, columns, divided.kept, divided.test, divided.places),
    ]


def split(purpose: str, share: float, seed: int, frame: pl.DataFrame, target: Target) -> tuple[Rows, Rows]:
    """Set a share of rows aside, each class alike.

    Raises
    ------
    CommandError
        If none would stay.
    """
    labels = target.encode(frame).astype(np.int64) if target.task == "classification" else None
    try:
        return split_rows(frame.height, share, seed, labels)
    except ValueError as error:
        raise CommandError(f"--{purpose}-{error}") from None


def _target_name(options: TrainOptions, frame: pl.DataFrame) -> str:
    if options.target is not None:
        return options.target
    raise CommandError(
        f"say with --target which column to predict; the columns of {options.file.name} are: {listed(frame.columns)}"
    )
