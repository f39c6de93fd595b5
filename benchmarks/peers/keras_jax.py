"""Keras 3 on JAX: `model.fit`, one step a call and many steps a call."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from numpy.typing import NDArray

from peers import Run
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return `fit` with one step and with 25 steps in one compiled call."""

    def form(steps_per_execution: int) -> Run:
        layers = [keras.layers.Dense(n, activation=shape.activation) for n in shape.hidden]
        network = keras.Sequential([keras.Input((shape.sizes[0],)), *layers, keras.layers.Dense(shape.sizes[-1])])
        network.compile(
            optimizer=keras.optimizers.Adam(1e-3),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True) if shape.classifies else "mse",
            steps_per_execution=steps_per_execution,
        )

        def run(epochs: int) -> list[float]:
            network.fit(X, y, batch_size=shape.batch_size, epochs=epochs, shuffle=True, verbose=0)
            jax.block_until_ready([variable.value for variable in network.variables])
            return []

        return run

    return {"fit": form(1), "fit, 25 steps a call": form(25)}
