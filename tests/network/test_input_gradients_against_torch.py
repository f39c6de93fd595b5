"""Gradients with respect to the input, and attention weights, against PyTorch with the same weights, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    LSTM,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    Input,
    MultiHeadAttention,
    Network,
    Softmax,
    TransformerBlock,
)

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
N, CLASSES = 4, 3
CLOSE = {"rtol": 1e-10, "atol": 1e-13}
nn = torch.nn


def tensor(values):
    return torch.tensor(np.asarray(values), dtype=torch.float64)


def last_dense(network, name, module):
    """Give a linear module the weights of a dense layer."""
    with torch.no_grad():
        module.weight[...] = tensor(network.parameters[f"{name}.weight"].T)
        module.bias[...] = tensor(network.parameters[f"{name}.bias"])
    return module


def dense():
    network = Network([Input(5), Dense(6), BatchNorm(), Dense(CLASSES), Softmax()], seed=0, dtype="float64")
    network.state = np.random.default_rng(2).uniform(0.5, 2.0, network.state.size)
    norm = nn.BatchNorm1d(6, dtype=torch.float64).eval()
    norm.running_mean[...], norm.running_var[...] = tensor(network.state[:6]), tensor(network.state[6:])
    first = last_dense(network, "dense_1", nn.Linear(5, 6, dtype=torch.float64))
    last = last_dense(network, "dense_2", nn.Linear(6, CLASSES, dtype=torch.float64))
    return network, lambda x: last(norm(first(x)))


def conv():
    layers = [Input((6, 5, 2)), Conv2D(4, 3, activation="relu"), Flatten(), Dense(CLASSES), Softmax()]
    network = Network(layers, seed=0, dtype="float64")
    module = nn.Conv2d(2, 4, 3, dtype=torch.float64)
    with torch.no_grad():
        weight = network.parameters["conv2d_1.weight"].reshape(3, 3, 2, 4)
        module.weight[...] = tensor(weight.transpose(3, 2, 0, 1))
        module.bias[...] = tensor(network.parameters["conv2d_1.bias"])
    last = last_dense(network, "dense_1", nn.Linear(4 * 3 * 4, CLASSES, dtype=torch.float64))
    return network, lambda x: last(torch.relu(module(x.permute(0, 3, 1, 2))).permute(0, 2, 3, 1).flatten(1))


def lstm():
    network = Network([Input((7, 3)), LSTM(4), Dense(CLASSES), Softmax()], seed=0, dtype="float64")
    module = nn.LSTM(3, 4, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        weight = network.parameters["lstm_1.weight"]
        module.weight_ih_l0[...] = tensor(weight[:3].T)
        module.weight_hh_l0[...] = tensor(weight[3:].T)
        module.bias_ih_l0[...] = tensor(network.parameters["lstm_1.bias"])
        module.bias_hh_l0[...] = 0
    last = last_dense(network, "dense_1", nn.Linear(4, CLASSES, dtype=torch.float64))
    return network, lambda x: last(module(x)[0][:, -1])


def transformer():
    block = TransformerBlock(2, 12, dropout=0.5, causal=True, activation="relu")
    network = Network([Input((6, 8)), block, Flatten(), Dense(CLASSES), Softmax()], seed=0, dtype="float64")
    module = nn.TransformerEncoderLayer(8, 2, 12, 0.0, "relu", norm_first=True, batch_first=True, dtype=torch.float64)
    name, own = "transformerblock_1", dict(module.named_parameters())
    names = {f"{name}.attention.input.{each}": f"self_attn.in_proj_{each}" for each in ("weight", "bias")}
    for each in ("weight", "bias"):
        names |= {f"{name}.attention.output.{each}": f"self_attn.out_proj.{each}"}
        names |= {f"{name}.dense_{k}.{each}": f"linear{k}.{each}" for k in (1, 2)}
    for k in (1, 2):
        names |= {f"{name}.layernorm_{k}.scale": f"norm{k}.weight", f"{name}.layernorm_{k}.shift": f"norm{k}.bias"}
    with torch.no_grad():
        for ours, theirs in names.items():
            own[theirs][...] = tensor(network.parameters[ours].T)
    hidden = torch.ones(6, 6, dtype=torch.bool).triu(1)
    last = last_dense(network, "dense_1", nn.Linear(48, CLASSES, dtype=torch.float64))
    return network, lambda x: last(module(x, src_mask=hidden).flatten(1))


@pytest.mark.parametrize("kind", [dense, conv, lstm, transformer], ids=lambda kind: kind.__name__)
def test_gradients(kind):
    network, logits_of = kind()
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(N, *network.layers[0].dimensions)), rng.integers(0, CLASSES, N)
    given = tensor(x).requires_grad_()
    logits = logits_of(given)
    np.testing.assert_allclose(network.predict(x), torch.softmax(logits, 1).detach().numpy(), **CLOSE)
    nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum").backward(retain_graph=True)
    np.testing.assert_allclose(network.input_gradient(x, y), given.grad.numpy(), **CLOSE)
    for output, chosen in ((None, logits.argmax(1).numpy()), (1, np.ones(N, int)), (y, y)):
        given.grad = None
        logits[np.arange(N), chosen].sum().backward(retain_graph=True)
        np.testing.assert_allclose(network.saliency(x, output), given.grad.numpy(), **CLOSE)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_weights(causal):
    time, width, heads = 6, 8, 4
    network = Network([Input((time, width)), MultiHeadAttention(heads, causal)], seed=0, dtype="float64")
    module = nn.MultiheadAttention(width, heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for each in ("weight", "bias"):
            values = network.parameters[f"multiheadattention_1.input.{each}"]
            getattr(module, f"in_proj_{each}")[...] = tensor(values.T)
    x = np.random.default_rng(1).normal(size=(N, time, width))
    hidden = torch.ones(time, time, dtype=torch.bool).triu(1) if causal else None
    expected = module(*[tensor(x)] * 3, attn_mask=hidden, average_attn_weights=False)[1]
    np.testing.assert_allclose(network.attention_weights(x), expected.detach().numpy(), **CLOSE)
