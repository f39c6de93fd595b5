"""Healthy runs on real data raise no finding."""

from __future__ import annotations

import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.preprocessing import StandardScaler

from netlet import SGD, Dense, Input, Network, Sigmoid, Softmax

pytestmark = pytest.mark.plain


def samples(load):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    return (X, (y - y.mean()) / y.std()) if load is load_diabetes else (X, y)


def classifier(n_out, *hidden, activation="relu"):
    return [*(Dense(size, activation) for size in hidden), Dense(n_out), Softmax()]


RUNS = {
    "iris": (load_iris, classifier(3, 16), {"epochs": 30, "learning_rate": 0.01}),
    "iris, tanh": (load_iris, classifier(3, 8, 8, activation="tanh"), {"epochs": 30, "optimizer": SGD(0.1)}),
    "iris, linear": (load_iris, classifier(3), {"epochs": 30, "learning_rate": 0.02}),
    "iris, all at once": (load_iris, classifier(3, 8), {"epochs": 30, "optimizer": "lbfgs"}),
    "wine": (load_wine, classifier(3, 16), {"epochs": 20, "validation_share": 0.2}),
    "wine, sigmoid": (load_wine, classifier(3, 16, activation="sigmoid"), {"epochs": 20, "learning_rate": 0.01}),
    "breast cancer": (load_breast_cancer, classifier(2, 16, 8), {"epochs": 12, "validation_share": 0.2}),
    "breast cancer, yes or no": (load_breast_cancer, [Dense(8, "relu"), Dense(1), Sigmoid()], {"epochs": 12}),
    "diabetes": (load_diabetes, [Dense(8, "relu"), Dense(1)], {"epochs": 25}),
    "diabetes, tanh": (load_diabetes, [Dense(8, "tanh"), Dense(1)], {"epochs": 20, "optimizer": SGD(0.02)}),
    "digits": (load_digits, classifier(10, 32), {"epochs": 6, "validation_share": 0.2}),
    "digits, deep": (load_digits, classifier(10, 64, 64, 64, 64), {"epochs": 5}),
    "digits, few samples": (load_digits, classifier(10, 32, activation="gelu"), {"epochs": 5, "batch_size": 8}),
    "wine, patience": (load_wine, classifier(3, 16), {"epochs": 60, "patience": 3, "validation_share": 0.3}),
}


# Of these many steps an uncompiled run takes ten seconds each.
LONG = ("digits, deep", "digits, few samples")


@pytest.mark.parametrize(
    "case", [pytest.param(each, marks=pytest.mark.compiled if each in LONG else ()) for each in RUNS]
)
def test_a_healthy_run_raises_nothing(case):
    load, layers, settings = RUNS[case]
    X, y = samples(load)
    network = Network([Input(X.shape[1]), *layers], seed=0)
    health = network.fit(X, y, **({"progress": False, "health": True, "n_threads": 1} | settings)).health
    assert not health.findings, str(health)
    assert health.figures.end < 0.9 * health.figures.start  # it did learn
