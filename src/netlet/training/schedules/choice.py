"""The schedules by name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from netlet.errors import unknown_name
from netlet.training.schedules.base import Schedule
from netlet.training.schedules.curves import (
    ConstantRate,
    CosineDecay,
    CosineRestarts,
    CosLog,
    ExponentialDecay,
    FlatCosine,
    InverseTimeDecay,
    OneCycle,
    PolynomialDecay,
    StepDecay,
)
from netlet.training.schedules.plateau import ReduceOnPlateau
from netlet.training.schedules.warm_up import WarmUp

SCHEDULES: dict[str, type[Schedule]] = {
    "constant": ConstantRate,
    "inverse_time": InverseTimeDecay,
    "exponential": ExponentialDecay,
    "step": StepDecay,
    "polynomial": PolynomialDecay,
    "cosine": CosineDecay,
    "cosine_restarts": CosineRestarts,
    "flat_cosine": FlatCosine,
    "cos_log": CosLog,
    "warm_up": WarmUp,
    "one_cycle": OneCycle,
    "reduce_on_plateau": ReduceOnPlateau,
}


def schedule_of(choice: str | Schedule | None, parameter: str = "schedule") -> Schedule:
    """Return the schedule that a name, a schedule or None (the learning rate as it is) stands for.

    Raises
    ------
    ValueError
        If the name is unknown.
    TypeError
        If `choice` is none of them. Messages call it `parameter`.

    Examples
    --------
    >>> from netlet import StepDecay, WarmUp
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
        raise TypeError(f"{parameter}={choice!r} is neither a name nor a schedule; use 'cosine', CosineDecay() or None")
    if choice not in SCHEDULES:
        raise ValueError(unknown_name(parameter, choice, SCHEDULES))
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
