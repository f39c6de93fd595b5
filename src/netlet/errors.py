"""The exceptions of netlet, and the wording that its messages share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any


class TrainingFailed(RuntimeError):
    """Training stopped because a loss or a gradient was not finite; the last good weights are kept.

    Attributes
    ----------
    history : History or None
        The epochs that were finished before.
    """

    def __init__(self, message: str, history: Any = None) -> None:
        super().__init__(message)
        self.history = history


class ModelFileError(ValueError):
    """A file is no netlet model, is cut short, was altered, or comes from a newer format."""


class NotBuilt(RuntimeError):
    """The network has no weights yet: before `fit` its input size is known only if it begins with ``Input(size)``."""


class CheckpointMismatch(ValueError):
    """A checkpoint belongs to a training that was given other data, layers or settings."""


class BudgetTooSmall(ValueError):
    """The budget ended before one network was trained far enough to be scored."""


class CheckpointNotWritten(UserWarning):
    """A checkpoint could not be written; the training goes on, and what was kept before is kept."""


class NotEnoughMemory(MemoryError):
    """What a training would allocate is more than the memory that is free; the weights are as they were."""


class WorkerLost(UserWarning):
    """A process that trained trials of a search died, or there is none; what it had is trained again."""


class NotConverged(UserWarning):
    """A training that ends by itself once it has succeeded was ended by its number of epochs instead."""


class HealthWarning(UserWarning):
    """Something was found that keeps an estimator's network from learning: what, by which figures, why, what to do."""


def with_article(noun: str) -> str:
    """Return "a Network", "an Ensemble"."""
    return f"{'an' if noun[:1] in 'AEIOaeio' else 'a'} {noun}"


def unknown_name(parameter: str, value: object, allowed: Iterable[str], of: str = "") -> str:
    """Return the message for a name that is not known: the allowed names, and the nearest one.

    Parameters
    ----------
    parameter : str
        The parameter that the value was given for.
    value : object
    allowed : iterable of str
    of : str
        What the allowed names are, where the parameter does not say it.

    Returns
    -------
    str
    """
    names = sorted(allowed)
    near = get_close_matches(str(value).lower(), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{parameter}={value!r} is not one of {', '.join(map(repr, names))}{f', {of}' if of else ''}{hint}"


def check_number(
    parameter: str,
    value: object,
    kind: type,
    low: float,
    *,
    optional: bool = False,
    above: bool = False,
    below: float | None = None,
    hint: str = "",
) -> None:
    """Raise unless a number is of its kind and within its bounds.

    Parameters
    ----------
    parameter : str
        Its name, for the message.
    value : object
    kind : {int, float}
        float takes ints too.
    low : float
        The least value; with `above` the number must be greater.
    optional : bool
        Whether None will do.
    above : bool
    below : float, optional
        The number must be less.
    hint : str
        What to do instead; default: made from the bounds.

    Raises
    ------
    TypeError
        If it is no number of that kind.
    ValueError
        If it is out of bounds.
    """
    if optional and value is None:
        return
    noun = "an int" if kind is int else "a number"
    bound = f"{'>' if above else '>='} {low}" + (f" and < {below:g}" if below is not None else "")
    remedy = hint or f"use {noun} {bound}" + (", or None" if optional else "")
    if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
        raise TypeError(f"{parameter}={value!r} is not {noun}; {remedy}")
    number = float(value)
    inside = number > low if above else number >= low
    if not inside or (below is not None and number >= below):
        raise ValueError(f"{parameter}={value!r} is not {bound}; {remedy}")
