"""Weights by class: scikit-learn's balanced ones, those of a dict, and together with sample weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from netlet.training.losses import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    PerceptronLoss,
    SquaredError,
)
from netlet.training.samples.targets import targets_of
from netlet.training.samples.weights import class_weights_of, combine, weights_of

pytestmark = pytest.mark.plain
LABELS = np.array([2, 0, 2, 2, 0, 2, 1])
ANSWERS = np.array([1, 0, 0, 0, 1, 0, 0])


def targets(values, loss, n_outputs=1):
    return targets_of(values, loss, n_outputs, "float64", len(values))


def weights(class_weight, values=LABELS, loss=None, dtype="float64", **more):
    loss = loss or CrossEntropy()
    return class_weights_of(class_weight, targets(values, loss, 5 if loss.row.labels else 1), loss, dtype, **more)


def test_none_stands_for_all_alike():
    assert weights(None).shape == (0,)
    assert class_weights_of(None, np.zeros((3, 2)), SquaredError(), "float32").shape == (0,)


@pytest.mark.parametrize(
    ("loss", "values"),
    [(CrossEntropy(), LABELS), (BinaryCrossEntropy(), ANSWERS), (Hinge(), ANSWERS), (PerceptronLoss(), ANSWERS)],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_balanced_weights_are_scikit_learns(loss, values, dtype):
    found = weights("balanced", values, loss, dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, compute_sample_weight("balanced", values), rtol=1e-6)


def test_balanced_by_hand():
    """Seven samples, three classes: 7 / (3 * 2), 7 / (3 * 1), 7 / (3 * 4). Classes that do not occur do not count."""
    np.testing.assert_allclose(weights("balanced"), np.array([1 / 4, 1 / 2, 1 / 4, 1 / 4, 1 / 2, 1 / 4, 1]) * 7 / 3)


def test_weights_by_name_are_scikit_learns():
    named = {0: 2, 1: 0.0, 2: 0.5}
    np.testing.assert_array_equal(weights(named), compute_sample_weight(named, LABELS))
    np.testing.assert_array_equal(weights({0: 1, 1: 3}, ANSWERS, Hinge()), [3, 1, 1, 1, 3, 1, 1])
    np.testing.assert_array_equal(weights({np.int64(0): 1, True: 3}, ANSWERS, Hinge()), [3, 1, 1, 1, 3, 1, 1])


def test_a_class_that_does_not_occur_may_be_named_where_the_network_knows_it():
    named = {0: 1, 1: 1, 2: 1, 4: 9}
    np.testing.assert_array_equal(weights(named, n_classes=5), np.ones(7))
    with pytest.raises(ValueError, match="names the class 4, which no target has; the classes are 0, 1, 2$"):
        weights(named)


@pytest.mark.parametrize(
    ("class_weight", "loss", "kind", "message"),
    [
        ("balance", CrossEntropy(), ValueError, r"class_weight='balance' is not one of 'balanced'; did you mean"),
        (3, CrossEntropy(), TypeError, r"class_weight=3 is not None, 'balanced' or a dict; use \{0: 1.0, 1: 5.0\}"),
        ([1, 2, 3], CrossEntropy(), TypeError, r"class_weight=\[1, 2, 3\] is not None"),
        ({0: 1, 1: 1}, CrossEntropy(), ValueError, "has no weight for the class 2; give one for each of 0, 1, 2$"),
        ({}, CrossEntropy(), ValueError, "has no weight for the class 0"),
        ({0: 1, 1: 1, 2: 1, 3: 1}, CrossEntropy(), ValueError, "names the class 3, which no target has"),
        ({0: 1, 1: 1, "2": 1}, CrossEntropy(), ValueError, "names the class '2', which no target has"),
        ({0: 1, 1: 1, 2: -1}, CrossEntropy(), ValueError, "the weight -1 for the class 2; weights must be finite num"),
        ({0: 1, 1: 1, 2: np.nan}, CrossEntropy(), ValueError, "the weight nan for the class 2"),
        ({0: 1, 1: 1, 2: np.inf}, CrossEntropy(), ValueError, "the weight inf for the class 2"),
        ({0: 1, 1: 1, 2: "1"}, CrossEntropy(), ValueError, "the weight '1' for the class 2"),
        ({0: 0, 1: 0, 2: 0}, CrossEntropy(), ValueError, "is 0 for every sample; at least one class needs a weight"),
        ({-1: 1, 1: 1}, Hinge(), ValueError, "names the class -1, which no target has; the classes are 0, 1$"),
    ],
)
def test_class_weights_that_are_none_are_refused(class_weight, loss, kind, message):
    with pytest.raises(kind, match=message):
        weights(class_weight, LABELS if loss.row.labels else ANSWERS, loss)


@pytest.mark.parametrize("name", [name for name in LOSSES if not LOSSES[name]().row.labels])
def test_a_loss_without_classes_has_no_class_weights(name):
    loss = LOSSES[name]()
    if loss.row.answers:
        assert weights("balanced", ANSWERS, loss).shape == (7,)
        return
    message = f"class_weight='balanced' is given, but the loss {name!r} has no classes; leave it out, or use"
    with pytest.raises(ValueError, match=message):
        class_weights_of("balanced", np.zeros((7, 6)), loss, "float64")


def test_several_questions_have_no_class_weights():
    with pytest.raises(ValueError, match="is given for 2 yes-or-no outputs, not for one; use sample_weight"):
        class_weights_of("balanced", np.eye(2), BinaryCrossEntropy(), "float64")


def test_answers_between_have_no_class_weights():
    with pytest.raises(ValueError, match="the target in row 1, 0.5, is neither 0 nor 1; use sample_weight"):
        weights("balanced", np.array([1, 0.5, 0]), BinaryCrossEntropy())


def test_both_kinds_of_weights_multiply():
    one, other, none = np.array([1.0, 2.0, 0.0]), np.array([3.0, 0.5, 1.0]), weights_of(None, "float64", 3)
    np.testing.assert_array_equal(combine(one, other), [3, 1, 0])
    np.testing.assert_array_equal(combine(one, none), one)
    np.testing.assert_array_equal(combine(none, other), other)
    assert combine(none, none).shape == (0,)
    with pytest.raises(ValueError, match="sample_weight times class_weight is 0 for every row; at least one sample"):
        combine(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
