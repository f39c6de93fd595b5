"""What every learning-rate schedule is: a small immutable dataclass that gives a factor for each step."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np


class Watch(Protocol):
    """What follows the loss for a schedule that depends on it."""

    factor: float

    def after_epoch(self, loss: float) -> None:
        """Take the loss of a finished epoch into account."""

    def state(self) -> dict[str, Any]:
        """Return all that decides the factors to come, as plain values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` returned."""


@dataclass(frozen=True)
class Schedule:
    """Base of the schedules: what the optimizer's learning rate is multiplied by, from step to step."""

    @property
    def uses_total(self) -> bool:
        """Whether the factors depend on how long the training is to be: prolonged later, it would have been another."""
        return False

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:
        """Return the factors at given steps.

        Parameters
        ----------
        steps : int64, (n,)
            Counted from 0 over the whole training.
        steps_per_epoch : int, >= 1
        total_steps : int, >= 0

        Returns
        -------
        float64, (n,)
        """
        raise NotImplementedError

    def factors(self, first_step: int, n_steps: int, steps_per_epoch: int, total_steps: int) -> np.ndarray:
        """Return the factors of consecutive steps.

        Parameters
        ----------
        first_step : int, >= 0
            Counted from 0 over the whole training.
        n_steps : int, >= 0
        steps_per_epoch : int, >= 1
        total_steps : int, >= 0
            Steps of the whole training; a step at or after it has the factor that the schedule ends with.

        Returns
        -------
        float64, (n_steps,)
        """
        return self.at(np.arange(first_step, first_step + n_steps), steps_per_epoch, total_steps)

    def watch(self) -> Watch | None:
        """Return what follows the loss for this schedule and has a factor of its own; None where nothing does."""
        return None

    def describe(self) -> dict[str, Any]:
        """Return the schedule as a dict of plain values, for files."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"schedule": type(self).__name__} | {
            name: value.describe() if isinstance(value, Schedule) else value for name, value in values.items()
        }


def check_real(
    schedule: Schedule,
    parameter: str,
    low: float,
    high: float,
    remedy: str,
    *,
    above: bool = False,
    below: bool = False,
) -> None:
    """Raise unless a parameter is a finite number from `low` to `high`; make it a float of Python, for files.

    Parameters
    ----------
    schedule : Schedule
    parameter : str
    low, high : float
    remedy : str
        What to give instead.
    above, below : bool
        Whether `low` and `high` themselves are left out.
    """
    value = getattr(schedule, parameter)
    is_number = not isinstance(value, bool) and isinstance(value, Real)
    inside = is_number and math.isfinite(value) and low <= value <= high
    if not inside or (above and value == low) or (below and value == high):
        interval = f"{'(' if above else '['}{low:g}, {high:g}{')' if below or high == math.inf else ']'}"
        raise ValueError(f"{parameter}={value!r} of {type(schedule).__name__} is not a number in {interval}; {remedy}")
    object.__setattr__(schedule, parameter, float(value))


def check_int(schedule: Schedule, parameter: str, low: int, remedy: str) -> None:
    """Raise unless a parameter is an int of at least `low`; make it one of Python, for files."""
    value = getattr(schedule, parameter)
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ValueError(f"{parameter}={value!r} of {type(schedule).__name__} is not an int >= {low}; {remedy}")
    object.__setattr__(schedule, parameter, int(value))
