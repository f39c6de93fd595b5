"""Units that are taken away: their mean goes into the next bias, all else stays."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import BatchNorm, Dense, Dropout, Embedding, Flatten, Input, Network, PReLU, Residual, Scaling, Softmax
from netlet.population.sizing import remove_units

pytestmark = pytest.mark.plain

X = np.random.default_rng(3).normal(size=(40, 3))


def two_hidden_layers(dtype: str = "float64") -> Network:
    network = Network(
        [Input(3), Dense(5, activation="tanh"), Dropout(0.2), Dense(4, activation="prelu"), BatchNorm(), Scaling(),
         Dense(2), Softmax()],
        seed=7, dtype=dtype,
    )  # fmt: skip
    random = np.random.default_rng(5)
    network.theta += 0.3 * random.normal(size=network.theta.size)
    network.state = np.abs(random.normal(size=network.state.size)) + 0.5
    return network


def by_hand(network: Network, x: np.ndarray, first: list[int], first_means: np.ndarray) -> np.ndarray:
    """What the network gives with some units of its first layer held at constants; NumPy alone."""
    p, s = network.parameters, network.state
    a = np.tanh(x @ p["dense_1.weight"] + p["dense_1.bias"])
    a[:, first] = first_means
    z = a @ p["dense_2.weight"] + p["dense_2.bias"]
    z = np.where(z > 0, z, p["dense_2.slope"] * z)
    z = (z - s[:4]) / np.sqrt(s[4:] + 1e-5) * p["batchnorm_1.scale"] + p["batchnorm_1.shift"]
    z = z * p["scaling_1.scale"] @ p["dense_3.weight"] + p["dense_3.bias"]
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def test_by_hand() -> None:
    network = two_hidden_layers()
    means = np.tanh(X @ network.parameters["dense_1.weight"] + network.parameters["dense_1.bias"]).mean(axis=0)[[1, 4]]
    smaller = remove_units(network, "dense_1", [4, 1], X=X)
    assert smaller.parameters["dense_1.weight"].shape == (3, 3)
    np.testing.assert_allclose(smaller.predict(X), by_hand(network, X, [1, 4], means), rtol=1e-12)


def test_numbers_on_paper() -> None:
    # Unit 1 gives 3 and 5 on two samples: 4 on average, which its outgoing weight 10 turns into 40.
    network = Network([Input(1), Dense(2), Dense(1)], seed=0, dtype="float64")
    network.theta = [1.0, 2.0, 0.0, 3.0, 7.0, 10.0, 0.5]
    smaller = remove_units(network, "dense_1", 1, X=[[0.0], [1.0]])
    assert smaller.theta.tolist() == [1.0, 0.0, 7.0, 40.5]


@pytest.mark.parametrize("layer", ["dense_1", "dense_2"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-6)])
def test_outputs_stay_where_the_units_never_change(layer: str, dtype: str, tolerance: float) -> None:
    network = two_hidden_layers(dtype)
    network.parameters[f"{layer}.weight"][:, [0, 3]] = 0  # what they give is f(bias), for every sample
    network.parameters[f"{layer}.bias"][[0, 3]] = [0.7, -1.3]
    smaller = remove_units(network, layer, [0, 3])
    np.testing.assert_allclose(smaller.predict(X), network.predict(X), rtol=tolerance)
    assert smaller.theta.size < network.theta.size


def test_a_reader_without_bias_is_given_one() -> None:
    network = Network([Input(3), Dense(4, activation="sigmoid"), Dense(2, bias=False)], seed=1, dtype="float64")
    network.parameters["dense_1.weight"][:, 2] = 0
    smaller = remove_units(network, "dense_1", 2)
    assert smaller.layers[2].bias
    np.testing.assert_allclose(smaller.predict(X), network.predict(X), rtol=1e-12)


def test_what_stands_around_the_hidden_layers_may_be_anything() -> None:
    network = Network(
        [Input(3), Embedding(5, 2), Flatten(), Dense(6, activation=PReLU()), Dense(4), Residual((Dense(4),))],
        seed=1, dtype="float64",
    )  # fmt: skip
    codes = np.random.default_rng(0).integers(0, 5, size=(20, 3))
    network.parameters["dense_1.weight"][:, 1] = 0
    np.testing.assert_allclose(
        remove_units(network, "dense_1", 1).predict(codes), network.predict(codes), rtol=1e-11, atol=1e-14
    )


def test_the_network_is_left_as_it_is() -> None:
    network = two_hidden_layers()
    network.fit(X, np.arange(40) % 2, epochs=2, progress=False)
    network.freeze("dense_3")
    network.notes = {"what": "a note"}
    theta, state = network.theta.copy(), network.state.copy()
    smaller = remove_units(network, "dense_1", [0])
    smaller.fit(X, np.arange(40) % 2, epochs=1, progress=False)
    assert (network.theta == theta).all()
    assert (network.state == state).all()
    assert network.layers[1].units == 5
    assert (smaller.seed, smaller.dtype, smaller.loss) == (network.seed, network.dtype, network.loss)
    assert (smaller.notes, smaller.frozen) == (network.notes, network.frozen)
    assert smaller._learnt.epochs == 3  # so that it does not draw the orders of the first epochs again


def test_no_units_is_a_copy() -> None:
    network = two_hidden_layers()
    assert (remove_units(network, "dense_1", []).theta == network.theta).all()


def test_a_network_that_was_given_as_a_graph() -> None:
    x = Input(3)()
    network = Network(Dense(1)(Dense(4, activation="relu")(x)), seed=0)
    assert remove_units(network, "dense_1", [0, 1]).layers[1].units == 2


def test_saved_and_read_again(tmp_path) -> None:
    smaller = remove_units(two_hidden_layers(), "dense_2", [1, 2], X=X)
    smaller.save(tmp_path / "smaller.netlet")
    assert (Network.load(tmp_path / "smaller.netlet").predict(X) == smaller.predict(X)).all()
