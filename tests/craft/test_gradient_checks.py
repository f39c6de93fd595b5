"""The gradient check that people are given: it passes what is right, and finds what is wrong, and where."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlet import (
    GRU,
    LSTM,
    RNN,
    Add,
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Bidirectional,
    Columns,
    Concatenate,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Exponential,
    Flatten,
    GlobalAveragePool,
    GlobalMaxPool,
    Input,
    LayerNorm,
    LearnedPositions,
    MaxPool1D,
    MaxPool2D,
    MultiHeadAttention,
    Multiply,
    Network,
    PeriodicEmbedding,
    ReLU,
    Reshape,
    Residual,
    Scaling,
    Sigmoid,
    SinusoidalPositions,
    Softmax,
    Step,
    Tanh,
    TiedDense,
    TimeDense,
    TransformerBlock,
    Upsample,
)
from netlet.graph.activations import ACTIVATIONS
from netlet.graph.augmentation import Augment
from netlet.graph.embedding import EmbeddingBag, integer_columns
from netlet.graph.layers import LAYERS, MemberDense, MemberMean, MemberScaling
from netlet.graph.operations import operations_of
from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding
from netlet.kernels.compiling import BACKWARD_INPUT, PLAIN, kernel
from netlet.kernels.registry import layers as rows
from netlet.training.losses import LOSSES, CrossEntropy, Huber, Quantile
from netlet.training.objective import Objective
from netlet.training.output import loss_of

sys.path.append(str(Path(__file__).parents[1] / "graph"))
from drawing import networks

pytestmark = pytest.mark.plain
N = 7


def features(network, n=N, seed=0):
    """Return inputs for a network: categories where it reads them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, network._graph.n_features))
    for first, count, categories in integer_columns(network._operations):
        X[:, first : first + count] = rng.integers(0, categories, (n, count))
    return X


def moved(network, seed=1):
    """Move the parameters away from the zeros that biases begin with."""
    network.theta = network.theta + np.random.default_rng(seed).normal(size=network.theta.size) / 2
    return network


def numbers(n, n_outputs, seed=2):
    return np.random.default_rng(seed).normal(size=(n, n_outputs))


def chain(*layers, dtype="float64", n_features=4):
    return moved(Network(list(layers), seed=0, dtype=dtype).build(n_features))


@pytest.mark.parametrize("method", ["full", "projection"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_between_layers(name, dtype, method):
    network = chain(Dense(5, activation=name), Dense(2), dtype=dtype)
    found = network.check_gradients(features(network), numbers(N, 2), method=method)
    assert found.ok, found
    assert found.method == method
    assert [block.name for block in found.blocks[-2:]] == ["dense_2.weight", "dense_2.bias"]
    learns = [block.name for block in found.blocks if block.analytic != 0]
    assert ("dense_1.weight" in learns) == (name != "step"), "the figures are of a gradient that is not 0"


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation_as_the_last_layer(name):
    """With squared error, which reads what comes out; the other losses are tried below."""
    network = chain(Dense(4, activation="tanh"), Dense(3, activation=name))
    found = network.check_gradients(features(network), numbers(N, 3), loss="squared_error")
    assert found.ok, found


# For each loss: the loss, the last layers, and what the targets are.
LABELS, ANSWERS, SHARES = np.arange(N) % 3, np.arange(3 * N).reshape(N, 3) % 2, numbers(N, 3) ** 2 % 1
COUNTS = np.random.default_rng(0).poisson(2, (N, 3))


def cells():
    """Return targets of two cells with two classes: none, one or both of them full."""
    targets = numbers(N, 12).reshape(N, 2, 6)
    targets[:, :, 0] = np.arange(2 * N).reshape(N, 2) % 3 == 0
    targets[:, :, 5] = np.arange(2 * N).reshape(N, 2) % 2
    return targets.reshape(N, 12)


LOSS_CASES = {
    "cross_entropy": ("cross_entropy", [Dense(3), Softmax()], LABELS),
    "cross_entropy of logits": ("cross_entropy", [Dense(3)], LABELS),
    "cross_entropy smoothed": (CrossEntropy(0.1), [Dense(3), Softmax()], LABELS),
    "binary_cross_entropy": ("binary_cross_entropy", [Dense(3), Sigmoid()], ANSWERS),
    "binary_cross_entropy of logits": ("binary_cross_entropy", [Dense(3)], SHARES),
    "squared_error": ("squared_error", [Dense(3)], numbers(N, 3)),
    "absolute_error": ("absolute_error", [Dense(3)], numbers(N, 3)),
    "huber": (Huber(0.5), [Dense(3)], numbers(N, 3)),
    "log_cosh": ("log_cosh", [Dense(3)], numbers(N, 3)),
    "quantile": (Quantile((0.2, 0.5, 0.9)), [Dense(6)], numbers(N, 2)),
    "poisson": ("poisson", [Dense(3), Exponential()], COUNTS),
    "poisson of logarithms": ("poisson", [Dense(3)], COUNTS),
    "sequence_cross_entropy": (
        "sequence_cross_entropy",
        [Dense(6), Reshape((2, 3)), TimeDense(3)],
        np.arange(2 * N).reshape(N, 2) % 3,
    ),
    "detection": ("detection", [Dense(6), Reshape((2, 1, 3)), Conv2D(7, 1)], cells()),
    "hinge": ("hinge", [Dense(3)], ANSWERS),
    "perceptron": ("perceptron", [Dense(3), Step()], ANSWERS),
}


@pytest.mark.parametrize("method", ["full", "projection"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", LOSS_CASES)
def test_every_loss(case, dtype, method):
    loss, end, y = LOSS_CASES[case]
    network = chain(Dense(4, activation="tanh"), *end, dtype=dtype)
    weights = np.linspace(0.5, 2, N)
    found = network.check_gradients(features(network), y, loss=loss, sample_weight=weights, l2=0.1, method=method)
    assert found.ok, found
    assert all(block.analytic != 0 for block in found.blocks)


def test_no_loss_is_left_out():
    assert {name.split(" ")[0] for name in LOSS_CASES} == set(LOSSES)


def two_values(join):
    x = Input(4)()
    return Dense(2)(join(Dense(3)(x), Dense(3, activation="tanh")(x)))


def of_shape(*layers, shape=(2, 3)):
    x = Input(shape)()
    for layer in layers:
        x = layer(x)
    return Dense(2)(Flatten()(x))


LAYER_CASES = {
    "Input": lambda: Dense(2)(Input(4)()),
    "Reshape": lambda: of_shape(Reshape((3, 2)), LayerNorm()),
    "Flatten": lambda: of_shape(Scaling()),
    "Columns": lambda: Dense(2)(Columns(1, 2)(Dense(4)(Input(3)()))),
    "Embedding": lambda: Dense(2)(Flatten()(Embedding(4, 3)(Input(2)()))),
    "EmbeddingBag": lambda: Dense(2)(EmbeddingBag(4, 3)(Input(5)(), Dense(5)(Input(2)()))),
    "Dense": lambda: Dense(2, bias=False)(Dense(3)(Input(4)())),
    "Dropout": lambda: Dense(2)(Dropout(0.4)(Dense(8)(Input(4)()))),
    "Augment": lambda: of_shape(Conv2D(2, 1), Augment(0.2, 30, 0.2, "both", 0.5, "zeros"), shape=(3, 4, 1)),
    "BatchNorm": lambda: Dense(2)(BatchNorm()(Dense(3)(Input(4)()))),
    "LayerNorm": lambda: Dense(2)(LayerNorm()(Dense(5)(Input(4)()))),
    "PeriodicEmbedding": lambda: Dense(2)(PeriodicEmbedding(5, 0.3, 3)(Dense(3)(Input(4)()))),
    "PiecewiseLinearEmbedding": lambda: Dense(2)(PiecewiseLinearEmbedding(5, 3)(Dense(3)(Input(4)()))),
    "Scaling": lambda: Dense(2)(Scaling()(Dense(3)(Input(4)()))),
    "MemberScaling": lambda: Dense(2)(Flatten()(MemberScaling(3)(MemberScaling(3)(Dense(3)(Input(4)()))))),
    "MemberDense": lambda: Dense(2)(Flatten()(MemberDense(3, "tanh")(MemberScaling(2)(Dense(3)(Input(4)()))))),
    "MemberMean": lambda: MemberMean()(MemberDense(2)(TimeDense(3, "tanh")(MemberScaling(3)(Input(4)())))),
    "Add": lambda: two_values(Add()),
    "Multiply": lambda: two_values(Multiply()),
    "Concatenate": lambda: two_values(Concatenate()),
    "Conv1D": lambda: of_shape(Conv1D(3, 2, padding=(1, 0), dilation=2, activation="tanh"), shape=(4, 2)),
    "Conv2D": lambda: of_shape(
        Conv2D(8, 2, activation="tanh"), Conv2D(4, 2, padding="same", groups=2), Conv2D(2, 2, 2), shape=(4, 5, 1)
    ),
    "MaxPool1D": lambda: of_shape(MaxPool1D(), shape=(5, 2)),
    "MaxPool2D": lambda: of_shape(MaxPool2D(3, 1, "same"), shape=(3, 4, 2)),
    "AveragePool1D": lambda: of_shape(AveragePool1D(), shape=(5, 2)),
    "AveragePool2D": lambda: of_shape(AveragePool2D(3, 2, "same"), shape=(3, 4, 2)),
    "GlobalAveragePool": lambda: of_shape(GlobalAveragePool(), shape=(3, 2, 2)),
    "GlobalMaxPool": lambda: of_shape(GlobalMaxPool(), shape=(3, 2)),
    "Upsample": lambda: of_shape(Upsample((1, 2)), shape=(2, 2, 2)),
    "RNN": lambda: of_shape(RNN(3, returns="sequence"), shape=(3, 2)),
    "LSTM": lambda: of_shape(LSTM(3), shape=(3, 2)),
    "GRU": lambda: of_shape(GRU(3), shape=(3, 2)),
    "Bidirectional": lambda: of_shape(Bidirectional(GRU(2, returns="sequence")), shape=(3, 2)),
    "TimeDense": lambda: of_shape(TimeDense(2, "tanh"), shape=(3, 2)),
    "TiedDense": lambda: Dense(2)(Flatten()(TiedDense()(Embedding(4, 3)(Input(3)())))),
    "LearnedPositions": lambda: of_shape(LearnedPositions(), TimeDense(3, "tanh"), shape=(3, 2)),
    "SinusoidalPositions": lambda: of_shape(SinusoidalPositions(), TimeDense(3, "tanh"), shape=(3, 2)),
    "MultiHeadAttention": lambda: of_shape(MultiHeadAttention(2, causal=True), shape=(3, 4)),
    "TransformerBlock": lambda: of_shape(TransformerBlock(2, 5, dropout=0.1), shape=(3, 4)),
    "Residual": lambda: Dense(2)(Residual((Dense(5, activation="tanh"), Dense(3)), project=True)(Input(4)())),
}


@pytest.mark.parametrize("method", ["full", "projection"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYER_CASES)
def test_every_layer(name, dtype, method):
    network = moved(Network(LAYER_CASES[name](), seed=0, dtype=dtype))
    state, theta = network.state.copy(), network.theta.copy()
    found = network.check_gradients(features(network), numbers(N, 2), method=method)
    assert found.ok, found
    assert sum(block.n_parameters for block in found.blocks) == network.theta.size
    np.testing.assert_array_equal(network.theta, theta)
    np.testing.assert_array_equal(network.state, state)


def test_no_layer_is_left_out():
    assert set(LAYER_CASES) | {kind.__name__ for kind in ACTIVATIONS.values()} == set(LAYERS)


@settings(max_examples=60)
@given(networks(), st.sampled_from(["float32", "float64"]), st.integers(0, 2**32))
def test_random_networks_pass(graph, dtype, seed):
    network = Network([Dense(1)], seed=3, dtype=dtype)
    network._graph = graph
    network.build(graph.n_features)
    if not network.theta.size:
        with pytest.raises(ValueError, match="no parameters that are trained"):
            network.check_gradients(features(network), np.zeros((N, network._operations[-1].size)))
        return
    moved(network, seed)
    loss, reads = loss_of("auto", operations_of(graph))
    size = network._operations[reads].size
    y = np.arange(N) % size if loss.row.labels else numbers(N, size, seed)
    y = (y > 0).astype(float) if loss.row.answers else y
    found = network.check_gradients(features(network, seed=seed), y, method="projection")
    assert found.ok, found


def three_layers():
    return chain(Dense(4, activation="tanh"), Dense(5, activation="tanh"), Dense(2))


@pytest.mark.parametrize("method", ["full", "projection"])
@pytest.mark.parametrize("block", ["dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_3.bias"])
def test_one_wrong_number_is_found(block, method, monkeypatch):
    """A thousandth of the block's gradient, added to one of its numbers; the other blocks stay right."""
    network = three_layers()
    X, y = features(network), numbers(N, 2)
    assert network.check_gradients(X, y, method=method).ok
    place = {
        f"{operation.layer}.{own.name}": place for operation in network._operations for own, place in operation.places()
    }[block]
    right = Objective.__call__

    def wrong(self, theta, team):
        loss, gradient = right(self, theta, team)
        gradient[place.start + 1] += 1e-3 * np.linalg.norm(gradient[place])
        return loss, gradient

    monkeypatch.setattr(Objective, "__call__", wrong)
    found = network.check_gradients(X, y, method=method)
    assert not found.ok
    assert [each.name for each in found.blocks if each.error > found.tolerance] == [block]
    assert found.worst.name == block
    assert found.worst.worst == (1 if method == "full" else None)
    assert found.error > 1e-4
    assert f"WRONG: the largest error is {found.error:.1e} in {block}" in str(found)


@pytest.mark.skipif(not PLAIN, reason="a kernel is exchanged, which compiled programs do not see")
@pytest.mark.parametrize("method", ["full", "projection"])
def test_a_wrong_kernel_is_found(method, monkeypatch):
    """1 - y in place of 1 - y^2 as the derivative of tanh: wrong before the tanh, right behind it."""

    @kernel(BACKWARD_INPUT)
    def wrong(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
        dx[:] = dy * (1 - y)

    network = chain(Dense(4), Dense(4, activation="tanh"), Dense(2))
    X, y = features(network), numbers(N, 2)
    assert network.check_gradients(X, y, method=method).ok
    monkeypatch.setitem(rows, "tanh", replace(rows["tanh"], backward_input=wrong))
    found = network.check_gradients(X, y, method=method)
    wrong_blocks = {block.name for block in found.blocks if block.error > found.tolerance}
    assert wrong_blocks == {"dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias"}


def test_two_sides_are_more_exact_than_one():
    """With a step of 1e-4 the error of one side is about the step, that of two about its square."""
    network = three_layers()
    X, y = features(network), numbers(N, 2)
    one, two = (network.check_gradients(X, y, sides=sides, step=1e-4) for sides in (1, 2))
    figures = f"one-sided {one.error:.1e}, two-sided {two.error:.1e}"
    assert one.error > 1000 * two.error, figures
    assert 1e-6 < one.error < 1e-3, figures
    assert two.error < 1e-7, figures


def test_the_error_falls_with_the_step_and_with_its_square():
    """Without smaller steps in between: the check takes those only where the first is not good enough."""
    network = chain(Dense(3, activation="tanh"), Dense(1))
    X, y = features(network), numbers(N, 1)
    theta, g = network.theta.copy(), network.loss_and_gradient(X, y, loss="squared_error")[1]
    direction = np.random.default_rng(0).normal(size=theta.size)

    def loss(h):
        network.theta = theta + h * direction
        return network.loss_and_gradient(X, y, loss="squared_error")[0]

    steps = [1e-2, 1e-3]
    one = [abs((loss(h) - loss(0)) / h - g @ direction) for h in steps]
    two = [abs((loss(h) - loss(-h)) / (2 * h) - g @ direction) for h in steps]
    assert one[0] / one[1] == pytest.approx(10, rel=0.1)
    assert two[0] / two[1] == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize("method", ["full", "projection"])
def test_a_kink_nearby_is_no_error(method):
    """A neuron's input lies 3e-6 from the kink of ReLU, nearer than the step of 1e-5."""
    network = chain(Dense(3), ReLU(), Dense(1))
    X, y = features(network), numbers(N, 1)
    inputs = X @ network.parameters["dense_1.weight"] + network.parameters["dense_1.bias"]
    network.parameters["dense_1.bias"][1] += 3e-6 - inputs[0, 1]
    theta, g = network.theta.copy(), network.loss_and_gradient(X, y)[1]
    place = 4 * 3 + 1  # of that bias

    def loss(h):
        changed = theta.copy()
        changed[place] += h
        network.theta = changed
        return network.loss_and_gradient(X, y)[0]

    slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
    network.theta = theta
    assert abs(slope - g[place]) > 1e-4 * abs(g[place]), "the plain difference takes the kink for an error"
    found = network.check_gradients(X, y, method=method)
    assert found.ok, found


def test_an_error_is_found_with_a_kink_nearby_too(monkeypatch):
    network = chain(Dense(3), ReLU(), Dense(1))
    X, y = features(network), numbers(N, 1)
    inputs = X @ network.parameters["dense_1.weight"] + network.parameters["dense_1.bias"]
    network.parameters["dense_1.bias"][1] += 3e-6 - inputs[0, 1]
    right = Objective.__call__

    def wrong(self, theta, team):
        loss, gradient = right(self, theta, team)
        gradient[4 * 3 + 1] *= 1.001
        return loss, gradient

    monkeypatch.setattr(Objective, "__call__", wrong)
    found = network.check_gradients(X, y)
    assert not found.ok
    assert (found.worst.name, found.worst.worst) == ("dense_1.bias", 1)


def test_the_network_is_left_as_it_was():
    network = chain(Dense(3), BatchNorm(), Dropout(0.3), Dense(1))
    network.freeze("dense_2")
    before = network.theta.copy(), network.state.copy()
    found = network.check_gradients(features(network), numbers(N, 1))
    assert found.ok, found
    assert {block.name.split(".")[0] for block in found.blocks} == {"dense_1", "batchnorm_1"}
    np.testing.assert_array_equal(network.theta, before[0])
    np.testing.assert_array_equal(network.state, before[1])


def test_the_default_method_follows_the_size():
    small, large = three_layers(), chain(Dense(40, activation="tanh"), Dense(50, activation="tanh"), Dense(1))
    assert small.check_gradients(features(small), numbers(N, 2)).method == "full"
    found = large.check_gradients(features(large, 3), numbers(3, 1))
    assert large.theta.size > 2000
    assert found.method == "projection"
    assert found.ok, found


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"method": "exact"}, "method='exact' is not one of"),
        ({"sides": 3}, "sides=3 is not 1 or 2"),
        ({"step": 0.0}, "step=0.0 is not"),
    ],
)
def test_a_wrong_choice_is_refused(how, message):
    network = three_layers()
    with pytest.raises(ValueError, match=message):
        network.check_gradients(features(network), numbers(N, 2), **how)


def test_one_activation_is_tanh():
    """The figures of a check, where all can be worked out: J = (tanh(w) - t)^2 / 2 at w = 1/2, t = 0."""
    network = Network([Dense(1, bias=False), Tanh()], dtype="float64").build(1)
    network.theta = np.array([0.5])
    found = network.check_gradients([[1.0]], [0.0])
    slope = np.tanh(0.5) * (1 - np.tanh(0.5) ** 2)
    assert found.worst.analytic == pytest.approx(slope, rel=1e-13)
    assert found.worst.numeric == pytest.approx(slope, rel=1e-8)
    error = abs(found.worst.analytic - found.worst.numeric) / (abs(found.worst.analytic) + abs(found.worst.numeric))
    assert found.error == pytest.approx(error, abs=1e-15)
    assert found.ok
