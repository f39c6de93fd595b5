"""A limit of time for the networks of a preset: fewer epochs, so that each is trained to the end of its schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from netlet.cli.command_error import CommandError
from netlet.population.crew import free_threads
from netlet.tables.members import Part, train_parts
from netlet.tables.ready import Onlooker, Ready

SPARE = 0.7  # of the limit is planned with
ENOUGH = 8  # epochs of each network that a limit is advised for
STEPS = 50  # of an epoch that are measured, at the most


def fit_into(limit: float, model: Any, ready: Ready, n_threads: int | None) -> None:
    """Give a model as many epochs as the limit allows, if these are fewer than it would have.

    What there is to compile is compiled before the time counts.

    Raises
    ------
    CommandError
        If there is too little time for one epoch of one network.
    """
    first, n_networks = next(model._parts(ready, model._seed())), model._n_networks(len(ready.x))
    epochs, seconds = first.options["epochs"], _seconds_of_epoch(first, ready, model._cost_of)
    rounds = math.ceil(n_networks / min(free_threads(n_threads), n_networks))
    if limit < seconds:
        enough = math.ceil(ENOUGH * rounds * seconds / SPARE)
        raise CommandError(
            f"--time {limit:g} is too little for one network: an epoch of it takes about {seconds:.2g} s; give "
            f"--time {enough} or more"
        )
    within = int(SPARE * limit / (rounds * seconds))
    if model.epochs is None and within < epochs:
        model.set_params(epochs=max(within, 1))


class _Seconds(Onlooker):
    """Keeps how long the only network took."""

    seconds = 0.0

    def ended(self, outcomes: Sequence[Any], ending: str) -> None:  # noqa: ARG002  (the base's)
        self.seconds = float(outcomes[0].seconds)


def _seconds_of_epoch(part: Part, ready: Ready, cost_of: Callable[..., Any]) -> float:
    """Measure what an epoch takes on one thread, where all is compiled; the network is not used again."""
    every = len(part.rows)
    few = part.rows[:: max(every // (STEPS * part.options["batch_size"]), 1)]
    short = replace(part, rows=few, options=part.options | {"epochs": 1})
    taken = []
    for _ in range(2):
        watch = _Seconds(None)
        train_parts(
            [short], ready.x, ready.y, lambda held: cost_of(ready.y[held], None), patience=None,
            sample_weight=ready.weights, n_threads=1, time_limit=None, progress=watch,
        )  # fmt: skip
        taken.append(watch.seconds)
    return min(taken) * every / len(few)
