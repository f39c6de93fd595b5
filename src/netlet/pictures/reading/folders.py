"""A folder of pictures: a subfolder for each class, or pictures without classes; looked through, nothing is opened."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from netlet.pictures.reading.errors import PicturesError
from netlet.pictures.reading.npz import ENDINGS

NOT_MEANT = frozenset({"__macosx", "thumbs.db", "desktop.ini"})  # what systems put beside files


@dataclass
class Listing:
    """The files of a folder.

    Attributes
    ----------
    paths : list of pathlib.Path
        Sorted by their names.
    classes : list of str or None
        Of each file: the name of the subfolder of the folder that it lies in, however deep.
    skipped : list of (str, str)
        Name and reason.
    notes : list of str
    """

    paths: list[Path] = field(default_factory=list)
    classes: list[str] | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def part_of(folder: Path, part: str) -> Path | None:
    """Return the subfolder of a part, where a folder holds ``train`` and ``test`` rather than classes.

    Returns
    -------
    path or None
        The folder itself where it is not divided and `part` is "train"; None where there is no such part.
    """
    inner = _folders(folder)
    by_part = {known: path for path in inner for known, names in ENDINGS.items() if path.name.lower() in names}
    if len(by_part) != len(inner) or "train" not in by_part:
        return folder if part == "train" else None
    return by_part.get(part)


def list_folder(folder: Path) -> Listing:
    """Look through a folder.

    Raises
    ------
    PicturesError
        If it cannot be read or holds no file.
    """
    try:
        inner = _folders(folder)
        loose = [path for path in _entries(folder) if path.is_file()]
        found = Listing()
        if not inner:
            found.paths = loose
        else:
            found.classes, deeper = [], 0
            for subfolder in inner:
                files = _files_within(subfolder)
                deeper += sum(path.parent != subfolder for path in files)
                found.paths += files
                found.classes += [subfolder.name] * len(files)
                if not files:
                    found.notes.append(f"The folder {subfolder.name} is empty: no class is made of it.")
            if deeper:
                found.notes.append(f"{deeper:,} of the files lie deeper; their class is the first folder's name.")
            found.skipped = [(path.name, "lies beside the folders of the classes") for path in loose]
    except OSError as error:
        raise PicturesError(f"{error.filename or folder} cannot be read: {error.strerror or error}") from None
    if not found.paths:
        raise PicturesError(f"{folder} holds no pictures; put them into it, each class into a folder of its own")
    return found


def _entries(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name.lower() not in NOT_MEANT)


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _files_within(folder: Path) -> list[Path]:
    """Return the files of a folder and of those in it; a link to a folder is not followed, for it may lead back."""
    files: list[Path] = []
    for path in _entries(folder):
        if path.is_dir():
            files += [] if os.path.islink(path) else _files_within(path)
        else:
            files.append(path)
    return files
