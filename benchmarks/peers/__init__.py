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


def load(name: str) -> Forms:
    """Import the module of one peer (or of `netlet` or `sgemm`) and return its `forms`."""
    module = PEERS[name][0] if name in PEERS else {"netlet": "netlet_fit", "sgemm": "sgemm"}[name]
    forms: Forms = import_module(f"peers.{module}").forms
    return forms
