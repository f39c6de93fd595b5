"""Writing the report, after the model: nothing is lost if that fails or is broken off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netlet.cli import lines
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.screen import Screen


@contextmanager
def writing_page(screen: Screen, page: Path) -> Iterator[None]:
    """Say that the report is being written, and in the end where it is, or that Ctrl-C stopped it.

    Raises
    ------
    CommandError
        If it cannot be written.
    """
    try:
        with screen.waiting("writing the report ..."):
            yield
    except KeyboardInterrupt:
        lines.show_page(screen, None, "stopped by Ctrl-C; the model is written, the report is not")
    except OSError as error:
        raise CommandError(
            f"the model is written, but the report was not, to {page}: {error.strerror or error}", NOT_DONE
        ) from None
    else:
        lines.show_page(screen, page)
