"""What the command line searches: the networks it tries, how many, and for how long."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet import scales
from netlet.cli.command_error import CommandError
from netlet.cli.live import LiveSearch
from netlet.cli.options import TrainOptions
from netlet.data import Target
from netlet.errors import BudgetTooSmall
from netlet.network.network import Network
from netlet.population.crew import free_threads
from netlet.searching.budget import Budget, Epochs, Seconds, Trials
from netlet.searching.building import perceptron
from netlet.searching.result import SearchResult
from netlet.searching.search import search
from netlet.searching.strategies import Halving
from netlet.training.optimizers import optimizer_of
from netlet.training.schedules import CosineDecay

# The usual network: tried first, and what is trained where nothing is searched for.
USUAL: dict[str, Any] = {"hidden": (64, 64), "activation": "relu", "dropout": 0.1, "optimizer": "adam"}
SECONDS, TRIALS, EPOCHS = 60.0, 100, 100
FEWEST_EPOCHS = 12
LEAST_STEPS = 600  # before a network is compared with others
BRACKET = 9  # networks that begin together, of which the best third goes on, and the best of that again
BATCH_SIZES = ((5_000, 32), (20_000, 64), (100_000, 128))  # up to so many rows, so many to a batch
LARGEST_BATCH = 256
FOLDS, FEW_ROWS = 5, 10_000  # of fewer rows networks are compared by cross-validation: a held-out part says too little
METRICS = {"classification": "smoothed_log_loss", "regression": "r2"}


@dataclass(frozen=True)
class Plan:
    """What is searched, and for how long.

    Attributes
    ----------
    space, usual : dict
        The space, and the settings that are tried first.
    budget : tuple of Budget
    strategy : Halving
    epochs : int
        Of a network that is trained to the end.
    repeats : bool
        Whether the same command finds the same model again.
    folds : int or None
        Of the cross-validation that networks are compared by; None: by the validation rows.
    """

    space: dict[str, Any]
    usual: dict[str, Any]
    budget: tuple[Budget, ...]
    strategy: Halving
    epochs: int
    repeats: bool
    folds: int | None

    def in_words(self) -> str:
        """Return the budget in words."""
        words = {Trials: "networks", Epochs: "epochs in all", Seconds: "seconds"}
        parts = []
        for each in self.budget:
            digits = 1 if each.count < 10 and isinstance(each, Seconds) else 0
            parts.append(f"{each.count:,.{digits}f} {words[type(each)]}")
        return " or ".join(parts)

    def strategy_in_words(self) -> str:
        """Return how the networks are chosen, in words."""
        if self.strategy.least_epochs != self.epochs:
            return (
                f"The usual network first, then others at random, {BRACKET} at a time; the best third of them goes on "
                "to three times the epochs, and the best of those again."
            )
        return "The usual network first, then others at random."


def is_searched(options: TrainOptions, n_watch: int) -> bool:
    """Tell whether networks are compared, rather than one trained."""
    return options.trials != 1 and n_watch > 0


def folds_for(options: TrainOptions, n_rows: int) -> int | None:
    """Return the folds of a cross-validation, or None where networks are compared on the validation rows."""
    return FOLDS if options.ensemble > 1 and FOLDS <= n_rows < FEW_ROWS else None


def space_of(options: TrainOptions, batch_size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the space, in which what a person chose is fixed, and the usual settings in it.

    Raises
    ------
    CommandError
        If the optimizer is unknown.
    """
    try:
        optimizer = optimizer_of(options.optimizer or USUAL["optimizer"])
    except ValueError as error:
        raise CommandError(f"--{error}") from None
    rate = optimizer.learning_rate
    searched: dict[str, Any] = {
        "hidden": scales.Sizes((1, 3), (16, 256)),
        "activation": scales.Choice(["relu", "silu", "tanh"]),
        "dropout": scales.Choice([0.0, 0.1, 0.2, 0.4]),
        "learning_rate": scales.LogUniform(rate / 4, rate * 16),
        "batch_size": scales.Choice(sorted({max(16, batch_size // 2), batch_size, batch_size * 2})),
        "weight_decay": scales.LogUniform(1e-5, 1e-1),
    }
    usual = {name: USUAL[name] for name in ("hidden", "activation", "dropout")} | {
        "learning_rate": rate, "batch_size": batch_size, "weight_decay": 1e-4,
    }  # fmt: skip
    chosen = {
        name: getattr(options, name)
        for name in ("hidden", "activation", "dropout", "learning_rate", "batch_size")
        if getattr(options, name) is not None
    }
    space = searched | chosen | {"optimizer": options.optimizer or USUAL["optimizer"]}
    return space, {name: value for name, value in usual.items() if name not in chosen}


def plan_of(options: TrainOptions, n_learn: int, n_watch: int, seconds_of_epoch: float, left: float) -> Plan:
    """Decide how to spend the budget.

    Parameters
    ----------
    options : TrainOptions
    n_learn, n_watch : int
        Rows to learn from and to compare by.
    seconds_of_epoch : float
        What an epoch of the usual network takes on one thread.
    left : float
        Seconds of the time limit that are left; infinite if there is none.
    """
    batch_size = options.batch_size or batch_size_for(n_learn)
    folds = folds_for(options, n_learn + n_watch)
    seconds_of_epoch *= folds or 1
    space, usual = space_of(options, batch_size)
    epochs = options.epochs or EPOCHS
    if options.epochs is None and math.isfinite(left):
        # So few that two brackets, each the work of about 2.3 times these epochs, fit into the time with some to spare.
        within = 0.25 * left * free_threads(options.threads) / 2 / max(seconds_of_epoch, 1e-6)
        epochs = int(min(EPOCHS, max(FEWEST_EPOCHS, within)))
    budget: list[Budget] = []
    if options.epochs_in_all is None or options.trials is not None:
        budget.append(Trials(options.trials or TRIALS))
    if options.epochs_in_all is not None:
        budget.append(Epochs(options.epochs_in_all))
    if math.isfinite(left):
        if left <= 0:
            raise CommandError(_too_late(options.time or SECONDS, left, seconds_of_epoch * epochs))
        budget.append(Seconds(left))
    least = max(math.ceil(LEAST_STEPS * batch_size / n_learn), round(epochs / 9), 1)
    # Where no network is to be stopped early they still come a bracket at a time, so that those tried in a short time
    # are the first of them rather than the largest.
    strategy = Halving(3, least_epochs=least if 2 * least <= epochs else epochs, n_trials=BRACKET)
    return Plan(space, usual, tuple(budget), strategy, epochs, not math.isfinite(left), folds)


def _too_late(limit: float, left: float, seconds_of_network: float) -> str:
    spent = limit - left
    enough = math.ceil(spent + 10 * seconds_of_network + 1)
    return (
        f"--time {limit:g} is too little for one network: reading and preparing the table took {spent:.1f} s, and a "
        f"network takes about {seconds_of_network:.2g} s; give --time {enough} or more"
    )


def time_limit(options: TrainOptions) -> float:
    """Return the seconds that the search may take; infinite where nothing limits it."""
    if options.time is not None:
        return options.time
    return math.inf if options.trials is not None or options.epochs_in_all is not None else SECONDS


def seconds_of_epoch(network: Network, x: NDArray[np.float32], y: NDArray[Any], batch_size: int) -> tuple[float, float]:
    """Measure what an epoch takes on one thread, and how much longer the first one takes, which may compile."""
    rows = min(len(x), 50 * batch_size)
    x_part, y_part = x[:rows], y[:rows]
    if np.issubdtype(y.dtype, np.integer):  # a table may be sorted by its classes; for the time any labels will do
        y_part = np.arange(rows) % 2
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        network.fit(x_part, y_part, epochs=1, batch_size=batch_size, progress=False, n_threads=1)
        seconds.append(time.perf_counter() - started)
    return seconds[1] * len(x) / rows, max(seconds[0] - seconds[1], 0.0)


def builder_for(target: Target, n_inputs: int) -> Any:
    """Return what makes a network for the target from settings."""
    return partial(
        perceptron,
        n_inputs=n_inputs,
        n_outputs=len(target.classes) or 1,
        has_classes=target.task == "classification",
    )


def search_networks(
    options: TrainOptions, plan: Plan, target: Target, learn: Any, watch: Any, display: LiveSearch
) -> SearchResult:
    """Search.

    Raises
    ------
    CommandError
        If the budget is too small for one network.
    """
    x, y = (learn.x, learn.y) if plan.folds is None else (
        np.concatenate([learn.x, watch.x]), np.concatenate([learn.y, watch.y])
    )  # fmt: skip
    try:
        return search(
            x,
            y,
            plan.space,
            plan.budget,
            strategy=plan.strategy,
            metric=METRICS[target.task],
            validation_data=(watch.x, watch.y) if plan.folds is None else None,
            folds=plan.folds,
            epochs=plan.epochs,
            patience=options.patience,
            build=builder_for(target, learn.x.shape[1]),
            first=[plan.usual],
            callbacks=[display.ended],
            seed=options.seed,
            n_threads=options.threads,
            progress=display,
            schedule=CosineDecay(),
        )
    except BudgetTooSmall as error:
        option = "--epochs-in-all" if options.epochs_in_all is not None else "--time"
        raise CommandError(f"{option} is too little for one network: {error}") from None


def batch_size_for(n_rows: int) -> int:
    """Return the usual number of rows of a step."""
    return next((size for most, size in BATCH_SIZES if n_rows <= most), LARGEST_BATCH)
