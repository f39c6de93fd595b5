"""The weights of attention: with what share each step of a sequence takes the values of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.graph.building import Operation
from netlet.insight.walk import Walk
from netlet.kernels.blas import single_threaded_blas
from netlet.training.learnt import Learnt

ATTENTION = ("attention", "padded_attention")
"""The operations that have such weights."""


def attention_weights(operations: Sequence[Operation], place: int, learnt: Learnt, x: np.ndarray) -> np.ndarray:
    """Compute the weights of one attention operation.

    Parameters
    ----------
    operations : sequence of Operation
    place : int
        One of the rows `ATTENTION`.
    learnt : Learnt
    x : dtype, (n, n_features)

    Returns
    -------
    dtype, (n, heads, steps, steps)
        By head, the step that takes, and the step that is taken from.
    """
    heads, steps = (operations[place].settings[name] for name in ("heads", "steps"))
    walk = Walk(operations, place, learnt.theta, learnt.state)
    result = np.empty((len(x), heads, steps, steps), learnt.dtype)
    with single_threaded_blas():
        for start in range(0, len(x), walk.block):
            rows = slice(start, start + walk.block)
            walk.forward(x[rows])
            kept = walk.saved[place][:, : heads * steps**2]  # transposed, as the kernel needs them
            result[rows] = kept.reshape(-1, heads, steps, steps).transpose(0, 1, 3, 2)
    return result
