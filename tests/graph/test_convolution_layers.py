"""Layers over pictures and sequences: the shapes that they give, what they refuse, and how their weights begin."""

from __future__ import annotations

import json

import numpy as np
import pytest

from netlet import (
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool,
    GlobalMaxPool,
    Input,
    LayerNorm,
    MaxPool1D,
    MaxPool2D,
    Network,
    Upsample,
)
from netlet.graph.distributions import Glorot, He, LeCun
from netlet.graph.graph import graph_of
from netlet.graph.layers import layer_from
from netlet.graph.operations import bound

pytestmark = pytest.mark.plain

# What is read, the layer, what it gives, and its parameters.
SHAPES = [
    ((28, 28, 1), Conv2D(8, 3), (26, 26, 8), 80),
    ((28, 28, 3), Conv2D(8, 3, bias=False), (26, 26, 8), 216),
    ((28, 27, 1), Conv2D(4, (3, 5), stride=2, padding="same"), (14, 14, 4), 64),
    ((28, 28, 1), Conv2D(4, 3, padding=1), (28, 28, 4), 40),
    ((28, 28, 1), Conv2D(4, 3, padding=(2, (0, 1))), (30, 27, 4), 40),
    ((28, 28, 1), Conv2D(4, 3, dilation=(2, 13)), (24, 2, 4), 40),
    ((8, 8, 6), Conv2D(4, 3, groups=2), (6, 6, 4), 4 * 27 + 4),
    ((8, 8, 6), Conv2D(12, 3, groups=6, padding="same"), (8, 8, 12), 12 * 9 + 12),
    ((3, 4, 2), Conv2D(5, (3, 4)), (1, 1, 5), 125),
    ((3, 4, 2), Conv2D(5, 1), (3, 4, 5), 15),
    ((10, 3), Conv1D(4, 3), (8, 4), 40),
    ((10, 3), Conv1D(4, 3, padding=(2, 0)), (10, 4), 40),
    ((10, 3), Conv1D(4, 3, padding="same", stride=4), (3, 4), 40),
    ((10, 4), Conv1D(4, 2, dilation=9, groups=4), (1, 4), 12),
    ((7, 6, 3), MaxPool2D(), (3, 3, 3), 0),
    ((7, 6, 3), MaxPool2D(3, 2, "same"), (4, 3, 3), 0),
    ((7, 6, 3), MaxPool2D((1, 3), (4, 1), (0, 1)), (2, 6, 3), 0),
    ((7, 6, 3), AveragePool2D(2, 5), (2, 1, 3), 0),
    ((9, 2), MaxPool1D(), (4, 2), 0),
    ((9, 2), AveragePool1D(4, 2, "same"), (5, 2), 0),
    ((7, 6, 3), GlobalAveragePool(), (3,), 0),
    ((7, 3), GlobalMaxPool(), (3,), 0),
    ((7, 6, 3), Upsample((2, 3)), (14, 18, 3), 0),
    ((7, 3), Upsample(4), (28, 3), 0),
    ((7, 6, 3), BatchNorm(), (7, 6, 3), 6),
    ((7, 6, 3), LayerNorm(), (7, 6, 3), 6),
]


@pytest.mark.parametrize(("read", "layer", "given", "n_parameters"), SHAPES, ids=lambda each: repr(each)[:60])
def test_shapes_and_parameters(read, layer, given, n_parameters):
    operations, shape = bound(graph_of([Input(read), layer]))
    assert shape == given
    assert sum(operation.n_theta for operation in operations) == n_parameters
    assert layer_from(json.loads(json.dumps(layer.describe()))) == layer
    x = np.random.default_rng(0).normal(size=(2, int(np.prod(read)))).astype(np.float32)
    assert Network([Input(read), layer, Flatten(), Dense(2)], seed=0).predict(x).shape == (2, 2)


REFUSED = [
    (lambda: Conv2D(0, 3), "filters=0 of Conv2D is not an int >= 1; give the number of channels of the output"),
    (lambda: Conv2D(4, 0), r"kernel_size=0 of Conv2D is not an int >= 1 or a tuple of 2 of them; 3 is usual"),
    (lambda: Conv2D(4, (3, 3, 3)), r"kernel_size=\(3, 3, 3\) of Conv2D is not an int >= 1 or a tuple of 2"),
    (lambda: Conv1D(4, 2.0), "kernel_size=2.0 of Conv1D is not an int >= 1; 3 is usual"),
    (lambda: Conv2D(4, 3, stride=0), "stride=0 of Conv2D is not an int >= 1"),
    (lambda: Conv2D(4, 3, dilation=-1), "dilation=-1 of Conv2D is not an int >= 1"),
    (lambda: Conv2D(4, 3, padding="full"), "padding='full' of Conv2D is not 'valid', 'same', an int >= 0 or a tuple"),
    (lambda: Conv2D(4, 3, padding=-1), "padding=-1 of Conv2D is not 'valid'"),
    (lambda: Conv2D(4, 3, padding=(1, 2, 3)), r"padding=\(1, 2, 3\) of Conv2D is not"),
    (lambda: Conv2D(4, 3, padding=((1, 2, 3), 1)), "of Conv2D is not 'valid'"),
    (lambda: Conv1D(4, 3, padding=(1, 2, 3)), r"padding=\(1, 2, 3\) of Conv1D is not .* a pair \(left, right\)"),
    (lambda: Conv2D(4, 3, groups=3), "groups=3 of Conv2D does not divide filters=4; each group has as many filters"),
    (lambda: Conv2D(4, 3, activation="rleu"), "activation='rleu' is not one of"),
    (lambda: Conv2D(4, 3, initialiser="xavier"), "initialiser='xavier' is not one of"),
    (lambda: MaxPool2D(2, padding=2), r"padding=\(\(2, 2\), \(2, 2\)\) of MaxPool2D is not smaller than kernel_size="),
    (lambda: AveragePool1D(2, 0), "stride=0 of AveragePool1D is not an int >= 1; None, the kernel's size, is usual"),
    (lambda: Upsample(0), "factor=0 of Upsample is not an int >= 1; 2 doubles the size"),
    (lambda: Upsample((2, 2, 2)), r"factor=\(2, 2, 2\) of Upsample is not an int >= 1 or a tuple of 2 of them"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=lambda each: each if isinstance(each, str) else "")
def test_what_a_layer_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()


UNSUITABLE = [
    (
        (4, 9, 1), Conv2D(4, 5),
        r"^kernel_size=\(5, 5\) of conv2d_1 is larger than the height of 4 that it slides over; use a smaller kernel, "
        "padding='same', or less pooling before it$",
    ),
    ((9, 4, 1), MaxPool2D(5), r"kernel_size=\(5, 5\) of maxpool2d_1 is larger than the width of 4 that"),
    ((4, 9, 1), Conv2D(4, 7, padding=1), "larger than the height of 4 with 1 [+] 1 of padding that it slides over"),
    ((9, 9, 1), Conv2D(4, 3, dilation=5), r"conv2d_1, spread over 11 by dilation=\(5, 5\), is larger than the height"),
    ((4, 2), Conv1D(4, 5), "kernel_size=5 of conv1d_1 is larger than the time of 4 that it slides over"),
    ((5, 5, 4), Conv2D(6, 3, groups=3), "groups=3 of conv2d_1 does not divide the 4 channels that it reads; use a div"),
    ((28, 28), Conv2D(4, 3), r"conv2d_1 reads the shape \(height, width, channels\), not \(28, 28\); begin with Input"),
    (784, Conv2D(4, 3), r"conv2d_1 reads the shape \(height, width, channels\), not \(784,\)"),
    ((5, 5, 4), Conv1D(4, 3), r"conv1d_1 reads the shape \(time, features\), not \(5, 5, 4\)"),
    (5, MaxPool1D(), r"maxpool1d_1 reads the shape \(time, features\), not \(5,\)"),
    (5, GlobalAveragePool(), r"globalaveragepool_1 reads the shape .* or \(time, features\), not \(5,\)"),
    ((5, 2), Upsample((2, 1)), r"factor=\(2, 1\) of upsample_1 has two numbers, but it reads a sequence"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "layer", "message"), UNSUITABLE, ids=lambda each: repr(each)[:60])
def test_what_does_not_suit_the_shape_is_named(read, layer, message):
    with pytest.raises(ValueError, match=message):
        bound(graph_of([Input(read), layer]))


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize(
    ("initialiser", "variance"),
    [
        ("auto", lambda n_in, n_out: 2 / n_in),
        (He(fan="out"), lambda n_in, n_out: 2 / n_out),
        (Glorot(), lambda n_in, n_out: 2 / (n_in + n_out)),
        (LeCun(), lambda n_in, n_out: 1 / n_in),
    ],
    ids=["auto", "he out", "glorot", "lecun"],
)
def test_weights_begin_by_the_numbers_that_meet_in_a_unit(initialiser, variance, groups):
    layer = Conv2D(64, (3, 5), groups=groups, activation="relu", initialiser=initialiser)
    network = Network([Input((9, 9, 32)), layer], seed=0)
    weight = network.theta[:-64]
    n_in, n_out = 15 * 32 // groups, 15 * 64 // groups
    assert weight.size == n_in * 64
    assert weight.var() == pytest.approx(variance(n_in, n_out), rel=0.05)
    np.testing.assert_array_equal(network.theta[-64:], 0)


def test_sizes_are_kept_as_plain_ints():
    layer = Conv2D(np.int64(4), np.int64(3), stride=[1, np.int32(2)], padding=[1, (0, np.int64(2))])
    assert layer == Conv2D(4, (3, 3), (1, 2), ((1, 1), (0, 2)))
    json.dumps(layer.describe())
