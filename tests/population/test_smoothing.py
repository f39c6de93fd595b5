"""Labels that are taken to be wrong now and then, against sums written out and against a grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from netlet.population.calibration import fit_temperature
from netlet.searching.metrics import METRICS

pytestmark = pytest.mark.plain


def expected(probabilities, y, share):
    """Return the mean over the samples of the expected log loss, a class at a time."""
    n_classes = probabilities.shape[1]
    total = 0.0
    for row, label in zip(probabilities, y, strict=True):
        for each in range(n_classes):
            weight = 1 - share if each == label else share / (n_classes - 1)
            total -= weight * np.log(row[each])
    return total / len(y)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_metric(n_classes):
    rng = np.random.default_rng(0)
    probabilities, y = softmax(rng.normal(size=(40, n_classes)), axis=1), rng.integers(0, n_classes, 40)
    found = METRICS["smoothed_log_loss"].of(probabilities, y)
    assert found == pytest.approx(expected(probabilities, y, 1 / 42), rel=1e-12)


def test_the_surest_is_not_the_best_where_samples_are_few():
    y = np.zeros(20, dtype=int)
    sure, modest = np.tile([1 - 1e-7, 1e-7], (20, 1)), np.tile([0.95, 0.05], (20, 1))
    assert METRICS["log_loss"].of(sure, y) < METRICS["log_loss"].of(modest, y)
    assert METRICS["smoothed_log_loss"].of(sure, y) > METRICS["smoothed_log_loss"].of(modest, y)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_temperature_is_the_best_of_a_grid(n_classes):
    rng = np.random.default_rng(1)
    y = rng.integers(0, n_classes, 60)
    logits = rng.normal(size=(60, n_classes))
    logits[np.arange(60), y] += 12  # all right: without smoothing nothing says how sure it may be
    assert fit_temperature(logits, y, kind="classes") == 1
    found = fit_temperature(logits, y, kind="classes", smoothing=1 / 62)
    grid = np.exp(np.linspace(np.log(0.1), np.log(20), 2001))
    costs = [expected(softmax(logits / t, axis=1), y, 1 / 62) for t in grid]
    assert found == pytest.approx(grid[int(np.argmin(costs))], rel=3e-3)
    assert found > 1


def test_smoothing_out_of_range_is_refused():
    with pytest.raises(ValueError, match="smoothing=1"):
        fit_temperature([[1.0, 0.0]], [0], smoothing=1.0)
