"""Options of `netlet train` that say nothing about what is trained on: refused by name rather than passed over."""

from __future__ import annotations

from collections.abc import Iterable

from netlet.cli.command_error import CommandError
from netlet.cli.options import TrainOptions

# What each of them is where it was not given; those whose value is None then are not listed.
NOT_GIVEN = {"drop": (), "task": "auto", "ensemble": 8, "patience": 20}


def refuse(options: TrainOptions, names: Iterable[str], what: str, instead: str) -> None:
    """Raise CommandError for the first option of these names that was given.

    Parameters
    ----------
    options : TrainOptions
    names : iterable of str
        As `TrainOptions` has them.
    what : str
        What they are not for, such as "pictures".
    instead : str
        What can be given.
    """
    for name in names:
        if getattr(options, name) != NOT_GIVEN.get(name):
            raise CommandError(f"--{name.replace('_', '-')} is not for {what}; {instead}")
