"""The error of every table that cannot be used as it is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

NAMES_SHOWN = 30


class TableError(ValueError):
    """A table, or a column of it, cannot be used; the message says where and what to do."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Find the name that a person most likely meant.

    Parameters
    ----------
    name : str
        What was written.
    names : iterable of str
        What exists.

    Returns
    -------
    str or None
        The nearest of `names`, whatever its case, or None when none is near.
    """
    by_lower = {candidate.lower(): candidate for candidate in names}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def listed(names: Iterable[str]) -> str:
    """Write names in a row, the first 30 of them."""
    every = list(names)
    shown = ", ".join(every[:NAMES_SHOWN])
    return shown if len(every) <= NAMES_SHOWN else f"{shown} and {len(every) - NAMES_SHOWN} more"
