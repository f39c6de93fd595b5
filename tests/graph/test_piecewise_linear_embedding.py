"""The piecewise-linear embedding as a layer: its edges, what it computes between and beyond them, its file."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Input, Network
from netlet.graph.layers import layer_from
from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding

pytestmark = pytest.mark.plain


def skewed(n=101):
    """Return a continuous feature, one that is mostly 0, one of two values and one of a single value."""
    rng = np.random.default_rng(0)
    return np.stack([rng.standard_cauchy(n), np.maximum(rng.normal(size=n), 0), rng.integers(0, 2, n), np.ones(n)], 1)


def shares_of(x, edges):
    """Return how far numbers fill the bins between ascending edges, by interpolation bin by bin."""
    n_bins = len(edges) - 1
    shares = np.stack([np.interp(x, edges[t : t + 2], [0, 1]) for t in range(n_bins)], axis=1)
    below, beyond = x < edges[0], x > edges[-1]
    shares[below, 0] = ((x - edges[0]) / (edges[1] - edges[0]))[below]
    shares[beyond, -1] = ((x - edges[-2]) / (edges[-1] - edges[-2]))[beyond]
    return shares


def test_edges_are_quantiles_and_equal_ones_leave_bins_empty():
    x = skewed()
    network = Network([Input(4), PiecewiseLinearEmbedding(bins=5, size=2)], seed=1, dtype="float64")
    assert network.state[:6].tolist() == pytest.approx([-3, -1.8, -0.6, 0.6, 1.8, 3])
    edges = network.initialise_from_data(x).state.reshape(4, 6)
    np.testing.assert_array_equal(edges[0], np.sort(x[:, 0])[[0, 20, 40, 60, 80, 100]])
    assert edges[1, :2].tolist() == [0, np.sort(x[:, 1])[60]]
    assert edges[1, 3] == edges[1, 4] == edges[1, 5] == x[:, 1].max()
    assert edges[2:].tolist() == [[0, 1, 1, 1, 1, 1], [1] * 6]
    new = np.concatenate([x, 3 * x[:9]])
    weight = network.parameters["piecewiselinearembedding_1.weight"]
    found = network.predict(new)
    np.testing.assert_array_equal(found[:, :4], new)
    for feature, own in enumerate([np.unique(each) for each in edges[:3]]):
        wanted = shares_of(new[:, feature], own) @ weight[feature, : len(own) - 1]
        np.testing.assert_allclose(found[:, 4 + feature], wanted, rtol=1e-12, atol=1e-12)
    assert not found[:, 7].any()  # without bins there is nothing to say


def test_edges_follow_the_layers_before_them():
    """A dense layer before the embedding is scaled first: the edges lie among what it gives afterwards."""
    x = skewed()[:, :1] * 100
    network = Network([Input(1), Dense(3), PiecewiseLinearEmbedding(2), Dense(1)], seed=1, dtype="float64")
    weight = network.parameters["dense_1.weight"].copy()
    before = network.initialise_from_data(x, only_edges=True).state.copy()
    np.testing.assert_array_equal(network.parameters["dense_1.weight"], weight)
    np.testing.assert_allclose(before.reshape(3, 3)[:, 1], np.sort(x * weight, axis=0)[50], rtol=1e-12)
    network.initialise_from_data(x, per_unit=True)
    edges, weight = network.state.reshape(3, 3), network.parameters["dense_1.weight"]
    np.testing.assert_allclose(edges[:, 1], np.sort(x * weight, axis=0)[50], rtol=1e-12)
    assert (network.state != before).any()


def test_training_and_files_keep_the_edges(tmp_path):
    layer = PiecewiseLinearEmbedding(3, 2)
    assert layer_from(layer.describe()) == layer
    x = skewed()[:, :2]
    network = Network([Input(2), layer, Dense(1)], seed=1).initialise_from_data(x)
    edges, weight = network.state.copy(), network.parameters["piecewiselinearembedding_1.weight"].copy()
    network.fit(x, np.abs(x[:, :1]).clip(0, 2), epochs=2, progress=False)
    np.testing.assert_array_equal(network.state, edges)
    assert (network.parameters["piecewiselinearembedding_1.weight"] != weight).any()
    network.save(tmp_path / "a.netlet")
    np.testing.assert_array_equal(Network.load(tmp_path / "a.netlet").predict(x), network.predict(x))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bins": 0}, "bins=0 of PiecewiseLinearEmbedding is not an int >= 1"),
        ({"size": 1}, "size=1 of PiecewiseLinearEmbedding is not >= 2"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        PiecewiseLinearEmbedding(**settings)


def test_samples_that_are_not_finite_leave_the_edges():
    network = Network([Input(1), Dense(1), PiecewiseLinearEmbedding(2, 2)], seed=1, dtype="float64")
    network.parameters["dense_1.weight"][:] = np.nan
    before = network.state.copy()
    with pytest.warns(RuntimeWarning, match="piecewiselinearembedding_1 keeps the edges of 1 of its 1 features"):
        network.initialise_from_data(np.array([[1.0], [5.0]]), only_edges=True)
    np.testing.assert_array_equal(network.state, before)
