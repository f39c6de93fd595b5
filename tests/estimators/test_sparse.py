"""Sparse features: the same numbers as dense ones, and never all of them dense at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from netlet.estimators import MLPClassifier, MLPRegressor, sets

pytestmark = [pytest.mark.plain, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]

RNG = np.random.default_rng(0)
DENSE = RNG.normal(size=(150, 40)) * (RNG.uniform(size=(150, 40)) < 0.1)
LABELS = (DENSE[:, 0] + DENSE[:, 1] > 0).astype(int) + (DENSE[:, 2] > 0)
SETTINGS = {"hidden_layer_sizes": (6,), "batch_size": 16, "max_iter": 4, "random_state": 0}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Let a block have few rows, so that there are several."""
    monkeypatch.setattr(sets, "_DENSE_BYTES", 40 * 40 * 8)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_same_as_dense(kind, solver, shuffle):
    X = kind(DENSE)
    settings = SETTINGS | {"solver": solver, "shuffle": shuffle}
    for estimator, y in ((MLPClassifier, LABELS), (MLPRegressor, DENSE[:, 0])):
        ours, same = estimator(**settings).fit(X, y), estimator(**settings).fit(DENSE, y)
        np.testing.assert_allclose(ours.coefs_[0], same.coefs_[0], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(ours.loss_curve_, same.loss_curve_, rtol=1e-7)
        np.testing.assert_array_equal(ours.predict(X), ours.predict(DENSE))


def test_early_stopping_and_weights():
    settings = SETTINGS | {"early_stopping": True, "validation_fraction": 0.3}
    weights = RNG.uniform(0.5, 2, 150)
    ours = MLPClassifier(**settings).fit(sparse.csr_array(DENSE), LABELS, sample_weight=weights)
    same = MLPClassifier(**settings).fit(DENSE, LABELS, sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0], same.coefs_[0], rtol=1e-7)
    assert ours.validation_scores_ == same.validation_scores_


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_only_blocks_become_dense(monkeypatch, solver):
    seen = []
    toarray = sets.dense
    monkeypatch.setattr(sets, "dense", lambda x, dtype: seen.append(x.shape[0]) or toarray(x, dtype))
    model = MLPClassifier(**SETTINGS | {"solver": solver}).fit(sparse.csr_array(DENSE), LABELS)
    model.predict(sparse.csr_array(DENSE))
    assert seen
    assert max(seen) <= 40
    assert sum(seen) >= 150 * 2


def test_partial_fit_takes_sparse_and_dense_parts():
    model = MLPClassifier(**SETTINGS)
    for start in range(0, 150, 50):
        part = slice(start, start + 50)
        X = DENSE[part] if start == 50 else sparse.csr_array(DENSE[part])
        model.partial_fit(X, LABELS[part], classes=[0, 1, 2])
    assert model.t_ == 150
