"""Tables learnt by one network of many members."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax

from netlet.tables.classifier import TableClassifier
from netlet.tables.recipe import recipe
from netlet.tables.regressor import TableRegressor

HOW: dict[str, Any] = {"epochs": 12, "recipe": {"hidden": (8,), "members": 3}, "random_state": 0}
N = 200
RNG = np.random.default_rng(1)
X = pl.DataFrame({"a": RNG.normal(size=N), "kind": RNG.choice(["x", "y", "z"], size=N)})
NUMBERS = X["a"].to_numpy() + 2.0 * (X["kind"] == "x").to_numpy()
Y = np.where(NUMBERS > 1.5, "high", np.where(NUMBERS > 0, "middle", "low"))


def test_a_classifier_learns_and_its_file_holds_it(tmp_path):
    model = TableClassifier("fast", **HOW).fit(X, Y, sample_weight=np.linspace(1, 2, N))
    assert model.score(X, Y) > 0.85
    (network,) = model.model_.networks
    assert network.parameters["memberdense_1.bias"].shape == (3, 3)
    assert model.model_.temperature != 1
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (N, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    model.save(tmp_path / "a.netlet")
    np.testing.assert_array_equal(TableClassifier.load(tmp_path / "a.netlet").predict_proba(X), probabilities)


def test_the_default_is_five_of_them():
    model = TableClassifier(**HOW | {"epochs": 1}).fit(X, Y)
    assert [each.parameters["memberdense_1.bias"].shape for each in model.model_.networks] == [(3, 3)] * 5


def test_a_regressor_learns_the_mean_and_quantiles():
    mean = TableRegressor("fast", **HOW | {"epochs": 30}).fit(X, NUMBERS)
    assert mean.score(X, NUMBERS) > 0.8
    noisy = NUMBERS + RNG.normal(size=N)
    model = TableRegressor("fast", quantiles=(0.1, 0.9), **HOW | {"epochs": 30}).fit(X, noisy)
    assert model.model_.networks[0].parameters["memberdense_1.bias"].shape == (3, 3)  # the median too
    low, high = model.predict_quantiles(X).T
    assert 0.6 < ((low <= noisy) & (noisy <= high)).mean() < 0.95


def test_blocks_of_rows_are_learnt():
    blocks = [(X[at : at + 50], Y[at : at + 50]) for at in range(0, N, 50)]
    assert TableClassifier(**HOW).fit_stream(lambda: iter(blocks)).score(X, Y) > 0.7


@pytest.mark.plain
def test_members_share_what_is_hidden_and_read_apart():
    x = RNG.normal(size=(40, 4)).clip(-3, 3)
    made = recipe(4, 3, hidden=(6,), numeric=None, members=5, activation="relu")
    network = made.network(x, seed=1, dtype="float64")
    own = network.parameters
    assert {name: each.shape for name, each in own.items()} == {
        "scaling_1.scale": (4,), "memberscaling_1.scale": (5, 4), "timedense_1.weight": (4, 6),
        "timedense_1.bias": (6,), "memberdense_1.weight": (30, 3), "memberdense_1.bias": (5, 3),
    }  # fmt: skip
    rates = made.training["rate_factors"]
    assert rates["timedense_1.weight"] == 4**-0.5
    assert rates["memberdense_1.weight"] == 6**-0.5
    assert set(rates) <= set(own)
    scales, weights = own["memberscaling_1.scale"], own["memberdense_1.weight"].reshape(5, 6, 3)
    hidden = [np.maximum(x * scale @ own["timedense_1.weight"] + own["timedense_1.bias"], 0) for scale in scales]
    z = np.einsum("mnh,mho->mno", hidden, weights) + own["memberdense_1.bias"][:, None]
    np.testing.assert_allclose(network.predict(x), softmax(z, axis=2).mean(axis=0), rtol=1e-12)


@pytest.mark.plain
@pytest.mark.parametrize("members", [1, 0, 2.5, True])
def test_one_member_is_none(members):
    with pytest.raises((ValueError, TypeError), match="members="):
        TableClassifier("fast", recipe={"members": members}).fit(X, Y)
