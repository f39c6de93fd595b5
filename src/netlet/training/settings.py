"""How long to train, when to stop, and what is told after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.training.history import History
from netlet.training.schedules import ConstantRate, Schedule


@dataclass(frozen=True)
class Settings:
    """How long to train, and when to stop.

    Parameters
    ----------
    epochs : int, >= 0
    batch_size : int, >= 1
    shuffle : bool
    schedule : Schedule
    rows : int64, (n,), optional
        The samples to train on; all where None.
    validation_rows : int64, (m,), optional
        The samples to validate on, of those for validation; all where None. They are copied out when the training
        begins: many trainings that wait hold no copies.
    patience : int, optional
        Stop after so many epochs without a lower validation loss, and keep the best weights.
    time_limit : float, optional
        Seconds of training; compiling is not counted.
    best_by : {"loss", "accuracy"}
        The validation figure by which epochs are judged; of those as accurate the loss decides.
    weight_decay_schedule, dropout_schedule : Schedule
        By what the weight decay and the dropout rates are multiplied, from step to step.
    n_threads : int, optional
    callbacks : sequence of callable
        Called after each epoch with an `EpochEnd`; a true answer stops. One that has a method ``next_call(epoch)`` says
        by it after which epoch it must be called again; epochs before that may be run together, without a call. One
        that has a method ``begin(network)`` is given the network before the first epoch; not where a training that
        was broken off is gone on with.
    """

    epochs: int
    batch_size: int
    shuffle: bool = True
    schedule: Schedule = field(default_factory=ConstantRate)
    rows: np.ndarray | None = None
    validation_rows: np.ndarray | None = None
    patience: int | None = None
    time_limit: float | None = None
    best_by: str = "loss"
    weight_decay_schedule: Schedule = field(default_factory=ConstantRate)
    dropout_schedule: Schedule = field(default_factory=ConstantRate)
    n_threads: int | None = None
    callbacks: Sequence[Callable[[Any], Any]] = field(default_factory=tuple)

    def begin(self, network: Any) -> None:
        """Tell the callbacks that want to know that the first epoch is about to begin."""
        for callback in self.callbacks:
            if hasattr(callback, "begin"):
                callback.begin(network)


@dataclass(frozen=True)
class EpochEnd:
    """What a callback is given after an epoch.

    Attributes
    ----------
    network : Network
        With the weights of this moment.
    epoch : int
        From 1.
    loss : float
    validation_loss, validation_accuracy : float or None
    history : History
    """

    network: Any
    epoch: int
    loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    history: History
