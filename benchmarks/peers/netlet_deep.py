"""netlet's convolutional, recurrent and attention networks: `Network.fit`, whole calls, its loss included."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import netlet
from deep_shapes import BLOCKS, CNN, HEADS, HIDDEN, LSTM, VOCABULARY, WIDTH, WINDOW, DeepShape
from peers import Run


def layers_of(shape: DeepShape) -> list[Any]:
    """Return the layers of one of the networks."""
    if shape.name == CNN:
        convolutions = [
            layer for n in (8, 16) for layer in (netlet.Conv2D(n, 3, activation="relu"), netlet.MaxPool2D())
        ]
        return [
            netlet.Input((28, 28, 1)), *convolutions, netlet.Flatten(), netlet.Dense(10), netlet.Softmax(),
        ]  # fmt: skip
    if shape.name == LSTM:
        return [netlet.Input((28, 28)), netlet.LSTM(64), netlet.Dense(10), netlet.Softmax()]
    return [
        netlet.Input(WINDOW), netlet.Embedding(VOCABULARY, WIDTH), netlet.LearnedPositions(),
        *[netlet.TransformerBlock(HEADS, HIDDEN, causal=True) for _ in range(BLOCKS)],
        netlet.LayerNorm(), netlet.TimeDense(VOCABULARY),
    ]  # fmt: skip


def forms(shape: DeepShape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return the one form there is."""
    network = netlet.Network(layers_of(shape), seed=0, dtype="float32")
    loss = "sequence_cross_entropy" if y.ndim == 2 else "cross_entropy"
    X = X.reshape(len(X), -1)

    def run(epochs: int) -> list[float]:
        history = network.fit(
            X, y, loss=loss, epochs=epochs, batch_size=shape.batch_size, progress=False, n_threads=n_threads
        )
        marks = [0.0, *[epoch["seconds"] for epoch in history.epochs]]  # since the start of the fit
        return [after - before for before, after in pairwise(marks)]

    return {"fit": run}
