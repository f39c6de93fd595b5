"""Training the networks of a model side by side, each on its own rows, each kept at its best epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.network.network import Network
from netlet.population.member import Member
from netlet.population.population import Population
from netlet.tables.best_epoch import BestEpoch, Cost


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
    """

    network: Network
    rows: np.ndarray
    held_out: np.ndarray
    options: dict[str, Any]
    setting: int = 0


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
    """

    network: Network
    held_out: np.ndarray
    outputs: np.ndarray
    cost: float
    epoch: int
    history: Any
    setting: int = 0


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
    progress: bool | str,
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
    sample_weight, n_threads, time_limit, progress
        As for `Population.fit`.

    Returns
    -------
    list of Trained
        Without those that failed or for which no epoch's time was left.

    Raises
    ------
    TrainingFailed
        If none is left.
    """
    keepers = [BestEpoch(x[part.held_out], cost_of(part.held_out), patience) for part in parts]
    members = [
        Member(part.network, rows=part.rows, callbacks=[keeper], **part.options)
        for part, keeper in zip(parts, keepers, strict=True)
    ]
    outcomes = Population(members).fit(
        x, y, sample_weight=sample_weight, n_threads=n_threads, time_limit=time_limit, progress=progress
    )
    trained = []
    for part, keeper, outcome in zip(parts, keepers, outcomes, strict=True):
        if keeper.outputs is None:
            continue
        keeper.put_back(part.network)
        cost = min(keeper.costs)
        trained.append(
            Trained(part.network, part.held_out, keeper.outputs, cost, keeper.epoch, outcome.history, part.setting)
        )
    if not trained:
        reasons = "; ".join(dict.fromkeys(each.reason for each in outcomes if each.reason)) or "there was no time"
        raise TrainingFailed(f"no network was trained: {reasons}")
    return trained
