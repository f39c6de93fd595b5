"""netlet as anybody calls it: `Network.fit`, whole calls of several epochs, its loss included."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import netlet
from peers import Run
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return the one form there is."""
    layers: list[Any] = [netlet.Dense(n, activation=shape.activation) for n in shape.hidden]
    layers += [netlet.Dense(shape.sizes[-1]), *([netlet.Softmax()] if shape.classifies else [])]
    network = netlet.Network(layers, seed=0, dtype="float32")

    def run(epochs: int) -> list[float]:
        history = network.fit(
            X, y, optimizer="adam", epochs=epochs, batch_size=shape.batch_size, progress=False, n_threads=n_threads
        )
        marks = [0.0, *[epoch["seconds"] for epoch in history.epochs]]  # since the start of the fit
        return [after - before for before, after in pairwise(marks)]

    return {"fit": run}
