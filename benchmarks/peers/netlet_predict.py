"""netlet as anybody calls it: `Network.predict`, with its checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import netlet
from peers import Run, row_by_row
from shapes import Shape


def built(shape: Shape) -> Any:
    """Return a network of that shape; its weights do not matter here."""
    hidden: list[Any] = [netlet.Dense(n, activation=shape.activation) for n in shape.hidden]
    return netlet.Network(
        [netlet.Input(shape.sizes[0]), *hidden, netlet.Dense(shape.sizes[-1]), netlet.Softmax()], seed=0
    )


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the ordinary call."""
    return {"(1, n) float32": row_by_row(built(shape).predict, X)}
