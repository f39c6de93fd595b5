"""Overlap of boxes and the choice among them: naive loops, and figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.pictures.boxes import intersection_over_union, non_maximum_suppression

pytestmark = pytest.mark.plain


def random_boxes(n, rng, side=20):
    """Whole numbers, so that edges often touch."""
    low = rng.integers(0, side - 1, (n, 2))
    return np.concatenate([low, low + rng.integers(1, side // 2, (n, 2))], axis=1).astype(float)


def naive_overlap(first, second):
    """Count the unit squares of whole boxes."""
    squares = [
        {(x, y) for x in range(int(box[0]), int(box[2])) for y in range(int(box[1]), int(box[3]))}
        for box in (first, second)
    ]
    return len(squares[0] & squares[1]) / len(squares[0] | squares[1])


def naive_suppression(boxes, scores, labels, iou):
    left, kept = sorted(range(len(boxes)), key=lambda place: (-scores[place], place)), []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [
            other for other in left
            if labels[other] != labels[best] or naive_overlap(boxes[best], boxes[other]) <= iou
        ]  # fmt: skip
    return kept


def test_overlap_is_the_share_of_common_squares():
    rng = np.random.default_rng(0)
    first, second = random_boxes(30, rng), random_boxes(20, rng)
    expected = [[naive_overlap(one, other) for other in second] for one in first]
    np.testing.assert_allclose(intersection_over_union(first, second), expected, rtol=1e-15)
    assert intersection_over_union([], second).shape == (0, 20)


def test_overlap_by_hand():
    boxes = [[0, 0, 4, 4], [2, 2, 6, 6], [4, 0, 8, 4], [1, 1, 3, 3]]
    expected = [[1, 4 / 28, 0, 4 / 16], [4 / 28, 1, 4 / 28, 1 / 19], [0, 4 / 28, 1, 0], [4 / 16, 1 / 19, 0, 1]]
    np.testing.assert_allclose(intersection_over_union(boxes, boxes), expected, rtol=1e-15)


@pytest.mark.parametrize("iou", [0.0, 0.2, 0.5, 1.0])
def test_suppression_is_the_naive_one(iou):
    rng = np.random.default_rng(1)
    for n in (0, 1, 2, 40):
        boxes, labels = random_boxes(n, rng), rng.integers(0, 2, n)
        scores = np.round(rng.uniform(size=n), 1)  # some are equal
        found = non_maximum_suppression(boxes, scores, labels, iou)
        assert found.tolist() == naive_suppression(boxes, scores, labels, iou)
        alone = non_maximum_suppression(boxes, scores, iou=iou)
        assert alone.tolist() == naive_suppression(boxes, scores, np.zeros(n), iou)


def test_a_box_that_is_suppressed_suppresses_none():
    """The second overlaps both others by 1/2 or more, these overlap each other by 1/5."""
    boxes = [[0, 0, 6, 1], [2, 0, 8, 1], [4, 0, 10, 1]]
    assert non_maximum_suppression(boxes, [0.9, 0.8, 0.7], iou=0.49).tolist() == [0, 2]
    assert non_maximum_suppression(boxes, [0.8, 0.9, 0.7], iou=0.49).tolist() == [1]
    assert non_maximum_suppression(boxes, [0.9, 0.8, 0.7], iou=0.5).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([0, 0, 0, 4], r"second holds \[0.0, 0.0, 0.0, 4.0\] in row 1, not x0, y0, x1, y1 with x0 < x1 and y0 < y1"),
        ([0, 5, 4, 4], "in row 1, not x0, y0, x1, y1"),
        ([0, np.nan, 4, 4], "in row 1, not x0, y0, x1, y1"),
        ([0, 0, np.inf, 4], "in row 1, not x0, y0, x1, y1"),
    ],
)
def test_a_box_without_an_inside_is_refused(box, message):
    with pytest.raises(ValueError, match=message):
        intersection_over_union([[0, 0, 1, 1]], [[0, 0, 1, 1], box])


def test_other_bad_input_is_refused():
    box = [[0, 0, 1, 1]]
    with pytest.raises(ValueError, match=r"first has shape \(4,\), not \(k, 4\); give x0, y0, x1, y1 of each box"):
        intersection_over_union(box[0], box)
    with pytest.raises(TypeError, match="boxes is no array of numbers"):
        non_maximum_suppression([["a", 0, 1, 1]], [1])
    with pytest.raises(ValueError, match=r"boxes are 1, scores have shape \(2,\) and labels \(1,\); give one of each"):
        non_maximum_suppression(box, [1, 2])
    with pytest.raises(ValueError, match="scores hold NaN in row 0"):
        non_maximum_suppression(box, [np.nan])
    for iou in (-0.1, 1.5, "half", True, np.nan):
        with pytest.raises(ValueError, match=r"iou=.* is not a number in \[0, 1\]; 0.5 is usual"):
            non_maximum_suppression(box, [1], iou=iou)
