"""Small files of pictures for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
from PIL import Image


def noise(height=6, width=8, channels=3, seed=0):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save(path: Path, array=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise() if array is None else array).save(path, **options)
    return path


def folder_of(root: Path, n=3, classes=("cat", "dog"), height=6, width=8):
    for number, name in enumerate(classes):
        for at in range(n):
            save(root / name / f"{at}.png", noise(height, width, seed=100 * number + at))
    return root


def write_idx(path: Path, array: np.ndarray, kind=8):
    content = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
