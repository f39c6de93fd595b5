"""netlet's `Population`: every network of the list in one call, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import netlet
from configurations import BATCH_SIZE, N_CLASSES, Configuration, accuracy, digits
from netlet.population.population import Member, Population


def network_of(one: Configuration) -> Any:
    """Build the network of a configuration."""
    layers: list[Any] = [netlet.Dense(n, activation="relu") for n in one.hidden]
    return netlet.Network([*layers, netlet.Dense(N_CLASSES), netlet.Softmax()], seed=one.seed, dtype="float32")


def searches(
    configurations: Sequence[Configuration], epochs: int, n_threads: int | None = None
) -> Callable[[], list[float]]:
    """Return the search: networks are built, trained and judged; it gives their validation accuracies."""
    data = digits()

    def search() -> list[float]:
        members = [Member(network_of(one), learning_rate=one.learning_rate) for one in configurations]
        population = Population(members, epochs=epochs, batch_size=BATCH_SIZE, optimizer="adam")
        outcomes = population.fit(data.X, data.y, n_threads=n_threads, progress=False)
        return [accuracy(one.network.predict(data.X_validation), data.y_validation) for one in outcomes]

    return search
