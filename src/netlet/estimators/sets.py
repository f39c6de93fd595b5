"""Sets of samples as the engine takes them; sparse ones that are large are densified a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.training.stepper import Samples

_DENSE_BYTES = 16 * 2**20  # of a densified block


@dataclass(frozen=True)
class SparseSamples(Samples):
    """Samples whose features are a CSR matrix; `rows` gives dense ones."""

    x: Any

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def rows(self, chosen: Any) -> Samples:
        weights = self.weights[chosen] if self.weights.size else self.weights
        return Samples(dense(self.x[chosen], str(self.y.dtype)), self.y[chosen], weights)


def dense(x: Any, dtype: str) -> np.ndarray:
    """Return a dense contiguous copy of a sparse matrix."""
    return np.ascontiguousarray(x.toarray(), dtype=dtype)


def samples_of(x: Any, y: np.ndarray, weights: np.ndarray | None, dtype: str) -> Samples:
    """Return arrays as samples.

    Parameters
    ----------
    x : array or sparse matrix, (n_samples, n_features)
    y : array, (n_samples, n_targets)
    weights : array, (n_samples,), or None
    dtype : {"float32", "float64"}
    """
    own = np.empty(0, dtype=dtype) if weights is None else _writeable(np.ascontiguousarray(weights, dtype=dtype))
    targets = _writeable(np.ascontiguousarray(y, dtype=dtype))
    if hasattr(x, "tocsr") and x.shape[0] > block_rows(x.shape[1], dtype):
        return SparseSamples(x.tocsr(), targets, own)
    if hasattr(x, "tocsr"):  # small enough to be one block
        x = dense(x, dtype)
    return Samples(_writeable(np.ascontiguousarray(x, dtype=dtype)), targets, own)


def _writeable(x: np.ndarray) -> np.ndarray:
    # Compiled code has one type of array; a read-only one (joblib maps large ones so) would be another.
    return x if x.flags.writeable and x.flags.aligned else x.copy()


def block_rows(n_features: int, dtype: str, multiple: int = 1) -> int:
    """Return how many rows to densify together: a multiple of a batch, at least one."""
    rows = _DENSE_BYTES // max(1, n_features * np.dtype(dtype).itemsize)
    return max(1, rows // multiple) * multiple


def dense_blocks(x: Any, dtype: str) -> Iterator[np.ndarray]:
    """Go through the rows of features in order, densified where they are sparse."""
    if not hasattr(x, "tocsr"):
        yield _writeable(np.ascontiguousarray(x, dtype=dtype))
        return
    rows = block_rows(x.shape[1], dtype)
    matrix = x.tocsr()
    for start in range(0, matrix.shape[0], rows):
        yield dense(matrix[start : start + rows], dtype)
