"""What `Network.fit` is asked for beside the samples, in one object."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from netlet.training.full_batch import FullBatch
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.schedules import Schedule
from netlet.training.settings import EpochEnd

Shared: TypeAlias = dict[Any, Any]


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """The parameters of `Network.fit`, which documents them, with its defaults.

    Parameters
    ----------
    rows : int64, (n,), optional
        The samples to train on; all where None. Only here, for populations.
    validation_rows : int64, (m,), optional
        Those to validate on, instead of `validation_data`; class weights do not count there. Only here, too.
    shared : dict, optional
        Checked samples, by what they depend on: a population of networks converts them once. Only here, too.
    """

    loss: str | Loss = "auto"
    optimizer: str | Optimizer | FullBatch = "adam"
    learning_rate: float | None = None
    schedule: str | Schedule | None = None
    epochs: int = 20
    batch_size: int | Literal["all"] | None = None
    shuffle: bool = True
    l1: float | dict[str, float] = 0.0
    l2: float | dict[str, float] = 0.0
    penalise_biases: bool = False
    rate_factors: dict[str, float] | None = None
    decay_factors: dict[str, float] | None = None
    weight_decay_schedule: str | Schedule | None = None
    dropout_schedule: str | Schedule | None = None
    clip_value: float | None = None
    clip_norm: float | None = None
    validation_data: tuple[Any, ...] | None = None
    validation_share: float = 0.0
    patience: int | None = None
    best_by: Literal["loss", "accuracy"] = "loss"
    time_limit: float | None = None
    sample_weight: Any = None
    class_weight: str | dict[int, float] | None = None
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_epochs: int | None = None
    checkpoint_seconds: float | None = None
    callbacks: Sequence[Callable[[EpochEnd], Any]] = ()
    progress: bool | str = "auto"
    n_threads: int | None = None
    health: bool = False
    rows: np.ndarray | None = None
    validation_rows: np.ndarray | None = None
    shared: Shared | None = None
