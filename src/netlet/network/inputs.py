"""From what a person hands over as X to one matrix: a row for each sample, all inputs side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from netlet.graph.graph import Graph
from netlet.training.samples.arrays import features_of


def inputs_of(X: Any, dtype: str, graph: Graph, name: str = "X") -> np.ndarray:
    """Check the features of a network.

    Parameters
    ----------
    X : array-like, (n_samples, n_features) or (n_samples, *shape of the input)
        For a network with several inputs: a tuple or list with one such array for each, in the order in which the
        inputs were made, or one matrix with their columns side by side.
    dtype : {"float32", "float64"}
    graph : Graph
    name : str
        For messages.

    Returns
    -------
    dtype, (n_samples, n_features), contiguous
        Not copied where it is one contiguous matrix of the dtype.

    Raises
    ------
    ValueError, TypeError
        If X is not as it should be.
    """
    inputs = graph.inputs
    if len(inputs) > 1 and isinstance(X, (tuple, list)) and len(X) > 0 and hasattr(X[0], "shape"):
        if len(X) != len(inputs):
            raise ValueError(f"{name} holds {len(X)} arrays, the network has {len(inputs)} inputs; give one for each")
        parts = [
            features_of(_flat(each, own.dimensions), dtype, own.size, f"{name}[{place}]")
            for place, (each, own) in enumerate(zip(X, inputs, strict=True))
        ]
        if len({len(part) for part in parts}) > 1:
            rows = ", ".join(str(len(part)) for part in parts)
            raise ValueError(f"the arrays of {name} have {rows} rows; each must have one row for each sample")
        return np.concatenate(parts, axis=1)
    shape = inputs[0].dimensions if len(inputs) == 1 else ()
    return features_of(_flat(X, shape), dtype, graph.n_features, name)


def _flat(X: Any, shape: tuple[int, ...]) -> Any:
    """Lay a sample's numbers out in a row, where they have exactly the input's shape."""
    found = getattr(X, "shape", None)
    if found is None and len(shape) > 1:
        X = np.asarray(X)
        found = X.shape
    is_shaped = found is not None and len(found) > 2 and tuple(found[1:]) == shape
    is_column = found is not None and len(found) == 1 and shape == (1,)
    if is_shaped or is_column:
        return np.asarray(X).reshape(len(X), math.prod(shape))  # -1 cannot be found where there are no samples
    return X
