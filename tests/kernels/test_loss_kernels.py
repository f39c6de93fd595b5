"""Every loss: value and gradient against SciPy's functions, finite differences, weights, and logits of any size."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from calls import LOSS_CASES, LossCase, call_loss, plain
from guarded import Guarded
from scipy import special

from netlet.kernels.registry import losses

pytestmark = pytest.mark.plain
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
NO_WEIGHTS = np.empty(0)
WITHOUT_LABELS = {name: case for name, case in LOSS_CASES.items() if not case.row.labels}


def evaluate(case, logits, targets, weights=NO_WEIGHTS, scale=1.0, dtype="float64"):
    """Return a loss and its gradient, computed between guard bands."""
    guarded = Guarded(dtype)
    arrays = [
        guarded.array(name, values.shape, values)
        for name, values in (("logits", logits), ("targets", targets), ("weights", weights))
    ]
    dlogits = guarded.array("dlogits", logits.shape)
    value = call_loss(case, *arrays, scale, dlogits)
    guarded.check()
    np.testing.assert_array_equal(arrays[0], logits.astype(dtype))
    return value, dlogits


def test_every_loss_has_a_case():
    assert {case.row.name for case in LOSS_CASES.values()} == set(losses), "add the new row to calls.py"


@pytest.mark.parametrize("weighted", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_value_and_gradient_are_the_oracles(case, dtype, weighted):
    rng = np.random.default_rng(0)
    for n, n_outputs in [(0, 2), (1, 2), (2, 3), (7, 10), (33, 17)]:
        logits, targets = case.inputs(n, n_outputs, rng)
        logits, targets = (values.astype(dtype).astype(np.float64) for values in (logits, targets))
        weights = rng.uniform(0, 2, n) if weighted else np.empty(0)
        value, gradient = evaluate(case, logits, targets, weights, 0.25, dtype)
        each, slopes = oracles.LOSSES[case.row.name](logits, targets, case.factors)
        factors = 0.25 * (weights if weighted else np.ones(n))
        assert value == pytest.approx((factors * each).sum(), rel=TOLERANCE[dtype], abs=TOLERANCE[dtype])
        np.testing.assert_allclose(gradient, factors[:, None] * slopes, rtol=0, atol=TOLERANCE[dtype])
        assert gradient.dtype == dtype


@pytest.mark.parametrize("case", WITHOUT_LABELS.values(), ids=WITHOUT_LABELS)
def test_one_output_is_enough_where_there_are_no_labels(case):
    logits, targets = case.inputs(5, 1, np.random.default_rng(0))
    value, gradient = evaluate(case, logits, targets)
    each, slopes = oracles.LOSSES[case.row.name](logits, targets, case.factors)
    assert value == pytest.approx(each.sum(), rel=1e-14)
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=1e-15)


@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_gradient_is_the_slope_of_the_value(case):
    rng = np.random.default_rng(3)
    logits, targets = case.inputs(6, 4, rng)
    weights = rng.uniform(0, 2, 6)
    gradient = evaluate(case, logits, targets, weights, 0.5)[1]
    direction, step = rng.normal(size=logits.shape), 1e-5
    above, below = (evaluate(case, logits + sign * step * direction, targets, weights, 0.5)[0] for sign in (1, -1))
    terms = gradient * direction
    assert abs((above - below) / (2 * step) - terms.sum()) < 2e-9 * np.abs(terms).sum()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
def test_extreme_logits_stay_finite(size, dtype):
    """A loss is the logit's distance from its right side; a saturated gradient is 0 or 1."""
    logits = np.array([[size, -size], [-size, size]])
    value, gradient = evaluate(LOSS_CASES["cross_entropy"], logits, np.array([[0.0], [0.0]]), dtype=dtype)
    assert value == pytest.approx(2 * size, rel=1e-6)
    np.testing.assert_allclose(gradient, [[0, 0], [-1, 1]], atol=1e-30)
    value, gradient = evaluate(
        LOSS_CASES["binary_cross_entropy"], logits, np.array([[1.0, 0.0], [1.0, 0.0]]), dtype=dtype
    )
    assert value == pytest.approx(2 * size, rel=1e-6)
    np.testing.assert_allclose(gradient, [[0, 0], [-1, 1]], atol=1e-30)


@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_a_nan_is_not_hidden(case):
    logits, targets = case.inputs(3, 2, np.random.default_rng(1))
    logits[1, 1] = np.nan
    value, gradient = evaluate(case, logits, targets)
    assert np.isnan(value)
    assert np.isnan(gradient[1]).any()
    assert np.isfinite(gradient[[0, 2]]).all()


@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_a_weight_of_zero_is_no_sample(case):
    logits, targets = case.inputs(4, 3, np.random.default_rng(2))
    value, gradient = evaluate(case, logits, targets, np.array([1.0, 0.0, 1.0, 1.0]))
    assert value == pytest.approx(evaluate(case, logits[[0, 2, 3]], targets[[0, 2, 3]])[0], rel=1e-14)
    assert not gradient[1].any()


# Factors, logits and targets of one sample; its loss and gradient, worked by hand.
LOG3 = np.log(3)
HAND = {
    "softmax(0, log 3) = (1/4, 3/4)": (LossCase("cross_entropy"), [0, LOG3], [0], np.log(4), [-0.75, 0.75]),
    "targets 3/4 and 1/4": (
        LossCase("cross_entropy", label_smoothing=0.5), [0, LOG3], [0], np.log(4) - LOG3 / 4, [-0.5, 0.5],
    ),
    "sigmoid(log 3) = 3/4": (LossCase("binary_cross_entropy"), [LOG3], [1], np.log(4 / 3), [-0.25]),
    "two answers, added": (LossCase("binary_cross_entropy"), [LOG3, 0], [1, 0], np.log(8 / 3), [-0.25, 0.5]),
    "(3 - 1)^2 / 2": (LossCase("squared_error"), [3], [1], 2, [2]),
    "(|-2| + |3| + |0|) / 3": (LossCase("absolute_error"), [-1, 5, 2], [1, 2, 2], 5 / 3, [-1 / 3, 1 / 3, 0]),
    "3 (5 - 3/2) and 2^2 / 2, halved": (LossCase("huber", delta=3), [5, -2], [0, 0], 6.25, [1.5, -1]),
    "cosh(log 3) = 5/3, tanh = 4/5": (LossCase("log_cosh"), [LOG3, 1], [0, 1], np.log(5 / 3) / 2, [0.4, 0]),
    "cosh(log 1.25) = 1.025, tanh = 9/41": (LossCase("log_cosh"), [0], [np.log(1.25)], np.log(1.025), [-9 / 41]),
    "(3 + 1) / 4 and (1 - 1/4) 2, halved": (
        LossCase("quantile", quantile_1=0.25), [-3, 3], [1, 1], 1.25, [-0.125, 0.375],
    ),
    "two quantiles of two targets": (
        LossCase("quantile", quantile_1=0.25, quantile_2=0.5),
        [0, 3, 6, 4], [2, 4], (2 * 0.25 + 1 * 0.5 + 2 * 0.75 + 0) / 4, [-0.0625, 0.125, 0.1875, 0],
    ),
    "the second of two steps has no label": (
        LossCase("sequence_cross_entropy", ignored=7.0), [0, LOG3, 5, 6], [0, 7], np.log(4), [-0.75, 0.75, 0, 0],
    ),
    "the mean of log 4 and log(4/3)": (
        LossCase("sequence_cross_entropy", ignored=-1.0),
        [0, LOG3, 0, LOG3], [0, 1], np.log(16 / 3) / 2, [-0.375, 0.375, 0.125, -0.125],
    ),
    "no step has a label": (LossCase("sequence_cross_entropy", ignored=-1.0), [0, LOG3], [-1], 0, [0, 0]),
    "an empty cell: (3/4)^2 log 4": (
        LossCase("detection", empty_weight=0.5, focus=2, beta=1),
        [LOG3, 1, 2, 3, 4, 5, 6], [0, 9, 9, 9, 9, 1], np.log(4) * 9 / 32,
        [0.5 * (9 / 16) * (2 / 4 * np.log(4) + 3 / 4), 0, 0, 0, 0, 0, 0],
    ),
    "a full cell: log(4/3), 1/2 and 3 - 1/2, log 4": (
        LossCase("detection", box_weight=2, label_weight=1, beta=1),
        [LOG3, 1, 5, 0, 0, 0, LOG3], [1, 0, 2, 0, 0, 0], np.log(4 / 3) + 2 * (0.5 + 2.5) + np.log(4),
        [-0.25, 2, 2, 0, 0, -0.75, 0.75],
    ),
    "two full cells of three, halved": (
        LossCase("detection", empty_weight=1, label_weight=2, beta=1),
        [LOG3, 0, 0, 0, 0, 5, LOG3, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 5], [1, 0, 0, 0, 0, 0] * 2 + [0] * 6,
        np.log(4 / 3) + np.log(2) / 2, [-0.125, 0, 0, 0, 0, 0, -0.125, 0, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0],
    ),
    "e^(log 3) - 2 log 3": (LossCase("poisson"), [LOG3], [2], 3 - 2 * LOG3, [1]),
    "e^0 - 5 * 0 and e^0 - 0, halved": (LossCase("poisson"), [0, 0], [5, 0], 1, [-2, 0.5]),
    "1 - 1/2, 1 + 3, sure, at the kink": (LossCase("hinge"), [0.5, 3, -2, 1], [1, 0, 0, 1], 4.5, [-1, 1, 0, 0]),
    "right, wrong by 3, wrong by 2": (LossCase("perceptron"), [4, -3, 2, -1], [1, 1, 0, 0], 5, [0, -1, 1, 0]),
    "0 is a yes": (LossCase("perceptron"), [0, 0], [1, 0], 0, [0, 1]),
}  # fmt: skip


@pytest.mark.parametrize("line", HAND)
def test_worked_by_hand(line):
    case, logits, targets, expected, slopes = HAND[line]
    value, gradient = evaluate(case, np.array([logits], float), np.array([targets], float))
    assert value == pytest.approx(expected, rel=1e-15)
    np.testing.assert_allclose(gradient, [slopes], rtol=1e-15, atol=1e-16)


def test_every_loss_is_worked_by_hand():
    assert {case.row.name for case, *_ in HAND.values()} == set(losses)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    "case", [case for case in WITHOUT_LABELS.values() if case.row.name not in ("detection", "poisson", "squared_error")]
)
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_losses_that_grow_like_their_logits_stay_finite(case, size, dtype):
    logits = np.array([[size, -size] * case.outputs_of_a_target])
    value, gradient = evaluate(case, logits, np.array([[0.0, 1.0]]), dtype=dtype)
    assert 0.1 * size < value < 5 * size
    assert np.abs(gradient).max() <= 2
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("focus", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
def test_a_detector_that_is_sure_and_wrong_has_a_finite_loss(size, focus, dtype):
    """Every part grows like its logit; sure and right, only the box's two halves of beta are missing."""
    case = LossCase("detection", empty_weight=1, box_weight=1, label_weight=1, focus=focus, beta=1)
    full, empty = [1.0, 0, 0, 0, 0, 0], [0.0] * 6
    wrong, right = [-size, size, 0, 0, 0, -size, size], [size, 0, 0, 0, 0, size, -size]
    value, gradient = evaluate(case, np.array([wrong]), np.array([full]), dtype=dtype)
    assert value == pytest.approx(4 * size - 0.5, rel=1e-6)
    np.testing.assert_allclose(gradient, [[-1, 1, 0, 0, 0, -1, 1]], atol=1e-30)
    value, gradient = evaluate(case, np.array([right]), np.array([full]), dtype=dtype)
    assert value == pytest.approx(0, abs=1e-30)
    np.testing.assert_allclose(gradient, 0, atol=1e-30)
    value, gradient = evaluate(case, np.array([right]), np.array([empty]), dtype=dtype)
    assert value == pytest.approx(size, rel=1e-6)
    np.testing.assert_allclose(gradient, [[1, 0, 0, 0, 0, 0, 0]], atol=1e-30)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 2e-15)])
def test_log_cosh_of_a_small_difference_keeps_its_digits(dtype, tolerance):
    """log cosh d = d^2 / 2 - d^4 / 12 + d^6 / 45 - ...; log(e^d + e^-d) - log 2 would leave none of 1e-9."""
    for d in (1e-12, 1e-9, 1e-5, 1e-3):
        d = float(np.dtype(dtype).type(d))
        value, _ = evaluate(LOSS_CASES["log_cosh"], np.array([[d]]), np.array([[0.0]]), dtype=dtype)
        assert value == pytest.approx(d**2 / 2 - d**4 / 12 + d**6 / 45, rel=tolerance, abs=0)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 5e-7), ("float64", 1e-15)])
def test_log_cosh_has_no_step_where_its_form_changes(dtype, tolerance):
    for d in np.linspace(0.4, 0.6, 81):
        d = float(np.dtype(dtype).type(d))
        value, _ = evaluate(LOSS_CASES["log_cosh"], np.array([[d]]), np.array([[0.0]]), dtype=dtype)
        assert value == pytest.approx(np.log(np.cosh(d)), rel=tolerance)


def test_the_least_of_a_quantile_loss_is_at_the_quantile():
    """Of one answer for all samples, the loss is least where that share of the targets lies below it."""
    targets = np.sort(np.random.default_rng(0).normal(size=(40, 1)), axis=0)
    case = LossCase("quantile", quantile_1=0.2, quantile_2=0.9)
    middles = (targets[1:, 0] + targets[:-1, 0]) / 2
    for place, n_below in enumerate((8, 36)):
        found = []
        for middle in middles:
            logits = np.zeros((40, 2))
            logits[:, place] = middle
            found.append(evaluate(case, logits, targets)[0])
        assert np.argmin(found) + 1 == n_below


def test_smoothed_labels_are_as_targets_of_scipys_log_softmax():
    rng = np.random.default_rng(5)
    logits, labels = 5 * rng.normal(size=(20, 6)), rng.integers(0, 6, (20, 1))
    smoothed = np.full((20, 6), 0.3 / 6)
    smoothed[np.arange(20), labels[:, 0]] += 0.7
    value, gradient = evaluate(LossCase("cross_entropy", label_smoothing=0.3), logits, labels.astype(float))
    assert value == pytest.approx(-(smoothed * special.log_softmax(logits, axis=1)).sum(), rel=1e-14)
    np.testing.assert_allclose(gradient, special.softmax(logits, axis=1) - smoothed, rtol=0, atol=1e-15)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-14)


@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_plain_text_gives_the_compiled_numbers(case):
    logits, targets = case.inputs(9, 5, np.random.default_rng(4))
    value, gradient = evaluate(case, logits, targets)
    dlogits = np.full_like(logits, np.nan)
    assert call_loss(case, logits, targets, NO_WEIGHTS, 1.0, dlogits, plain) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(dlogits, gradient, rtol=0, atol=1e-15)
