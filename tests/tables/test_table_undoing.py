"""A training that fails, or is interrupted before an epoch, leaves the model that was there before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from netlet.tables import base
from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

TINY: dict[str, Any] = {"epochs": 3, "recipe": {"hidden": (8,)}, "random_state": 0}
A = np.random.default_rng(0).normal(size=60)
X = {"a": A}


def test_numbers_keep_their_scale():
    model = TableRegressor("fast", **TINY).fit(X, A)
    before = model.predict(X)
    with pytest.raises(ValueError, match="infinite number"):
        model.fit(X | {"b": np.full(60, np.inf)}, 100 * A)
    np.testing.assert_array_equal(model.predict(X), before)
    with pytest.raises(ValueError, match="block 0: "):
        model.fit_stream(lambda: [(X, np.full(60, np.inf))])
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.feature_names_in_.tolist() == ["a"]


def test_classes_stay_those_of_the_networks(monkeypatch):
    model = TableClassifier("fast", **TINY).fit(X, A > 0)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(base, "train_parts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit({"b": A}, np.where(A > 0, "yes", "no"))
    assert model.classes_.tolist() == [False, True]
    assert model.predict(X).dtype == bool


def test_what_was_never_fitted_is_not_fitted_then():
    model = TableClassifier("fast", **TINY)
    with pytest.raises(ValueError, match="infinite number"):
        model.fit({"a": np.full(60, np.inf)}, A > 0)
    with pytest.raises(NotFittedError):
        model.predict(X)
    assert not hasattr(model, "classes_")
