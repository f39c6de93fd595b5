"""The table made ready: rows to learn from, rows to choose and stop by, rows to test with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.cli import lines
from netlet.cli.command_error import CommandError
from netlet.cli.options import TrainOptions
from netlet.cli.screen import Screen
from netlet.data import (
    Finding,
    Preparation,
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
class Part:
    """Some rows as a network takes them: inputs float32 `(n, n_inputs)`; labels or standardised numbers `(n,)`."""

    x: NDArray[np.float32]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Prepared:
    """The table made ready.

    Attributes
    ----------
    table : Table
        As read.
    frame : polars.DataFrame
        The rows that have a target.
    places : ndarray of int
        Their places in the table.
    columns, dropped : sequence of Column and of Dropped
    preparation : Preparation
    learn, watch, test : Part
    test_rows : ndarray of int
        The test's rows in `frame`.
    findings : list of Finding
    """

    table: Table
    frame: pl.DataFrame
    places: Rows
    columns: Sequence[Column]
    dropped: Sequence[Dropped]
    preparation: Preparation
    learn: Part
    watch: Part
    test: Part
    test_rows: Rows
    findings: Sequence[Finding]

    @property
    def target(self) -> Target:
        """What is predicted."""
        return self.preparation.target


def prepare(options: TrainOptions, screen: Screen) -> Prepared:
    """Read the table and make it ready; nothing is learned from the rows of the test."""
    table = read_table(options.file)
    lines.show_table(screen, table)
    name = _target_name(options, table.frame)
    task, why = choose_task(table.frame, name, options.task)
    columns, dropped = choose_columns(table.frame, name, options.drop)

    has_target = table.frame[name].is_not_null()
    frame = table.frame.filter(has_target)
    target = fit_target(frame, name, task)
    lines.show_target(screen, target, why, table.frame[name])
    kept, test = _split("test", options.test_share, options.seed, frame, target)
    if task == "regression":
        target = fit_target(frame[kept], name, task)
    learn, watch = _split("validation", options.validation_share, options.seed, frame[kept], target)

    from netlet.data.fitting import fit_preparation  # brings in scikit-learn, which is slow to come

    preparation = fit_preparation(frame[kept], columns, target, dropped)
    lines.show_columns(screen, columns, dropped, len(preparation.names))
    lines.show_rows(screen, options, len(learn), len(watch), len(test))
    places = np.flatnonzero(has_target.to_numpy())
    findings = [  # the test's rows are looked at, and nothing is learned from them
        *findings_of(table.frame, target, columns, options.seed),
        *duplicates_across(frame, target.column, columns, kept, test, places),
    ]
    lines.show_findings(screen, findings)
    learned, watched, tested = (
        Part(preparation.transform(frame[rows]), target.encode(frame[rows]))
        for rows in (kept[learn], kept[watch], test)
    )
    return Prepared(table, frame, places, columns, dropped, preparation, learned, watched, tested, test, findings)


def _split(purpose: str, share: float, seed: int, frame: pl.DataFrame, target: Target) -> tuple[Rows, Rows]:
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
