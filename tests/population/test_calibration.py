"""Temperature and reliability: against grids, scikit-learn, and numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from netlet.population.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability_curve,
    with_temperature,
)
from netlet.population.probabilities import logits_of, probabilities_of

pytestmark = pytest.mark.plain


def drawn_classes(n=4000, n_classes=4, seed=0):
    """Return logits and labels that are drawn with their probabilities: calibrated by construction."""
    rng = np.random.default_rng(seed)
    z = 1.5 * rng.normal(size=(n, n_classes))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return z, (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)


def drawn_answers(n=4000, n_outputs=1, seed=0):
    rng = np.random.default_rng(seed)
    z = 1.5 * rng.normal(size=(n, n_outputs))
    return z, (rng.random((n, n_outputs)) < 1 / (1 + np.exp(-z))).astype(int)


def grid_minimum(cost):
    """Return where a cost is least, to four digits: a grid, and a finer one within."""
    grid = np.geomspace(0.02, 50, 80)
    for _ in range(2):
        best = int(np.argmin([cost(t) for t in grid]))
        grid = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 40)
    return grid[int(np.argmin([cost(t) for t in grid]))]


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
def test_the_temperature_of_classes_is_that_of_a_grid(scale):
    z, y = drawn_classes(300)
    z *= scale

    def cost(t):
        powers = np.exp(z / t - (z / t).max(axis=1, keepdims=True))
        return log_loss(y, powers / powers.sum(axis=1, keepdims=True))

    assert fit_temperature(z, y) == pytest.approx(grid_minimum(cost), rel=1e-3)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_the_temperature_of_answers_is_that_of_a_grid(n_outputs):
    z, y = drawn_answers(300, n_outputs)

    def cost(t):
        return sum(log_loss(y[:, j], 1 / (1 + np.exp(-2 * z[:, j] / t))) for j in range(n_outputs))

    assert fit_temperature(2 * z, y, kind="answers") == pytest.approx(grid_minimum(cost), rel=1e-3)


@pytest.mark.parametrize("drawn", [drawn_classes, drawn_answers])
def test_logits_times_3_have_the_temperature_3(drawn):
    z, y = drawn(20000)
    assert fit_temperature(3 * z, y) == pytest.approx(3, rel=0.05)
    assert fit_temperature(3 * z, y) == pytest.approx(3 * fit_temperature(z, y), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("drawn", "kind"), [(drawn_classes, "classes"), (drawn_answers, "answers")])
def test_probabilities_have_the_temperature_of_their_logits(drawn, kind, dtype):
    z, y = drawn(500)
    p = probabilities_of(z, kind).astype(dtype)
    assert fit_temperature(logits_of(p, kind), y) == pytest.approx(fit_temperature(z, y), rel=1e-5)


def test_by_hand_three_of_four_are_log_3():
    """sigmoid(z / T) = 3/4 where z / T = log 3."""
    assert fit_temperature([2.0] * 4, [1, 1, 1, 0]) == pytest.approx(2 / np.log(3), rel=1e-6)
    assert fit_temperature([[1.0, -1.0]] * 4, [0, 0, 0, 1]) == pytest.approx(2 / np.log(3), rel=1e-6)
    assert fit_temperature([2.0] * 2, [0.75, 0.75]) == pytest.approx(2 / np.log(3), rel=1e-6)


def test_where_all_is_right_nothing_is_learnt_of_the_temperature():
    assert fit_temperature([[3.0, 0.0], [0.0, 5.0]], [0, 1]) == 1
    assert fit_temperature([2.0, -1.0, 0.0], [1, 0, 1]) == 1
    assert fit_temperature([[1.0, 1.0]], [0]) == 1
    assert fit_temperature([2.0, -1.0], [1, 0.9]) != 1


def test_what_is_worse_than_chance_is_made_as_unsure_as_can_be():
    assert fit_temperature([[3.0, 0.0], [0.0, 5.0]], [1, 0]) == pytest.approx(100, rel=1e-3)


@pytest.mark.parametrize("kind", ["classes", "answers"])
def test_the_temperature_divides_the_logits(kind):
    z = np.random.default_rng(0).normal(size=(50, 3))
    p = probabilities_of(z, kind)
    expected = np.exp(z / 2.5) / np.exp(z / 2.5).sum(axis=1, keepdims=True) if kind == "classes" else (
        1 / (1 + np.exp(-z / 2.5))
    )  # fmt: skip
    np.testing.assert_allclose(with_temperature(p, 2.5, kind), expected, rtol=1e-12)
    np.testing.assert_array_equal(with_temperature(p, 1.0, kind), p)
    np.testing.assert_array_equal(with_temperature(p, 2.5, kind).argmax(axis=1), p.argmax(axis=1))


def test_rounded_probabilities_stay_finite():
    p = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    for kind in ("classes", "answers"):
        assert np.isfinite(logits_of(p, kind)).all()
        np.testing.assert_allclose(with_temperature(p, 0.5, kind), p, atol=1e-13)


@pytest.mark.parametrize("n_bins", [1, 5, 10, 15, 40])
def test_the_curve_is_that_of_scikit_learn(n_bins):
    z, y = drawn_answers(700)
    p = 1 / (1 + np.exp(-z[:, 0]))
    p[:4] = 0.0, 1.0, 0.2, 0.6  # ends of bins
    frequency, confidence = calibration_curve(y[:, 0], p, n_bins=n_bins)
    curve = reliability_curve(p, y[:, 0], n_bins)
    np.testing.assert_allclose(curve.frequency, frequency, rtol=1e-12)
    np.testing.assert_allclose(curve.confidence, confidence, rtol=1e-12)
    assert curve.counts.sum() == 700


def test_the_curve_of_classes_is_that_of_the_class_that_is_predicted():
    z, y = drawn_classes(700)
    p = probabilities_of(z, "classes")
    frequency, confidence = calibration_curve(p.argmax(axis=1) == y, p.max(axis=1), n_bins=12)
    curve = reliability_curve(p, y, 12)
    np.testing.assert_allclose(curve.frequency, frequency, rtol=1e-12)
    np.testing.assert_allclose(curve.confidence, confidence, rtol=1e-12)


def test_the_error_by_a_naive_loop():
    z, y = drawn_classes(500)
    p = probabilities_of(2 * z, "classes")
    total = 0.0
    for low in np.arange(15) / 15:
        rows = [i for i in range(500) if low < p[i].max() <= low + 1 / 15]
        if rows:
            right, sure = (
                np.mean(each) for each in ([p[i].argmax() == y[i] for i in rows], [p[i].max() for i in rows])
            )
            total += len(rows) / 500 * abs(right - sure)
    assert expected_calibration_error(p, y) == pytest.approx(total, rel=1e-12)


def test_the_error_by_hand():
    """Two bins: 0.2 and 0.3 where 1 of 2 comes true, 0.9 where it does."""
    assert expected_calibration_error([0.2, 0.3, 0.9], [1, 0, 1], 2) == pytest.approx((2 * 0.25 + 0.1) / 3)
    assert expected_calibration_error([[1.0, 0.0]], [0], 3) == 0
    assert expected_calibration_error([[1.0, 0.0]], [1], 3) == 1


def test_the_temperature_makes_a_network_that_is_too_sure_calibrated():
    z, y = drawn_classes(20000)
    p = probabilities_of(3 * z, "classes")
    calibrated = with_temperature(p, fit_temperature(3 * z, y), "classes")
    assert expected_calibration_error(p, y) > 0.1
    assert expected_calibration_error(calibrated, y) < 0.015


P = np.full((4, 2), 0.5)
WRONG = {
    "no rows": (lambda: fit_temperature(np.empty((0, 3)), []), ValueError, r"logits has shape \(0, 3\)"),
    "three dimensions": (lambda: fit_temperature(np.zeros((2, 2, 2)), [0, 1]), ValueError, "logits has shape"),
    "NaN": (lambda: fit_temperature([[0, np.nan]], [0]), ValueError, "logits holds nan in row 0, column 1"),
    "words": (lambda: fit_temperature([["a", "b"]], [0]), TypeError, "logits holds text"),
    "too few targets": (lambda: fit_temperature(P, [0]), ValueError, "y has 1 rows, logits has 4; give one target"),
    "an unknown class": (lambda: fit_temperature(P, [0, 1, 2, 0]), ValueError, "y holds the label 2 in row 2"),
    "no answer": (lambda: fit_temperature(P[:, 0], [0, 1, 2, 0]), ValueError, r"y holds 2 in row 2, .*\[0, 1\]"),
    "a number as y": (lambda: fit_temperature(P, 1), ValueError, "y has a single number"),
    "an unknown kind": (lambda: fit_temperature(P, [0] * 4, kind="class"), ValueError, "kind='class' is not one of"),
    "one class": (lambda: fit_temperature(P[:, :1], [0] * 4, kind="classes"), ValueError, "an output for each class"),
    "no bins": (lambda: reliability_curve(P, [0] * 4, 0), ValueError, "n_bins=0 is not >= 1"),
    "half a bin": (lambda: expected_calibration_error(P, [0] * 4, 0.5), TypeError, "n_bins=0.5 is not an int"),
    "no probability": (lambda: reliability_curve(P * 3, [0] * 4), ValueError, r"probabilities\[0, 0\] is 1.5"),
    "sums": (lambda: reliability_curve(P / 2, [0] * 4), ValueError, r"probabilities\[0\] sums to 0.5, not to 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case):
    call, kind, message = WRONG[case]
    with pytest.raises(kind, match=message):
        call()
