"""The periodic embedding as a layer: how it begins, what it refuses, its file."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Input, Network, Reshape
from netlet.graph.activations import ParametricMish, ParametricSELU
from netlet.graph.layers import PeriodicEmbedding, layer_from

pytestmark = pytest.mark.plain


def test_it_begins_as_published():
    network = Network([Input(60), PeriodicEmbedding(frequencies=25, scale=0.2)], seed=1, dtype="float64")
    own = network.parameters
    assert own["periodicembedding_1.frequency"].shape == (60, 25)
    np.testing.assert_allclose(own["periodicembedding_1.frequency"].std(), 0.2, rtol=0.06)
    for name, limit in (("phase", np.pi), ("weight", 0.2)):
        values = own[f"periodicembedding_1.{name}"]
        assert np.abs(values).max() <= limit
        np.testing.assert_allclose(np.abs(values).mean(), limit / 2, rtol=0.1)
    x = np.random.default_rng(0).normal(size=(3, 60))
    np.testing.assert_array_equal(network.predict(x)[:, :60], x)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"frequencies": 0}, "frequencies=0 of PeriodicEmbedding is not an int >= 1"),
        ({"size": 1}, "size=1 of PeriodicEmbedding is not >= 2"),
        ({"scale": 0.0}, "scale=0.0 of PeriodicEmbedding is not > 0"),
        ({"scale": float("nan")}, "scale=nan of PeriodicEmbedding is not a finite number"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        PeriodicEmbedding(**settings)


def test_it_reads_rows():
    with pytest.raises(ValueError, match="put Flatten"):
        Network([Input(6), Reshape((3, 2)), PeriodicEmbedding()])


def test_files_hold_the_new_layers(tmp_path):
    layer = PeriodicEmbedding(3, 0.5, 2)
    assert layer_from(layer.describe()) == layer
    layers = [Input(4), layer, Dense(3, "parametric_selu"), ParametricMish(), Dense(2), ParametricSELU()]
    network = Network(layers, seed=1)
    network.theta += 0.1
    network.save(tmp_path / "a.netlet")
    x = np.ones((2, 4))
    np.testing.assert_array_equal(Network.load(tmp_path / "a.netlet").predict(x), network.predict(x))
