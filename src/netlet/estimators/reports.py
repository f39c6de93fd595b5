"""Whom to tell of each epoch: netlet's callbacks, and scikit-learn's where its version has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.training.history import History
from netlet.training.settings import EpochEnd

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in for scikit-learn's, which this version has not."""


__all__ = ["CallbackSupportMixin", "EstimatorEpochEnd", "Reports"]


@dataclass(frozen=True)
class EstimatorEpochEnd(EpochEnd):
    """What a callback of an estimator is given after an epoch.

    Attributes
    ----------
    network : Network
        With the weights of this moment; `epoch`, `loss`, `validation_loss`, `history` as for a network's own `fit`.
    estimator : estimator
    validation_score : float or None
    """

    estimator: Any = None
    validation_score: float | None = None


class Reports:
    """Calls everybody who wants to know of an epoch.

    Parameters
    ----------
    estimator : estimator
    callbacks : sequence of callable
        Each is given an `EstimatorEpochEnd`; a true answer stops the training.
    X, y : array-like
        What `fit` was given, for scikit-learn's callbacks.
    weights : array or None
    n_epochs : int
    """

    def __init__(
        self,
        estimator: Any,
        callbacks: Sequence[Callable[[Any], Any]] | None,
        X: Any,
        y: Any,
        weights: np.ndarray | None,
        n_epochs: int,
    ) -> None:
        self.estimator, self.callbacks = estimator, tuple(callbacks or ())
        self.history = History()
        self._arguments = {"X": X, "y": y, "metadata": None if weights is None else {"sample_weight": weights}}
        self._context: Any = None
        self._task: Any = None
        self._tasks_left = n_epochs
        if getattr(estimator, "_skl_callbacks", None) or hasattr(estimator, "_parent_callback_ctx"):
            self._context = estimator._init_callback_context(max_subtasks=n_epochs)
            self._context.call_on_fit_task_begin(estimator=estimator, **self._arguments)

    @property
    def wanted(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self.callbacks) or self._context is not None

    def epoch_begins(self) -> None:
        """Tell scikit-learn's callbacks that an epoch begins."""
        if self._context is not None and self._tasks_left:
            self._tasks_left -= 1
            self._task = self._context.subcontext(task_name="epoch")
            self._task.call_on_fit_task_begin(estimator=self.estimator, **self._arguments)

    def epoch_ends(self, loss: float, score: float | None, validation_loss: float | None) -> bool:
        """Tell of an epoch; return whether anybody wants to stop."""
        estimator = self.estimator
        record = {"epoch": estimator.n_iter_, "loss": loss}
        if validation_loss is not None and score is not None:
            record |= {"validation_loss": validation_loss, "validation_score": score}
        self.history.records.append(record)
        estimator._progress.publish(estimator)
        end = EstimatorEpochEnd(
            estimator.network_, estimator.n_iter_, loss, validation_loss, None, self.history, estimator, score
        )
        answers = [bool(callback(end)) for callback in self.callbacks]
        if self._task is None:  # an iteration of a full-batch method is known only once it is done
            self.epoch_begins()
        if self._task is not None:
            answers.append(self._end(self._task))
            self._task = None
        return any(answers)

    def end(self) -> None:
        """Tell that the training is over."""
        if self._context is not None:
            self._end(self._context)

    def _end(self, context: Any) -> bool:
        estimator = self.estimator
        return bool(
            context.call_on_fit_task_end(
                estimator=estimator,
                # Called only for a callback that wants it: within a search there is a context, but mostly no callback.
                reconstruction_attributes=lambda: estimator._reconstruction,
                **self._arguments,
            )
        )
