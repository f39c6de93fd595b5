"""Where a result goes: checked before the work begins."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from netlet.cli.command_error import CommandError

OF_PICTURES = re.compile(r"(\.npz|idx\d-ubyte(\.gz)?)$", re.IGNORECASE)


def is_pictures(path: Path) -> bool:
    """Say whether a path is a folder, or by its name an .npz or idx file."""
    return path.is_dir() or OF_PICTURES.search(path.name) is not None


def check_writable(path: Path, option: str = "--output") -> None:
    """Make sure that a file can be written at `path`, by making one beside it for a moment.

    Raises
    ------
    CommandError
        If the folder is missing or refuses, or the path is a folder or a read-only file.
    """
    if path.is_dir():
        raise CommandError(f"{option} {path} is a folder; give the name of a file")
    folder = path.parent
    if not folder.is_dir():
        raise CommandError(f"{option} {path} cannot be written: there is no folder {folder}; make it first")
    if path.exists() and not os.access(path, os.W_OK):
        raise CommandError(f"{option} {path} cannot be written: the file is read-only; give another name")
    try:
        handle, probe = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=folder)
        os.close(handle)
        os.unlink(probe)
    except OSError as error:
        raise CommandError(
            f"{option} {path} cannot be written: {error.strerror or error}; give another name or folder"
        ) from None


def refuse_to_replace(path: Path, option: str = "--output") -> None:
    """Raise CommandError if there is a file already."""
    if path.exists():
        raise CommandError(f"{option} {path} is there already; give another name, or --force to replace it")


def refuse_same(path: Path, source: Path, what: str, option: str = "--output") -> None:
    """Raise CommandError if the result would replace a file that it is made from."""
    if path.exists() and source.exists() and path.samefile(source):
        raise CommandError(f"{option} {path} is the {what} itself; give another name")
