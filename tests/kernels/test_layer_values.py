"""Every layer's numbers: against the oracle, by hand, in both types, compiled and plain."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall, expected_of, plain

from netlet.kernels.registry import layers

TOLERANCE = {"float32": 2e-6, "float64": 4e-15}  # relative to the largest number: some 20 roundings
DTYPES = tuple(TOLERANCE)


def assert_close(found, expected, tolerance):
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)


@pytest.mark.plain
@pytest.mark.parametrize("training", [1, 0], ids=["training", "evaluation"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", layers)
def test_values_are_the_oracles(name, dtype, training):
    for n, n_in, units in [(6, 5, 3), (1, 1, 1), (13, 17, 9)]:
        call = LayerCall(layers[name], dtype, n, n_in, units, step=(training, 5, 6, 7, 2))
        assert_close(call.forward(), expected_of(call), TOLERANCE[dtype])


@pytest.mark.plain
@pytest.mark.parametrize("name", layers)
def test_shape_rule_is_the_shape_of_the_formula(name):
    for n_in in (1, 2, 9):
        call = LayerCall(layers[name], n=2, n_in=n_in, units=3)
        assert expected_of(call).shape == call.y.shape


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", layers)
def test_numbers_keep_their_type(name, dtype):
    call = LayerCall(layers[name], dtype, seed=4)
    call.forward()
    call.backward()
    for values in call.written.values():
        assert values.dtype == dtype
        assert np.isfinite(values).all(), "an output was not written"


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", layers)
def test_plain_text_gives_the_compiled_numbers(name, dtype):
    compiled, text = LayerCall(layers[name], dtype, seed=5), LayerCall(layers[name], dtype, seed=5)
    for call, of in ((compiled, lambda function: function), (text, plain)):
        call.forward(of)
        call.backward(of)
        call.guarded.check()
    assert_close(text.state, compiled.state, TOLERANCE[dtype])
    for word in text.written:
        assert_close(getattr(text, word), getattr(compiled, word), TOLERANCE[dtype])


# Worked by hand: x, x2, theta, y; dy, dx, dx2, dtheta. Rows of two numbers; dense has one input, W = [2, -1], b = [0.5,
# 0]. The layers that normalise have s = [2, 3], t = [1, -1], eps = 1/4: rows of +-2/3 have r = 6/5 and x^ = +-4/5; one
# sample alone has the means of a batch.
LN2, LN3 = np.log(2.0), np.log(3.0)
S, SA = 1.0507009873554805, 1.7580993408473769  # SELU's scale, and times its alpha
# The recurrent ones take one step from a state of 0: only the sums of the first unit, and of rnn's second, are not 0.
T6 = np.tanh(0.6)
DC = 0.5 * (1 - T6 * T6)
DA = [0.15 * DC, 0, 0, 0, 0.27 * DC, 0.5, 0.25 * T6, 0]  # of lstm: i, f, g, o of two units
DR = 0.0675 * LN3  # of gru's reset gate
CONVOLUTION = (  # filters of [1, 10, 100] and [1, 0, -1], biases 1 and 0.5
    [1, 2, 3, 4, 5], [], [9, 9, 9, 9, 9, 9, 1, 1, 10, 0, 100, -1, 1, 0.5], [211, -1.5, 433, -1.5, 55, 4.5],
    [1, 0, 0, 1, 2, 0], [10, 101, 0, 1, 20], [], [0, 0, 0, 0, 0, 0, 8, 2, 11, 3, 2, 4, 3, 1],
)  # fmt: skip
HAND = {
    # One head of one number, two steps of (q, k, v): q k = 0 sees both alike; of the second step log 3 sees k = 0 and 1
    # as 1 to 3. Causal, the first step sees itself alone.
    "attention": (
        [0, 0, 4, LN3, 1, 8], [], [], [4, 7], [1, 16], [0, -12 * LN3, 5, 12, 12 * LN3, 12], [], [],
    ),
    "add": ([1, 2], [10, -20], [], [11, -18], [3, 4], [3, 4], [3, 4], []),
    # A row of 5 under windows of 2 x 3 whose first row is padding: [_, 0, 1], [1, 2, 3], [3, 4, _].
    "average_pooling": ([3, 1, -2, 1, 4], [], [], [2, 0, 2.5], [2, 3, 4], [1, 2, 1, 3, 2], [], []),
    "batch_normalisation": ([5, -7], [], [2, 3, 1, -1], [1, -1], [1, 2], [0, 0], [], [0, 0, 1, 2]),
    "columns": ([1, 2, 3], [], [], [2, 3], [5, 7], [0, 5, 7], [], []),
    "concatenate": (
        [1, 2], [10, 20, 30, 40], [], [1, 2, 10, 20, 30, 40], [1, 2, 3, 4, 5, 6], [1, 2], [3, 4, 5, 6], [],
    ),
    "convolution": CONVOLUTION,
    "dense": ([3], [], [2, -1, 0.5, 0], [6.5, -3], [10, 1], [19], [], [30, 3, 10, 1]),
    "embedding": (
        [4, 4], [], np.arange(18), [12, 13, 14, 12, 13, 14], [1, 2, 3, 10, 20, 30], [0, 0], [],
        [0] * 12 + [11, 22, 33] + [0] * 3,
    ),
    "embedding_bag": (
        [4, 1, 4], [2, 3, -1], np.arange(18), [21, 25, 29], [1, 2, 3], [0, 0, 0], [80, 26, 80],
        [0] * 3 + [3, 6, 9] + [0] * 6 + [1, 2, 3] + [0] * 3,
    ),
    "elu": ([2, -LN2], [], [], [2, -0.25], [3, 4], [3, 1], [], []),
    "exponential": ([0, LN3], [], [], [1, 3], [2, 5], [2, 15], [], []),
    "gelu": ([0, 1], [], [], [0, 0.8413447460685429], [4, 1], [2, 1.0833154705876863], [], []),
    "gelu_tanh": ([0, 1], [], [], [0, 0.8411919906082767], [4, 1], [2, 1.0829640838457826], [], []),
    "gru": (
        [3], [1], [0, 0, -LN3 / 3, 0, 0, 0] + [LN3, 0, 0, 0, 0, 0] + [0] * 12 + [0, 0, 0, 0, LN3 * 4 / 3, 0],
        [0.6, 0], [1, 2], [0.05 * LN3], [0],
        [3 * DR, 0, -0.45, 0, 0.81, 3, DR, 0, -0.15, 0, 0.27, 1] + [0] * 12 + [DR, 0, -0.15, 0, 0.2025, 0.5],
    ),
    "grouped_convolution": CONVOLUTION,
    "identity": ([1, -2], [], [], [1, -2], [3, 4], [3, 4], [], []),
    "layer_normalisation": (
        [2 / 3, -2 / 3], [], [2, 3, 1, -1], [2.6, -3.4], [1, 2], [-0.864, 0.864], [], [0.8, -1.6, 1, 2],
    ),
    "learned_positions": (
        [1, 2, 3, 4], [], [10, 20, 30, 40], [11, 22, 33, 44], [1, 2, 3, 4], [1, 2, 3, 4], [], [1, 2, 3, 4],
    ),
    "leaky_relu": ([2, -2], [], [], [2, -0.5], [3, 4], [3, 1], [], []),
    "lstm": (
        [3], [1], [0, 0, 0, 0, LN3 / 3, 0, 0, 0] + [0] * 16 + [LN3, 0, 0, 0, 0, 0, 0, 0],
        [0.5 * T6, 0], [1, 2], [0.09 * DC * LN3], [0], [3 * each for each in DA] + [0] * 16 + DA,
    ),
    "max_pooling": ([3, 1, -2, 1, 4], [], [], [3, 1, 4], [5, 7, 11], [5, 7, 0, 0, 11], [], []),
    # Two members of one feature each: W = [2, -1] and [3, 4], b = [0.5, 0] and [0, -5].
    "member_dense": (
        [3, 10], [], [2, -1, 3, 4, 0.5, 0, 0, -5], [6.5, -3, 30, 35], [10, 1, 1, 2], [19, 11], [],
        [30, 3, 10, 20, 10, 1, 1, 2],
    ),
    "member_mean": ([1, 10, 2, 30], [], [], [1.5, 20], [4, 6], [2, 3, 2, 3], [], []),
    "member_scaling": ([1, 10], [], [2, 3, 5, -1], [2, 30, 5, -10], [1, 2, 3, 4], [17, 2], [], [1, 20, 3, 40]),
    "mish": ([0, LN3], [], [], [0, LN3 * 15 / 17], [5, 289], [3, 255 + 48 * LN3], [], []),
    "multiply": ([1, 2], [10, -20], [], [10, -40], [3, 4], [30, -80], [3, 8], []),
    # As above, but the second step is padding: both see the first alone.
    "padded_attention": ([0, 0, 4, LN3, 1, 8], [1, 0], [], [4, 4], [1, 16], [0, 0, 17, 0, 0, 0], [0, 0], []),
    "parametric_mish": (
        [0, LN3], [], [2, 0.5], [0, LN3 * 16 / 17], [5, 578], [1, 544 + 48 * LN3], [], [0, -68 * LN3],
    ),
    "parametric_selu": (
        [2, -LN2], [], [0.5, 2], [1 + S, LN2 - SA], [1, 2], [0.5 + 0.5 * S, -2 + 2 * SA], [], [2 * S - 2, 2 * LN2 - SA],
    ),
    # Two waves of one feature at x = 1: f = 0 with p = 0, and f = 1/4 with p = pi / 2, half a turn: c = 1, -1; s = 0.
    "periodic_embedding": ([1], [], [0, 0.25, 0, np.pi / 2, 2, 3], [1, -1], [5, 7], [5], [], [0, 0, 0, 0, 7, -7]),
    # Two bins, from -3 to 0 and from 0 to 3: x = 1 fills the first and a third of the second.
    "piecewise_linear_embedding": ([1], [], [2, 3], [1, 3], [5, 7], [12], [], [7, 7 / 3]),
    "prelu": ([2, -2], [], [7, 0.5], [2, -1], [3, 4], [3, 2], [], [0, -8]),
    "relu": ([2, -2], [], [], [2, 0], [3, 4], [3, 0], [], []),
    "rnn": (
        [1], [1], [LN3, 0, 0, 0, 0, 0, 0, -LN3], [0.8, -0.8], [1, 2], [0.36 * LN3], [0],
        [0.36, 0.72, 0, 0, 0, 0, 0.36, 0.72],
    ),
    "scaling": ([1, -2], [], [3, 5], [3, -10], [2, 1], [6, 5], [], [2, -2]),
    "selu": ([2, -LN2], [], [], [2 * S, -SA / 2], [1, 2], [S, SA], [], []),
    "sigmoid": ([0, LN3], [], [], [0.5, 0.75], [4, 16], [1, 3], [], []),
    "sinusoidal_positions": (
        [1, 2, 3, 4], [], [], [1, 3, 3.8414709848078967, 4.5403023058681398], [1, 2, 3, 4], [1, 2, 3, 4], [], [],
    ),
    "silu": ([0, LN3], [], [], [0, 0.75 * LN3], [4, 16], [2, 12 + 3 * LN3], [], []),
    "softmax": ([LN3, 0], [], [], [0.75, 0.25], [16, 0], [3, -3], [], []),
    "softplus": ([0, LN3], [], [], [LN2, 2 * LN2], [4, 16], [2, 12], [], []),
    "step": ([0, -2], [], [], [1, 0], [3, 4], [0, 0], [], []),
    "tanh": ([0, LN3], [], [], [0, 0.8], [4, 1], [4, 0.36], [], []),
    "upsampling": ([1, 2], [], [], [1, 2] * 6, range(12), [30, 36], [], []),
    "tied_dense": (
        [1, 10], [], [1, 2], [1, 2, 10, 20], [1, 0, 3, 1], [1, 5], [], [31, 10],
    ),
    "time_dense": (
        [3, 1], [], [2, -1, 0.5, 0], [6.5, -3, 2.5, -1], [10, 1, 1, 0], [19, 2], [], [31, 3, 11, 1],
    ),
}  # fmt: skip


HAND_SETTINGS = {
    "periodic_embedding": {"waves": 2, "size": 2},
    "piecewise_linear_embedding": {"bins": 2, "size": 2},
    "attention": {"steps": 2, "heads": 1, "causal": 1},
    "learned_positions": {"features": 2},
    "member_dense": {"members": 2},
    "member_mean": {"members": 2},
    "member_scaling": {"members": 2},
    "padded_attention": {"steps": 2, "heads": 1, "padding": 0},
    "sinusoidal_positions": {"features": 2},
    "tied_dense": {"categories": 2, "dimensions": 1},
    "time_dense": {"features": 1},
}


@pytest.mark.plain
@pytest.mark.parametrize("name", [name for name in layers if not layers[name].is_random])
def test_one_sample_worked_by_hand(name):
    x, x2, theta, y, dy, dx, dx2, dtheta = HAND[name]
    call = LayerCall(layers[name], n=1, n_in=len(x), units=2, **HAND_SETTINGS.get(name, {}))
    call.x[0], call.x2[0], call.theta[:], call.dy[0] = x, x2, theta, dy
    np.testing.assert_allclose(call.forward()[0], y, rtol=1e-15, atol=1e-15)
    call.backward()
    for found, expected in ((call.dx[0], dx), (call.dx2[0], dx2), (call.dtheta, dtheta)):
        np.testing.assert_allclose(found, expected, rtol=2e-15, atol=1e-15)


@pytest.mark.plain
@pytest.mark.parametrize(
    ("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.25), ("prelu", 0.3), ("elu", 0.5), ("selu", SA)]
)
def test_derivative_at_the_kink_is_that_of_the_left_side(name, slope):
    call = LayerCall(layers[name], n=1, n_in=2)
    call.x[0] = [0.0, -0.0]
    call.theta[:] = 0.3
    np.testing.assert_array_equal(call.forward(), 0)
    np.testing.assert_allclose(call.backward()[0], slope * call.dy, rtol=4e-16)


@pytest.mark.plain
def test_a_step_is_up_at_zero_of_either_sign():
    call = LayerCall(layers["step"], n=1, n_in=2)
    call.x[0] = [0.0, -0.0]
    np.testing.assert_array_equal(call.forward(), 1)


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_follows_the_last_axis_of_a_shape(dtype):
    for n, features in ((5, 1), (5, 3), (1, 12), (0, 4)):
        call = LayerCall(layers["softmax"], dtype, n=n, n_in=12)
        call.settings[0] = features
        y = call.forward()
        assert_close(y.reshape(n, 12 // features, features).sum(axis=-1), 1, TOLERANCE[dtype])
        assert_close(y, expected_of(call), TOLERANCE[dtype])
        call.backward()
        y, dy = (values.astype(float).reshape(n, 12 // features, features) for values in (y, call.dy))
        expected = y * (dy - (y * dy).sum(axis=-1, keepdims=True))
        assert_close(call.dx, expected.reshape(n, 12), TOLERANCE[dtype])
        call.guarded.check()


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("elu", -1e-20, -0.5e-20),
        ("selu", -1e-20, -SA * 1e-20),
        ("gelu", -5.0, -1.4332578593959696e-06),
        ("gelu_tanh", -3.0, -0.0036373920817730188),
        ("silu", -20.0, -4.122307236380407e-08),
        ("mish", -20.0, -4.122307240628761e-08),
        ("softplus", -20.0, 2.0611536203143807e-09),
    ],
)
def test_small_results_keep_their_digits(name, dtype, x, y):
    """The textbook forms lose them: 1 + erf(x / sqrt 2) is nearly 0, e^x - 1 cancels."""
    call = LayerCall(layers[name], dtype, n=1, n_in=1)
    call.x[:] = x
    np.testing.assert_allclose(call.forward(), y, rtol=1e-6 if dtype == "float32" else 4e-15)
