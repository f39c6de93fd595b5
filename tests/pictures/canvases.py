"""Pictures with digits at random places and in random sizes, for detectors."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
SIDE = 96


def mnist(part):
    """Return pictures (n, 28, 28) uint8 and labels (n,); `part` is "train" or "t10k"."""
    arrays = []
    for name, header, shape in (("images-idx3", 16, (-1, 28, 28)), ("labels-idx1", 8, (-1,))):
        path = SHARED / "mnist" / f"{part}-{name}-ubyte.gz"
        if not path.exists():
            pytest.skip(f"{path} is not there; NETLET_SHARED_DATA names the folder that holds mnist")
        with gzip.open(path) as file:
            arrays.append(np.frombuffer(file.read(), np.uint8, offset=header).reshape(shape))
    return arrays[0], arrays[1].astype(np.int64)


def canvases(n, digits, labels, rng, most_overlap=0.15):
    """Return canvases (n, 96, 96) uint8 with 1 to 5 digits each, and (boxes, labels) of each.

    A digit is 14 to 40 pixels high or wide, whichever is more; its box encloses its ink. No two boxes have a larger
    intersection over union than `most_overlap`. Where digits overlap, the brighter of both is seen.
    """
    pictures, targets = np.zeros((n, SIDE, SIDE), np.uint8), []
    for canvas in pictures:
        boxes, chosen = [], []
        for place in rng.integers(0, len(digits), rng.integers(1, 6)):
            digit = _resized(digits[place], int(rng.integers(14, 41)))
            box = _free_place(digit.shape, boxes, rng, most_overlap)
            if box is not None:
                x0, y0, x1, y1 = box
                np.maximum(canvas[y0:y1, x0:x1], digit, out=canvas[y0:y1, x0:x1])
                boxes.append(box)
                chosen.append(labels[place])
        targets.append((np.array(boxes, float), np.array(chosen)))
    return pictures, targets


def _resized(digit, size):
    """Return the ink of a digit, its longer side `size` pixels."""
    rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0) for axis in (1, 0))
    ink = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(side * size / max(ink.shape))) for side in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BILINEAR))


def _free_place(shape, boxes, rng, most_overlap, n_tries=30):
    """Return a box at which a digit overlaps the others only a little, None where none is found."""
    height, width = shape
    for _ in range(n_tries):
        x, y = int(rng.integers(0, SIDE - width + 1)), int(rng.integers(0, SIDE - height + 1))
        box = (x, y, x + width, y + height)
        if all(_overlap(box, other) <= most_overlap for other in boxes):
            return box
    return None


def _overlap(first, second):
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(across, 0) * max(down, 0)
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(sizes) - shared)
