"""What a training has come to, epoch by epoch: losses, scores, and when it is enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.training.learnt import Learnt


class Progress:
    """Scikit-learn's rule for the end of a training.

    Every epoch that does not improve the training loss (with early stopping the validation score) by `tol` counts;
    after more than `n_iter_no_change` such epochs in a row it is enough.

    Attributes
    ----------
    losses : list of float
    scores, validation_losses : list of float, or None without validation
    best_loss, best_score : float or None
    without_improvement : int
    best : Learnt or None
        The weights of the best score, with early stopping.
    """

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.scores: list[float] | None = None
        self.validation_losses: list[float] | None = None
        self.best_loss: float | None = np.inf
        self.best_score: float | None = None
        self.without_improvement = 0
        self.best: Learnt | None = None
        self.early_stopping = False

    def begin(self, early_stopping: bool, validates: bool) -> None:
        """Begin a call of `fit` or `partial_fit`; a training that goes on goes on counting."""
        if validates and self.scores is None:
            self.scores, self.validation_losses, self.best_score = [], [], -np.inf
        self.early_stopping = early_stopping
        if early_stopping:
            self.best_loss = None
        elif self.best_loss is None:
            self.best_loss = np.inf

    def take(self, loss: float, score: float | None, validation_loss: float | None, tol: float, learnt: Learnt) -> None:
        """Note an epoch's figures, and keep the weights if they are the best so far."""
        self.losses.append(loss)
        if score is not None and validation_loss is not None:
            assert self.scores is not None
            assert self.validation_losses is not None
            self.scores.append(score)
            self.validation_losses.append(validation_loss)
        if self.early_stopping:
            assert score is not None
            assert self.best_score is not None
            self._count(score < self.best_score + tol)
        else:
            assert self.best_loss is not None
            self._count(loss > self.best_loss - tol)
            self.best_loss = min(loss, self.best_loss)
        if score is not None and self.best_score is not None and score > self.best_score:
            self.best_score = score
            if self.early_stopping:
                self._keep(learnt)

    def _count(self, is_no_better: bool) -> None:
        self.without_improvement = self.without_improvement + 1 if is_no_better else 0

    def _keep(self, learnt: Learnt) -> None:
        if self.best is None or self.best.theta.shape != learnt.theta.shape:
            self.best = learnt.copy()
        else:
            self.best.take(learnt)

    def publish(self, estimator: Any) -> None:
        """Write the figures as fitted attributes of an estimator."""
        estimator.loss_curve_ = self.losses
        estimator.validation_scores_ = self.scores
        estimator.validation_loss_curve_ = self.validation_losses
        estimator.best_loss_ = self.best_loss
        estimator.best_validation_score_ = self.best_score
        estimator._no_improvement_count = self.without_improvement
        if self.losses:
            estimator.loss_ = self.losses[-1]
