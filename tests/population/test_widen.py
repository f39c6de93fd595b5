"""Wider layers that give what the narrow ones gave."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import BatchNorm, Dense, Dropout, Input, Network, Scaling, Sigmoid
from netlet.population.sizing import widen

pytestmark = pytest.mark.plain

X = np.random.default_rng(3).normal(size=(30, 3))


def network_of(dtype: str = "float64") -> Network:
    layers = [
        Input(3), Dense(4, activation="prelu"), BatchNorm(), Dropout(0.3), Dense(3, activation="relu", bias=False),
        Scaling(), Dense(2), Sigmoid(),
    ]  # fmt: skip
    network = Network(layers, seed=2, dtype=dtype)
    random = np.random.default_rng(5)
    network.theta += 0.3 * random.normal(size=network.theta.size)
    network.state = np.abs(random.normal(size=network.state.size)) + 0.5
    return network


@pytest.mark.parametrize("layer", ["dense_1", "dense_2"])
@pytest.mark.parametrize("n_units", [4, 5, 8, 11])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 5e-6)])
@pytest.mark.parametrize("new", ["copies", "fresh"])
def test_outputs_stay(layer: str, n_units: int, dtype: str, tolerance: float, new: str) -> None:
    network = network_of(dtype)
    theta = network.theta.copy()
    wide = widen(network, layer, n_units, new=new, seed=4)
    assert wide.parameters[f"{layer}.weight"].shape[1] == n_units
    np.testing.assert_allclose(wide.predict(X), network.predict(X), rtol=tolerance)
    assert (network.theta == theta).all()


def test_by_hand() -> None:
    # One unit, so that both new ones copy it: its outgoing weight 6 is shared by three.
    network = Network([Input(2), Dense(1, activation="tanh"), Dense(1)], seed=0, dtype="float64")
    network.theta = [1.0, 2.0, 3.0, 6.0, 0.5]
    wide = widen(network, "dense_1", 3).parameters
    assert wide["dense_1.weight"].tolist() == [[1.0] * 3, [2.0] * 3]
    assert wide["dense_1.bias"].tolist() == [3.0] * 3
    assert wide["dense_2.weight"].tolist() == [[2.0]] * 3
    assert wide["dense_2.bias"].tolist() == [0.5]


def test_every_unit_is_copied_once_before_any_is_copied_twice() -> None:
    network = network_of()
    wide = widen(network, "dense_1", 10).parameters["dense_1.bias"]
    counts = [(wide == each).sum() for each in network.parameters["dense_1.bias"]]
    assert sorted(counts) == [2, 2, 3, 3]


def test_noise_is_on_the_incoming_weights_of_new_units_alone() -> None:
    network = network_of()
    plain, noisy = (widen(network, "dense_1", 104, noise=noise, seed=3) for noise in (0.0, 0.1))
    changed = {name for name in plain.parameters if (plain.parameters[name] != noisy.parameters[name]).any()}
    assert changed == {"dense_1.weight"}
    moved = noisy.parameters["dense_1.weight"] - plain.parameters["dense_1.weight"]
    assert (moved[:, :4] == 0).all()
    # 300 draws: their standard deviation is within 12 % of the true one, three times its own error.
    assert moved[:, 4:].std() == pytest.approx(0.1 * network.parameters["dense_1.weight"].std(), rel=0.12)


def test_the_seed_decides() -> None:
    network = network_of()
    first, again, other = (widen(network, "dense_1", 9, noise=0.1, seed=seed).theta for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_copies_with_noise_come_to_differ() -> None:
    network = Network([Input(3), Dense(2, activation="tanh"), Dense(1)], seed=2)
    y = np.sin(3 * X[:, 0]) + X[:, 1]
    alike, apart = (widen(network, "dense_1", 4, noise=noise) for noise in (0.0, 0.1))
    for wide in (alike, apart):
        wide.fit(X, y, epochs=30, learning_rate=0.02, batch_size="all", progress=False)

    def least_distance(wide: Network) -> float:
        columns = wide.parameters["dense_1.weight"].T
        return min(np.linalg.norm(columns[i] - columns[j]) for i in range(4) for j in range(i))

    assert least_distance(alike) < 1e-4
    assert least_distance(apart) > 1e-2


def test_fresh_units_begin_as_those_of_a_new_layer_and_say_nothing_yet() -> None:
    network = network_of()
    wide = widen(network, "dense_1", 404, new="fresh", seed=1)
    old, p = network.parameters, wide.parameters
    assert (p["dense_1.weight"][:, :4] == old["dense_1.weight"]).all()
    assert (p["dense_2.weight"][:4] == old["dense_2.weight"]).all()
    assert (p["dense_2.weight"][4:] == 0).all()
    # He for PReLU: variance 2 / n_in; of 1,200 draws the deviation is within 3 times its own error of 2 %.
    assert p["dense_1.weight"][:, 4:].std() == pytest.approx(np.sqrt(2 / 3), rel=0.06)
    assert (p["dense_1.bias"][4:] == 0).all()
    assert (p["dense_1.slope"].ravel()[4:] == 0.25).all()
    assert (p["batchnorm_1.scale"][4:] == 1).all()
    assert wide.state.size == network.state.size + 800
    assert (wide.state[:404] == [*network.state[:4], *np.zeros(400)]).all()
    assert (wide.state[404:] == [*network.state[4:], *np.ones(400)]).all()
    assert wide.seed == network.seed
    assert (widen(network, "dense_1", 404, new="fresh", seed=1).theta == wide.theta).all()
    assert (widen(network, "dense_1", 404, new="fresh", seed=2).theta != wide.theta).any()
