"""Targets that suit each loss, and the errors of those that do not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from netlet.training.losses import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Detection,
    Hinge,
    PerceptronLoss,
    Poisson,
    Quantile,
)
from netlet.training.samples.targets import targets_of

pytestmark = pytest.mark.plain
NUMBERS = np.array([[0.5, -1.0], [2.0, 3.0], [0.0, 7.0]])


def checked(y, loss, n_outputs=1, **how):
    return targets_of(y, loss, n_outputs, "float32", len(y), **how)


# A detector's target is six numbers for each cell: see below.
@pytest.mark.parametrize("name", [name for name in LOSSES if name != "detection"])
def test_zeros_and_ones_suit_every_loss(name):
    loss, y = LOSSES[name](), np.array([0, 1, 1])
    found = checked(y, loss, 2 if loss.row.labels else 1)
    assert found.shape == (3, 1)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found[:, 0], y)


@pytest.mark.parametrize("name", ["squared_error", "absolute_error", "huber", "log_cosh", "quantile"])
def test_any_numbers_suit_a_loss_of_numbers(name):
    np.testing.assert_array_equal(checked(NUMBERS, LOSSES[name](), 2), NUMBERS)
    assert checked(np.ones(3), LOSSES[name]()).shape == (3, 1), "one value for all is no single class"


def test_counts_may_be_all_alike_and_need_not_be_whole():
    np.testing.assert_array_equal(checked(np.array([2.5, 2.5]), Poisson())[:, 0], 2.5)


def test_cells_without_an_object_may_have_any_box_and_class():
    cells = np.array([[1, 0.5, -3, 7, 0, 1], [0, 9, 9, 9, 9, -1.5]])
    np.testing.assert_array_equal(checked(cells, Detection(), 7), cells)
    assert checked(np.zeros((3, 12)), Detection(2), 14).shape == (3, 12), "nothing to be found is no single class"


def test_quantiles_of_one_target_and_of_two():
    assert checked(NUMBERS[:, 0], Quantile((0.1, 0.5, 0.9)), 3).shape == (3, 1)
    assert checked(NUMBERS, Quantile((0.1, 0.5, 0.9)), 6).shape == (3, 2)


def test_answers_may_lie_between_no_and_yes_for_binary_cross_entropy_alone():
    between = np.array([[0.25], [1.0]])
    assert checked(between, BinaryCrossEntropy()).shape == (2, 1)
    for loss in (Hinge(), PerceptronLoss()):
        with pytest.raises(ValueError, match="y holds 0.25 in row 0, column 0"):
            checked(between, loss)


@pytest.mark.parametrize(
    ("loss", "n_outputs", "y", "message"),
    [
        (
            Poisson(),
            2,
            NUMBERS,
            "y holds -1 in row 0, column 1, the loss 'poisson' needs targets >= 0; use another loss, such as "
            "'squared_error'",
        ),
        (
            Hinge(),
            1,
            [1, -1, 1],
            "y holds -1 in row 1, column 0, the loss 'hinge' knows only 0 and 1; use 0 for no and 1 for yes",
        ),
        (
            PerceptronLoss(),
            2,
            [[0, 1], [1, 2]],
            "y holds 2 in row 1, column 1, the loss 'perceptron' knows only 0 and 1; use 0 for no and 1 for yes",
        ),
        (
            BinaryCrossEntropy(),
            1,
            [1, -1, 1],
            "y holds -1 in row 1, column 0, outside [0, 1]; use 0 for no and 1 for yes",
        ),
        (
            Quantile((0.25, 0.5, 0.75)),
            3,
            NUMBERS,
            "y has shape (3, 2), the loss 'quantile' needs (3, 1): the network has 3 outputs, 3 for each target",
        ),
        (Quantile((0.5,)), 3, NUMBERS, "y has shape (3, 2), the loss 'quantile' needs (3, 3)"),
        (Detection(2), 14, NUMBERS, "y has shape (3, 2), the loss 'detection' needs (3, 12)"),
        (
            Detection(2),
            7,
            [[1, 0, 0, 0, 0, 1], [0.5, 0, 0, 0, 0, 1]],
            "y holds 0.5 in row 1, column 0, where 1 stands for a cell with an object and 0 for one without",
        ),
        (
            Detection(2),
            14,
            [[0, 0, 0, 0, 0, 7, 1, 0, 0, 0, 0, 2]],
            "y holds 2 in row 0, column 11, the class of an object, not an int from 0 to 1",
        ),
        (
            Detection(2),
            7,
            [[1, 0, 0, 0, 0, -1]],
            "y holds -1 in row 0, column 5, the class of an object, not an int from 0 to 1",
        ),
        (
            Detection(2),
            7,
            [[1, 0, 0, 0, 0, 0.5]],
            "y holds 0.5 in row 0, column 5, the class of an object, not an int from 0 to 1",
        ),
        (Hinge(), 1, [1, 1], "y holds only the class 1; training needs samples of at least two classes"),
        (CrossEntropy(), 2, [1, 1], "y holds only the class 1; training needs samples of at least two classes"),
    ],
)
def test_targets_that_do_not_suit_the_loss_are_refused(loss, n_outputs, y, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checked(y, loss, n_outputs)


def test_one_class_is_enough_for_measuring():
    assert checked([1, 1], Hinge(), training=False).shape == (2, 1)


@pytest.mark.parametrize("name", LOSSES)
def test_class_names_are_explained_where_there_are_classes(name):
    with pytest.raises(TypeError, match="y holds text") as caught:
        checked(np.array(["no", "yes"]), LOSSES[name]())
    row = LOSSES[name]().row
    assert ("numpy.unique" in str(caught.value)) == (row.labels or row.answers)
