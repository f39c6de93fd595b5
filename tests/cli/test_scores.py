"""Figures of merit, against scikit-learn's and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from netlet.cli.scores import MEASURES, baselines, score
from netlet.data import Target

CLASSES = Target("t", "classification", ("a", "b", "c"))
NUMBER = Target("t", "regression", mean=10.0, scale=4.0)


def test_classification_scores() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 50)
    probability = rng.dirichlet([1, 1, 1], 50)
    got = score(CLASSES, probability, y)
    assert got["accuracy"] == pytest.approx(metrics.accuracy_score(y, probability.argmax(axis=1)))
    assert got["log_loss"] == pytest.approx(metrics.log_loss(y, probability))


def test_a_wrong_certainty_costs_a_finite_loss() -> None:
    assert score(CLASSES, np.array([[1.0, 0.0, 0.0]]), np.array([1]))["log_loss"] == pytest.approx(15.942, abs=1e-3)


def test_regression_scores_are_in_the_targets_unit() -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.normal(10, 4, 50), rng.normal(10, 4, 50)
    got = score(NUMBER, (guess[:, None] - 10) / 4, (truth - 10) / 4)
    assert got["r2"] == pytest.approx(metrics.r2_score(truth, guess))
    assert got["rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, guess))
    assert got["mae"] == pytest.approx(metrics.mean_absolute_error(truth, guess))


def test_equal_truths_give_no_r2() -> None:
    assert score(NUMBER, np.zeros((3, 1)), np.ones(3)) == {"r2": 0.0, "rmse": 4.0, "mae": 4.0}


def test_baselines_of_classes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)).astype(np.float32)
    y = np.where(x[:, 0] > 0.5, 1, 0)
    (linear, good), (constant, base) = baselines(CLASSES, x[:200], y[:200], x[200:], y[200:], seed=0)
    assert (linear, constant) == ("logistic regression", "always a")
    assert good["accuracy"] > 0.9
    assert base["accuracy"] == pytest.approx((y[200:] == 0).mean())
    p = (y[:200] == 1).mean()
    assert base["log_loss"] == pytest.approx(-np.log(np.where(y[200:] == 1, p, 1 - p)).mean())


def test_baselines_of_numbers() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)).astype(np.float32)
    y = x @ np.array([1.0, -2.0])
    (linear, good), (constant, base) = baselines(NUMBER, x[:200], y[:200], x[200:], y[200:], seed=0)
    assert (linear, constant) == ("linear (ridge) regression", "always the mean")
    assert good["r2"] > 0.99
    assert base["r2"] == pytest.approx(0, abs=0.1)


def test_a_large_table_is_not_learned_whole_by_the_linear_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlet.cli.scores.MOST_CELLS", 100)
    monkeypatch.setattr("netlet.cli.scores.LEAST_ROWS", 40)
    x = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    name = baselines(NUMBER, x, x[:, 0], x, x[:, 0], seed=0)[0][0]
    assert name == "linear (ridge) regression, 50 rows"


@pytest.mark.parametrize(
    ("task", "key", "value", "text"),
    [
        ("classification", "accuracy", 0.98551, "98.6 %"),
        ("classification", "log_loss", 0.04114, "0.041"),
        ("regression", "r2", -0.0001, "0.000"),
        ("regression", "rmse", 51234.56, "51,235"),
        ("regression", "mae", 0.00123456, "0.001235"),
    ],
)
def test_how_figures_are_written(task: str, key: str, value: float, text: str) -> None:
    measure = next(measure for measure in MEASURES[task] if measure.key == key)
    assert measure.write(value) == text


def test_an_r2_far_below_zero_is_written_short() -> None:
    r2 = MEASURES["regression"][0]
    assert [r2.write(value) for value in (0.98765, -0.0001, -123.4567)] == ["0.988", "0.000", "-123.457"]
    assert r2.write(-12372892363689.371) == "-1.237e+13"
