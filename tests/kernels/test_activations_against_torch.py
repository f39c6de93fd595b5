"""Activations and their derivatives against PyTorch's, in float64. PyTorch is installed by `make bench` alone."""

from __future__ import annotations

import numpy as np
import pytest
from calls import FACTORS, LayerCall

from netlet.kernels.registry import layers

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
F = torch.nn.functional

THEIRS = {
    "elu": lambda x, theta: F.elu(x, FACTORS["alpha"]),
    "exponential": lambda x, theta: torch.exp(x),
    "gelu": lambda x, theta: F.gelu(x),
    "gelu_tanh": lambda x, theta: F.gelu(x, approximate="tanh"),
    "identity": lambda x, theta: x * 1,
    "leaky_relu": lambda x, theta: F.leaky_relu(x, FACTORS["negative_slope"]),
    "mish": lambda x, theta: F.mish(x),
    "parametric_mish": lambda x, theta: x + theta * (F.mish(x) - x),
    "parametric_selu": lambda x, theta: x + theta * (F.selu(x) - x),
    "prelu": lambda x, theta: F.prelu(x, theta),
    "relu": lambda x, theta: F.relu(x),
    "selu": lambda x, theta: F.selu(x),
    "sigmoid": lambda x, theta: torch.sigmoid(x),
    "silu": lambda x, theta: F.silu(x),
    "softmax": lambda x, theta: F.softmax(x, dim=-1),
    "softplus": lambda x, theta: F.softplus(x, threshold=700),  # theirs is x itself above 20 unless told otherwise
    "tanh": lambda x, theta: torch.tanh(x),
}  # PyTorch's step, torch.heaviside, has no derivative


@pytest.mark.parametrize("reach", [0.01, 3.0, 30.0])
@pytest.mark.parametrize("name", THEIRS)
def test_values_and_derivatives_are_pytorchs(name, reach):
    call = LayerCall(layers[name], n=200, n_in=9)
    call.x[:] = np.random.default_rng(1).uniform(-reach, reach, call.x.shape)
    x, theta = (torch.tensor(values, requires_grad=True) for values in (call.x, call.theta))
    theirs = THEIRS[name](x, theta)
    theirs.backward(torch.tensor(call.dy))
    y = call.forward()
    dx, _, dtheta = call.backward()
    scale = np.maximum(1, np.abs(y))  # of e^30 the 13th digit is what can be asked for
    np.testing.assert_allclose(y / scale, theirs.detach().numpy() / scale, rtol=0, atol=1e-13)
    np.testing.assert_allclose(dx / scale, x.grad.numpy() / scale, rtol=0, atol=1e-13)
    if dtheta.size:
        np.testing.assert_allclose(dtheta, theta.grad.numpy(), rtol=1e-13)
