"""Ensemble: the mean, the spread and the figures by hand; who may be a member; what `select` finds."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from members import classifier, regressor, three_classes, yes_or_no
from scipy.stats import mode
from sklearn.metrics import accuracy_score, log_loss

from netlet import (
    BatchNorm,
    Concatenate,
    Dense,
    Exponential,
    Flatten,
    Input,
    Network,
    NotBuilt,
    Reshape,
    Softmax,
    Step,
)
from netlet.population.ensemble import Ensemble

pytestmark = pytest.mark.plain
X, Y = three_classes()
BUILDERS = {"classes": classifier, "answers": yes_or_no, "numbers": regressor}


def several(build=classifier, n=3, **settings):
    return [build(seed=seed, **settings) for seed in range(n)]


def overconfident(networks, factor=10):
    """Multiply the logits."""
    for network in networks:
        network.parameters["dense_2.weight"][:] *= factor
    return networks


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_the_prediction_is_the_weighted_mean_and_the_spread_the_weighted_deviation(build, dtype):
    networks = several(build, dtype=dtype)
    ensemble = Ensemble(networks, [1, 0, 3])
    each = np.array([network.predict(X) for network in networks], np.float64)
    np.testing.assert_array_equal(ensemble.predict_members(X), each)
    mean = (each[0] + 3 * each[2]) / 4
    exact = {"rtol": 1e-6 if dtype == "float32" else 1e-14}
    np.testing.assert_allclose(ensemble.predict(X), mean, **exact)
    spread = np.sqrt(((each[0] - mean) ** 2 + 3 * (each[2] - mean) ** 2) / 4)
    np.testing.assert_allclose(ensemble.spread(X), spread, **exact)
    for result in (ensemble.predict(X), ensemble.spread(X), ensemble.predict_members(X)):
        assert result.dtype == dtype
    assert ensemble.predict_members(X).shape == (3, 30, each.shape[2])
    np.testing.assert_array_equal(ensemble.weights, [0.25, 0, 0.75])


def test_without_weights_it_is_soft_voting():
    networks = several(n=5)
    each = [network.predict(X) for network in networks]
    np.testing.assert_allclose(Ensemble(networks).predict(X), np.mean(each, axis=0), rtol=1e-6)
    np.testing.assert_allclose(Ensemble(networks).spread(X), np.std(each, axis=0), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_one_member_predicts_its_own_bits(build, dtype):
    network = build(dtype=dtype)
    ensemble = Ensemble([network])
    np.testing.assert_array_equal(ensemble.predict(X), network.predict(X))
    np.testing.assert_array_equal(ensemble.spread(X), 0)
    y = Y if build is classifier else (Y > 0).astype(float)
    figures, own = ensemble.evaluate(X, y), network.evaluate(X, y)
    assert figures.keys() == own.keys()
    assert figures == pytest.approx(own, rel=1e-5)


def test_members_of_both_dtypes_predict_in_float64():
    networks = [classifier(0, "float32"), classifier(1, "float64")]
    ensemble = Ensemble(networks)
    assert ensemble.dtype == ensemble.predict(X).dtype == "float64"
    expected = (networks[0].predict(X).astype(np.float64) + networks[1].predict(X)) / 2
    np.testing.assert_allclose(ensemble.predict(X), expected, rtol=1e-15)
    expected /= expected.sum(axis=1, keepdims=True)
    assert ensemble.evaluate(X, Y)["loss"] == pytest.approx(log_loss(Y, expected), rel=1e-12)


def test_architectures_may_differ():
    networks = [
        classifier(hidden=3),
        Network([Input(4), BatchNorm(), Dense(9, activation="relu"), Dense(3, activation="softmax")], seed=3),
        Network([Input((2, 2)), Flatten(), Dense(3), Softmax()], seed=4),
    ]
    expected = np.mean([network.predict(X) for network in networks], axis=0)
    np.testing.assert_allclose(Ensemble(networks).predict(X), expected, rtol=1e-6)
    turned = Ensemble(networks[::-1])  # the first one takes samples in their shape, and so do all
    np.testing.assert_allclose(turned.predict(X.reshape(30, 2, 2)), expected, rtol=1e-6)


def test_several_inputs_are_read_as_a_network_reads_them():
    def build(seed):
        a, b = Input(3)(), Input(1)()
        return Network(Dense(2)(Concatenate()(a, b)), seed=seed)

    networks = [build(0), build(1)]
    parts = X[:, :3], X[:, 3]
    expected = np.mean([network.predict(parts) for network in networks], axis=0)
    np.testing.assert_allclose(Ensemble(networks).predict(parts), expected, rtol=1e-6)
    np.testing.assert_allclose(Ensemble(networks).predict(X), expected, rtol=1e-6)


def test_outputs_of_a_shape_keep_it():
    networks = [Network([Input(4), Dense(6), Reshape((2, 3))], seed=seed) for seed in range(2)]
    ensemble = Ensemble(networks)
    assert ensemble.predict(X).shape == ensemble.spread(X).shape == (30, 2, 3)
    assert ensemble.predict_members(X).shape == (2, 30, 2, 3)
    assert (ensemble.n_inputs, ensemble.n_outputs) == (4, 6)
    figures = ensemble.evaluate(X, np.zeros((30, 6)))
    assert figures["loss"] == pytest.approx(float(np.square(ensemble.predict(X)).mean() / 2), rel=1e-5)
    found = Ensemble.select(networks, X, np.zeros((30, 6)))
    assert found.selection.cost == pytest.approx(found.evaluate(X, np.zeros((30, 6)))["loss"], rel=1e-5)


def test_no_rows_give_no_rows():
    for temperature in (1, 2):
        ensemble = Ensemble(several(), temperature=temperature)
        assert ensemble.predict(np.empty((0, 4))).shape == ensemble.spread(np.empty((0, 4))).shape == (0, 3)
    with pytest.raises(ValueError, match="X has no rows; evaluating needs at least one sample"):
        ensemble.evaluate(np.empty((0, 4)), [])
    with pytest.raises(ValueError, match="X has no rows; selecting needs at least one sample"):
        Ensemble.select(several(), np.empty((0, 4)), [])


@pytest.mark.compiled
def test_threads_do_not_change_a_bit():
    many = np.random.default_rng(0).normal(size=(5000, 4))
    ensemble = Ensemble(several(n=2), temperature=1.5)
    np.testing.assert_array_equal(ensemble.predict(many, n_threads=1), ensemble.predict(many, n_threads=3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_temperature_is_applied_to_the_mean(dtype):
    networks = several(dtype=dtype)
    mean = np.mean([network.predict(X) for network in networks], axis=0, dtype=np.float64)
    powers = mean ** (1 / 2.5)
    expected = powers / powers.sum(axis=1, keepdims=True)
    ensemble = Ensemble(networks, temperature=2.5)
    np.testing.assert_allclose(ensemble.predict(X), expected, rtol=1e-6)
    assert ensemble.evaluate(X, Y)["loss"] == pytest.approx(log_loss(Y, expected), rel=1e-5)
    np.testing.assert_array_equal(ensemble.spread(X), Ensemble(networks).spread(X))
    answers = Ensemble(several(yes_or_no), temperature=0.5)
    p = np.mean([network.predict(X) for network in answers.networks], axis=0, dtype=np.float64)
    odds = (p / (1 - p)) ** 2
    np.testing.assert_allclose(answers.predict(X), odds / (1 + odds), rtol=1e-5)


def test_the_figures_are_those_of_scikit_learn():
    ensemble = Ensemble(several())
    p, weights = ensemble.predict(X).astype(np.float64), np.arange(30.0)
    figures = ensemble.evaluate(X, Y, sample_weight=weights)
    p /= p.sum(axis=1, keepdims=True)
    assert figures["loss"] == pytest.approx(log_loss(Y, p, sample_weight=weights), rel=1e-5)
    assert figures["accuracy"] == pytest.approx(accuracy_score(Y, p.argmax(axis=1), sample_weight=weights))
    answers = Ensemble(several(yes_or_no, n_outputs=2))
    y = np.stack([Y > 0, Y > 1], axis=1)
    q = answers.predict(X).astype(np.float64)
    expected = log_loss(y[:, 0], q[:, 0]) + log_loss(y[:, 1], q[:, 1])
    assert answers.evaluate(X, y)["loss"] == pytest.approx(expected, rel=1e-5)
    assert answers.evaluate(X, y)["accuracy"] == pytest.approx(float(((q > 0.5) == y).all(axis=1).mean()))


def test_counts_and_steps_are_measured_on_their_mean():
    networks = [Network([Input(4), Dense(1), Exponential()], seed=seed) for seed in range(3)]
    mean = np.mean([network.predict(X) for network in networks], axis=0, dtype=np.float64)[:, 0]
    y = np.arange(30) % 4
    loss = Ensemble(networks).evaluate(X, y)["loss"]
    assert loss == pytest.approx(float(np.mean(mean - y * np.log(mean))), rel=1e-5)
    steps = [Network([Input(4), Dense(1), Step()], seed=seed) for seed in range(3)]
    votes = mode([network.predict(X)[:, 0] for network in steps]).mode
    assert Ensemble(steps).evaluate(X, Y > 0)["accuracy"] == pytest.approx(float((votes == (Y > 0)).mean()))


def test_the_loss_is_the_members():
    networks = several(regressor)
    assert Ensemble(networks).loss == "auto"
    for network in networks:
        network.fit(X, X[:, 0], loss="absolute_error", epochs=1, progress=False)
    ensemble = Ensemble(networks)
    expected = float(np.abs(ensemble.predict(X)[:, 0] - X[:, 0]).mean())
    assert ensemble.evaluate(X, X[:, 0])["loss"] == pytest.approx(expected, rel=1e-5)
    networks[1].fit(X, X[:, 0], epochs=1, progress=False)
    assert Ensemble(networks).loss == "auto"
    assert ensemble.evaluate(X, X[:, 0], loss="absolute_error")["loss"] != ensemble.evaluate(X, X[:, 0])["loss"]


def test_data_frames_are_read():
    frame = pd.DataFrame(X, columns=list("abcd"))
    np.testing.assert_array_equal(Ensemble(several()).predict(frame), Ensemble(several()).predict(X))


def test_it_is_written_in_a_line():
    networks = several(n=2)
    assert repr(Ensemble(networks)) == "Ensemble(2 networks; 4 inputs, 3 outputs; 102 parameters)"
    assert repr(Ensemble(networks[:1], temperature=1.2345)) == (
        "Ensemble(1 network; 4 inputs, 3 outputs; 51 parameters; temperature 1.23)"
    )


def test_it_can_be_copied_and_pickled():
    ensemble = Ensemble(several(), [1, 2, 3], temperature=1.7)
    ensemble.predict(X)
    ensemble.notes["kept"] = True
    for other in (pickle.loads(pickle.dumps(ensemble)), copy.deepcopy(ensemble)):
        np.testing.assert_array_equal(other.predict(X), ensemble.predict(X))
        np.testing.assert_array_equal(other.weights, ensemble.weights)
        assert (other.temperature, other.notes) == (1.7, {"kept": True})


def test_weights_that_sum_to_1_are_taken_as_they_are():
    first = Ensemble(several(), [0.1, 0.2, 0.7]).weights
    np.testing.assert_array_equal(first, [0.1, 0.2, 0.7])
    uneven = Ensemble(several(), [1, 3, 7]).weights
    np.testing.assert_array_equal(Ensemble(several(), uneven).weights, uneven)
    np.testing.assert_allclose(Ensemble(several(), [1e308, 1e308, 1e308]).weights, 1 / 3)


def made(of, **settings):
    return lambda: Ensemble(of() if callable(of) else of, **settings)


WRONG = {
    "no networks": (made([]), ValueError, "networks is empty; give at least one network"),
    "one network for a list": (made(classifier), TypeError, "networks holds Network.*; give a list of networks"),
    "something else": (made([3]), TypeError, "networks holds 3, which is no Network"),
    "a name": (made("abc"), TypeError, "networks holds 'abc', which is no Network"),
    "not built": (
        lambda: Ensemble([classifier(), Network([Dense(3), Softmax()])]),
        NotBuilt,
        r"networks\[1\] has no weights yet; train it first",
    ),
    "other inputs": (
        lambda: Ensemble([classifier(), Network([Input(5), Dense(3), Softmax()])]),
        ValueError,
        r"networks\[1\] reads 5 features, networks\[0\] reads 4; all members of an ensemble must read the same",
    ),
    "other outputs": (
        lambda: Ensemble([classifier(), classifier(), Network([Input(4), Dense(2), Softmax()])]),
        ValueError,
        r"networks\[2\] has 2 outputs, networks\[0\] has 3; all members of an ensemble must predict the same",
    ),
    "another shape": (
        lambda: Ensemble([regressor(n_outputs=6), Network([Input(4), Dense(6), Reshape((2, 3))])]),
        ValueError,
        r"networks\[1\] has 2 x 3 outputs, networks\[0\] has 6",
    ),
    "another kind": (
        lambda: Ensemble([classifier(), regressor(n_outputs=3)]),
        ValueError,
        r"networks\[1\] predicts numbers, networks\[0\] probabilities of classes \(Softmax\); their mean would mean",
    ),
    "answers beside classes": (
        lambda: Ensemble([yes_or_no(n_outputs=3), classifier()]),
        ValueError,
        r"networks\[1\] predicts probabilities of classes \(Softmax\), networks\[0\] probabilities of yes",
    ),
    "too few weights": (made(several, weights=[1, 2]), ValueError, r"weights has shape \(2,\), not \(3,\); give"),
    "a matrix of weights": (made(several, weights=[[1, 2, 3]]), ValueError, r"weights has shape \(1, 3\)"),
    "a negative weight": (made(several, weights=[1, -2, 3]), ValueError, r"weights\[1\]=-2.0 is not a finite numb"),
    "a weight of NaN": (made(several, weights=[1, 2, np.nan]), ValueError, r"weights\[2\]=nan is not a finite"),
    "an infinite weight": (made(several, weights=[np.inf, 2, 1]), ValueError, r"weights\[0\]=inf is not a finite"),
    "no weight": (made(several, weights=[0, 0, 0]), ValueError, "weights are all 0; at least one member needs"),
    "words for weights": (made(several, weights=["a", "b", "c"]), TypeError, "weights holds text"),
    "temperature 0": (made(several, temperature=0), ValueError, "temperature=0 is not > 0"),
    "temperature NaN": (made(several, temperature=np.nan), ValueError, "temperature=nan is not > 0"),
    "temperature infinity": (made(several, temperature=np.inf), ValueError, "temperature=inf is not finite"),
    "temperature in words": (made(several, temperature="warm"), TypeError, "temperature='warm' is not a number"),
    "temperature of numbers": (
        lambda: Ensemble([regressor()], temperature=2),
        ValueError,
        "temperature=2 is for probabilities, which these networks do not predict; use 1, or networks that end with",
    ),
    "X of other columns": (lambda: Ensemble(several()).predict(X[:, :3]), ValueError, "X has 3 features, the network"),
    "X with NaN": (lambda: Ensemble(several()).spread(X * np.nan), ValueError, "X holds nan in row 0"),
    "threads": (lambda: Ensemble(several()).predict(X, n_threads=0), ValueError, "n_threads=0 is not >= 1"),
    "y too short": (lambda: Ensemble(several()).evaluate(X, Y[1:]), ValueError, "y has 29 rows, X has 30"),
    "another loss": (lambda: Ensemble(several()).evaluate(X, Y, loss="hinge"), ValueError, "computed from logits"),
    "labels to select by": (lambda: Ensemble.select(several(), X, Y + 1), ValueError, "y holds the label 3"),
    "an unknown cost": (lambda: Ensemble.select(several(), X, Y, cost="log"), ValueError, "cost='log' is not one of"),
    "size 0": (lambda: Ensemble.select(several(), X, Y, size=0), ValueError, "size=0 is not >= 1"),
    "none to select from": (lambda: Ensemble.select([], X, Y), ValueError, "networks is empty"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case):
    call, kind, message = WRONG[case]
    with pytest.raises(kind, match=message):
        call()


def test_a_network_that_predicts_nan_is_refused_with_its_place():
    networks = several()
    networks[1].theta[:] = np.nan
    with pytest.raises(ValueError, match=r"predictions\[1\] holds nan in row 0; leave the member 1 out"):
        Ensemble.select(networks, X, Y)
    assert np.isnan(Ensemble(networks).predict(X)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_select_keeps_who_helps_and_fits_the_temperature(dtype):
    networks = overconfident(several(n=6, dtype=dtype))
    plain = Ensemble.select(networks, X, Y, size=20, temperature=False)
    found = plain.selection
    kept = np.flatnonzero(found.counts)
    assert 0 < len(kept) < 6
    assert plain.networks == tuple(networks[place] for place in kept)
    np.testing.assert_array_equal(plain.weights, found.counts[kept] / found.counts.sum())
    alone = [network.evaluate(X, Y)["loss"] for network in networks]
    np.testing.assert_allclose(found.member_costs, alone, rtol=1e-5)
    assert plain.evaluate(X, Y)["loss"] == pytest.approx(found.cost, rel=1e-5)
    assert found.cost <= min(alone) * (1 + 1e-6)

    warm = Ensemble.select(networks, X, Y, size=20)
    assert warm.networks == plain.networks
    assert warm.temperature > 1.5
    losses = [Ensemble(plain.networks, plain.weights, t).evaluate(X, Y)["loss"] for t in np.geomspace(0.1, 10, 60)]
    assert warm.evaluate(X, Y)["loss"] <= min(losses) * (1 + 1e-6)


def test_select_uses_the_loss_of_the_members():
    networks = several(regressor, n=5)
    y = X[:, 0]
    found = Ensemble.select(networks, X, y).selection
    np.testing.assert_allclose(found.member_costs, [each.evaluate(X, y)["loss"] for each in networks], rtol=1e-5)
    for network in networks:
        network.fit(X, y, loss="absolute_error", epochs=1, progress=False)
    ensemble = Ensemble.select(networks, X, y, size=8)
    np.testing.assert_allclose(ensemble.selection.member_costs, [each.evaluate(X, y)["loss"] for each in networks],
                               rtol=1e-5)  # fmt: skip
    assert ensemble.evaluate(X, y)["loss"] == pytest.approx(ensemble.selection.cost, rel=1e-5)
    assert ensemble.temperature == 1


def test_select_of_counts_reads_the_logarithm_of_their_mean():
    networks = [Network([Input(4), Dense(1), Exponential()], seed=seed) for seed in range(3)]
    y = np.arange(30) % 4
    ensemble = Ensemble.select(networks, X, y, size=5)
    assert ensemble.evaluate(X, y)["loss"] == pytest.approx(ensemble.selection.cost, rel=1e-5)


def test_select_takes_logits_of_networks_that_end_without_softmax():
    networks = several(regressor, n=3, n_outputs=3)
    for network in networks:
        network.fit(X, Y, loss="cross_entropy", epochs=1, progress=False)
    ensemble = Ensemble.select(networks, X, Y, size=5)
    assert ensemble.evaluate(X, Y)["loss"] == pytest.approx(ensemble.selection.cost, rel=1e-5)


def test_select_by_a_cost_of_ones_own():
    networks = several(n=5)
    wrong = Ensemble.select(networks, X, Y, cost=lambda p, y: float((p.argmax(axis=1) != y).mean()), size=10)
    shares = [1 - network.evaluate(X, Y)["accuracy"] for network in networks]
    np.testing.assert_allclose(wrong.selection.member_costs, shares)
    assert 1 - wrong.evaluate(X, Y)["accuracy"] <= min(shares) + 1e-9


def test_select_of_answers():
    networks = overconfident(several(yes_or_no, n=4))
    ensemble = Ensemble.select(networks, X, Y > 0, size=10)
    assert ensemble.temperature > 1
    plain = Ensemble(ensemble.networks, ensemble.weights)
    assert ensemble.evaluate(X, Y > 0)["loss"] < plain.evaluate(X, Y > 0)["loss"]
