"""The methods of `Network` hand their own numbers to the pictures."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection

from netlet import Conv2D, Dense, Dropout, Flatten, Input, Network, Sigmoid, Softmax
from netlet.plots.boundary import shade
from netlet.plots.look import COLOURS
from netlet.training.losses import CrossEntropy, Hinge

pytestmark = pytest.mark.plain
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 2)), rng.integers(0, 3, 20)


def classifier(*last):
    return Network([Input(2), Dense(4, "tanh"), Dropout(0.2), Dense(3), *last], seed=1)


def asked(ax, resolution):
    """Return where the picture's pixels are: (resolution**2, 2)."""
    left, right, bottom, top = ax.images[0].get_extent()
    axes = [np.linspace(low, high, 2 * resolution + 1)[1::2] for low, high in ((left, right), (bottom, top))]
    return np.column_stack([each.ravel() for each in np.meshgrid(*axes)])


def test_the_boundary_shows_the_probabilities(ax):
    network = classifier(Softmax())
    assert network.plot_decision_boundary(X, Y.astype(float), ax=ax, resolution=6) is ax
    shares = network.predict(asked(ax, 6)).reshape(6, 6, 3)
    np.testing.assert_allclose(ax.images[0].get_array(), shade(shares, COLOURS[:3]), atol=1e-5)


def test_logits_are_made_probabilities_by_the_loss(ax):
    network = classifier()
    network.loss = CrossEntropy()
    network.plot_decision_boundary(X, Y, ax=ax, resolution=6)
    powers = np.exp(network.predict(asked(ax, 6)).astype(float))
    shares = (powers / powers.sum(axis=1, keepdims=True)).reshape(6, 6, 3)
    np.testing.assert_allclose(ax.images[0].get_array(), shade(shares, COLOURS[:3]), atol=1e-5)


def test_a_loss_without_probabilities_gives_decisions(ax):
    network = Network([Input(2), Dense(1)], seed=0)
    network.loss = Hinge()
    network.plot_decision_boundary(X, Y > 1, ax=ax, resolution=6)
    yes = network.predict(asked(ax, 6)).reshape(6, 6) > 0
    assert 0 < yes.sum() < 36
    np.testing.assert_allclose(
        ax.images[0].get_array(), shade(np.stack([~yes, yes], axis=2).astype(float), COLOURS[:2])
    )


def test_numbers_are_drawn_as_numbers(ax):
    network = Network([Input(2), Dense(1)], seed=0)
    network.plot_decision_boundary(X, X[:, 0], ax=ax, resolution=6)
    np.testing.assert_allclose(ax.images[0].get_array().ravel(), network.predict(asked(ax, 6)).ravel(), atol=1e-6)


def test_hidden_units_are_those_of_the_layer(ax):
    network = classifier(Softmax())
    panels = network.plot_hidden_units(X, Y, ax=ax, resolution=6)
    expected = network.activations(asked(panels[0], 6), "dense_1")
    for panel, unit in zip(panels, expected.T, strict=True):
        np.testing.assert_allclose(panel.images[0].get_array().ravel(), unit, atol=1e-6)
    assert len(network.plot_hidden_units(X, layer="softmax_1", ax=ax, resolution=6)) == 3


def test_weight_images_of_a_convolution_and_of_a_dense_layer(ax):
    network = Network([Input((6, 6, 1)), Conv2D(4, (3, 2)), Flatten(), Dense(2)], seed=0)
    network.plot_weight_images(ax=ax, columns=4)
    kernels = network.parameters["conv2d_1.weight"].reshape(3, 2, 4)
    found = ax.images[0].get_array().filled(np.nan)
    for number in range(4):
        np.testing.assert_allclose(found[:, 3 * number : 3 * number + 2], kernels[:, :, number])
    with pytest.raises(ValueError, match="shape=None, and dense_1 reads 80 numbers; say what picture they are"):
        network.plot_weight_images("dense_1", ax=ax)
    with pytest.raises(ValueError, match="layer='dense_2' is not one of 'conv2d_1', 'dense_1', which have weights"):
        network.plot_weight_images("dense_2", ax=ax)
    flat = Network([Input((5, 4, 1)), Flatten(), Dense(1)], seed=0)
    flat.plot_weight_images(ax=ax)
    np.testing.assert_allclose(ax.images[-1].get_array(), flat.parameters["dense_1.weight"].reshape(5, 4))


@pytest.mark.parametrize("last", [(Softmax(),), ()])
def test_the_confusion_matrix_counts_predictions(ax, last):
    network = classifier(*last)
    network.loss = CrossEntropy()
    network.plot_confusion_matrix(X, Y, ["a", "b", "c"], ax)
    right = network.predict(X).argmax(axis=1) == Y
    assert ax.get_title() == f"{right.sum()} of 20 right, {right.mean():.1%}"
    assert len(ax.get_xticklabels()) == 3


def test_the_confusion_matrix_of_one_probability(ax):
    network = Network([Input(2), Dense(1), Sigmoid()], seed=0)
    network.plot_confusion_matrix(X, np.float32(Y > 0), ax=ax)
    assert ax.get_title().startswith(f"{((network.predict(X)[:, 0] > 0.5) == (Y > 0)).sum()} of 20")


def test_residuals_of_one_of_several_outputs(ax):
    network = Network([Input(2), Dense(2)], seed=0)
    truth = rng.normal(size=(20, 2))
    first, _ = network.plot_residuals(X, truth, ax, output=1)
    expected = np.column_stack([truth[:, 1], network.predict(X)[:, 1]])
    np.testing.assert_allclose(first.collections[0].get_offsets(), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="output=None, and the network gives 2 numbers; choose one"):
        network.plot_residuals(X, truth, ax)
    with pytest.raises(ValueError, match="output=2 is not >= 0 and < 2"):
        network.plot_residuals(X, truth, ax, output=2)


def test_pictures_of_the_other_kind_are_refused(ax):
    with pytest.raises(ValueError, match="predicts classes, not numbers; use plot_confusion_matrix"):
        classifier(Softmax()).plot_residuals(X, Y, ax)
    with pytest.raises(ValueError, match="predicts numbers, not classes; use plot_residuals"):
        Network([Input(2), Dense(1)]).plot_confusion_matrix(X, Y, ax=ax)


def test_the_drawing_has_the_weights_and_biases(ax):
    network = classifier(Softmax())
    network.parameters["dense_2.bias"][:] = [1, -1, 0]
    assert network.draw(ax, inputs=["a", "b"]) is ax
    lines = [each for each in ax.collections if isinstance(each, LineCollection)]
    weights = [network.parameters[f"dense_{number}.weight"] for number in (1, 2)]
    largest = max(np.abs(each).max() for each in weights)
    widest = max(each.get_linewidths().max() if hasattr(each, "max") else max(each.get_linewidths()) for each in lines)
    for each, weight in zip(lines, weights, strict=True):
        np.testing.assert_allclose(np.sort(each.get_linewidths()) / widest, np.sort(np.abs(weight.ravel())) / largest)
    colours = [each for each in ax.collections if isinstance(each, PathCollection)][2].get_facecolors()
    assert colours[0][0] > colours[0][2]
    assert colours[1][0] < colours[1][2]
    assert [text.get_text() for text in ax.texts] == [
        "a", "b", "input\n2 inputs", "dense_1\n4 units", "dense_2\n3 outputs",
    ]  # fmt: skip


def test_what_is_no_chain_of_dense_layers_is_not_drawn(ax):
    network = Network([Input((6, 6, 1)), Conv2D(4, 3), Flatten(), Dense(2)], seed=0)
    with pytest.raises(
        ValueError, match=r"draw is of chains of dense layers, which conv2d_1 \(convolution\) is no part"
    ):
        network.draw(ax)


@pytest.mark.parametrize("method", ["plot_decision_boundary", "plot_confusion_matrix", "plot_residuals"])
def test_before_fit_there_is_nothing_to_draw(ax, method):
    from netlet.errors import NotBuilt

    with pytest.raises(NotBuilt):
        getattr(Network([Dense(1)]), method)(X, Y, ax=ax)
