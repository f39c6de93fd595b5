"""Mean average precision: a naive count, and figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.pictures.average_precision import average_precisions, mean_average_precision
from netlet.pictures.boxes import intersection_over_union
from netlet.pictures.objects import Detections

pytestmark = pytest.mark.plain
A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]  # apart
ELSEWHERE = [0, 50, 10, 60]


def found(*rows):
    """Detections of rows (box, label, score)."""
    boxes, labels, scores = zip(*rows, strict=True) if rows else ([], [], [])
    return Detections(np.array(boxes, float).reshape(-1, 4), np.array(labels), np.array(scores, float))


def naive(truth, predicted, label, iou):
    """Go through the detections one by one, and take the area under the envelope by its definition."""
    rows = [
        (-score, picture, place)
        for picture, each in enumerate(predicted)
        for place, (own, score) in enumerate(zip(each.labels, each.scores, strict=True))
        if own == label
    ]
    n_truth, taken, curve, n_right = sum(int((np.asarray(labels) == label).sum()) for _, labels in truth), set(), [], 0
    for count, (_, picture, place) in enumerate(sorted(rows), start=1):
        best, best_overlap = None, -1.0
        for number, (box, own) in enumerate(zip(*truth[picture], strict=True)):
            overlap = intersection_over_union([predicted[picture].boxes[place]], [box])[0, 0]
            if own == label and overlap > best_overlap:
                best, best_overlap = (picture, number), overlap
        if best_overlap >= iou and best not in taken:
            taken.add(best)
            n_right += 1
        curve.append((n_right / n_truth, n_right / count))
    area = 0.0
    for level in range(1, n_truth + 1):
        area += max((p for recall, p in curve if recall >= level / n_truth - 1e-12), default=0) / n_truth
    return area


@pytest.mark.parametrize("iou", [0.2, 0.5, 0.8])
def test_it_is_the_naive_count(iou):
    rng = np.random.default_rng(0)
    for _ in range(10):
        truth, predicted = [], []
        for _ in range(6):
            n = int(rng.integers(0, 5))
            low = rng.uniform(0, 30, (n, 2))
            boxes, labels = np.concatenate([low, low + rng.uniform(4, 20, (n, 2))], axis=1), rng.integers(0, 3, n)
            truth.append((boxes, labels))
            copies = np.repeat(np.arange(n), rng.integers(0, 4, n))
            moved = boxes[copies] + rng.normal(0, 2, (len(copies), 4))
            moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
            own = np.where(rng.uniform(size=len(copies)) < 0.8, labels[copies], rng.integers(0, 4, len(copies)))
            predicted.append(Detections(moved, own, rng.uniform(size=len(copies))))
        classes = sorted({int(label) for _, labels in truth for label in labels})
        expected = {label: naive(truth, predicted, label, iou) for label in classes}
        measured = average_precisions(truth, predicted, iou)
        assert list(measured) == classes
        assert measured == pytest.approx(expected, rel=1e-12)
        assert mean_average_precision(truth, predicted, iou) == pytest.approx(np.mean(list(expected.values())))


HAND = {
    "both found, nothing else": ([(A, 1, 0.9), (B, 1, 0.8)], 1),
    "half is found": ([(A, 1, 0.9)], 1 / 2),
    "nothing is found": ([], 0),
    "a wrong one before: precisions 0, 1/2, 2/3": ([(ELSEWHERE, 1, 0.9), (A, 1, 0.8), (B, 1, 0.7)], 2 / 3),
    "a wrong one between: 1, 1/2, 2/3": ([(A, 1, 0.9), (ELSEWHERE, 1, 0.8), (B, 1, 0.7)], (1 + 2 / 3) / 2),
    "a wrong one after": ([(A, 1, 0.9), (B, 1, 0.8), (ELSEWHERE, 1, 0.7)], 1),
    "found twice is wrong once: 1, 1/2, 2/3": ([(A, 1, 0.9), (A, 1, 0.8), (B, 1, 0.7)], (1 + 2 / 3) / 2),
    "of another class": ([(A, 2, 0.9), (B, 1, 0.8)], 1 / 2),
    "half of a box is just enough": ([([0, 0, 10, 5], 1, 0.9), (B, 1, 0.8)], 1),
    "less than half is not: 0, 1/2": ([([0, 0, 10, 4.9], 1, 0.9), (B, 1, 0.8)], 1 / 4),
}


@pytest.mark.parametrize("line", HAND)
def test_worked_by_hand(line):
    rows, expected = HAND[line]
    assert mean_average_precision([([A, B], [1, 1])], [found(*rows)]) == pytest.approx(expected, rel=1e-15)


def test_scores_are_ranked_over_all_pictures_and_classes_count_alike():
    truth = [([A], ["cat"]), ([B, C], ["cat", "dog"]), ([], [])]
    predicted = [found((A, "cat", 0.5)), found((B, "cat", 0.9), (C, "dog", 0.1)), found((A, "cat", 0.7))]
    # cat: right 0.9, wrong 0.7 in the empty picture, right 0.5
    assert average_precisions(truth, predicted) == pytest.approx({"cat": (1 + 2 / 3) / 2, "dog": 1})
    assert mean_average_precision(truth, predicted) == pytest.approx((5 / 6 + 1) / 2)


def test_nothing_found_at_all_is_zero_for_every_class():
    assert average_precisions([([A, B], ["cat", "dog"])], [found()]) == {"cat": 0, "dog": 0}


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="truth is of 1 pictures and predicted of 2; give both for each picture"):
        mean_average_precision([([A], [1])], [found(), found()])
    with pytest.raises(ValueError, match="truth has no box at all"):
        mean_average_precision([([], [])], [found()])
    with pytest.raises(ValueError, match=r"truth\[0\] has 1 boxes and labels of shape \(2,\); give a label for each"):
        mean_average_precision([([A], [1, 2])], [found()])
    with pytest.raises(ValueError, match="iou=2 is not a number"):
        mean_average_precision([([A], [1])], [found()], iou=2)
