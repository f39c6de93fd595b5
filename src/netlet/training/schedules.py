"""Learning-rate schedules: what a person chooses, by name or as an object."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.training.curves import (
    ConstantRate,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    OneCycle,
    PolynomialDecay,
    StepDecay,
)
from netlet.training.plateau import PlateauWatch, ReduceOnPlateau
from netlet.training.schedule_base import Schedule, check_real

__all__ = [
    "SCHEDULES",
    "ConstantRate",
    "CosineDecay",
    "CosineRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "OneCycle",
    "PlateauWatch",
    "PolynomialDecay",
    "ReduceOnPlateau",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "schedule_from",
    "schedule_of",
]


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


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": ConstantRate,
    "inverse_time": InverseTimeDecay,
    "exponential": ExponentialDecay,
    "step": StepDecay,
    "polynomial": PolynomialDecay,
    "cosine": CosineDecay,
    "cosine_restarts": CosineRestarts,
    "warm_up": WarmUp,
    "one_cycle": OneCycle,
    "reduce_on_plateau": ReduceOnPlateau,
}


def schedule_of(choice: str | Schedule | None) -> Schedule:
    """Return the schedule that a name, a schedule or None (the learning rate as it is) stands for.

    Raises
    ------
    ValueError
        If the name is unknown.
    TypeError
        If `choice` is none of them.

    Examples
    --------
    >>> schedule_of("cosine").factors(0, 4, steps_per_epoch=2, total_steps=4).round(3)
    array([1.   , 0.854, 0.5  , 0.146])
    >>> WarmUp(1, then=StepDecay(0.5, every=1)).factors(0, 6, steps_per_epoch=2, total_steps=6)
    array([0. , 0.5, 1. , 1. , 0.5, 0.5])
    """
    if choice is None:
        return ConstantRate()
    if isinstance(choice, Schedule):
        return choice
    if not isinstance(choice, str):
        raise TypeError(f"schedule={choice!r} is neither a name nor a schedule; use 'cosine', CosineDecay() or None")
    if choice not in SCHEDULES:
        raise ValueError(unknown_name("schedule", choice, SCHEDULES))
    return SCHEDULES[choice]()


def schedule_from(description: dict[str, Any]) -> Schedule:
    """Build a schedule from what `Schedule.describe` returned.

    Raises
    ------
    ValueError
        If it or one of its parameters is unknown.
    """
    kinds = {kind.__name__: kind for kind in SCHEDULES.values()}
    values = dict(description)
    name = values.pop("schedule", None)
    if name not in kinds:
        raise ValueError(unknown_name("schedule", name, kinds))
    known = {each.name for each in fields(kinds[name])}
    for parameter, value in values.items():
        if parameter not in known:
            raise ValueError(unknown_name(f"parameter of {name}", parameter, known))
        values[parameter] = schedule_from(value) if isinstance(value, dict) else value
    return kinds[name](**values)
