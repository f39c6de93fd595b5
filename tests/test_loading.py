"""`load` reads any file of netlet as what was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netlet
from netlet import Dense, Ensemble, ModelFileError, Network, SequenceRegressor, Softmax, TableClassifier, load
from netlet.estimators.saving import SavedEstimator
from netlet.loading import _HOMES


def test_an_estimator_of_tables(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = {"area": random.uniform(20, 120, 60), "lift": random.random(60) < 0.5}
    model = TableClassifier("fast", epochs=2, random_state=0).fit(table, table["area"] > 70)
    model.save(tmp_path / "m")
    again = load(str(tmp_path / "m"))
    assert type(again) is TableClassifier
    np.testing.assert_array_equal(again.predict_proba(table), model.predict_proba(table))


@pytest.mark.parametrize(
    "weights", [{0: 1.0, 1: 5.0}, {np.int64(0): np.float32(0.5), np.int64(1): 2}, {0.0: 1, 1.0: 3}, "balanced", None]
)
def test_weights_of_classes_that_are_no_texts(weights: Any, tmp_path: Path) -> None:
    table = {"area": np.arange(40.0)}
    classes = (table["area"] > 20).astype(int)
    model = TableClassifier("fast", class_weight=weights, epochs=np.int64(2), random_state=0).fit(table, classes)
    model.save(tmp_path / "m")
    again = load(tmp_path / "m")
    assert again.class_weight == weights
    assert (again.epochs, type(again.epochs)) == (2, int)
    np.testing.assert_array_equal(again.fit(table, classes).predict_proba(table), model.predict_proba(table))


def test_an_estimator_of_sequences(tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((20, 5, 2)).astype(np.float32)
    model = SequenceRegressor(units=4, epochs=1, random_state=0).fit(x, x.sum(axis=(1, 2)))
    model.save(tmp_path / "m")
    again = load(tmp_path / "m")
    assert type(again) is SequenceRegressor
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_networks_by_themselves(tmp_path: Path) -> None:
    network = Network([Dense(2), Softmax()], seed=0)
    network.build(3)
    network.save(tmp_path / "network")
    Ensemble([network]).save(tmp_path / "ensemble")
    assert type(load(tmp_path / "network")) is Network
    assert type(load(tmp_path / "ensemble")) is Ensemble


def test_every_estimator_that_saves_is_known() -> None:
    public = {name: getattr(netlet, name) for name in netlet.__all__}
    saved = {name for name, each in public.items() if isinstance(each, type) and issubclass(each, SavedEstimator)}
    assert set(_HOMES) == saved


@pytest.mark.parametrize("name", ["Unheard", "os", "Network"])
def test_an_estimator_that_is_not_known(tmp_path: Path, name: str) -> None:
    network: Any = Network([Dense(2), Softmax()], seed=0)
    network.build(3)
    network.save(tmp_path / "m", notes={"estimator": {"class": name, "parameters": {}, "fitted": {}}})
    with pytest.raises(ModelFileError, match=f"m holds an? {name}, which this version .*Network.load"):
        load(tmp_path / "m")
