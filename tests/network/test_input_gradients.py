"""Gradients with respect to the input: against differences of the loss and of the outputs, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    LSTM,
    Add,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    LearnedPositions,
    Network,
    Sigmoid,
    Softmax,
    TransformerBlock,
)
from netlet.errors import NotBuilt

N = 3


def dense():
    layers = [Input(4), Dense(6), BatchNorm(), Dropout(0.5), Dense(5, "tanh"), Dense(3), Softmax()]
    network = Network(layers, seed=1, dtype="float64")
    network.state = np.random.default_rng(1).uniform(0.5, 2.0, network.state.size)
    return network


def conv():
    layers = [Input((5, 4, 2)), Conv2D(3, 3, activation="gelu"), Flatten(), Dense(1), Sigmoid()]
    return Network(layers, seed=1, dtype="float64")


def lstm():
    return Network([Input((6, 2)), LSTM(4), Dense(2)], seed=1, dtype="float64")


def transformer():
    layers = [Input((5, 4)), LearnedPositions(), TransformerBlock(2, 6, 0.25, causal=True), Flatten(), Dense(3)]
    return Network([*layers, Softmax()], seed=1, dtype="float64")


TARGETS = {dense: (0, 2, 1), conv: (0, 1, 1), lstm: ((1.0, 2.0), (0.5, -1.0), (0.0, 3.0)), transformer: (2, 0, 1)}
KINDS = pytest.mark.parametrize("kind", TARGETS, ids=lambda kind: kind.__name__)


def inputs(network):
    return np.random.default_rng(0).normal(size=(N, *network.layers[0].dimensions))


def slopes(function, x, seed=5, h=1e-5):
    """Return a random direction for each sample, and the slope of its own number along it: (n, ...), (n,)."""
    direction = np.random.default_rng(seed).normal(size=x.shape)
    return direction, (function(x + h * direction) - function(x - h * direction)) / (2 * h)


def along(gradient, direction):
    return (gradient * direction).reshape(len(gradient), -1).sum(axis=1)


@KINDS
def test_input_gradient_is_the_slope_of_each_samples_loss(kind):
    network = kind()
    x, y = inputs(network), np.array(TARGETS[kind])

    def losses(x):
        return np.array([network.evaluate(x[[i]], y[[i]])["loss"] for i in range(N)])

    gradient = network.input_gradient(x, y)
    assert gradient.shape == x.shape
    for seed in range(2):
        direction, slope = slopes(losses, x, seed)
        np.testing.assert_allclose(along(gradient, direction), slope, rtol=1e-7, atol=1e-10)


@KINDS
def test_saliency_is_the_slope_of_one_logit(kind):
    network = kind()
    x = inputs(network)
    link = type(network.layers[-1])

    def logits(x):
        p = network.predict(x)
        return np.log(p) if link is Softmax else np.log(p / (1 - p)) if link is Sigmoid else p

    best = network.predict(x).argmax(axis=1)
    others = (best + 1) % network.predict(x).shape[1]
    for output, columns in ((None, best), (0, np.zeros(N, int)), (others, others)):
        direction, slope = slopes(lambda x, columns=columns: logits(x)[np.arange(N), columns], x)
        found = along(network.saliency(x, output), direction)
        if link is Softmax:  # its logarithms know logits only up to a number that all have in common
            base = along(network.saliency(x, 2), direction)
            slope -= slopes(lambda x: logits(x)[:, 2], x)[1]
            found = found - base
        np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-9)


def test_one_linear_layer_by_hand():
    network = Network([Input(2), Dense(2), Softmax()], dtype="float64")
    network.parameters["dense_1.weight"][:] = [[1.0, 2.0], [-3.0, 5.0]]
    x = np.array([[1.0, 0.0], [0.0, -1.0]])
    np.testing.assert_array_equal(network.saliency(x), [[2.0, 5.0], [1.0, -3.0]])
    np.testing.assert_array_equal(network.saliency(x, 0), [[1.0, -3.0], [1.0, -3.0]])
    np.testing.assert_array_equal(network.saliency(x[:0]), np.zeros((0, 2)))


def test_a_value_that_two_layers_read_gets_both_gradients():
    a = Input(3)()
    network = Network(Dense(1, bias=False)(Add()(a, a)), dtype="float64")
    weight = network.parameters["dense_1.weight"].ravel()
    np.testing.assert_allclose(network.saliency(np.ones((2, 3))), [2 * weight, 2 * weight], rtol=1e-14)


def test_many_samples_are_taken_in_blocks():
    network, x = lstm(), np.random.default_rng(2).normal(size=(600, 6, 2))
    whole = network.saliency(x, 1)
    np.testing.assert_allclose(whole[590:], network.saliency(x[590:], 1), rtol=1e-12, atol=1e-15)


def words():
    tokens, number = Input(4)(), Input(2)()
    x = Flatten()(LearnedPositions()(Embedding(6, 3, initialiser="glorot_uniform")(tokens)))
    return Network(Dense(2)(Concatenate()(x, number)), seed=3, dtype="float64")


def test_numbers_of_categories_get_the_length_of_their_vectors_gradient():
    network = words()
    tokens, numbers = np.array([[1, 4, 2, 5], [0, 3, 5, 2]]), np.array([[0.5, 1.0], [-1.0, 2.0]])
    y = np.array([[1.0, 0.0], [2.0, -1.0]])
    of_tokens, of_numbers = network.input_gradient((tokens, numbers), y)
    assert of_tokens.shape == (2, 4)
    for i in range(2):  # a category that occurs once has its vector's gradient for its own in the table
        gradient = network.loss_and_gradient((tokens[[i]], numbers[[i]]), y[[i]])[1]
        place = network.parameters["embedding_1.weight"]
        rows = gradient[: place.size].reshape(place.shape)
        np.testing.assert_allclose(of_tokens[i], np.linalg.norm(rows[tokens[i]], axis=1), rtol=1e-12)
    alone = network.saliency((tokens, numbers), 1)[1]
    np.testing.assert_allclose(alone, [network.parameters["dense_1.weight"][12:, 1]] * 2, rtol=1e-14)
    assert of_numbers.shape == (2, 2)


def test_what_is_looked_at_stays_as_it_was():
    network = dense()
    x = inputs(network)
    before = x.copy(), network.theta.copy(), network.state.copy()
    x.flags.writeable = False
    network.input_gradient(x, TARGETS[dense])
    for kept, now in zip(before, (x, network.theta, network.state), strict=True):
        np.testing.assert_array_equal(kept, now)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (3, "output=3 is not an int from 0 to 2: the network gives 3 outputs"),
        (True, "output=True is not an int"),
        (1.0, "output=1.0 is not an int"),
        ((0, 1), r"output=\(0, 1\) is no place in the shape \(3,\)"),
        ([0, 1], "not an int from 0 to 2 for each of the 3 samples"),
        ([0, 1, 3], "not an int from 0 to 2 for each of the 3 samples"),
    ],
)
def test_outputs_that_do_not_exist_are_refused(output, message):
    network = dense()
    with pytest.raises(ValueError, match=message):
        network.saliency(inputs(network), output)


def test_a_place_in_a_shape():
    network = Network([Input((3, 2)), LSTM(2, returns="sequence")], seed=0, dtype="float64")
    x = inputs(network)
    np.testing.assert_array_equal(network.saliency(x, (1, 0)), network.saliency(x, 2))
    assert not network.saliency(x, (1, 0))[:, 2].any(), "a step does not depend on later ones"


def test_a_network_without_weights_is_refused():
    for ask in (lambda network: network.saliency([[1.0]]), lambda network: network.input_gradient([[1.0]], [1.0])):
        with pytest.raises(NotBuilt):
            ask(Network([Dense(1)]))
