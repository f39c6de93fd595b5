"""netlet as anybody calls it: `Network.fit`, whole calls of several epochs, its loss and accuracy included."""

from __future__ import annotations

from typing import Any

import netlet
import numpy as np
from numpy.typing import NDArray
from shapes import Shape

from peers import Run


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return the one form there is."""
    layers: list[Any] = [netlet.Dense(n, activation=shape.activation) for n in shape.hidden]
    layers += [netlet.Dense(shape.sizes[-1]), *([netlet.Softmax()] if shape.classifies else [])]
    network = netlet.Network(layers, seed=0, dtype="float32")

    def run(epochs: int) -> list[float]:
        history = network.fit(
            X, y, optimizer="adam", epochs=epochs, batch_size=shape.batch_size, progress=False, n_threads=n_threads
        )
        return [epoch["seconds"] for epoch in history.epochs]

    return {"fit": run}
