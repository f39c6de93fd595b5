"""The exceptions of netlet, and the wording that its messages share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TrainingFailed(RuntimeError):
    """Training stopped because a loss or a gradient was not finite; the last good weights are kept."""


class ModelFileError(ValueError):
    """A file is no netlet model, is cut short, was altered, or comes from a newer format."""


class NotBuilt(RuntimeError):
    """The network has no weights yet: before `fit` its input size is known only if it begins with ``Input(size)``."""


def unknown_name(parameter: str, value: object, allowed: Iterable[str]) -> str:
    """Return the message for a name that is not known: the allowed names, and the nearest one.

    Parameters
    ----------
    parameter : str
        The parameter that the value was given for.
    value : object
    allowed : iterable of str

    Returns
    -------
    str
    """
    names = sorted(allowed)
    near = get_close_matches(str(value).lower(), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{parameter}={value!r} is not one of {', '.join(map(repr, names))}{hint}"
