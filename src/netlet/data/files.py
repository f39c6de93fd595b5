"""Files that a person names: what is said when one is not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlet.data.errors import TableError, listed, nearest


def read_file(path: Path, what: str, endings: Sequence[str]) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    what : str
        What it should be, for messages.
    endings : sequence of str
        How such files' names end, in lower case with the dot: those are listed where the file is missing.

    Returns
    -------
    bytes

    Raises
    ------
    TableError
        If it cannot be read; the nearest name of the folder is suggested.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(explain(path, error, what, endings)) from None


def explain(path: Path, error: OSError, what: str, endings: Sequence[str]) -> str:
    """Say why a file cannot be read, and which one may be meant."""
    if path.is_dir():  # some systems call it "permission denied"
        return f"{path} is a folder; give one {what}"
    if not isinstance(error, FileNotFoundError):
        return f"{path} cannot be read: {error.strerror or error}"
    folder = path.parent
    if not folder.is_dir():
        return f"{path} does not exist: there is no folder {folder}"
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        names = []
    by_stem = {Path(name).stem: name for name in names}  # equal endings make no two names alike
    meant = nearest(path.stem, by_stem)
    if meant:
        return f"{path} does not exist; did you mean {folder / by_stem[meant]}?"
    fitting = [name for name in names if name.lower().endswith(tuple(endings))]
    return f"{path} does not exist; give a {what}" + (f", such as {listed(fitting)}" if fitting else "")
