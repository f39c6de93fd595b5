"""What there is to tell of the networks of a preset, for the screen, the page and the model file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet import Dense, Dropout
from netlet.cli.live_networks import LiveNetworks
from netlet.data import Target
from netlet.report.facts import NetworkFacts, NetworksFacts, WinnerFacts
from netlet.tables.base import TableEstimator
from netlet.tables.choosing import Chosen
from netlet.tables.members import Part

HALVED = 0.5  # the loss that is trained is half the squared error that the best epoch is found by
ENDINGS = {
    "time": "The time limit ended the training; networks that had no epoch by then are left out.",
    "interrupted": "Ctrl-C ended the training; networks that had no epoch by then are left out.",
}


@dataclass(frozen=True)
class Measured:
    """What the networks' costs are shown as: a name in words, and how to come to it from a cost."""

    name: str
    score: Callable[[float], float]


def learning(target: Target) -> Measured:
    """Return how the cost of rows held out is shown: the log loss, or the RMSE in the target's unit."""
    if target.task == "classification":
        return Measured("log loss", lambda cost: cost)
    return Measured("RMSE", lambda cost: math.sqrt(cost) * target.scale)


def networks_facts(
    preset: str, display: LiveNetworks, chosen: Chosen, weights: np.ndarray, seconds: float, n_threads: int
) -> NetworksFacts:
    """Gather what became of each network."""
    shares = {each.place: float(weight) for each, weight in zip(chosen.members, weights, strict=True)}
    networks = []
    for place, (part, outcome) in enumerate(zip(display.parts, display.outcomes, strict=True)):
        score, epoch = display.best.get(place, (None, None))
        n_held = 0 if np.array_equal(part.rows, part.held_out) else len(part.held_out)
        networks.append(
            NetworkFacts(
                place, len(part.rows), n_held, score, len(outcome.history), epoch, outcome.seconds,
                part.changes, shares.get(place, 0.0), outcome.reason,
            )
        )  # fmt: skip
    ending = ENDINGS.get(display.ending, "")
    return NetworksFacts(preset, tuple(networks), display.measure, seconds, n_threads, ending)


def winner_facts(model: TableEstimator, chosen: Chosen, parts: Sequence[Part]) -> WinnerFacts:
    """Describe the model; its curves and settings are those of the first network."""
    ensemble, first = model.model_, chosen.members[0]
    factor = HALVED if parts[first.place].options["loss"] == "squared_error" else 1.0
    members = zip((each.place for each in chosen.members), ensemble.weights.tolist(), strict=True)
    return WinnerFacts(
        tuple(members),
        settings_of(parts[first.place]),
        sum(each.theta.size for each in ensemble.networks),
        {"loss": first.history.column("loss"), "validation_loss": [factor * cost for cost in first.costs]},
        first.network.summary(),
        ensemble.temperature if ensemble.temperature != 1 else None,
    )


def settings_of(part: Part) -> dict[str, Any]:
    """Return how a network is built and trained, by names that stand for themselves."""
    layers, optimizer = part.network.layers, part.options["optimizer"]
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    dropped = [layer.rate for layer in layers if isinstance(layer, Dropout)]
    return {
        "hidden": tuple(layer.units for layer in dense[:-1]),
        "activation": next((layer.activation for layer in dense[:-1]), "none"),
        "dropout": dropped[0] if dropped else 0.0,
        "optimizer": type(optimizer).__name__,
        "learning_rate": optimizer.learning_rate,
        "schedule": part.options["schedule"],
        "weight_decay": optimizer.weight_decay,
        "epochs": part.options["epochs"],
        "batch_size": part.options["batch_size"],
    }


def notes_of(tried: NetworksFacts, stopped: str) -> dict[str, Any]:
    """Return what the model file notes of the training."""
    return {
        "preset": tried.preset,
        "networks": len(tried.networks),
        "stopped": stopped,
        "metric": tried.measure.lower().replace(" ", "_"),
        "members": [[each.number, each.share] for each in tried.networks if each.share],
        "tried": [
            {"number": each.number, "score": each.score, "best_epoch": each.best_epoch, "epochs": each.epochs}
            for each in tried.networks
        ],
    }
