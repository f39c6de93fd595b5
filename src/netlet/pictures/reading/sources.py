"""Where pictures come from: what there is, known before any picture is decoded, and one picture at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from netlet.data.files import explain
from netlet.errors import check_number
from netlet.pictures.reading.arrays import check_pictures, labels_of
from netlet.pictures.reading.decoding import Header, decode, fit, read_header, require_pillow
from netlet.pictures.reading.errors import PicturesError, UnreadablePicture
from netlet.pictures.reading.folders import list_folder, part_of
from netlet.pictures.reading.idx import is_idx, is_idx_pictures, labels_beside, read_idx
from netlet.pictures.reading.npz import ENDINGS, read_npz
from netlet.training.team import available_threads

LONGEST_SIDE = 64  # of pictures from files, unless a size is given: what trains in minutes on a processor
MOST_THREADS = 16


@dataclass
class Source:
    """Pictures that can be read.

    Attributes
    ----------
    names : list of str
        The file's name with its folder, or the number of the picture in its array.
    labels : array, (n,), or None
    height, width, channels : int
        Of every picture that `read` returns; channels is 1 or 3.
    read : callable
        From a picture's number to uint8, (height, width, channels); raises UnreadablePicture. Safe in threads.
    skipped : list of (str, str)
        Name and reason of what is left out.
    notes : list of str
    whole : uint8 array, (n, height, width, channels), or None
        All of them, where they need no reading.
    """

    names: list[str]
    labels: np.ndarray | None
    height: int
    width: int
    channels: int
    read: Callable[[int], np.ndarray]
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    whole: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.names)


def open_source(
    path: Path, part: str = "train", size: Any = None, colour: bool | None = None, n_threads: int | None = None
) -> Source | None:
    """Find the pictures of a folder or file.

    Parameters
    ----------
    path : pathlib.Path
    part : {"train", "test", "validation"}
    size : int, (int, int) or None
    colour : bool or None
    n_threads : int or None

    Returns
    -------
    Source or None
        None where there is no such part.

    Raises
    ------
    PicturesError, ValueError
        If there are no pictures, or they cannot be used.
    """
    if part not in ENDINGS:
        raise ValueError(f"part={part!r} is not one of {', '.join(map(repr, ENDINGS))}; 'train' is usual")
    check_number("n_threads", n_threads, int, 1, optional=True)
    wanted = _checked_size(size)
    if colour not in (None, True, False):
        raise ValueError(f"colour={colour!r} is not None, True or False; None: colour if any picture has it")
    if path.is_dir():
        if pairs := _idx_pairs(path):
            return _of_idx_folder(path, pairs, part, wanted, colour)
        folder = part_of(path, part)
        return None if folder is None else _of_folder(folder, wanted, colour, n_threads)
    if not path.is_file():
        raise PicturesError(explain(path, FileNotFoundError(), "folder of pictures", (".npz", "-ubyte", "-ubyte.gz")))
    if path.suffix.lower() == ".npz":
        arrays = read_npz(path, part)
        return None if arrays is None else _of_arrays(*arrays, str(path), wanted, colour, [])
    if part != "train":
        return None
    if is_idx(path):
        return _of_idx(path, wanted, colour)
    return _of_files([path], [path.name], None, [], [], wanted, colour, n_threads)


@contextmanager
def workers(n_threads: int | None) -> Iterator[ThreadPoolExecutor]:
    """Give threads that read; what has not begun when the block is left, is not read."""
    pool = ThreadPoolExecutor(n_threads or min(available_threads(), MOST_THREADS), "netlet-pictures")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# Files


def _of_folder(folder: Path, size: tuple[int, int] | None, colour: bool | None, n_threads: int | None) -> Source:
    found = list_folder(folder)
    labels = None if found.classes is None else np.array(found.classes)
    names = [path.relative_to(folder).as_posix() for path in found.paths]
    return _of_files(found.paths, names, labels, found.skipped, found.notes, size, colour, n_threads)


def _of_files(
    paths: Sequence[Path], names: Sequence[str], labels: np.ndarray | None, skipped: list[tuple[str, str]],
    notes: list[str], size: tuple[int, int] | None, colour: bool | None, n_threads: int | None,
) -> Source:  # fmt: skip
    require_pillow()
    skipped, notes = list(skipped), list(notes)
    with warnings.catch_warnings(), workers(n_threads) as pool:
        warnings.simplefilter("ignore")  # Pillow warns of large pictures, which are refused here, and of odd files
        headers = list(pool.map(_header_of, paths))
    kept = [at for at, header in enumerate(headers) if isinstance(header, Header)]
    skipped += [(names[at], header) for at, header in enumerate(headers) if isinstance(header, str)]
    sound = [header for header in headers if isinstance(header, Header)]
    if not sound:
        shown = "; ".join(f"{name}: {why}" for name, why in skipped[:3])
        raise PicturesError(f"none of the {len(skipped):,} files can be read as a picture ({shown})")
    height, width = size or _usual_size(sound, notes)
    n_colour = sum(header.colour for header in sound)
    channels = 3 if (n_colour > 0 if colour is None else colour) else 1
    if colour is None and 0 < n_colour < len(sound):
        notes.append(f"{n_colour:,} of {len(sound):,} pictures have colour; the grey ones are made colour too.")
    chosen = [paths[at] for at in kept]
    return Source(
        [names[at] for at in kept],
        None if labels is None else labels[kept],
        height, width, channels,
        lambda at: decode(chosen[at], height, width, channels),
        skipped, notes,
    )  # fmt: skip


def _header_of(path: Path) -> Header | str:
    try:
        return read_header(path)
    except UnreadablePicture as error:
        return str(error)


def _usual_size(headers: Sequence[Header], notes: list[str]) -> tuple[int, int]:
    """Return the median height and width, made smaller to LONGEST_SIDE with the aspect kept."""
    sides = np.array([(header.height, header.width) for header in headers])
    median = np.maximum(np.median(sides, axis=0), 1)
    height, width = (int(side) for side in np.maximum(np.rint(median * min(1, LONGEST_SIDE / median.max())), 1))
    n_other = int((sides != (height, width)).any(axis=1).sum())
    if n_other:
        of = f"{sides.min(axis=0)[0]} × {sides.min(axis=0)[1]} to {sides.max(axis=0)[0]} × {sides.max(axis=0)[1]}"
        notes.append(
            f"{n_other:,} of {len(sides):,} pictures are made {height} × {width} pixels, the median size"
            f"{f' at a longest side of {LONGEST_SIDE}' if median.max() > LONGEST_SIDE else ''}; they had {of}."
        )
    return height, width


# Arrays


def _of_idx(path: Path, size: tuple[int, int] | None, colour: bool | None) -> Source:
    pictures = read_idx(path)
    if pictures.ndim == 1:
        raise PicturesError(f"{path} holds labels; give the file of the pictures, such as train-images-idx3-ubyte.gz")
    beside = labels_beside(path)
    notes = [] if beside else ["There is no file of labels beside it, such as train-labels-idx1-ubyte.gz."]
    return _of_arrays(pictures, read_idx(beside) if beside else None, str(path), size, colour, notes)


def _idx_pairs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if is_idx_pictures(path) and path.is_file())


def _of_idx_folder(
    folder: Path, pairs: list[Path], part: str, size: tuple[int, int] | None, colour: bool | None
) -> Source | None:
    starts = ("t10k", *ENDINGS[part]) if part == "test" else ENDINGS[part]
    mine = [path for path in pairs if path.name.lower().startswith(starts)]
    if not mine and part == "train" and len(pairs) == 1:
        mine = pairs
    if not mine:
        if part != "train":
            return None
        raise PicturesError(
            f"{folder} holds {len(pairs)} idx files of pictures, none of which begins with train; name one of them"
        )
    return _of_idx(mine[0], size, colour)


def _of_arrays(
    pictures: np.ndarray, labels: np.ndarray | None, where: str, size: tuple[int, int] | None, colour: bool | None,
    notes: list[str],
) -> Source:  # fmt: skip
    array, more = check_pictures(pictures, where)
    if labels is not None:
        labels = labels_of(labels, len(array), where)
    height, width = size or (array.shape[1], array.shape[2])
    channels = 3 if (array.shape[3] >= 3 if colour is None else colour) else 1
    names = [str(at) for at in range(len(array))]
    notes = [*notes, *more]
    if (height, width, channels) == array.shape[1:]:
        return Source(names, labels, height, width, channels, array.__getitem__, [], notes, array)
    require_pillow()

    def read(at: int) -> np.ndarray:
        from PIL import Image

        image = Image.fromarray(array[at, :, :, 0] if array.shape[3] == 1 else array[at])
        return fit(image.convert("L" if channels == 1 else "RGB"), height, width)

    return Source(names, labels, height, width, channels, read, [], notes)


def _checked_size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    pair = (size, size) if isinstance(size, (int, np.integer)) else size
    if isinstance(pair, str) or not isinstance(pair, Iterable) or len(pair := tuple(pair)) != 2:
        raise ValueError(f"size={size!r} is neither a number of pixels nor (height, width); 32 or (32, 48), or None")
    for side in pair:
        check_number("size", side, int, 1, below=4097)
    return int(pair[0]), int(pair[1])
