"""Which way `netlet train` takes with a table: the networks of a preset, or a search."""

from __future__ import annotations

from netlet.cli.command_error import CommandError
from netlet.cli.options import TrainOptions
from netlet.errors import unknown_name

DEFAULT, SEARCH = "default", "search"
PRESETS = ("fast", DEFAULT, "best", SEARCH)
OF_SEARCH = (
    "trials", "epochs_in_all", "ensemble", "hidden", "activation", "dropout", "optimizer", "learning_rate", "patience",
    "validation_share",
)  # fmt: skip


def preset_of(options: TrainOptions) -> str:
    """Return the preset that was asked for, or what the other options mean.

    Raises
    ------
    CommandError
        If there is no such preset, or an option is given that it does not know.
    """
    own = next((name for name in OF_SEARCH if name in options.given), None)
    if options.preset is None:
        return DEFAULT if own is None else SEARCH
    if options.preset not in PRESETS:
        raise CommandError(f"--{unknown_name('preset', options.preset, PRESETS)}")
    if own is not None and options.preset != SEARCH:
        raise CommandError(
            f"--{own.replace('_', '-')} is of the search, and --preset {options.preset} does not search; leave one of "
            "them out, or give --preset search"
        )
    return options.preset
