"""What is to be found in pictures, and what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.pictures.boxes import as_boxes


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found in one picture, the surest first.

    Parameters
    ----------
    boxes : float64, (k, 4)
        x0, y0, x1, y1 in pixels.
    labels : array, (k,)
    scores : float64, (k,)
        How sure it is, from 0 to 1.
    """

    boxes: np.ndarray
    labels: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of many pictures, in one list.

    Parameters
    ----------
    n_pictures : int
    pictures : int64, (n,)
        The picture of each.
    boxes : float64, (n, 4)
    labels : array, (n,)
    """

    n_pictures: int
    pictures: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray


def objects_of(y: Any, name: str = "y") -> Objects:
    """Check what is to be found: for each picture a pair (boxes, labels).

    Parameters
    ----------
    y : sequence of (boxes, labels)
        Boxes array-like, (k, 4), labels array-like, (k,); both empty for a picture with nothing to be found.
    name : str
        For messages.

    Raises
    ------
    ValueError
        If something is not so.
    TypeError
        If boxes are not numbers, or `y` is no sequence.
    """
    if isinstance(y, (str, dict)) or not hasattr(y, "__len__"):
        raise TypeError(f"{name} is a {type(y).__name__}; give a list with (boxes, labels) for each picture")
    pairs = list(_pairs(y, name))
    counts = [len(boxes) for boxes, _ in pairs]
    labels = [found for _, found in pairs if len(found)]
    return Objects(
        len(pairs),
        np.repeat(np.arange(len(pairs)), counts),
        np.concatenate([np.empty((0, 4)), *(boxes for boxes, _ in pairs)]),
        np.concatenate(labels) if labels else np.empty(0, dtype=np.int64),
    )


def _pairs(y: Any, name: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for place, pair in enumerate(y):
        if isinstance(pair, Detections):
            yield pair.boxes, pair.labels
            continue
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(
                f"{name}[{place}] is {_brief(pair)}, not (boxes, labels); give boxes (k, 4) and labels (k,), or "
                "([], []) where there is nothing"
            )
        boxes, labels = as_boxes(f"the boxes of {name}[{place}]", pair[0]), np.asarray(pair[1])
        if labels.shape != (len(boxes),):
            raise ValueError(
                f"{name}[{place}] has {len(boxes)} boxes and labels of shape {labels.shape}; give a label for each box"
            )
        yield boxes, labels


def _brief(value: Any) -> str:
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
