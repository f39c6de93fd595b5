"""Boxes (x0, y0, x1, y1) in pixels: how much two overlap, and which of many found on one thing are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def as_boxes(name: str, boxes: Any) -> np.ndarray:
    """Check boxes.

    Parameters
    ----------
    name : str
        For messages.
    boxes : array-like, (k, 4)
        An empty list stands for no boxes.

    Returns
    -------
    float64, (k, 4)

    Raises
    ------
    ValueError
        Unless each is (x0, y0, x1, y1) with x0 < x1 and y0 < y1, all finite.
    TypeError
        If they are not numbers.
    """
    try:
        array = np.asarray(boxes, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is no array of numbers ({error}); give (k, 4) numbers x0, y0, x1, y1") from None
    if array.size == 0:
        return np.empty((0, 4))
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"{name} has shape {array.shape}, not (k, 4); give x0, y0, x1, y1 of each box")
    wrong = ~np.isfinite(array).all(axis=1) | (array[:, 0] >= array[:, 2]) | (array[:, 1] >= array[:, 3])
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"{name} holds {array[place].tolist()} in row {place}, not x0, y0, x1, y1 with x0 < x1 and y0 < y1; "
            "a box of x, y, width, height is x, y, x + width, y + height"
        )
    return array


def areas(boxes: np.ndarray) -> np.ndarray:
    """Return the area of each box: (k,)."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    result: np.ndarray = sizes[:, 0] * sizes[:, 1]
    return result


def intersection_over_union(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Return how much boxes overlap: the area that two share over the area that they cover together.

    Parameters
    ----------
    first : array-like, (n, 4)
        x0, y0, x1, y1 of each box.
    second : array-like, (m, 4)

    Returns
    -------
    float64, (n, m)
        From 0 (apart, or side by side) to 1 (the same).

    Raises
    ------
    ValueError
        If a box is none: x0 >= x1, y0 >= y1, or a number that is not finite.

    Examples
    --------
    >>> from netlet.pictures.boxes import intersection_over_union
    >>> intersection_over_union([[0, 0, 2, 2]], [[1, 0, 3, 2], [5, 5, 6, 6]])
    array([[0.33333333, 0.        ]])
    """
    return overlaps(as_boxes("first", first), as_boxes("second", second))


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Do the work of `intersection_over_union` for boxes that are checked."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    result: np.ndarray = shared / (areas(first)[:, None] + areas(second)[None, :] - shared)
    return result


def non_maximum_suppression(
    boxes: ArrayLike, scores: ArrayLike, labels: ArrayLike | None = None, iou: float = 0.5
) -> np.ndarray:
    """Choose the boxes to keep: the best, then the best of those that overlap none kept by more than `iou`, and so on.

    Parameters
    ----------
    boxes : array-like, (k, 4)
        x0, y0, x1, y1 of each box.
    scores : array-like, (k,)
        Among equal ones the earlier goes first.
    labels : array-like, (k,), optional
        Only boxes with the same label suppress each other; default: all do.
    iou : float in [0, 1], default 0.5
        Up to which intersection over union two boxes are taken for two things.

    Returns
    -------
    int64, (n_kept,)
        Their places, by falling score.

    Raises
    ------
    ValueError
        If a box is none, the lengths differ, a score is NaN, or `iou` is not in [0, 1].

    Examples
    --------
    >>> from netlet.pictures.boxes import non_maximum_suppression
    >>> non_maximum_suppression([[0, 0, 9, 9], [0, 0, 9, 8], [20, 0, 29, 9]], [0.6, 0.9, 0.7])
    array([1, 2])
    """
    checked, values = as_boxes("boxes", boxes), np.asarray(scores, dtype=np.float64)
    names = np.zeros(len(checked)) if labels is None else np.asarray(labels)
    if values.shape != (len(checked),) or names.shape != (len(checked),):
        raise ValueError(
            f"boxes are {len(checked)}, scores have shape {values.shape} and labels {names.shape}; give one of each "
            "for every box"
        )
    if np.isnan(values).any():
        raise ValueError(f"scores hold NaN in row {int(np.flatnonzero(np.isnan(values))[0])}; give a number to each")
    check_overlap("iou", iou)
    return suppressed(checked, values, names, iou)


def check_overlap(name: str, value: Any) -> None:
    """Raise ValueError unless a threshold of intersection over union is a number in [0, 1]."""
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise ValueError(f"{name}={value!r} is not a number in [0, 1]; 0.5 is usual")


def suppressed(boxes: np.ndarray, scores: np.ndarray, labels: np.ndarray, iou: float) -> np.ndarray:
    """Do the work of `non_maximum_suppression` for arguments that are checked."""
    order = np.argsort(-scores, kind="stable")
    rivals = (overlaps(boxes[order], boxes[order]) > iou) & (labels[order][:, None] == labels[order][None, :])
    alive = np.ones(len(order), dtype=bool)
    for place in range(len(order)):
        if alive[place]:
            alive[place + 1 :] &= ~rivals[place, place + 1 :]
    kept: np.ndarray = order[alive]
    return kept
