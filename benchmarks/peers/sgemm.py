"""No peer but a yardstick: SciPy's own single-precision matrix product at 1024 x 1024 x 1024."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import sgemm

from peers import Run
from shapes import Shape

SIDE = 1024
FLOP = 2 * SIDE**3


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the product; an "epoch" is one call. OpenBLAS takes its threads from the environment of the process."""
    a, b, c = (np.asfortranarray(np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)) for _ in range(3))

    def run(epochs: int) -> list[float]:
        for _ in range(epochs):
            sgemm(1.0, a, b, c=c, overwrite_c=True)
        return []

    return {"sgemm": run}
