"""How good detections are: average precision, the area under the curve of precision over recall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.pictures.boxes import check_overlap, overlaps
from netlet.pictures.objects import Detections, Objects, objects_of


def mean_average_precision(truth: Any, predicted: Sequence[Detections], iou: float = 0.5) -> float:
    """Return the mean of the classes' average precisions; see `average_precisions`.

    Parameters
    ----------
    truth : sequence of (boxes, labels)
        For each picture, boxes (k, 4) and labels (k,).
    predicted : sequence of Detections
        For each picture, with all that were found, the unsure ones too: what is left out counts as missed.
    iou : float in [0, 1], default 0.5
        From which intersection over union on a box is found.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there is nothing to be found in any picture, the lengths differ, or a box is none.
    """
    return float(np.mean(list(average_precisions(truth, predicted, iou).values())))


def average_precisions(truth: Any, predicted: Sequence[Detections], iou: float = 0.5) -> dict[Any, float]:
    """Return the average precision of each class that is to be found.

    A class's detections are gone through by falling score, over all pictures. One is right if the box of its class in
    its picture with which it overlaps most overlaps by at least `iou` and was not found before; else it is wrong.
    Precision is the share of right ones so far, recall the share of boxes found. The area under the curve is taken
    with each precision replaced by the best at that recall or a greater one, at all points of recall.

    Parameters
    ----------
    truth, predicted, iou
        As of `mean_average_precision`.

    Returns
    -------
    dict
        From label to average precision, 0 to 1. Detections of a class that is nowhere to be found do not count.

    Raises
    ------
    ValueError
        As `mean_average_precision`.

    Notes
    -----
    Everingham and others, "The PASCAL visual object classes challenge: a retrospective", IJCV 111, 2015. (COCO's figure
    is a mean over ten thresholds, and lets a detection take a less overlapping box that is not found yet.)
    """
    check_overlap("iou", iou)
    objects = objects_of(truth, "truth")
    if objects.n_pictures != len(predicted):
        raise ValueError(
            f"truth is of {objects.n_pictures} pictures and predicted of {len(predicted)}; give both for each picture"
        )
    if len(objects.labels) == 0:
        raise ValueError("truth has no box at all; average precision needs something that is to be found")
    found = objects_of(predicted, "predicted")
    scores = np.concatenate([np.empty(0), *(each.scores for each in predicted)])
    return {label: _of_class(label, objects, found, scores, iou) for label in np.unique(objects.labels).tolist()}


def _of_class(label: Any, truth: Objects, found: Objects, scores: np.ndarray, iou: float) -> float:
    own = truth.labels == label
    boxes, pictures = truth.boxes[own], truth.pictures[own]
    candidates = np.flatnonzero(found.labels == label)
    candidates = candidates[np.argsort(-scores[candidates], kind="stable")]
    # Pictures are in order: those of a picture lie side by side.
    starts, ends = (np.searchsorted(pictures, found.pictures[candidates], side) for side in ("left", "right"))
    is_right, taken = np.zeros(len(candidates), dtype=bool), np.zeros(len(boxes), dtype=bool)
    for place, (candidate, start, end) in enumerate(zip(candidates, starts, ends, strict=True)):
        if start == end:
            continue
        overlap = overlaps(found.boxes[candidate][None], boxes[start:end])[0]
        best = int(overlap.argmax())
        if overlap[best] >= iou and not taken[start + best]:
            is_right[place] = taken[start + best] = True
    return area_under(is_right, len(boxes))


def area_under(is_right: np.ndarray, n_truth: int) -> float:
    """Return the area under precision over recall.

    Parameters
    ----------
    is_right : bool, (k,)
        Of each detection, by falling score.
    n_truth : int, >= 1
        How many there are to be found.
    """
    precision = np.cumsum(is_right) / np.arange(1, len(is_right) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    # Recall grows by one box at each right detection, and nowhere else.
    return float(best_from_here[is_right].sum() / n_truth)
