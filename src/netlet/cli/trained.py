"""What comes of the rows: one network, or the best of many."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from netlet import ModelFileError, Network
from netlet.cli import lines
from netlet.cli.arrays import Prepared
from netlet.cli.command_error import CommandError
from netlet.cli.health import health_of, look_at_best, show_health
from netlet.cli.live import LiveSearch
from netlet.cli.options import TrainOptions
from netlet.cli.screen import Screen
from netlet.cli.searching import (
    EPOCHS,
    METRICS,
    USUAL,
    batch_size_for,
    builder_for,
    plan_of,
    search_networks,
    seconds_of_epoch,
    space_of,
    time_limit,
)
from netlet.errors import TrainingFailed
from netlet.insight.health.watching import watching
from netlet.kernels.compiling import when_compiling
from netlet.network.options import FitOptions
from netlet.population.crew import free_threads
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load_networks
from netlet.report.health_section import HealthFacts
from netlet.searching.trial import Trial
from netlet.training.optimizers import optimizer_of

SHAPING = ("hidden", "activation", "dropout")  # the settings that make a network
N_START = 3  # members that an ensemble begins with, so that luck on few rows decides less


@dataclass(frozen=True)
class Trained:
    """A model, and how it came about.

    Attributes
    ----------
    model : Network or Ensemble
    members : sequence of (int, float)
        The trials that it is made of, with their weights, the heaviest first.
    trials : sequence of Trial
        All that was tried.
    best : Trial
        That of the best network.
    network : Network
        The best network; of a cross-validation that of the first fold.
    metric : str
        What the trials were compared by, a name of `netlet.searching.metrics`.
    budget : str
        In words.
    strategy : str
        In words.
    folds : int or None
        Of the cross-validation that the networks were compared by.
    seconds : float
    n_threads : int
    stopped : str
    repeats : bool
        Whether the same command gives the same model.
    health : HealthFacts
    """

    model: Network | Ensemble
    members: Sequence[tuple[int, float]]
    trials: Sequence[Trial]
    best: Trial
    network: Network
    metric: str
    budget: str
    strategy: str
    folds: int | None
    seconds: float
    n_threads: int
    stopped: str
    repeats: bool
    health: HealthFacts


def train_one(options: TrainOptions, prepared: Prepared, screen: Screen) -> Trained:
    """Train the usual network, or what the options make of it."""
    chosen = {name: getattr(options, name) for name in USUAL if getattr(options, name) is not None}
    settings = USUAL | chosen
    try:
        optimizer = optimizer_of(settings["optimizer"], options.learning_rate)
        network = builder_for(prepared.target, prepared.learn.x.shape[1])(
            seed=options.seed, **{name: settings[name] for name in SHAPING}
        )
    except ValueError as error:
        raise CommandError(f"--{error}") from None
    batch_size = options.batch_size or batch_size_for(len(prepared.learn))
    epochs = options.epochs or EPOCHS
    if options.epochs_in_all is not None:
        epochs = min(epochs, options.epochs_in_all)
    lines.show_network(screen, network, optimizer, batch_size)
    watch = (prepared.watch.x, prepared.watch.y) if len(prepared.watch) else None
    started = time.perf_counter()
    asked = FitOptions(
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=watch,
        patience=options.patience if watch else None,
        time_limit=options.time,
        progress=not options.quiet,
        n_threads=options.threads,
    )
    training = network._begin(prepared.learn.x, prepared.learn.y, asked)
    try:
        with watching(training, tells=False):
            history = training.run()
    except TrainingFailed:
        show_health(screen, health_of(training.history))
        raise
    show_health(screen, health_of(history))
    seconds = time.perf_counter() - started
    losses = history.column("validation_loss") if watch and len(history) else []
    trial = Trial(
        0,
        settings | {"learning_rate": optimizer.learning_rate, "batch_size": batch_size},
        score=min(losses) if losses else None,
        epochs=len(history),
        seconds=seconds,
        curves={
            name: history.column(name)
            for name in ("loss", "validation_loss", "validation_accuracy")
            if history.records and name in history.records[0]
        },
        n_parameters=int(network.theta.size),
    )
    return Trained(
        network, [(0, 1.0)], [trial], trial, network, "loss", f"{epochs:,} epochs of one network", "", None, seconds,
        free_threads(options.threads), history.stopped, options.time is None, health_of(history),
    )  # fmt: skip


def train_searched(options: TrainOptions, prepared: Prepared, screen: Screen, began: float) -> Trained:
    """Search for the best networks, and let them predict together where that is better.

    The time limit counts from `began`, on `time.perf_counter`'s clock, without the time that it takes to compile.
    """
    target, learn, watch = prepared.target, prepared.learn, prepared.watch
    limit = time_limit(options)
    batch_size = options.batch_size or batch_size_for(len(learn))
    space, usual = space_of(options, batch_size)
    varied = tuple(usual)
    display = LiveSearch(METRICS[target.task], began, limit if math.isfinite(limit) else None, varied, options.quiet)
    epoch, left = math.nan, math.inf
    if math.isfinite(limit):
        with when_compiling(display.compiling):
            chosen = {name: space[name] if name not in usual else usual[name] for name in SHAPING}
            network = builder_for(target, learn.x.shape[1])(seed=0, **chosen)
            epoch, before = seconds_of_epoch(network, learn.x, learn.y, batch_size)
        display.begin_later(before)
        left = began + limit + before - time.perf_counter()
    plan = plan_of(options, len(learn), len(watch), epoch, left)
    lines.show_plan(screen, plan, free_threads(options.threads))
    found = search_networks(options, plan, target, learn, watch, display)
    lines.show_search(screen, found, varied)
    model = found.network
    members = [(found.best.number, 1.0)]
    if options.ensemble > 1:
        with suppress(KeyboardInterrupt):  # the best alone is there, and is written
            ensemble = found.ensemble(options.ensemble, n_start=N_START, smoothing=1 / (len(found.task.truth) + 2))
            assert ensemble.selection is not None
            shares = ensemble.selection.weights
            pairs = [(number, float(share)) for number, share in zip(found.networks, shares, strict=True) if share]
            members = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
            model = ensemble if len(ensemble.networks) > 1 or ensemble.temperature != 1 else found.network
            lines.show_ensemble(screen, members, plan.folds, ensemble.temperature)
    with screen.waiting("looking at the best network ..."):
        health = look_at_best(found)
    show_health(screen, health)
    network = found.network.networks[0] if isinstance(found.network, Ensemble) else found.network
    return Trained(
        model, members, found.trials, found.best, network, METRICS[target.task], plan.in_words(),
        plan.strategy_in_words(), plan.folds, found.seconds, free_threads(options.threads), found.stopped, plan.repeats,
        health,
    )  # fmt: skip


def is_model(path: Path) -> bool:
    """Tell whether a file is a sound model of netlet."""
    try:
        load_networks(path)
    except (ModelFileError, OSError):
        return False
    return True
