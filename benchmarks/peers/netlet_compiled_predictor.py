"""netlet's `Network.compile_predictor`, asked with a vector, and with a matrix of one row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from peers import Run, row_by_row
from peers.netlet_predict import built
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return both ways."""
    predictor = built(shape).compile_predictor()
    return {"(n,)": row_by_row(predictor, list(X)), "(1, n)": row_by_row(predictor, X)}
