"""`netlet train` by a preset: the networks of `TableClassifier` and `TableRegressor`, trained side by side."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.cli import lines
from netlet.cli.health import health_of_first, show_health, told_later
from netlet.cli.learnt import Learnt
from netlet.cli.live_networks import LiveNetworks
from netlet.cli.options import TrainOptions
from netlet.cli.prepare import Divided, look_over
from netlet.cli.preset_facts import learning, networks_facts, notes_of, winner_facts
from netlet.cli.preset_lines import show_networks, show_trained
from netlet.cli.preset_time import fit_into
from netlet.cli.screen import Screen
from netlet.data import TableError, Target
from netlet.data.fitting import fit_preparation
from netlet.errors import TrainingFailed
from netlet.kernels.compiling import when_compiling
from netlet.population.crew import free_threads
from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

KINDS: dict[str, Any] = {"classification": TableClassifier, "regression": TableRegressor}
REMARK = (
    "The training had a time limit, so another machine, or a busier one, may train for fewer or more epochs. Without "
    "--time the same command gives the same model."
)


def train_by_preset(options: TrainOptions, preset: str, divided: Divided, screen: Screen) -> Learnt:
    """Make the rows ready, train the networks of a preset, and say of the first of them whether it could learn.

    Raises
    ------
    CommandError, TableError, TrainingFailed
        If there is too little time, a column cannot be used, or no network could be trained.
    KeyboardInterrupt
        If Ctrl-C came before a network had an epoch.
    """
    target, kept = divided.target, divided.frame[divided.kept]
    model = KINDS[target.task](
        preset, epochs=options.epochs, batch_size=options.batch_size, drop=options.drop, time_limit=options.time,
        random_state=options.seed, n_threads=options.threads, health=True,
    )  # fmt: skip
    chosen_columns = (divided.columns, divided.dropped)
    ready = model._ready_from(divided.without_target(kept), kept[target.column], chosen_columns)
    lines.show_columns(screen, divided.columns, divided.dropped, len(model.preparation_.names))
    lines.show_parts(screen, kept.height, len(divided.test))
    findings = [each for each in look_over(divided, options.seed) if each.kind != "many values"]  # they are embedded
    lines.show_findings(screen, findings)

    measure = learning(target)
    display = LiveNetworks(measure.name, measure.score, options.quiet)
    if options.time is not None:
        with when_compiling(display.compiling):
            fit_into(options.time, model, ready, options.threads)
    first = next(model._parts(ready, options.seed))
    show_networks(screen, preset, first, model._n_networks(kept.height), kept.height)
    began = time.perf_counter()
    try:
        with told_later():
            chosen = model._learn(ready, display)
    except TrainingFailed as failed:
        if failed.history is not None and failed.history.stopped == "interrupted":
            raise KeyboardInterrupt from None
        raise
    seconds = time.perf_counter() - began
    n_threads = free_threads(options.threads)
    tried = networks_facts(preset, display, chosen, model.model_.weights, seconds, n_threads)
    show_trained(screen, tried, model.model_.temperature)
    health = health_of_first(model.histories_)
    show_health(screen, health)
    several = len(model.model_.networks) > 1
    return Learnt(
        predict=partial(_predict, model, target),
        spread=partial(_spread, model) if several else None,
        save=partial(_save, model),
        linear_inputs=_LinearInputs(divided, model),
        preparation=model.preparation_,
        findings=findings,
        n_learn=kept.height,
        n_watch=0,
        tried=tried,
        winner=winner_facts(model, chosen, display.parts),
        health=health,
        notes=notes_of(tried, display.ending),
        interrupted=display.ending == "interrupted",
        remark="" if options.time is None else REMARK,
    )


def _predict(model: Any, target: Target, frame: pl.DataFrame) -> NDArray[np.floating]:
    x = model.preparation_.transform(frame)
    if target.task == "classification":
        return np.asarray(model._probabilities(x))
    return np.asarray((model._numbers(x) - target.mean) / target.scale)


def _spread(model: Any, frame: pl.DataFrame) -> NDArray[np.floating]:
    return np.asarray(model.model_.spread(model.preparation_.transform(frame)))


def _save(model: Any, path: Path, notes: dict[str, Any]) -> None:
    """Write the model; what it is depends neither on the number of threads nor on who looked: they are not written."""
    before = {"n_threads": model.n_threads, "health": model.health}
    model.model_.notes |= notes
    try:
        model.set_params(n_threads=None, health=False).save(path)
    finally:
        model.set_params(**before)


class _LinearInputs:
    """Gives a linear model its inputs: standardised numbers and categories one-hot, learned at the first call."""

    def __init__(self, divided: Divided, model: Any) -> None:
        self._divided, self._model = divided, model
        self._transform: Any = None

    def __call__(self, frame: pl.DataFrame) -> NDArray[np.float32]:
        if self._transform is None:
            divided = self._divided
            rows = divided.frame[divided.kept]
            try:
                self._transform = fit_preparation(rows, divided.columns, divided.target, divided.dropped).transform
                self._transform(divided.frame)
            except TableError:  # numbers that cannot be standardised, but clipped
                self._transform = self._model.preparation_.transform
        return np.asarray(self._transform(frame))
