"""The idx format of MNIST: two zero bytes, the type, the number of axes, their lengths, the values, all big-endian.

Type 8 is uint8, the only one read here. Lengths are 4 bytes each. The format: http://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from pathlib import Path

import numpy as np

from netlet.pictures.reading.errors import PicturesError

NAME = re.compile(r"idx(\d)-ubyte(\.gz)?$", re.IGNORECASE)
PICTURES_NAME = re.compile(r"images[-.]idx[34]-ubyte(\.gz)?$", re.IGNORECASE)
UBYTE = 8
GZIP_MARK = b"\x1f\x8b"


def is_idx(path: Path) -> bool:
    """Say whether a name is that of an idx file."""
    return NAME.search(path.name) is not None


def is_idx_pictures(path: Path) -> bool:
    """Say whether a name is that of an idx file of pictures, as MNIST's are called."""
    return PICTURES_NAME.search(path.name) is not None


def labels_beside(path: Path) -> Path | None:
    """Find the labels of a file of pictures: ``train-labels-idx1-ubyte`` of ``train-images-idx3-ubyte``, or its .gz."""
    plain = re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE)
    name = re.sub(r"idx\d", "idx1", re.sub(r"images(?=[-.]idx)", "labels", plain, flags=re.IGNORECASE))
    for candidate in (
        path.with_name(name + path.name[len(plain) :]),
        path.with_name(name),
        path.with_name(f"{name}.gz"),
    ):
        if candidate != path and candidate.is_file():
            return candidate
    return None


def read_idx(path: Path) -> np.ndarray:
    """Read an idx file, packed by gzip or not.

    Returns
    -------
    uint8 array

    Raises
    ------
    PicturesError
        If it cannot be read, is none, holds no bytes, is cut short or has something behind its values.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MARK
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or not head[3]:
                raise PicturesError(f"{path} is no idx file: it does not begin like one; give MNIST's kind of file")
            if head[2] != UBYTE:
                raise PicturesError(f"{path} holds values of type {head[2]}; only bytes (type 8) are read")
            lengths = file.read(4 * head[3])
            if len(lengths) < 4 * head[3]:
                raise PicturesError(f"{path} is cut short within its header; copy it again")
            shape = struct.unpack(f">{head[3]}I", lengths)
            n_bytes = 1
            for length in shape:
                n_bytes *= length
            values = bytearray()
            while len(values) <= n_bytes and (piece := file.read(min(1 << 24, n_bytes + 1 - len(values)))):
                values += piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PicturesError(f"{path} is damaged or cut short: {error}; copy it again") from None
    except OSError as error:
        raise PicturesError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(values) != n_bytes:
        what = "is cut short" if len(values) < n_bytes else "holds more than its header says"
        raise PicturesError(f"{path} {what}: {' × '.join(map(str, shape))} is {n_bytes:,} bytes; copy it again")
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)
