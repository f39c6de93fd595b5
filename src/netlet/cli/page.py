"""The facts of a training for its page, gathered and written."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet.cli.learnt import Learnt
from netlet.cli.lines import command_line
from netlet.cli.options import TrainOptions
from netlet.cli.prepare import Divided
from netlet.cli.scores import MEASURES, Scores
from netlet.data import Target, describe_columns
from netlet.data.importance import permutation_importance
from netlet.report.errors_worth import worst_errors
from netlet.report.facts import (
    Facts,
    ModelScore,
    ReproductionFacts,
    TableFacts,
    TestFacts,
)
from netlet.report.page import write_report
from netlet.training.team import available_threads

SECONDS_OF_IMPORTANCE = 10.0
LIBRARIES = ("numpy", "numba", "scipy", "scikit-learn", "polars")
MARK = b"netlet report</title>"


def is_page(path: Path) -> bool:
    """Tell whether a file is a page that was written here."""
    try:
        with open(path, "rb") as stream:
            return MARK in stream.read(4096)
    except OSError:
        return False


def write_page(
    path: Path, options: TrainOptions, divided: Divided, learnt: Learnt, outputs: NDArray[np.floating], scores: Scores,
    model: Path,
) -> None:  # fmt: skip
    """Write the page of a training.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    facts = Facts(
        _table(options, divided, learnt),
        learnt.tried,
        replace(learnt.winner, file=model.name),
        reproduction(options, learnt.remark),
        _test(options, divided, learnt, outputs, scores) if scores else None,
        health=learnt.health,
    )
    write_report(facts, path)


def _table(options: TrainOptions, divided: Divided, learnt: Learnt) -> TableFacts:
    table, frame, target = divided.table, divided.frame, divided.target
    described = describe_columns(table.frame, divided.columns, divided.dropped, learnt.preparation)
    values = frame[target.column]
    is_number = target.task == "regression"
    labels = np.empty(0, dtype=np.int64) if is_number else target.encode(frame).astype(np.int64)
    counts = np.bincount(labels, minlength=len(target.classes))
    without = table.frame.height - frame.height
    notes = [*table.notes, *([f"{without:,} rows without a target are left out."] if without else [])]
    return TableFacts(
        options.file.name,
        table.frame.height,
        tuple(described),
        target.column,
        target.task,
        tuple((_plain(name), int(count)) for name, count in zip(target.classes, counts, strict=False)),
        (float(values.min()), float(values.max())) if is_number else None,  # type: ignore[arg-type]
        learnt.n_learn,
        learnt.n_watch,
        len(divided.test),
        len(learnt.preparation.names),
        tuple(notes),
        tuple(finding.message for finding in learnt.findings),
    )


def _test(
    options: TrainOptions, divided: Divided, learnt: Learnt, outputs: NDArray[np.floating], scores: Scores
) -> TestFacts:
    target, raw = divided.target, divided.frame[divided.test]
    y = target.encode(raw)
    classes = tuple(_plain(name) for name in target.classes)
    truth, values = _in_own_unit(target, y, outputs)

    def goodness(truth: NDArray[Any], outputs: NDArray[np.floating]) -> float:
        if classes:
            return float((outputs.argmax(axis=1) == truth).mean())
        spread = float(np.square(truth - truth.mean()).sum())
        errors = float(np.square(outputs.reshape(len(truth)) - truth).sum())
        return 1 - errors / spread if spread > 0 else 0.0

    importance = permutation_importance(
        learnt.predict, raw.select(raw[name] for name in learnt.preparation.columns), y, goodness,
        measure="accuracy" if classes else "R2", seed=options.seed, time_limit=SECONDS_OF_IMPORTANCE,
    )  # fmt: skip
    spread = None if learnt.spread is None else learnt.spread(raw)
    if spread is not None:
        rows = np.arange(len(spread))
        spread = (
            spread[rows, outputs.argmax(axis=1)]
            if classes
            else spread.reshape(len(spread)).astype(np.float64) * target.scale
        )
    measures = MEASURES[target.task]
    first = measures[0].key
    return TestFacts(
        truth,
        values,
        classes,
        tuple(
            ModelScore(
                name, {m.label: m.write(figures[m.key]) for m in measures}, figures[first], figures.get("log_loss")
            )
            for name, figures in scores
        ),
        spread,
        importance,
        worst_errors(divided.without_target(raw), truth, values, classes, rows=divided.places[divided.test]),
    )


def _in_own_unit(
    target: Target, y: NDArray[np.generic], outputs: NDArray[np.floating]
) -> tuple[NDArray[np.generic], NDArray[np.floating]]:
    """Return the truth and the outputs: labels and probabilities, or numbers in the target's unit."""
    if target.task == "classification":
        return y, outputs
    numbers = outputs.astype(np.float64).reshape(len(y))
    return y.astype(np.float64) * target.scale + target.mean, numbers * target.scale + target.mean


def reproduction(options: TrainOptions, note: str) -> ReproductionFacts:
    """Gather what it takes to do a training again; `note` says what may differ then."""
    versions = {"netlet": _version("netlet"), "Python": platform.python_version()}
    versions |= {name: _version(name) for name in LIBRARIES}
    words = ["netlet", *sys.argv[1:]] if "train" in sys.argv[1:2] else ["netlet", "train", str(options.file)]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    if available_threads() != os.cpu_count():
        machine += f", {available_threads()} of them to be used"
    date = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return ReproductionFacts(command_line(*words), versions, options.seed, date.strip(), machine, note)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _plain(name: object) -> str:
    return str(name).lower() if isinstance(name, bool) else str(name)
