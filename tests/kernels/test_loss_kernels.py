"""Every loss: value and gradient against SciPy's functions, finite differences, weights, and logits of any size."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from calls import LOSS_CASES, call_loss, plain
from guarded import Guarded

from netlet.kernels.registry import losses

pytestmark = pytest.mark.plain
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
NO_WEIGHTS = np.empty(0)


def test_every_loss_has_a_case():
    assert {case.row.name for case in LOSS_CASES.values()} == set(losses), "add the new row to calls.py"


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


@pytest.mark.parametrize(
    "case", [case for case in LOSS_CASES.values() if not case.row.labels], ids=lambda case: case.row.name
)
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


def test_worked_by_hand():
    """softmax(0, log 3) = (1/4, 3/4); sigmoid(log 3) = 3/4; (3 - 1)^2 / 2 / 1."""
    value, gradient = evaluate(LOSS_CASES["cross_entropy"], np.array([[0, np.log(3)]]), np.array([[0.0]]))
    assert value == pytest.approx(np.log(4), rel=1e-15)
    np.testing.assert_allclose(gradient, [[-0.75, 0.75]], rtol=1e-15)
    value, gradient = evaluate(LOSS_CASES["binary_cross_entropy"], np.array([[np.log(3)]]), np.array([[1.0]]))
    assert value == pytest.approx(np.log(4 / 3), rel=1e-15)
    np.testing.assert_allclose(gradient, [[-0.25]], rtol=1e-15)
    value, gradient = evaluate(LOSS_CASES["squared_error"], np.array([[3.0]]), np.array([[1.0]]))
    assert value == 2
    np.testing.assert_array_equal(gradient, [[2.0]])


@pytest.mark.parametrize("case", LOSS_CASES.values(), ids=LOSS_CASES)
def test_plain_text_gives_the_compiled_numbers(case):
    logits, targets = case.inputs(9, 5, np.random.default_rng(4))
    value, gradient = evaluate(case, logits, targets)
    dlogits = np.full_like(logits, np.nan)
    assert call_loss(case, logits, targets, NO_WEIGHTS, 1.0, dlogits, plain) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(dlogits, gradient, rtol=0, atol=1e-15)
