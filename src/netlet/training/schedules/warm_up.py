"""A warm-up before another schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from netlet.training.schedules.base import Schedule, check_real
from netlet.training.schedules.curves import ConstantRate, OneCycle
from netlet.training.schedules.plateau import PlateauWatch, ReduceOnPlateau


@dataclass(frozen=True)
class WarmUp(Schedule):
    """In a straight line, step by step, from `start` to 1; then another schedule.

    The warm-up takes ``epochs * steps_per_epoch`` steps, rounded, and at least one. Its first step is taken with
    `start`, the first after it with the first factor of `then`. That schedule counts its steps and epochs from the end
    of the warm-up, and its total is the rest of the training. `ReduceOnPlateau` leaves the epochs of the warm-up out.

    Parameters
    ----------
    epochs : float, > 0, default 5
    start : float in [0, 1], default 0
    then : Schedule, default ConstantRate()
        Any but `OneCycle` and `WarmUp`, which begin low themselves.

    References
    ----------
    Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017.
    """

    epochs: float = 5.0
    start: float = 0.0
    then: Schedule = field(default_factory=ConstantRate)

    def __post_init__(self) -> None:
        check_real(self, "epochs", 0.0, math.inf, "1 to 10 are usual", above=True)
        check_real(self, "start", 0.0, 1.0, "it is the share of the learning rate to begin with; 0 is usual")
        if not isinstance(self.then, Schedule):
            raise TypeError(f"then={self.then!r} of WarmUp is not a schedule; use for example CosineDecay()")
        if isinstance(self.then, (OneCycle, WarmUp)):
            raise ValueError(
                f"then={self.then!r} of WarmUp begins with a low learning rate itself; use it alone, or another one"
            )

    @property
    def uses_total(self) -> bool:
        return self.then.uses_total

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:
        length = max(round(self.epochs * steps_per_epoch), 1)
        rising = self.start + (1.0 - self.start) * np.minimum(steps, length) / length
        rest = max(total_steps - length, 0)
        return np.where(steps < length, rising, self.then.at(np.maximum(steps - length, 0), steps_per_epoch, rest))

    def watch(self) -> PlateauWatch | None:
        return PlateauWatch(self.then, math.ceil(self.epochs)) if isinstance(self.then, ReduceOnPlateau) else None
