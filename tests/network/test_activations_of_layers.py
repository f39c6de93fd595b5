"""What the layers of a network give, and the weights of attention: against NumPy with the same weights."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    MultiHeadAttention,
    Network,
    Reshape,
    Softmax,
    TransformerBlock,
)
from netlet.errors import NotBuilt

TIME, WIDTH = 5, 4


def test_each_layer_of_a_small_network():
    network = Network([Input(3), Dense(4, "tanh"), Dropout(0.5), BatchNorm(), Dense(2), Softmax()], seed=0)
    network.state = np.random.default_rng(1).uniform(0.5, 2.0, network.state.size)
    x = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    own = network.parameters
    hidden = np.tanh(x @ own["dense_1.weight"] + own["dense_1.bias"])
    np.testing.assert_array_equal(network.activations(x, "input"), x)
    np.testing.assert_allclose(network.activations(x, "dense_1"), hidden, rtol=1e-5)
    np.testing.assert_allclose(network.activations(x, "dropout_1"), hidden, rtol=1e-5)
    normal = (hidden - network.state[:4]) / np.sqrt(network.state[4:] + 1e-5)
    np.testing.assert_allclose(network.activations(x, "batchnorm_1"), normal, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(network.activations(x, "softmax_1"), network.predict(x))
    logits = np.log(network.predict(x))
    differences = logits - logits[:, :1]
    found = network.activations(x, "dense_2")
    np.testing.assert_allclose(found - found[:, :1], differences, rtol=1e-4, atol=1e-6)


def test_values_keep_their_shapes():
    network = Network([Input(32), Reshape((4, 4, 2)), Conv2D(3, 2, activation="relu"), Flatten(), Dense(2)], seed=0)
    x = np.random.default_rng(0).normal(size=(3, 32)).astype(np.float32)
    np.testing.assert_array_equal(network.activations(x, "reshape_1"), x.reshape(3, 4, 4, 2))
    maps = network.activations(x, "conv2d_1")
    assert maps.shape == (3, 3, 3, 3)
    kernel, bias = network.parameters["conv2d_1.weight"].reshape(2, 2, 2, 3), network.parameters["conv2d_1.bias"]
    corner = np.einsum("nhwc,hwcf->nf", x.reshape(3, 4, 4, 2)[:, 1:3, 2:], kernel) + bias
    np.testing.assert_allclose(maps[:, 1, 2], np.maximum(corner, 0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(network.activations(x, "flatten_1"), maps.reshape(3, -1))


def block(causal):
    return Network([Input((TIME, WIDTH)), TransformerBlock(2, 6, causal=causal)], seed=2, dtype="float64")


def softmax_of_queries_and_keys(both, heads, visible):
    """Follow the paper: (n, time, 3 * width) to the weights (n, heads, time, time), one number after the other."""
    n, time, width = both.shape[0], both.shape[1], both.shape[2] // 3
    d, weights = width // heads, np.zeros((len(both), heads, time, time))
    for i, head, query in np.ndindex(n, heads, time):
        q = both[i, query, head * d : (head + 1) * d]
        scores = np.array([q @ both[i, key, width + head * d : width + (head + 1) * d] for key in range(time)])
        shares = np.where(visible[i, query], np.exp(scores / np.sqrt(d)), 0.0)
        weights[i, head, query] = shares / max(shares.sum(), 1e-300)
    return weights


@pytest.mark.parametrize("causal", [False, True])
def test_attention_weights_follow_the_formula(causal):
    network, x = block(causal), np.random.default_rng(0).normal(size=(3, TIME, WIDTH))
    network.theta += np.random.default_rng(1).normal(size=network.theta.size)
    name = "transformerblock_1.attention.input"
    normal = network.activations(x, "transformerblock_1.layernorm_1").reshape(-1, WIDTH)
    both = normal @ network.parameters[f"{name}.weight"] + network.parameters[f"{name}.bias"]
    np.testing.assert_allclose(network.activations(x, name).reshape(both.shape), both, rtol=1e-12)
    visible = np.tril(np.ones((TIME, TIME), bool)) if causal else np.ones((TIME, TIME), bool)
    expected = softmax_of_queries_and_keys(both.reshape(3, TIME, -1), 2, np.broadcast_to(visible, (3, TIME, TIME)))
    weights = network.attention_weights(x)
    assert weights.shape == (3, 2, TIME, TIME)
    np.testing.assert_allclose(weights, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(weights.sum(axis=3), 1.0, rtol=1e-12)


def padded():
    tokens = Input(TIME)()
    x = Embedding(6, WIDTH)(tokens)
    return Network(MultiHeadAttention(2, padding=0)(x, tokens), seed=2, dtype="float64")


def test_padding_gets_no_weight():
    weights = padded().attention_weights([[3, 1, 2, 0, 0], [0, 0, 0, 0, 0]])
    assert not weights[0, :, :, 3:].any()
    np.testing.assert_allclose(weights[0].sum(axis=2), 1.0, rtol=1e-12)
    assert not weights[1].any()


def two_blocks():
    return Network([Input((TIME, WIDTH)), TransformerBlock(2), TransformerBlock(1)], seed=2, dtype="float64")


def test_one_of_several_is_named():
    network, x = two_blocks(), np.random.default_rng(0).normal(size=(2, TIME, WIDTH))
    assert network.attention_weights(x, "transformerblock_1").shape == (2, 2, TIME, TIME)
    assert network.attention_weights(x, "transformerblock_2").shape == (2, 1, TIME, TIME)
    inner = network.attention_weights(x, "transformerblock_2.attention")
    np.testing.assert_array_equal(inner, network.attention_weights(x, "transformerblock_2"))
    with pytest.raises(ValueError, match=r"give one of \['transformerblock_1', 'transformerblock_2'\]"):
        network.attention_weights(x)
    with pytest.raises(ValueError, match="layer='transformerblock_3' is not one of .* did you mean"):
        network.attention_weights(x, "transformerblock_3")
    with pytest.raises(ValueError, match="layer='dense_1' is not one of"):
        network.activations(x, "dense_1")


def test_what_has_no_attention_or_no_weights_is_refused():
    with pytest.raises(ValueError, match="has no attention"):
        Network([Input(2), Dense(1)]).attention_weights([[1.0, 2.0]])
    with pytest.raises(NotBuilt):
        Network([Dense(1)]).activations([[1.0]], "dense_1")
    with pytest.raises(NotBuilt):
        Network([Dense(1)]).attention_weights([[1.0]])
