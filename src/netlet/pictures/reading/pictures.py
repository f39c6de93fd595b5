"""`read_pictures`: all pictures of a folder or file, as one array."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netlet.pictures.reading.errors import PicturesError, UnreadablePicture
from netlet.pictures.reading.sources import Source, open_source, workers


@dataclass(eq=False)
class Pictures:
    """Pictures of one size.

    Attributes
    ----------
    pictures : uint8, (n, height, width, channels)
        Channels: 1, grey, or 3, red, green and blue.
    labels : array, (n,), or None
        Text, whole numbers or truth values; None where nothing says what they show.
    names : list of str
        Of the files, from the folder on; the pictures' numbers where they come from an array.
    skipped : list of (str, str)
        Name and reason of each file that was left out.
    notes : list of str
        What was done to them, in sentences.
    """

    pictures: np.ndarray
    labels: np.ndarray | None
    names: list[str]
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pictures)

    def take(self, rows: np.ndarray, keep_skipped: bool = False) -> Pictures:
        """Return some of the pictures, with the notes; with `keep_skipped` also with what was left out."""
        labels = None if self.labels is None else self.labels[rows]
        names = [self.names[at] for at in rows]
        return Pictures(self.pictures[rows], labels, names, list(self.skipped) if keep_skipped else [], self.notes)


def read_pictures(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    colour: bool | None = None,
    part: str = "train",
    n_threads: int | None = None,
) -> Pictures:
    """Read pictures and their labels.

    Parameters
    ----------
    path : str or path
        One of these:

        - a folder with a subfolder for each class: its name is the label of all pictures in it, those of folders deeper
          within too. Hidden files are passed over. A folder that holds nothing but ``train`` and, if you like, ``test``
          and ``validation``, is divided: see `part`;
        - a folder without subfolders: pictures without labels;
        - an ``.npz`` file with the array ``x``, ``X``, ``images`` or ``pictures`` and, for the labels, ``y`` or
          ``labels``; or ``x_train``, ``y_train``, ``x_test`` and so on;
        - an idx file such as ``train-images-idx3-ubyte.gz``, whose labels lie beside it in
          ``train-labels-idx1-ubyte.gz``, or a folder of such files; packed by gzip or not;
        - a single picture.

        Files need Pillow: ``pip install "netlet[pictures]"``.
    size : int or (height, width), optional
        In pixels, at most 4096. Default: for files the median height and width, made smaller, the aspect kept, until no
        side is longer than 64; for arrays as they are. A picture of another size is scaled, its aspect kept, until it
        fits, and padded evenly on both sides with the mean colour of its border.
    colour : bool, optional
        Whether to read three channels, or one. Default: three if a picture has colour: if its file could hold
        colours, whatever it does hold.
    part : {"train", "test", "validation"}, default "train"
        Which of several parts; whatever is not divided is "train".
    n_threads : int, optional
        How many threads decode. Default: one for each processor. The result does not depend on it.

    Returns
    -------
    Pictures
        In the order of their names, or of the array.

    Raises
    ------
    PicturesError
        If there is no picture, or the path or file cannot be used. Single files that cannot be read are `skipped`
        instead: empty or cut short ones, those that are no pictures, and those of more than 80 million pixels.
    ValueError
        If a parameter is out of range.
    ImportError
        If Pillow is needed, and missing.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> file = tempfile.mkdtemp() + "/squares.npz"
    >>> np.savez(file, x=np.zeros((3, 8, 8), np.uint8), y=["black", "black", "white"])
    >>> read = read_pictures(file)
    >>> read.pictures.shape, read.labels.tolist()
    ((3, 8, 8, 1), ['black', 'black', 'white'])
    """
    read = read_part(Path(path), part, size=size, colour=colour, n_threads=n_threads)
    if read is None:
        raise PicturesError(f"{path} has no pictures of the part {part!r}; it is not divided so")
    return read


def read_part(
    path: Path,
    part: str = "train",
    *,
    size: int | tuple[int, int] | None = None,
    colour: bool | None = None,
    n_threads: int | None = None,
) -> Pictures | None:
    """Read pictures as `read_pictures` does; None where there is no such part."""
    source = open_source(path, part, size, colour, n_threads)
    return None if source is None else _read(source, n_threads)


def _read(source: Source, n_threads: int | None) -> Pictures:
    if source.whole is not None:
        notes = source.notes + _rare(source.labels)
        return Pictures(source.whole, source.labels, source.names, source.skipped, notes)
    whole = np.empty((len(source), source.height, source.width, source.channels), dtype=np.uint8)

    def put(at: int) -> str | None:
        try:
            whole[at] = source.read(at)
        except UnreadablePicture as error:
            return str(error)
        return None

    with warnings.catch_warnings(), workers(n_threads) as pool:
        warnings.simplefilter("ignore")  # Pillow's remarks about odd files
        reasons = list(pool.map(put, range(len(source))))
    kept = [at for at, reason in enumerate(reasons) if reason is None]
    skipped = source.skipped + [(source.names[at], reason) for at, reason in enumerate(reasons) if reason is not None]
    if not kept:
        raise PicturesError(f"none of the {len(source):,} pictures can be read ({skipped[-1][0]}: {skipped[-1][1]})")
    labels = None if source.labels is None else source.labels[kept]
    if len(kept) < len(whole):
        whole = whole[kept]
    return Pictures(whole, labels, [source.names[at] for at in kept], skipped, source.notes + _rare(labels))


def _rare(labels: np.ndarray | None) -> list[str]:
    """Say which classes have a single picture."""
    if labels is None:
        return []
    classes, counts = np.unique(labels, return_counts=True)
    rare = [str(name) for name in classes[counts == 1]]
    if not rare:
        return []
    shown = ", ".join(rare[:10]) + (f" and {len(rare) - 10} more" if len(rare) > 10 else "")
    return [f"A single picture shows {shown}: it can be learnt from, but not tested with; add more of them."]
