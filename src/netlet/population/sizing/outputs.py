"""What the units of a hidden layer give: the numbers that the dense layer after them reads."""

from __future__ import annotations

import numpy as np

from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden
from netlet.training.prediction import Predictor


def reading(network: Network, hidden: Hidden) -> int:
    """Return the place of the operation that multiplies a hidden layer's outputs by its reader's weight."""
    return next(
        place
        for place, operation in enumerate(network._operations)
        if operation.layer == hidden.reader and operation.row == "dense"
    )


def values_of(network: Network, operation: int, x: np.ndarray) -> np.ndarray:
    """Return what an operation computes, as in a prediction.

    Parameters
    ----------
    network : Network
    operation : int
    x : dtype, (n_samples, n_features)

    Returns
    -------
    dtype, (n_samples, size of the operation)
    """
    if operation == 0:
        return x
    return Predictor(network._operations, operation, network.dtype).predict(network.theta, network.state, x)


def unit_outputs(network: Network, hidden: Hidden, x: np.ndarray) -> np.ndarray:
    """Return the outputs of a hidden layer's units as its reader sees them: dtype, (n_samples, n_units)."""
    return values_of(network, network._operations[reading(network, hidden)].sources[0], x)
