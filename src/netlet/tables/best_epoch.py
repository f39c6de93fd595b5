"""The epoch to keep: that of the lowest validation loss after its temperature is set right ("refine, then calibrate").

A network's probabilities grow too sure long before its order of the samples is at its best; what one constant can mend
must not end the training. Reference: Berta, Holzmueller, Jordan, Bach, "Rethinking early stopping: refine, then
calibrate", 2025 (arXiv 2501.19195).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from netlet.network.network import Network
from netlet.population.probabilities import logits_of

_LOG_RANGE = (math.log(0.05), math.log(20.0))
_TOLERANCE = 0.03  # of log T


class Refined(NamedTuple):
    """A log loss, and the temperature with which it is so low."""

    loss: float
    temperature: float


Cost = Callable[[np.ndarray], float]


def refined_loss(y: np.ndarray, weights: np.ndarray | None, precise: bool = False) -> Callable[[np.ndarray], Refined]:
    """Return a function of probabilities that gives their log loss after the best temperature, and that temperature.

    Parameters
    ----------
    y : int64, (n,)
        Class numbers.
    weights : float64, (n,), optional
    precise : bool
        Whether the temperature is wanted itself; the loss is flat at its minimum.

    Returns
    -------
    callable
        Of (n, k) probabilities; each label is taken to be another one with probability
        ``1 / (2 n + 4)``, so that few rows do not make the networks surer than they can show.
    """
    smoothing = 1 / (2 * len(y) + 4)
    rows = np.arange(len(y))

    def of(probabilities: np.ndarray) -> Refined:
        z = logits_of(probabilities, "classes", "float32")

        def loss(log_t: float) -> float:
            log_p = log_softmax(z * math.exp(-log_t), axis=1)
            right = log_p[rows, y]
            others = (log_p.sum(axis=1) - right) / (z.shape[1] - 1)
            return float(-np.average((1 - smoothing) * right + smoothing * others, weights=weights))

        found = minimize_scalar(
            loss, bounds=_LOG_RANGE, method="bounded", options={"xatol": 1e-6 if precise else _TOLERANCE}
        )
        return Refined(float(found.fun), math.exp(float(found.x)))

    return of


def squared_loss(targets: np.ndarray, weights: np.ndarray | None = None) -> Cost:
    """Return the mean squared error of numbers, (n, 1), as a function of them."""
    return lambda outputs: float(np.average((outputs.ravel() - targets.ravel()) ** 2, weights=weights))


def pinball_loss(targets: np.ndarray, levels: Sequence[float], weights: np.ndarray | None = None) -> Cost:
    """Return the mean pinball loss of quantiles, (n, n_levels), as a function of them.

    max(q d, (q - 1) d) with d = target - output, averaged over the levels q (Koenker and Bassett, 1978).
    """
    q, y = np.asarray(levels), targets.reshape(-1, 1)

    def of(outputs: np.ndarray) -> float:
        d = y - outputs
        return float(np.average(np.maximum(q * d, (q - 1) * d).mean(axis=1), weights=weights))

    return of


class BestEpoch:
    """A callback of `Network.fit` that keeps the weights of the epoch of least cost, and ends where there is no hope.

    Parameters
    ----------
    x : float32, (n, n_features)
        Samples held out.
    cost : callable
        Of the network's outputs for them; less is better.
    patience : int, optional
        End after so many epochs without a lower cost.

    Attributes
    ----------
    costs : list of float
        One an epoch.
    epoch : int
        That of the least cost; 0 before the first.
    outputs : float32, (n, n_outputs)
        Those of that epoch.
    """

    def __init__(self, x: np.ndarray, cost: Cost, patience: int | None = None) -> None:
        self.x, self.cost, self.patience = x, cost, patience
        self.costs: list[float] = []
        self.epoch = 0
        self.outputs: np.ndarray | None = None
        self._theta: np.ndarray | None = None

    def __call__(self, end: Any) -> bool:
        outputs = end.network.predict(self.x, n_threads=1)
        cost = self.cost(outputs)
        lowest = min(self.costs, default=math.inf)
        self.costs.append(cost)
        if cost < lowest or self._theta is None:
            self.epoch, self.outputs, self._theta = end.epoch, outputs, end.network.theta.copy()
        return self.patience is not None and end.epoch - self.epoch >= self.patience

    def put_back(self, network: Network) -> None:
        """Give the network the weights of the best epoch."""
        if self._theta is not None:
            network.theta = self._theta
