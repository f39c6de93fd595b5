"""The facts of a training for its page, gathered and written."""

from __future__ import annotations

import os
import platform
import sys
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.cli.lines import command_line
from netlet.cli.live import words_of
from netlet.cli.options import TrainOptions
from netlet.cli.prepare import Prepared
from netlet.cli.scores import MEASURES, Scores
from netlet.cli.trained import Trained
from netlet.data import Target, describe_columns
from netlet.data.importance import permutation_importance
from netlet.population.ensemble import Ensemble
from netlet.report.errors_worth import worst_errors
from netlet.report.facts import (
    Facts,
    ModelScore,
    ReproductionFacts,
    SearchFacts,
    TableFacts,
    TestFacts,
    WinnerFacts,
)
from netlet.report.page import write_report
from netlet.searching.metrics import METRICS
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
    path: Path, options: TrainOptions, prepared: Prepared, trained: Trained, outputs: NDArray[np.floating],
    scores: Scores, model: Path,
) -> None:  # fmt: skip
    """Write the page of a training.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    metric = METRICS[trained.metric]
    search = SearchFacts(
        words_of(metric.name), metric.more_is_better, tuple(trained.trials),
        trained.budget, trained.seconds, trained.n_threads, trained.strategy,
        trained.folds,
    )  # fmt: skip
    ensemble = trained.model if isinstance(trained.model, Ensemble) else None
    winner = WinnerFacts(
        tuple(trained.members),
        trained.best.settings,
        sum(each.theta.size for each in (ensemble.networks if ensemble is not None else [trained.network])),
        trained.best.curves,
        trained.network.summary(),
        ensemble.temperature if ensemble is not None and ensemble.temperature != 1 else None,
        model.name,
    )
    test = _test(options, prepared, trained, outputs, scores) if scores else None
    facts = Facts(
        _table(options, prepared), search, winner, reproduction(options, _note(trained)), test, health=trained.health
    )
    write_report(facts, path)


def _table(options: TrainOptions, prepared: Prepared) -> TableFacts:
    frame, target = prepared.frame, prepared.target
    described = describe_columns(prepared.table.frame, prepared.columns, prepared.dropped, prepared.preparation)
    values = frame[target.column]
    is_number = target.task == "regression"
    labels = np.empty(0, dtype=np.int64) if is_number else target.encode(frame).astype(np.int64)
    counts = np.bincount(labels, minlength=len(target.classes))
    without = prepared.table.frame.height - frame.height
    notes = [*prepared.table.notes, *([f"{without:,} rows without a target are left out."] if without else [])]
    return TableFacts(
        options.file.name,
        prepared.table.frame.height,
        tuple(described),
        target.column,
        target.task,
        tuple((_plain(name), int(count)) for name, count in zip(target.classes, counts, strict=False)),
        (float(values.min()), float(values.max())) if is_number else None,  # type: ignore[arg-type]
        len(prepared.learn),
        len(prepared.watch),
        len(prepared.test),
        len(prepared.preparation.names),
        tuple(notes),
        tuple(finding.message for finding in prepared.findings),
    )


def _test(
    options: TrainOptions, prepared: Prepared, trained: Trained, outputs: NDArray[np.floating], scores: Scores
) -> TestFacts:
    target, model = prepared.target, trained.model
    raw = prepared.frame[prepared.test_rows]
    classes = tuple(_plain(name) for name in target.classes)
    truth, values = _in_own_unit(target, prepared.test.y, outputs)

    def predict(frame: pl.DataFrame) -> NDArray[np.floating]:
        return model.predict(prepared.preparation.transform(frame), n_threads=options.threads)

    def goodness(truth: NDArray[Any], outputs: NDArray[np.floating]) -> float:
        if classes:
            return float((outputs.argmax(axis=1) == truth).mean())
        spread = float(np.square(truth - truth.mean()).sum())
        errors = float(np.square(outputs.reshape(len(truth)) - truth).sum())
        return 1 - errors / spread if spread > 0 else 0.0

    importance = permutation_importance(
        predict, raw.select(raw[name] for name in prepared.preparation.columns), prepared.test.y, goodness,
        measure="accuracy" if classes else "R2", seed=options.seed, time_limit=SECONDS_OF_IMPORTANCE,
    )  # fmt: skip
    spread = None
    if isinstance(model, Ensemble) and len(model.networks) > 1:
        spread = model.spread(prepared.test.x)
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
            ModelScore(name, {m.label: m.write(figures[m.key]) for m in measures}, figures[first])
            for name, figures in scores
        ),
        spread,
        importance,
        worst_errors(raw.drop(target.column), truth, values, classes, rows=prepared.places[prepared.test_rows]),
    )


def _in_own_unit(
    target: Target, y: NDArray[np.generic], outputs: NDArray[np.floating]
) -> tuple[NDArray[np.generic], NDArray[np.floating]]:
    """Return the truth and the outputs: labels and probabilities, or numbers in the target's unit."""
    if target.task == "classification":
        return y, outputs
    numbers = outputs.astype(np.float64).reshape(len(y))
    return y.astype(np.float64) * target.scale + target.mean, numbers * target.scale + target.mean


def _note(trained: Trained) -> str:
    return "" if trained.repeats else (
        "The search had a time limit, so another machine, or a busier one, may try other networks. With --trials or "
        "--epochs-in-all, and without --time, the same command gives the same model."
    )  # fmt: skip


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
