"""The error that ends a command: a message for a person, and an exit code."""

from __future__ import annotations

from dataclasses import dataclass

BAD_INPUT = 2
NOT_DONE = 1


@dataclass
class CommandError(Exception):
    """The command ends here; `message` is shown in one line, without a traceback."""

    message: str
    exit_code: int = BAD_INPUT


def understood(error: Exception) -> CommandError | None:
    """Give the error to show for an exception of netlet, or None for one that nobody foresaw."""
    if isinstance(error, CommandError):
        return error
    # Imported here, where time does not matter: it brings in polars.
    from netlet.data import TableError
    from netlet.errors import ModelFileError, TrainingFailed

    if isinstance(error, (TableError, ModelFileError)):
        return CommandError(str(error))
    if isinstance(error, TrainingFailed):
        return CommandError(str(error), NOT_DONE)
    if isinstance(error, MemoryError):
        return CommandError(f"out of memory ({error or 'the table is too large for this machine'})", NOT_DONE)
    return None
