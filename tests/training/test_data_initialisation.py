"""Weights scaled by the data: checked with a forward pass in NumPy from the parameters themselves."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from netlet import Add, Constant, Dense, Dropout, Input, Network, Softmax
from netlet.training.data_initialisation import scale_to_unit_variance

pytestmark = pytest.mark.plain
N_FEATURES, SIZES = 7, (12, 9, 3)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(2.0, 5.0, (200, N_FEATURES))


def network_of(activation="relu", bias=True, dtype="float64", n_features=N_FEATURES, sizes=SIZES, **settings):
    layers = [Dense(size, activation=activation, bias=bias, **settings) for size in sizes]
    return Network([Input(n_features), *layers], seed=3, dtype=dtype)


def scale(network, x, **settings):
    scale_to_unit_variance(network._operations, network.theta, network.state, x.astype(network.dtype), **settings)


def pre_activations(theta, x, sizes, activation, bias=True):
    """Return what each dense layer gives before its activation, computed in float64."""
    theta, value, start, found = theta.astype(np.float64), x, 0, []
    for size in sizes:
        n_in = value.shape[1]
        weight = theta[start : start + n_in * size].reshape(n_in, size)
        start += n_in * size
        shift = theta[start : start + size] if bias else np.zeros(size)
        start += size if bias else 0
        found.append(value @ weight + shift)
        value = activation(found[-1])
    assert start == theta.size
    return found


def relu(value):
    return np.maximum(value, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("initialiser", ["auto", "orthogonal", "normal"])
def test_each_layer_has_variance_1(x, dtype, bias, initialiser):
    network = network_of(dtype=dtype, bias=bias, initialiser=initialiser)
    before = pre_activations(network.theta, x, SIZES, relu, bias)
    assert all(abs(y.var() - 1) > 0.1 for y in before)
    scale(network, x)
    for y in pre_activations(network.theta, x, SIZES, relu, bias):
        assert y.var() == pytest.approx(1, abs=1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_unit_has_variance_1_where_asked_for(x, dtype):
    network = network_of("tanh", dtype=dtype)
    scale(network, x, per_unit=True)
    for y in pre_activations(network.theta, x, SIZES, np.tanh):
        np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-4 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("per_unit", [False, True])
def test_each_unit_has_mean_0_where_asked_for(x, per_unit):
    network = network_of()
    scale(network, x, zero_mean=True, per_unit=per_unit)
    for y in pre_activations(network.theta, x, SIZES, relu):
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        assert y.var() == pytest.approx(1, rel=1e-12)
        if per_unit:
            np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-12)


def test_layers_without_bias_keep_their_means(x):
    with_means, without = network_of(bias=False), network_of(bias=False)
    scale(with_means, x, zero_mean=True)
    scale(without, x)
    np.testing.assert_array_equal(with_means.theta, without.theta)


def test_only_the_scale_of_a_weight_changes_and_biases_stay(x):
    network = network_of()
    begun = network.theta.copy()
    scale(network, x)
    n = N_FEATURES * SIZES[0]
    ratios = network.theta[:n] / begun[:n]
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-14)
    assert not network.theta[n : n + SIZES[0]].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_deep_tanh_network_that_begins_with_tiny_weights_keeps_its_signal(dtype):
    """Ten layers of weights of 0.01 leave nothing of a signal; scaled, the last varies as much as the first."""
    x, sizes = np.random.default_rng(1).normal(size=(100, 20)), (20,) * 10
    network = network_of("tanh", dtype=dtype, n_features=20, sizes=sizes, initialiser="normal")
    assert pre_activations(network.theta, x, sizes, np.tanh)[-1].std() < 1e-10
    scale(network, x)
    for y in pre_activations(network.theta, x, sizes, np.tanh):
        assert y.std() == pytest.approx(1, abs=1e-4)


def test_biases_that_are_not_0_take_more_rounds(x):
    network = network_of(sizes=(30,))
    network.theta[N_FEATURES * 30 :] = np.random.default_rng(2).normal(0, 0.7, 30)
    bias = network.theta[N_FEATURES * 30 :].copy()
    begun = network.theta.copy()
    with pytest.warns(RuntimeWarning, match=r"dense_1 keeps its weights: .* do not reach variance 1 in 1 round\(s\);"):
        scale(network, x, max_rounds=1, tolerance=1e-3)
    np.testing.assert_array_equal(network.theta, begun)
    scale(network, x, tolerance=1e-3, max_rounds=50)
    (y,) = pre_activations(network.theta, x, (30,), relu)
    assert y.var() == pytest.approx(1, abs=1e-3)
    np.testing.assert_array_equal(network.theta[N_FEATURES * 30 :], bias)


def test_biases_that_vary_more_than_1_cannot_be_made_up_for(x):
    network = network_of(sizes=(4,))
    network.theta[N_FEATURES * 4 :] = (-5, 5, -5, 5)
    begun = network.theta.copy()
    with pytest.warns(RuntimeWarning, match="in 10 round.*begin with biases of 0 or use zero_mean"):
        scale(network, x)
    np.testing.assert_array_equal(network.theta, begun)
    scale(network, x, zero_mean=True)
    assert pre_activations(network.theta, x, (4,), relu)[0].var() == pytest.approx(1)


def test_a_dead_layer_is_left_with_a_warning_and_those_after_it_too(x):
    network = Network(
        [Input(N_FEATURES), Dense(4, activation="tanh"), Dense(5, activation="tanh", initialiser="zeros"), Dense(2)],
        seed=0, dtype="float64",
    )  # fmt: skip
    begun = network.theta.copy()
    with pytest.warns(RuntimeWarning) as caught:
        scale(network, x)
    assert [str(each.message).split(";")[0] for each in caught] == [
        f"{name} keeps its weights: its pre-activations do not vary over these samples"
        for name in ("dense_2", "dense_3")
    ]
    assert all(each.filename == __file__ for each in caught)
    changed = N_FEATURES * 4
    assert pre_activations(network.theta, x, (4, 5, 2), np.tanh)[0].var() == pytest.approx(1)
    np.testing.assert_array_equal(network.theta[changed:], begun[changed:])


@pytest.mark.parametrize("per_unit", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_inputs_that_are_all_alike_are_dead_although_units_differ(dtype, per_unit):
    network = network_of(dtype=dtype)
    begun = network.theta.copy()
    with pytest.warns(RuntimeWarning, match="do not vary over these samples") as caught:
        scale(network, np.full((301, N_FEATURES), 0.1), per_unit=per_unit)
    assert len(caught) == len(SIZES)
    np.testing.assert_array_equal(network.theta, begun)


def test_dead_units_are_left_where_units_are_scaled_one_by_one(x):
    network = network_of(sizes=(4,))
    weight = network.theta[: N_FEATURES * 4].reshape(N_FEATURES, 4)
    weight[:, 1] = 0
    with pytest.warns(RuntimeWarning, match="1 of 4 units of dense_1 keep their weights: they do not vary"):
        scale(network, x, per_unit=True, zero_mean=True)
    (y,) = pre_activations(network.theta, x, (4,), relu)
    np.testing.assert_allclose(y.var(axis=0), [1, 0, 1, 1], rtol=1e-12)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)


def test_values_that_are_not_finite_are_said_to_be(x):
    network = network_of(sizes=(4,), dtype="float32", initialiser=Constant(3e38))
    begun = network.theta.copy()
    message = "dense_1 keeps its weights: its pre-activations are not finite; begin with"
    with np.errstate(over="ignore", invalid="ignore"), pytest.warns(RuntimeWarning, match=message):
        scale(network, x)
    np.testing.assert_array_equal(network.theta, begun)


def test_any_graph_will_do(x):
    """A residual connection, dropout (which does nothing here) and a softmax after the last layer."""
    node = Input(N_FEATURES)()
    hidden = Dropout(0.5)(Dense(6, activation="tanh")(node))
    output = Softmax()(Dense(3)(Add()(hidden, Dense(6)(hidden))))
    network = Network(output, seed=1, dtype="float64")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scale(network, x)
    theta = network.theta
    first = x @ theta[:42].reshape(7, 6) + theta[42:48]
    hidden = np.tanh(first)
    second = hidden @ theta[48:84].reshape(6, 6) + theta[84:90]
    third = (hidden + second) @ theta[90:108].reshape(6, 3) + theta[108:111]
    assert theta.size == 111
    for y in (first, second, third):
        assert y.var() == pytest.approx(1, rel=1e-12)


def test_what_is_wrong_is_refused(x):
    network = network_of()
    begun = network.theta.copy()
    with pytest.raises(ValueError, match=r"X has 1 row\(s\); a variance needs two or more"):
        scale(network, x[:1])
    with pytest.raises(ValueError, match="tolerance=0 is not > 0"):
        scale(network, x, tolerance=0)
    with pytest.raises(ValueError, match="max_rounds=0 is not >= 1"):
        scale(network, x, max_rounds=0)
    np.testing.assert_array_equal(network.theta, begun)


@pytest.mark.parametrize("per_unit", [False, True])
def test_means_and_variances_are_set_in_one_round_whatever_the_biases(x, per_unit):
    network = network_of()
    for layer in (slice(84, 96), slice(204, 213), slice(240, 243)):
        network.theta[layer] = np.arange(layer.stop - layer.start) - 2.0
    scale(network, x, zero_mean=True, per_unit=per_unit, max_rounds=1, tolerance=1e-9)
    for y in pre_activations(network.theta, x, SIZES, relu):
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-9)
        assert y.var() == pytest.approx(1, abs=1e-9)


def test_biases_put_the_zero_of_each_unit_between_samples(x):
    """At convex points of the samples: never beyond them, around their mean, and for one sample alone exactly at it."""
    network = network_of(sizes=(400, 300, 3))
    scale(network, x, per_unit=True, bias_points=5, seed=4)
    for y in pre_activations(network.theta, x, (400, 300, 3), relu):
        np.testing.assert_allclose(y.var(axis=0), 1, atol=0.01)
        assert (y.min(axis=0) < 0).all()
        assert (y.max(axis=0) > 0).all()
    first = pre_activations(network.theta, x, (400, 300, 3), relu)[0]
    # A mean of 5 numbers with uniform convex weights has the variance of one times sum_k E a_k^2 = 2 / (5 + 1).
    np.testing.assert_allclose(first.mean(axis=0).std(), np.sqrt(2 / 6), rtol=0.1)
    one = network_of(sizes=(50,))
    scale(one, x, per_unit=True, bias_points=1)
    assert (np.abs(pre_activations(one.theta, x, (50,), relu)[0]).min(axis=0) < 1e-12).all()


def test_biases_are_the_seeds_and_networks_hand_on_theirs(x):
    thetas = []
    for seed in (1, 1, 2):
        network = Network([Dense(6, activation="relu"), Dense(2)], seed=seed, dtype="float64").build(N_FEATURES)
        network.theta = np.linspace(-1, 1, network.theta.size)
        thetas.append(network.initialise_from_data(x, per_unit=True, bias_points=3).theta)
    np.testing.assert_array_equal(thetas[0], thetas[1])
    assert (thetas[0] != thetas[2]).any()
    np.testing.assert_array_equal(network.parameters["dense_1.weight"], thetas[0][:42].reshape(7, 6))


def test_bad_bias_points_are_refused(x):
    with pytest.raises(ValueError, match="bias_points=3 is given beside zero_mean=True"):
        scale(network_of(), x, zero_mean=True, bias_points=3)
    with pytest.raises(ValueError, match="bias_points=-1 is not"):
        scale(network_of(), x, bias_points=-1)
