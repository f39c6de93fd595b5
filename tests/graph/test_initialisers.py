"""How weights begin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from netlet import Add, Dense, Input, LeakyReLU, Network, ReLU, Tanh
from netlet.graph.graph import graph_of
from netlet.graph.initialisers import INITIALISERS, check_initialiser, resolve
from netlet.graph.operations import initial_parameters, operations_of

N_IN, N_OUT = 60, 40
LIMIT = np.sqrt(6 / (N_IN + N_OUT))
DISTRIBUTIONS = {
    "normal": stats.norm(0, 0.01),
    "uniform": stats.uniform(-0.05, 0.1),
    "glorot": stats.uniform(-LIMIT, 2 * LIMIT),
    "he": stats.norm(0, np.sqrt(2 / N_IN)),
}
pytestmark = pytest.mark.plain


def begin(initialiser, seed=0, dtype="float64", **settings):
    theta = Network([Dense(N_OUT, initialiser=initialiser, **settings)], seed=seed, dtype=dtype).build(N_IN).theta
    return theta[: N_IN * N_OUT], theta[N_IN * N_OUT :]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_weights_follow_their_distribution_and_biases_begin_at_0(name, dtype):
    weight, bias = begin(name, dtype=dtype)
    assert weight.dtype == dtype
    assert stats.kstest(weight, DISTRIBUTIONS[name].cdf).pvalue > 1e-3
    assert not bias.any()
    assert bias.shape == (N_OUT,)


def test_zeros_are_zeros():
    weight, bias = begin("zeros")
    assert not weight.any()
    assert not bias.any()


def test_every_initialiser_is_tested_here():
    assert set(INITIALISERS) == {*DISTRIBUTIONS, "zeros", "auto"}
    with pytest.raises(ValueError, match="initialiser=None is not one of"):
        check_initialiser(None)


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        ("relu", "he"),
        ("leaky_relu", "he"),
        *((name, "he") for name in ("prelu", "elu", "gelu", "gelu_tanh", "silu", "softplus", "mish")),
        ("selu", "lecun_normal"),
        ("tanh", "glorot"),
        ("sigmoid", "glorot"),
        ("identity", "glorot"),
        (None, "glorot"),
    ],
)
def test_auto_follows_the_activation(activation, name):
    assert resolve("auto", activation) == name
    assert resolve("normal", activation) == "normal"


def test_auto_follows_the_layer_that_reads_the_value():
    x = Input(3)()
    chosen = [
        operations_of(graph_of(output))[1].initialiser
        for output in (
            ReLU()(Dense(3)(x)), LeakyReLU()(Dense(3)(x)), Tanh()(Dense(3)(x)), Dense(3)(x), Add()(x, Dense(3)(x)),
        )
    ]  # fmt: skip
    assert chosen == ["he", "he", "glorot", "glorot", "glorot"]


def test_the_seed_decides():
    np.testing.assert_array_equal(begin("he", seed=4)[0], begin("he", seed=4)[0])
    assert (begin("he", seed=4)[0] != begin("he", seed=5)[0]).any()
    single, double = begin("he", dtype="float32")[0], begin("he")[0]
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_no_two_layers_begin_alike():
    operations = operations_of(graph_of([Input(8), Dense(8), Dense(8)]))
    theta = initial_parameters(operations, 0, "float64")
    first, second = theta[:64], theta[72:136]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.4
    assert len(np.unique(np.concatenate([first, second]))) == 128


@pytest.mark.parametrize(("name", "alike"), [("glorot", False), ("zeros", True)])
def test_units_that_begin_alike_stay_alike(name, alike):
    """Why weights begin at random: symmetry is broken by nothing else."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    network = Network(
        [Dense(4, activation="sigmoid", initialiser=name), Dense(1, initialiser=name)], seed=0, dtype="float64"
    )
    network.fit(X, X[:, 0] > 0, epochs=5, loss="binary_cross_entropy", progress=False)
    weight = network.theta[:12].reshape(3, 4)
    assert (np.ptp(weight, axis=1).max() < 1e-12) == alike
