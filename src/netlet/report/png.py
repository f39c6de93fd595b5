"""Small pictures inside a page: PNG, written without a library for pictures.

A file is a mark, then chunks: length, kind, content, CRC-32. IHDR says the size and the kind of pixels (0 grey, 2 RGB);
IDAT holds the rows, each behind a byte 0 (no filter), packed by zlib. Source: W3C, Portable Network Graphics.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

MARK = b"\x89PNG\r\n\x1a\n"
KINDS = {1: 0, 3: 2}


def png(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture, (height, width, 1 or 3), as a PNG file."""
    height, width, channels = picture.shape
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    rows[:, 1:] = picture.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, KINDS[channels], 0, 0, 0)
    return MARK + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")


def data_uri(picture: NDArray[np.uint8]) -> str:
    """Return a picture as the address of an image."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode("ascii")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
