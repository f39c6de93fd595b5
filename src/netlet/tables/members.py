"""Training the networks of a model side by side, each on its own rows, each kept at its best epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.network.network import Network
from netlet.population.member import Member
from netlet.population.population import Population
from netlet.tables.best_epoch import BestEpoch, Cost
from netlet.tables.health import leaps_apart
from netlet.tables.ready import Onlooker
from netlet.training.history import History


@dataclass(frozen=True)
class Part:
    """A network to train.

    Parameters
    ----------
    network : Network
    rows, held_out : int64
        The rows to learn from, and those that tell which epoch is the best.
    options : dict
        Parameters of `Network.fit`.
    setting : int
        Which of the preset's settings it has.
    changes : mapping
        Of the recipe, which make this setting.
    """

    network: Network
    rows: np.ndarray
    held_out: np.ndarray
    options: dict[str, Any]
    setting: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """A network at its best epoch.

    Attributes
    ----------
    network : Network
    held_out : int64, (m,)
    outputs : float32, (m, n_outputs)
        What it says of the rows held out.
    cost : float
        Of these outputs.
    epoch : int
        The best one, from 1.
    history : History
    setting : int
    place : int
        Which of the networks to train it is.
    costs : tuple of float
        Of the rows held out after each epoch.
    """

    network: Network
    held_out: np.ndarray
    outputs: np.ndarray
    cost: float
    epoch: int
    history: Any
    setting: int = 0
    place: int = 0
    costs: tuple[float, ...] = ()


def train_parts(
    parts: Sequence[Part],
    x: np.ndarray,
    y: np.ndarray,
    cost_of: Callable[[np.ndarray], Cost],
    *,
    patience: int | None,
    sample_weight: np.ndarray | None,
    n_threads: int | None,
    time_limit: float | None,
    progress: bool | str | Onlooker,
    health: bool = False,
) -> list[Trained]:
    """Train networks side by side; the result does not depend on the number of threads.

    Parameters
    ----------
    parts : sequence of Part
    x : float32, (n_rows, n_features)
    y : array, (n_rows,)
        As `Network.fit` takes it.
    cost_of : callable
        Gives for rows held out the cost of a network's outputs for them.
    patience : int, optional
        Epochs without a lower cost, after which a network's training ends.
    sample_weight, n_threads, time_limit
        As for `Population.fit`.
    progress : bool, str or Onlooker
        As for `Population.fit`; an onlooker is told of every epoch.
    health : bool, default False
        Whether each history is to say what kept its network from learning.

    Returns
    -------
    list of Trained
        Without those that failed or for which no epoch's time was left.

    Raises
    ------
    TrainingFailed
        If none is left; its history tells whether that was for Ctrl-C.
    """
    keepers = [BestEpoch(x[part.held_out], cost_of(part.held_out), patience) for part in parts]
    onlooker = progress if isinstance(progress, Onlooker) else None
    callbacks: list[list[Callable[[Any], Any]]] = [[keeper] for keeper in keepers]
    if onlooker is not None:
        onlooker.begin(parts)
        for place, keeper in enumerate(keepers):
            callbacks[place].append(partial(_tell, onlooker, place, keeper))
    members = [
        Member(part.network, rows=part.rows, callbacks=called, **part.options)
        for part, called in zip(parts, callbacks, strict=True)
    ]
    population = Population(members, health=health)
    outcomes = population.fit(
        x, y, sample_weight=sample_weight, n_threads=n_threads, time_limit=time_limit, progress=progress
    )
    if onlooker is not None:
        onlooker.ended(outcomes, population._ending)
    trained = []
    for place, (part, keeper, outcome) in enumerate(zip(parts, keepers, outcomes, strict=True)):
        if keeper.outputs is None:
            continue
        keeper.put_back(part.network)
        if outcome.history.health is not None:
            outcome.history.health = leaps_apart(outcome.history.health, outcome.history.column("loss"))
        trained.append(
            Trained(
                part.network, part.held_out, keeper.outputs, min(keeper.costs), keeper.epoch, outcome.history,
                part.setting, place, tuple(keeper.costs),
            )
        )  # fmt: skip
    if not trained:
        interrupted = population._ending == "interrupted"
        no_time = f"time_limit={time_limit} is too little for an epoch; give more seconds, or None"
        why = "the first epoch was interrupted" if interrupted else no_time
        reasons = "; ".join(dict.fromkeys(each.reason for each in outcomes if each.reason)) or why
        history = History(stopped="interrupted") if interrupted else outcomes[0].history
        raise TrainingFailed(f"no network was trained: {reasons}", history)
    return trained


def _tell(onlooker: Onlooker, place: int, keeper: BestEpoch, end: Any) -> None:
    onlooker.epoch(place, end.epoch, keeper.costs[-1])
