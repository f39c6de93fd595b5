"""Samples held out: their loss and their score after each epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit, softmax
from sklearn.metrics import check_scoring, d2_pinball_score, r2_score

from netlet.estimators.sets import dense_blocks
from netlet.estimators.targets import Classes, Numbers
from netlet.graph.activations import Exponential, Sigmoid, Softmax
from netlet.network.network import Network
from netlet.training.losses import Quantile
from netlet.training.prediction import Predictor, mean_loss
from netlet.training.stepper import Samples


class Validation:
    """Measures a network on samples that it is not trained on.

    Parameters
    ----------
    estimator : estimator
        Handed to a scorer.
    network : Network
    reads : int
        The operation that the loss reads.
    coding : Classes or Numbers
    x : array or sparse matrix, (n_samples, n_features)
    y : array
        As the person gave it, for scorers.
    samples : Samples
        The same, coded; its features are not used.
    weights : array, (n_samples,), or None
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        reads: int,
        coding: Classes | Numbers,
        x: Any,
        y: np.ndarray,
        samples: Samples,
        weights: np.ndarray | None,
    ) -> None:
        self.estimator, self.network, self.coding = estimator, network, coding
        self.x, self.y, self.samples, self.weights = x, y, samples, weights
        self.predictor = Predictor(network._operations, reads, network.dtype)
        self._has_link = reads != len(network._operations) - 1
        self._truth = coding.codes(y) if isinstance(coding, Classes) else None
        scoring = estimator.scoring
        self._scorer: Callable[..., float] | None = None
        self._by_loss = isinstance(scoring, str) and scoring == "loss"
        if scoring is not None and not self._by_loss:
            self._scorer = check_scoring(estimator, scoring=scoring)

    def measure(self) -> tuple[float, float]:
        """Return the score and the loss; the score is NaN where an output is not finite."""
        learnt, threads = self.network._built(), self.estimator.n_threads
        blocks = [
            self.predictor.predict(learnt.theta, learnt.state, block, threads)
            for block in dense_blocks(self.x, self.network.dtype)
        ]
        logits = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        loss = mean_loss(self.coding.loss, logits, self.samples.y, self.samples.weights)
        if not np.isfinite(logits).all():
            return np.nan, loss
        if self._by_loss:
            return -loss, loss
        if self._scorer is not None:
            own = {} if self.weights is None else {"sample_weight": self.weights}
            with self.estimator._trusting():
                return float(self._scorer(self.estimator, self.x, self.y, **own)), loss
        return self._score(self._outputs(logits)), loss

    def _outputs(self, logits: np.ndarray) -> np.ndarray:
        """Apply the output layer, which the loss contains."""
        output = self.coding.output if self._has_link else None
        if isinstance(output, Softmax):
            return np.asarray(softmax(logits, axis=1))
        if isinstance(output, Sigmoid):
            return np.asarray(expit(logits))
        return np.exp(logits) if isinstance(output, Exponential) else logits

    def _score(self, outputs: np.ndarray) -> float:
        if isinstance(self.coding, Classes):
            right = (self.coding.decide(outputs) == self._truth).all(axis=1)
            return float(np.average(right, weights=self.weights))
        return regression_score(self.coding, self.y, self.coding.values(outputs), self.weights)


def regression_score(coding: Numbers, y: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None) -> float:
    """Return R^2; for several quantiles the mean share of the pinball loss that is explained, D^2."""
    if not np.isfinite(predicted).all():
        return float("nan")
    loss = coding.loss
    if not isinstance(loss, Quantile):
        return float(r2_score(y, predicted, sample_weight=weights))
    columns = predicted.reshape(len(predicted), coding.n_targets, len(loss.quantiles))
    targets = y.reshape(len(predicted), coding.n_targets)
    scores = [
        d2_pinball_score(targets, columns[:, :, place], sample_weight=weights, alpha=quantile)
        for place, quantile in enumerate(loss.quantiles)
    ]
    return float(np.mean(scores))
