"""Pictures in blocks, for `Network.fit_stream`: decoded by threads beside training, in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np

from netlet.errors import check_number
from netlet.pictures.reading.errors import PicturesError, UnreadablePicture
from netlet.pictures.reading.sources import open_source, workers

BLOCKS_AHEAD = 2


class PictureBlocks:
    """Pictures in blocks; each call goes through them once, in a new order.

    Made by `picture_blocks`.

    Attributes
    ----------
    shape : tuple (height, width, channels)
    classes : array, (n_classes,)
        Sorted; a label is the number of its class.
    n_pictures : int
        Those that cannot be decoded, which is known only then, included.
    skipped : list of (str, str)
        Name and reason of each file that was left out so far.
    notes : list of str
    """

    def __init__(
        self, path: Path, size: int | tuple[int, int] | None, colour: bool | None, part: str, rows: int, shuffle: bool,
        seed: int, n_threads: int | None,
    ) -> None:  # fmt: skip
        check_number("rows", rows, int, 1)
        check_number("seed", seed, int, 0)
        source = open_source(path, part, size, colour, n_threads)
        if source is None:
            raise PicturesError(f"{path} has no pictures of the part {part!r}; it is not divided so")
        if source.labels is None:
            raise PicturesError(f"{path} says of no picture what it shows; put each class into a folder of its own")
        self._source, self._rows, self._shuffle, self._seed = source, rows, shuffle, seed
        self._n_threads, self._passes = n_threads, 0
        self.classes, self._codes = np.unique(source.labels, return_inverse=True)
        self.shape = source.height, source.width, source.channels
        self.n_pictures = len(source)
        self.skipped, self.notes = source.skipped, source.notes

    def __call__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Begin anew; returns an iterator of blocks.

        Yields
        ------
        X : float32, (n, height, width, channels)
            From 0 to 1; n is `rows`, or fewer in the last block and where a picture cannot be decoded.
        y : int64, (n,)
            Class numbers.
        """
        order = np.arange(self.n_pictures)
        if self._shuffle:
            order = np.random.default_rng([self._seed, self._passes]).permutation(self.n_pictures)
        self._passes += 1
        return self._blocks([order[start : start + self._rows] for start in range(0, len(order), self._rows)])

    def _blocks(self, blocks: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        waiting = deque(blocks)
        begun: deque[tuple[np.ndarray, list[Future[np.ndarray | str]]]] = deque()
        with workers(self._n_threads) as pool:
            while waiting or begun:
                # The first of them is about to be handed out; the others are ahead of it.
                while waiting and len(begun) <= BLOCKS_AHEAD:
                    block = waiting.popleft()
                    begun.append((block, [pool.submit(self._read, int(at)) for at in block]))
                block, futures = begun.popleft()
                read = [future.result() for future in futures]
                del futures
                kept = [at for at, picture in enumerate(read) if not isinstance(picture, str)]
                if kept:
                    X = np.empty((len(kept), *self.shape), dtype=np.float32)
                    for place, at in enumerate(kept):
                        np.divide(read[at], np.float32(255), out=X[place])
                    del read
                    yield X, self._codes[block[kept]]

    def _read(self, at: int) -> np.ndarray | str:
        try:
            return self._source.read(at)
        except UnreadablePicture as error:
            left_out = self._source.names[at], str(error)
            if left_out not in self.skipped:  # each pass comes upon it again
                self.skipped.append(left_out)
            return str(error)


def picture_blocks(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    colour: bool | None = None,
    part: str = "train",
    rows: int = 1024,
    shuffle: bool = True,
    seed: int = 0,
    n_threads: int | None = None,
) -> PictureBlocks:
    """Cut the pictures of a folder or file into blocks that are read while a network learns from the one before.

    All files are looked at once, for their size and class; none is decoded before a block is asked for. Two blocks at
    most are read ahead as bytes, beside the one that is learnt from.

    Parameters
    ----------
    path, size, colour, part, n_threads
        As for `read_pictures`; there have to be labels.
    rows : int, >= 1
        Pictures of a block.
    shuffle : bool, default True
        Whether each pass draws an order of all pictures; without it a folder comes class by class, which is bad to
        learn from.
    seed : int, >= 0
        Of that order.

    Returns
    -------
    PictureBlocks
        To be given to `Network.fit_stream`. Each call begins anew and returns an iterator of ``(X, y)``: X float32,
        (n, height, width, channels), from 0 to 1; y the numbers of the classes.

    Raises
    ------
    PicturesError, ValueError, ImportError
        As `read_pictures`.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> file = tempfile.mkdtemp() + "/squares.npz"
    >>> np.savez(file, x=np.zeros((3, 8, 8), np.uint8), y=["black", "black", "white"])
    >>> blocks = picture_blocks(file, rows=2)
    >>> [X.shape for X, y in blocks()], blocks.classes.tolist()
    ([(2, 8, 8, 1), (1, 8, 8, 1)], ['black', 'white'])
    """
    return PictureBlocks(Path(path), size, colour, part, rows, shuffle, seed, n_threads)
