"""`TableClassifier` and `TableRegressor`: what they learn, say, measure and keep."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import cross_val_score

import netlet
from netlet.errors import HealthWarning, ModelFileError
from netlet.insight.health import Finding, Health
from netlet.population.ensemble import Ensemble
from netlet.tables.best_epoch import pinball_loss
from netlet.tables.classifier import TableClassifier
from netlet.tables.health import leaps_apart
from netlet.tables.regressor import TableRegressor

TINY: dict[str, Any] = {"epochs": 25, "recipe": {"hidden": (16,)}, "random_state": 0}
N = 300
RNG = np.random.default_rng(1)
X = pd.DataFrame(
    {
        "a": RNG.normal(size=N),
        "b": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(size=N)),
        "kind": RNG.choice(["x", "y", "z"], size=N),
        "town": RNG.choice([f"town {k}" for k in range(15)], size=N),
        "sure": RNG.random(N) < 0.5,
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, size=N), unit="D"),
    }
)
FRAME = pl.DataFrame({name: X[name].tolist() for name in X}).with_columns(pl.col("day").cast(pl.Datetime("us")))
SIGNAL = X["a"].to_numpy() + 2.0 * (X["kind"] == "x").to_numpy()
Y = np.where(SIGNAL > 1, "high", "low")
NUMBERS = SIGNAL + 0.3 * RNG.normal(size=N)


@pytest.fixture(scope="module")
def classifier() -> TableClassifier:
    return TableClassifier("fast", **TINY).fit(X, Y)


@pytest.fixture(scope="module")
def regressor() -> TableRegressor:
    return TableRegressor("fast", quantiles=(0.1, 0.9), **TINY | {"epochs": 60}).fit(X, NUMBERS)


def test_what_can_be_learnt_is_learnt(classifier):
    assert classifier.score(X, Y) > 0.93
    assert classifier.n_features_in_ == 6
    assert classifier.feature_names_in_.tolist() == X.columns.tolist()
    assert classifier.history_ is classifier.histories_[0]
    assert len(classifier.history_) == 25
    probabilities = classifier.predict_proba(X)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert TableRegressor("fast", **TINY).fit(X, NUMBERS).score(X, NUMBERS) > 0.85


def test_the_default_is_five_networks_whose_mean_is_calibrated():
    model = TableClassifier(**TINY | {"epochs": 5}).fit(X, Y)
    assert len(model.model_.networks) == len(model.histories_) == 5
    assert model.model_.temperature != 1


def test_every_kind_of_table_gives_the_same_model(classifier):
    wanted = classifier.predict_proba(X)
    for given in (FRAME, FRAME.lazy(), {name: X[name].to_numpy() for name in X}):
        np.testing.assert_array_equal(classifier.predict_proba(given), wanted)
    np.testing.assert_array_equal(TableClassifier("fast", **TINY).fit(FRAME, Y).predict_proba(X), wanted)


def test_nothing_depends_on_threads_and_all_on_the_seed(classifier):
    again = TableClassifier("fast", n_threads=2, **TINY).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    other = TableClassifier("fast", **TINY | {"random_state": 1}).fit(X, Y)
    assert not np.array_equal(other.predict_proba(X), classifier.predict_proba(X))


@pytest.mark.parametrize("estimator", [TableClassifier("fast", **TINY), TableRegressor("fast", **TINY)])
def test_a_row_of_weight_0_is_as_if_it_was_not_there(estimator):
    y = Y if isinstance(estimator, TableClassifier) else NUMBERS
    weights = RNG.integers(0, 3, size=N).astype(float)
    kept = weights > 0
    left = clone(estimator).fit(X, y, weights).predict(X)
    without = clone(estimator).fit(X[kept], y[kept], weights[kept]).predict(X)
    np.testing.assert_array_equal(left, without)
    with pytest.raises(ValueError, match="(?i)sample.weight"):
        clone(estimator).fit(X, y, np.zeros(N))
    with pytest.raises(ValueError, match="Negative"):
        clone(estimator).fit(X, y, -weights)


def test_class_weights_are_weights_of_rows(classifier):
    weights = np.where(Y == "high", 4.0, 1.0)
    by_row = TableClassifier("fast", **TINY).fit(X, Y, weights).predict_proba(X)
    by_class = TableClassifier("fast", class_weight={"high": 4.0}, **TINY).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(by_row, by_class)
    assert by_class[:, 0].mean() > classifier.predict_proba(X)[:, 0].mean()
    counts = np.array([(Y == "high").sum(), (Y == "low").sum()])
    balanced = TableClassifier("fast", class_weight="balanced", **TINY).fit(X, Y).predict_proba(X)
    by_hand = dict(zip(["high", "low"], (N / (2 * counts)).tolist(), strict=True))
    wanted = TableClassifier("fast", class_weight=by_hand, **TINY).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(balanced, wanted)


def test_within_scikit_learn():
    scores = cross_val_score(TableClassifier("fast", **TINY), X, Y, cv=3)
    assert scores.min() > 0.85


def test_quantiles(regressor):
    quantiles = regressor.predict_quantiles(X)
    assert quantiles.shape == (N, 2)
    below = (NUMBERS[:, None] < quantiles).mean(axis=0)
    assert 0.03 < below[0] < 0.2
    assert 0.8 < below[1] < 0.97
    median = regressor.predict(X)
    assert ((quantiles[:, 0] <= median) & (median <= quantiles[:, 1])).all()
    assert regressor.score(X, NUMBERS) > 0.85
    other = clone(regressor).set_params(epochs=1).fit(X, NUMBERS).set_params(quantiles=(0.3,))
    assert other.predict_quantiles(X).shape == (N, 2)  # as it was fitted
    plain = TableRegressor("fast", **TINY | {"epochs": 1}).fit(X, NUMBERS)
    with pytest.raises(ValueError, match="quantiles=None"):
        plain.predict_quantiles(X)


def test_quantiles_never_cross():
    """Noise alone and hardly any training: the outputs themselves cross."""
    levels = (0.4, 0.45, 0.5, 0.55, 0.6)
    model = TableRegressor("fast", quantiles=levels, **TINY | {"epochs": 1}).fit(X, RNG.normal(size=N))
    raw = model.model_.predict(model.preparation_.transform(FRAME))
    assert (np.diff(raw, axis=1) < 0).any()
    assert (np.diff(model.predict_quantiles(X), axis=1) >= 0).all()


def test_the_pinball_loss_by_hand():
    cost = pinball_loss(np.array([1.0, 3.0]), (0.1, 0.5))
    # d = 1, -1 and 3, 2: 0.1 + 0.5 and 0.3 + 1.0
    assert cost(np.array([[0.0, 2.0], [0.0, 1.0]])) == pytest.approx((0.1 + 0.5 + 0.3 + 1.0) / 4)
    weighted = pinball_loss(np.array([1.0, 3.0]), (0.1, 0.5), np.array([1.0, 0.0]))
    assert weighted(np.array([[0.0, 2.0], [0.0, 1.0]])) == pytest.approx(0.3)


def test_predictions_stay_among_the_numbers_learnt(regressor):
    far = X.assign(a=[1e6, -1e6] * (N // 2))
    for numbers in (regressor.predict(far), regressor.predict_quantiles(far)):
        assert numbers.min() >= NUMBERS.min()
        assert numbers.max() <= NUMBERS.max()


@pytest.mark.parametrize("measure", [None, "log likelihood"])
def test_importance(classifier, measure):
    found = classifier.importance(X.assign(more=1), Y, repeats=3, measure=measure)
    assert {each.column for each in found.columns} == set(X.columns)
    assert [each.column for each in found.columns[:2]] == ["kind", "a"]
    means = [each.mean for each in found.columns]
    assert means == sorted(means, reverse=True)
    lines = str(found).splitlines()
    assert lines[0].startswith(f"{measure or 'accuracy'} {found.score:.4g} on 300 rows")
    assert lines[1].split()[0] == "kind"
    assert found == classifier.importance(X, Y, repeats=3, measure=measure)


def test_importance_is_that_of_scikit_learn(regressor):
    ours = {each.column: each.mean for each in regressor.importance(X, NUMBERS, repeats=20).columns}
    theirs = permutation_importance(regressor, X, NUMBERS, n_repeats=20, random_state=0).importances_mean
    np.testing.assert_allclose([ours[name] for name in X.columns], theirs, atol=0.05)


def test_importance_of_columns_that_are_not_used_is_0():
    model = TableClassifier("fast", **TINY | {"epochs": 3}).fit(X.assign(same=1), Y)
    found = {each.column: each for each in model.importance(X.assign(same=range(N)), Y).columns}
    assert (found["same"].mean, found["same"].deviation) == (0, 0)
    with pytest.raises(ValueError, match="y holds 'middle', which is not among the classes"):
        model.importance(X, ["middle"] * N)
    with pytest.raises(ValueError, match="measure='auc' is not one of"):
        model.importance(X, Y, measure="auc")
    with pytest.raises(ValueError, match="repeats=0"):
        model.importance(X, Y, repeats=0)


@pytest.mark.parametrize(
    "classes", [["no", "yes"], [False, True], [3, 7], [1.0, 2.0], np.array(["a", "b"], dtype=object)],
    ids=["text", "truth", "whole", "real", "objects"],
)  # fmt: skip
def test_classes_of_any_kind_are_kept_in_the_file(classes, tmp_path):
    y = np.asarray(classes)[(SIGNAL > 1).astype(int)]
    model = TableClassifier("fast", **TINY | {"epochs": 3}).fit(X, y)
    model.save(tmp_path / "m.netlet")
    again = TableClassifier.load(tmp_path / "m.netlet")
    assert again.classes_.dtype == model.classes_.dtype == y.dtype
    assert again.predict(X).tolist() == model.predict(X).tolist()
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_a_file_holds_all_of_it(regressor, tmp_path):
    path = tmp_path / "m.netlet"
    regressor.save(path)
    again = TableRegressor.load(path)
    assert again.get_params() == regressor.get_params()
    assert again.preparation_ == regressor.preparation_
    assert again.range_ == regressor.range_
    assert again.dropped_columns_ == regressor.dropped_columns_
    np.testing.assert_array_equal(again.feature_names_in_, regressor.feature_names_in_)
    np.testing.assert_array_equal(again.predict_quantiles(X), regressor.predict_quantiles(X))
    assert str(again.importance(X, NUMBERS)) == str(regressor.importance(X, NUMBERS))
    again.save(tmp_path / "again.netlet")
    assert (tmp_path / "again.netlet").read_bytes() == path.read_bytes()
    assert isinstance(netlet.load(path), TableRegressor)
    loaded = Ensemble.load(path)
    assert loaded.notes["estimator"]["class"] == "TableRegressor"


def test_other_encodings_of_numbers_learn_and_are_kept(classifier, tmp_path):
    pieces = {"hidden": (16,), "numeric": "piecewise_linear"}
    model = TableClassifier("fast", encoding="quantile", **TINY | {"recipe": pieces}).fit(X, Y)
    assert model.score(X, Y) > 0.93
    assert not np.allclose(model.predict_proba(X), classifier.predict_proba(X), atol=1e-3)
    model.save(tmp_path / "m.netlet")
    again = TableClassifier.load(tmp_path / "m.netlet")
    assert again.encoding == "quantile"
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_parameters_come_back_but_for_those_that_json_cannot_hold(tmp_path):
    random = np.random.RandomState(0)
    model = TableClassifier(
        "fast", class_weight={True: 2.0, False: 1.0}, drop=("day",), **TINY | {"epochs": 2, "random_state": random}
    )
    model.fit(X, SIGNAL > 1).save(tmp_path / "m.netlet")
    again = TableClassifier.load(tmp_path / "m.netlet")
    assert again.class_weight == {True: 2.0, False: 1.0}
    assert again.random_state is None
    assert again.drop == ("day",)
    assert again.recipe == {"hidden": (16,)}


def test_files_of_something_else(classifier, tmp_path):
    path = tmp_path / "m.netlet"
    with pytest.raises(NotFittedError):
        TableClassifier().save(path)
    classifier.save(path)
    with pytest.raises(
        ModelFileError, match=r"a TableClassifier, not a TableRegressor; load it with TableClassifier\.load"
    ):
        TableRegressor.load(path)
    Ensemble(classifier.model_.networks).save(path, notes={})
    with pytest.raises(ModelFileError, match="an ensemble by itself"):
        TableClassifier.load(path)
    with pytest.raises(OSError, match="none"):
        TableClassifier.load(tmp_path / "none")


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (lambda d: d["fitted"].update(classes=["a", "b", "c"]), "tell 2 classes apart, not 3"),
        (lambda d: d["fitted"].update(dtype="V8"), "classes are of the type"),
        (lambda d: d["preparation"]["numbers"].pop(), "its networks read"),
        (lambda d: d.pop("preparation"), "preparation"),
    ],
)
def test_altered_files(classifier, tmp_path, alter, message):
    path = tmp_path / "m.netlet"
    classifier.save(path)
    model = Ensemble.load(path)
    described = json.loads(json.dumps(model.notes["estimator"]))
    alter(described)
    model.save(path, notes={"estimator": described})
    with pytest.raises(ModelFileError, match=f"was altered: .*{message}"):
        TableClassifier.load(path)


def test_health_is_looked_at_and_changes_nothing():
    model = TableClassifier(health=True, **TINY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, Y)
    assert model.health_.findings == ()
    assert model.health_ is model.history_.health
    assert len(model.histories_) == 5
    assert all(history.health.figures.losses == tuple(history.column("loss")) for history in model.histories_)
    plain = TableClassifier(**TINY).fit(X, Y)
    assert plain.health_ is None
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))


def test_a_finding_is_a_warning():
    model = TableRegressor("fast", health=True, learning_rate=1e-7, **TINY)
    with pytest.warns(HealthWarning, match="learning rate too low") as caught:
        model.fit(X, NUMBERS)
    assert caught[0].filename == __file__
    assert [finding.name for finding in model.health_.findings] == ["learning rate too low"]


def test_a_rate_that_leads_nowhere_is_told_and_numpy_is_silent():
    with pytest.warns() as caught:
        TableRegressor("fast", health=True, learning_rate=30.0, **TINY).fit(X, NUMBERS)
    assert {each.category for each in caught} == {HealthWarning}
    assert any("learning rate too high" in str(each.message) for each in caught)


def test_leaps_of_a_loss_that_falls_are_no_finding():
    found = [Finding(name, None, 1, "", "", "") for name in ("loss spikes", "exploding gradient", "dead units")]
    health = Health(tuple(found), None)
    assert [each.name for each in leaps_apart(health, [1.0, 2.0, 0.1]).findings] == ["dead units"]
    assert leaps_apart(health, [0.1, 1.0]) == leaps_apart(health, [1.0, float("nan")]) == health


def test_a_time_limit_keeps_what_there_is():
    model = TableClassifier(time_limit=0.3, **TINY | {"epochs": 2_000}).fit(X, Y)  # of more, the first have no rate yet
    assert model.history_.stopped == "time"
    assert model.score(X, Y) > 0.5
