"""What is timed: one module a library, each with one function `forms`.

`forms(shape, X, y, n_threads)` returns the ways to train that network with the library, by name. Each is a function
that trains for the given number of epochs, waits until the work is done, and returns the seconds of every epoch where
the library itself reports them (an empty list otherwise). Every epoch draws a fresh random permutation of the samples,
and the drawing and the gathering of the batches are part of the work.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shapes import Shape

Run = Callable[[int], list[float]]
Forms = Callable[[Shape, NDArray[np.float32], NDArray[Any], int], dict[str, Run]]

# Name in the tables -> module, whether it is measured unless asked otherwise.
PEERS = {
    "scikit-learn": ("scikit_learn", True),
    "PyTorch eager": ("torch_eager", True),
    "PyTorch compiled": ("torch_compiled", True),
    "JAX step": ("jax_step", True),
    "JAX scan": ("jax_scan", True),
    "Keras on JAX": ("keras_jax", False),
}

# Those that predict row by row: an "epoch" is one pass over the rows, and the form is how they are asked.
PREDICTING = {
    "netlet, compiled predictor": "netlet_compiled_predictor",
    "netlet, Network.predict": "netlet_predict",
    "netlet, MLPClassifier.predict_proba": "netlet_classifier_predict",
    "onnxruntime": "onnxruntime_predict",
    "scikit-learn": "scikit_learn_predict",
}

# Estimators with one interface: an "epoch" is one whole `fit`.
FITTING = {"scikit-learn": "scikit_learn_fit", "netlet": "netlet_estimator_fit"}

_OTHERS = (
    {"netlet": "netlet_fit", "sgemm": "sgemm", "netlet, deep": "netlet_deep", "PyTorch, deep": "torch_deep"}
    | {f"predict: {name}": own for name, own in PREDICTING.items()}
    | {f"fit: {name}": own for name, own in FITTING.items()}
)


def load(name: str) -> Forms:
    """Import the module of a peer, `netlet` or `sgemm`, or with "predict: " or "fit: " those above; return `forms`."""
    module = PEERS[name][0] if name in PEERS else _OTHERS[name]
    forms: Forms = import_module(f"peers.{module}").forms
    return forms


def row_by_row(call: Callable[[Any], Any], X: Any) -> Run:
    """Return a run that calls a function with every row of an array (n, m) as (1, m), or with each vector of a list."""
    rows = X if isinstance(X, list) else [X[i : i + 1] for i in range(len(X))]

    def run(epochs: int) -> list[float]:
        for _ in range(epochs):
            for row in rows:
                call(row)
        return []

    return run
