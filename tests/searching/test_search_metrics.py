"""The metrics of a search against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import SPACE, numbers, three_classes
from sklearn import metrics as theirs

from netlet import Dense, Network, scales
from netlet.searching.metrics import METRICS, metric_of
from netlet.searching.search import search

pytestmark = pytest.mark.plain
RNG = np.random.default_rng(0)


def softmax(n, k, dtype):
    powers = np.exp(2 * np.random.default_rng(n * k).normal(size=(n, k)))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(dtype)


def classes(n, k):
    return np.concatenate([np.arange(k), np.random.default_rng(k).integers(0, k, n - k)])


def summing_to_1(probabilities):
    """Return doubles; those of a network of floats do not sum to 1 to the last digit, which scikit-learn warns of."""
    double = probabilities.astype(np.float64)
    return double / double.sum(axis=1, keepdims=True)


SKLEARN = {
    "accuracy": lambda y, p, k: theirs.accuracy_score(y, p.argmax(axis=1)),
    "balanced_accuracy": lambda y, p, k: theirs.balanced_accuracy_score(y, p.argmax(axis=1)),
    "f1_macro": lambda y, p, k: theirs.f1_score(y, p.argmax(axis=1), average="macro"),
    "log_loss": lambda y, p, k: theirs.log_loss(y, summing_to_1(p), labels=np.arange(k)),
    "roc_auc": lambda y, p, k: theirs.roc_auc_score(
        y, p[:, 1] if k == 2 else summing_to_1(p), multi_class="ovr"
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("name", SKLEARN)
def test_metrics_of_classes(name, k, dtype):
    outputs, y = softmax(50, k, dtype), classes(50, k)
    expected = SKLEARN[name](y, outputs, k)
    assert METRICS[name].of(outputs, y) == pytest.approx(expected, rel=1e-6)
    assert METRICS[name].of(outputs, y.reshape(-1, 1)) == METRICS[name].of(outputs, y)


@pytest.mark.parametrize("name", SKLEARN)
def test_one_column_is_the_probability_of_a_yes(name):
    yes, y = np.random.default_rng(1).random((40, 1)), classes(40, 2)
    expected = SKLEARN[name](y, np.concatenate([1 - yes, yes], axis=1), 2)
    assert METRICS[name].of(yes, y) == pytest.approx(expected, rel=1e-12)


def test_log_loss_of_a_certain_error_is_scikit_learns():
    outputs = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    y = np.array([0, 1, 1])
    assert METRICS["log_loss"].of(outputs, y) == pytest.approx(theirs.log_loss(y, outputs), rel=1e-12)


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("mae", theirs.mean_absolute_error),
        ("r2", theirs.r2_score),
        ("rmse", lambda y, p: np.sqrt(theirs.mean_squared_error(y, p))),
    ],
)
def test_metrics_of_numbers(name, of, n_targets):
    y, outputs = RNG.normal(size=(30, n_targets)), RNG.normal(size=(30, n_targets))
    assert METRICS[name].of(outputs, y) == pytest.approx(of(y, outputs), rel=1e-12)
    if n_targets == 1:
        assert METRICS[name].of(outputs, y[:, 0]) == pytest.approx(of(y, outputs), rel=1e-12)
    assert np.isfinite(METRICS[name].of(outputs, np.ones_like(outputs)))  # constant targets


def test_cost_is_less_for_the_better():
    for metric in METRICS.values():
        better, worse = (0.9, 0.1) if metric.more_is_better else (0.1, 0.9)
        assert metric.cost(better) < metric.cost(worse)
    assert [name for name, metric in METRICS.items() if metric.more_is_better] == [
        "accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "r2",
    ]  # fmt: skip


def test_a_class_that_does_not_occur_among_the_validation_samples():
    outputs, y = softmax(40, 4, "float64"), np.arange(40) % 3  # never 3
    expected = np.mean([theirs.roc_auc_score(y == label, (outputs / outputs.sum(1)[:, None])[:, label])
                        for label in range(3)])  # fmt: skip
    assert METRICS["roc_auc"].of(outputs, y) == pytest.approx(expected, rel=1e-12)
    assert METRICS["balanced_accuracy"].of(outputs, y) == pytest.approx(
        np.mean([(outputs.argmax(1) == label)[y == label].mean() for label in range(3)])
    )


@pytest.mark.parametrize("name", ["log_loss", "roc_auc"])
def test_outputs_that_are_no_probabilities(name):
    with pytest.raises(ValueError, match=r"no probabilities.*Softmax\(\) or Sigmoid\(\)"):
        METRICS[name].of(np.array([[-1.0], [2.0]]), np.array([0, 1]))


@pytest.mark.parametrize(
    ("name", "has_classes", "message"),
    [
        ("rmse", True, "metric='rmse' measures numbers, but y holds classes; use one of 'loss', 'accuracy'"),
        ("accuracy", False, "measures classes, but y holds numbers; use one of 'loss', 'rmse', 'mae', 'r2'"),
        ("acuracy", True, "did you mean 'accuracy'"),
        (None, True, "metric=None is not one of"),
        (["loss"], True, "is not one of"),
    ],
)
def test_a_metric_that_does_not_fit(name, has_classes, message):
    with pytest.raises(ValueError, match=message):
        metric_of(name, has_classes)


def test_a_metric_that_does_not_fit_the_search():
    with pytest.raises(ValueError, match="metric='r2' measures numbers, but y holds classes"):
        search(*three_classes(), SPACE, 1, metric="r2", progress=False)
    with pytest.raises(ValueError, match="metric='f1_macro' measures classes, but y holds numbers"):
        search(*numbers(), SPACE, 1, metric="f1_macro", progress=False)


@pytest.mark.parametrize("metric", ["loss", *SKLEARN])
def test_the_score_is_the_metric_of_the_network_that_is_returned(metric):
    x, y = three_classes()
    found = search(x[:40], y[:40], SPACE, 3, metric=metric, epochs=4, progress=False,
                   validation_data=(x[40:], y[40:]))  # fmt: skip
    for number, network in found.networks.items():
        outputs = network.predict(x[40:])
        if metric == "loss":
            expected = theirs.log_loss(y[40:], summing_to_1(outputs))
        else:
            expected = SKLEARN[metric](y[40:], outputs, 3)
        assert found.trials[number].score == pytest.approx(expected, rel=1e-5)


def test_one_class_to_validate_with_fails_every_trial_and_says_why():
    x, y = three_classes()
    with pytest.raises(RuntimeError, match="all 3 trials failed.*roc_auc needs two classes.*hold only class 1"):
        search(x, y, SPACE, 3, metric="roc_auc", epochs=1, progress=False, validation_data=(x[:4], np.ones(4, int)))


def test_one_number_to_validate_with():
    x, y = numbers()
    with pytest.raises(RuntimeError, match="all 2 trials failed.*r2 needs two validation samples"):
        search(x, y, SPACE, 2, metric="r2", epochs=1, progress=False, validation_data=(x[:1], y[:1]))


def test_losses_that_vary_are_not_compared_with_each_other():
    x, y = numbers()
    space = {"loss": ["squared_error", "huber"], "learning_rate": scales.LogUniform(1e-3, 1e-1)}
    with pytest.raises(ValueError, match="loss varies in the space.*use another metric"):
        search(x, y, space, 2, progress=False)
    found = search(x, y, space, 4, metric="rmse", epochs=2, progress=False)
    assert {trial.settings["loss"] for trial in found.trials} == {"squared_error", "huber"}


def test_a_metric_of_probabilities_with_a_network_that_gives_none():
    x, y = three_classes()

    def build(units, seed):
        return Network([Dense(units, activation="tanh"), Dense(1)], seed=seed)

    with pytest.raises(RuntimeError, match="no probabilities"):
        search(x, (y > 0).astype(int), {"units": [2, 3]}, 2, build=build, metric="roc_auc", epochs=1, progress=False,
               loss="hinge")  # fmt: skip
