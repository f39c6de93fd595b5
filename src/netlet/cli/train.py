"""`netlet train`: from a table to a model file and its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet import History, Network
from netlet.cli import report
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.model import chosen_optimizer, hidden_layers, is_model, network_for
from netlet.cli.options import TrainOptions
from netlet.cli.paths import check_writable, refuse_same, refuse_to_replace
from netlet.cli.scores import baselines, score
from netlet.cli.screen import Screen
from netlet.data import (
    Finding,
    Preparation,
    Target,
    choose_columns,
    choose_task,
    duplicates_across,
    findings_of,
    fit_target,
    read_table,
    split_rows,
)
from netlet.data.columns import Column
from netlet.data.errors import listed
from netlet.data.split import Rows
from netlet.data.target import TASKS
from netlet.errors import unknown_name

BATCH_SIZES = ((5_000, 32), (20_000, 64), (100_000, 128))  # up to so many rows, so many to a batch
LARGEST_BATCH = 256


@dataclass(frozen=True)
class Part:
    """Some rows as a network takes them: inputs float32 `(n, n_inputs)`; labels or standardised numbers `(n,)`."""

    x: NDArray[np.float32]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Prepared:
    """The table made ready: rows to learn from, rows that say when to stop, rows to test with."""

    preparation: Preparation
    learn: Part
    watch: Part
    test: Part


def train(options: TrainOptions) -> None:
    """Read, set rows aside, prepare, train, write, test and report.

    Raises
    ------
    CommandError, TableError, TrainingFailed
        If something is wrong with an option, the table or the training, or the model cannot be written.
    KeyboardInterrupt
        If Ctrl-C came before the training; during it, the model so far is kept.
    """
    hidden, optimizer = hidden_layers(options), chosen_optimizer(options)
    if options.task not in TASKS:
        raise CommandError(f"--{unknown_name('task', options.task, TASKS)}")
    output = options.output or Path(f"{options.file.stem}.netlet")
    refuse_same(output, options.file, "table")
    check_writable(output)
    if not (options.force or is_model(output)):
        refuse_to_replace(output)

    screen = Screen(options.quiet)
    prepared = prepare(options, screen)
    target = prepared.preparation.target
    network = network_for(hidden, target, prepared.learn.x.shape[1], options.seed)
    batch_size = options.batch_size or _batch_size(len(prepared.learn))
    report.show_network(screen, network, optimizer, batch_size)
    watch = prepared.watch if len(prepared.watch) else None
    history = network.fit(
        prepared.learn.x,
        prepared.learn.y,
        optimizer=optimizer,
        epochs=options.epochs,
        batch_size=batch_size,
        validation_data=(watch.x, watch.y) if watch else None,
        patience=options.patience if watch else None,
        time_limit=options.time,
        progress=not options.quiet,
        n_threads=options.threads,
    )
    scores = score(target, network.predict(prepared.test.x), prepared.test.y) if len(prepared.test) else {}
    _save(network, output, _notes(options, prepared, history, scores))
    if scores:
        x = np.concatenate([prepared.learn.x, prepared.watch.x])
        y = np.concatenate([prepared.learn.y, prepared.watch.y])
        try:
            others = baselines(target, x, y, prepared.test.x, prepared.test.y, options.seed)
        except KeyboardInterrupt:  # the model is written: that is not "stopped"
            others = []
        report.show_scores(screen, target, len(prepared.test), [("this network", scores), *others])
    report.show_model(screen, output, options.file, interrupted=history.stopped == "interrupted")


def prepare(options: TrainOptions, screen: Screen) -> Prepared:
    """Read the table and make it ready; nothing is learned from the rows of the test."""
    table = read_table(options.file)
    report.show_table(screen, table)
    name = _target_name(options, table.frame)
    task, why = choose_task(table.frame, name, options.task)
    columns, dropped = choose_columns(table.frame, name, options.drop)

    frame = table.frame.filter(table.frame[name].is_not_null())
    target = fit_target(frame, name, task)
    report.show_target(screen, target, why, table.frame[name])
    kept, test = _split("test", options.test_share, options.seed, frame, target)
    if task == "regression":
        target = fit_target(frame[kept], name, task)
    learn, watch = _split("validation", options.validation_share, options.seed, frame[kept], target)

    from netlet.data.fitting import fit_preparation  # brings in scikit-learn, which is slow to come

    preparation = fit_preparation(frame[kept], columns, target, dropped)
    report.show_columns(screen, columns, dropped, len(preparation.names))
    report.show_rows(screen, len(learn), len(watch), len(test))
    report.show_findings(screen, _findings(options, frame, target, columns, kept, test))
    parts = [
        Part(preparation.transform(frame[rows]), target.encode(frame[rows]))
        for rows in (kept[learn], kept[watch], test)
    ]
    return Prepared(preparation, *parts)


def _findings(
    options: TrainOptions, frame: pl.DataFrame, target: Target, columns: Sequence[Column], kept: Rows, test: Rows
) -> list[Finding]:
    """Find what in the table may mislead; the test's rows are looked at, and nothing is learned from them."""
    return [
        *findings_of(frame, target, columns, options.seed),
        *duplicates_across(frame, target.column, columns, kept, test),
    ]


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


def _batch_size(n_rows: int) -> int:
    return next((size for most, size in BATCH_SIZES if n_rows <= most), LARGEST_BATCH)


def _notes(options: TrainOptions, prepared: Prepared, history: History, scores: dict[str, float]) -> dict[str, Any]:
    rows = {"learn": len(prepared.learn), "watch": len(prepared.watch), "test": len(prepared.test)}
    return {
        "preparation": prepared.preparation.to_dict(),
        "table": {"name": options.file.name, "rows": rows, "split_seed": options.seed},
        "training": {"epochs": len(history), "stopped": history.stopped},
        "test": scores,
    }


def _save(network: Network, path: Path, notes: dict[str, Any]) -> None:
    try:
        network.save(path, notes=notes)
    except OSError as error:
        raise CommandError(f"the model was not written to {path}: {error.strerror or error}", NOT_DONE) from None
