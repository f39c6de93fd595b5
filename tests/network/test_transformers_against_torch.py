"""Whole Transformer blocks against PyTorch with the same weights, in float64: values and all gradients."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Input, MultiHeadAttention, Network, TimeDense, TransformerBlock

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
N, TIME, WIDTH, HIDDEN = 5, 9, 8, 12
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def compare(network, module, names, call):
    """Compare what both give behind a layer of weights of its own, whose gradient holds that of the module's input."""
    first = torch.nn.Linear(WIDTH, WIDTH, dtype=torch.float64)
    pairs = {"timedense_1.weight": first.weight, "timedense_1.bias": first.bias}
    pairs |= {ours: dict(module.named_parameters())[theirs] for ours, theirs in names.items()}
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for ours, theirs in pairs.items():
            values = rng.normal(size=theirs.shape) / WIDTH**0.5
            theirs[...] = torch.tensor(values)
            network.parameters[ours][:] = values.T
    assert pairs.keys() == network.parameters.keys()
    x, target = rng.normal(size=(N, TIME, WIDTH)), rng.normal(size=(N, TIME, WIDTH))
    y = call(first(torch.tensor(x)))
    loss = ((y - torch.tensor(target)) ** 2).mean() / 2
    loss.backward()
    flat = x.reshape(N, -1)
    np.testing.assert_allclose(network.predict(flat), y.detach().numpy().reshape(N, TIME, WIDTH), **CLOSE)
    value, gradient = network.loss_and_gradient(flat, target.reshape(N, -1), loss="squared_error")
    assert value == pytest.approx(loss.item(), rel=1e-12)
    of = Network(network.layers, dtype="float64")
    of.theta = gradient
    for ours, theirs in pairs.items():
        np.testing.assert_allclose(of.parameters[ours], theirs.grad.numpy().T, **CLOSE, err_msg=ours)


def hidden_from(causal):
    return torch.ones(TIME, TIME, dtype=torch.bool).triu(1) if causal else None


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 4])
def test_multi_head_attention(heads, causal):
    module = torch.nn.MultiheadAttention(WIDTH, heads, batch_first=True, dtype=torch.float64)
    network = Network(
        [Input((TIME, WIDTH)), TimeDense(WIDTH), MultiHeadAttention(heads, causal)], seed=0, dtype="float64"
    )
    name = "multiheadattention_1"
    names = {f"{name}.input.weight": "in_proj_weight", f"{name}.input.bias": "in_proj_bias"}
    names |= {f"{name}.output.{each}": f"out_proj.{each}" for each in ("weight", "bias")}
    compare(network, module, names, lambda x: module(x, x, x, attn_mask=hidden_from(causal), need_weights=False)[0])


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("causal", [False, True])
def test_transformer_block(causal, activation):
    module = torch.nn.TransformerEncoderLayer(
        WIDTH, 2, HIDDEN, 0.0, activation, norm_first=True, batch_first=True, dtype=torch.float64
    )
    block = TransformerBlock(2, HIDDEN, causal=causal, activation=activation)
    network = Network([Input((TIME, WIDTH)), TimeDense(WIDTH), block], seed=0, dtype="float64")
    name = "transformerblock_1"
    names = {f"{name}.attention.input.{each}": f"self_attn.in_proj_{each}" for each in ("weight", "bias")}
    for each in ("weight", "bias"):
        names |= {f"{name}.attention.output.{each}": f"self_attn.out_proj.{each}"}
        names |= {f"{name}.dense_{k}.{each}": f"linear{k}.{each}" for k in (1, 2)}
    for k in (1, 2):
        names |= {f"{name}.layernorm_{k}.scale": f"norm{k}.weight", f"{name}.layernorm_{k}.shift": f"norm{k}.bias"}
    compare(network, module, names, lambda x: module(x, src_mask=hidden_from(causal)))
