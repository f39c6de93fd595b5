"""Histograms of layers against NumPy's, of what `activations` gives and of gradients by differences."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Conv2D, Dense, Dropout, Embedding, Flatten, Input, Network, Reshape, Sigmoid, Softmax
from netlet.insight.layer_histograms import Histograms, histogram

pytestmark = pytest.mark.plain
RNG = np.random.default_rng(1)
X = RNG.normal(size=(300, 3))
Y = (X[:, 0] > X[:, 1]).astype(int)


def classifier():
    return Network([Dense(6, "relu"), Dropout(0.4), Dense(4, "tanh"), Dense(2), Softmax()], seed=2, dtype="float64")


def test_counts_are_those_of_numpy():
    """300 samples are more than are walked with together."""
    network, seen = classifier(), Histograms(X, Y, every=2, bins=13)
    network.fit(X, Y, epochs=4, callbacks=[seen], progress=False)
    np.testing.assert_array_equal(seen.epochs, [0, 2, 4])
    assert list(seen.activations) == ["dense_1", "dropout_1", "dense_2", "dense_3"]
    for layer, found in seen.activations.items():
        values = network.activations(X, layer)
        counts, edges = np.histogram(values, bins=13)
        np.testing.assert_allclose(found.edges[-1], edges, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(found.counts.sum(axis=1), values.size)
        # Rows computed in other blocks may differ in the last bit, and with them on which side of an edge they lie.
        assert np.abs(found.counts[-1] - counts).sum() <= 4
    assert all(found.counts.sum(axis=1).tolist() == [300 * 4] * 3 for found in [seen.gradients["dense_2"]])


def test_before_the_first_epoch_the_network_is_as_it_began():
    network, seen = classifier(), Histograms(X, Y)
    network.fit(X, Y, epochs=1, callbacks=[seen], progress=False)
    begun = classifier().build(3)
    counts, _ = np.histogram(begun.activations(X, "dense_2"), bins=40)
    assert np.abs(seen.activations["dense_2"].counts[0] - counts).sum() <= 4


def test_training_goes_as_without():
    plain, watched = classifier(), classifier()
    histories = [
        network.fit(X, Y, epochs=3, callbacks=callbacks, progress=False)
        for network, callbacks in ((plain, []), (watched, [Histograms(X[:50], Y[:50])]))
    ]
    np.testing.assert_array_equal(plain.theta, watched.theta)
    assert list(histories[0].column("loss")) == list(histories[1].column("loss"))


def test_gradients_are_those_of_the_mean_loss():
    network = Network([Input(2), Dense(3, "tanh"), Dense(1)], seed=0, dtype="float64")
    x, y = RNG.normal(size=(5, 2)), RNG.normal(size=5)
    network.loss = "squared_error"
    found = network._values_and_gradients(x, y, None)
    hidden, output = network.activations(x, "dense_1"), network.predict(x)
    slope = (output - y[:, None]) / 5
    np.testing.assert_allclose(found["dense_1"][0], hidden)
    np.testing.assert_allclose(found["dense_2"][1], slope)
    np.testing.assert_allclose(found["dense_1"][1], slope @ network.parameters["dense_2.weight"].T)


def test_what_the_loss_reads_stands_for_a_last_layer_with_its_activation():
    network = Network([Input(3), Reshape((3, 1)), Flatten(), Dense(2, "tanh"), Dense(1, "sigmoid")], seed=0)
    found = network._values_and_gradients(X, Y, "binary_cross_entropy")
    assert list(found) == ["dense_1", "dense_2"]
    logits = np.log(network.predict(X) / (1 - network.predict(X)))
    np.testing.assert_allclose(found["dense_2"][0], logits, rtol=1e-3, atol=1e-4)
    standing = Network([Input(3), Dense(1), Sigmoid()], seed=0)
    assert list(standing._values_and_gradients(X, Y, None)) == ["dense_1"]


def test_layers_of_pictures_and_of_categories():
    pictures = RNG.normal(size=(12, 5, 5, 1))
    layers = [Input((5, 5, 1)), Conv2D(2, 3, activation="relu"), Flatten(), Dense(2), Softmax()]
    network = Network(layers, seed=0)
    seen = Histograms(pictures, [0, 1] * 6)
    network.fit(pictures, [0, 1] * 6, epochs=1, callbacks=[seen], progress=False)
    assert list(seen.activations) == ["conv2d_1", "dense_1"]
    assert seen.activations["conv2d_1"].counts[0].sum() == network.activations(pictures, "conv2d_1").size
    words = RNG.integers(0, 5, size=(20, 4))
    embedded = Network([Input(4), Embedding(5, 3), Flatten(), Dense(1)], seed=0)
    seen = Histograms(words, words[:, 0])
    embedded.fit(words, words[:, 0], epochs=1, callbacks=[seen], progress=False)
    assert list(seen.gradients) == ["embedding_1", "dense_1"]


@pytest.mark.parametrize("value", [0.0, -3.5, 1e30, 1e-310])
def test_values_that_are_all_one_are_in_one_bin(value):
    counts, edges = histogram(np.full(7, value), 5)
    assert counts.sum() == 7
    assert (counts == 7).sum() == 1
    assert len(edges) == 6


def test_numbers_that_are_not_finite_are_left_out():
    counts, edges = histogram(np.array([np.nan, np.inf, 1.0, 2.0]), 4)
    assert counts.sum() == 2
    np.testing.assert_array_equal(edges[[0, -1]], [1, 2])
    assert histogram(np.array([np.nan]), 4)[0].sum() == 0


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="bins=1"):
        Histograms(X, Y, bins=1)
    with pytest.raises(TypeError, match=r"every=0\.5"):
        Histograms(X, Y, every=0.5)
    with pytest.raises(ValueError, match="X has"):
        classifier().fit(X, Y, epochs=1, callbacks=[Histograms(X[:, :2], Y)], progress=False)
    assert repr(Histograms(X, Y)) == "Histograms(every=1, bins=40; 0 epochs)"
