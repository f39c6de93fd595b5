"""Layers against PyTorch, in float64: values, gradients and running statistics."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels.registry import layers

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def tensor(values, requires_grad=False):
    return torch.tensor(np.array(values), dtype=torch.float64, requires_grad=requires_grad)


def compare(call, module, x, y):
    """Compare values and all gradients of a call with those of a module that was given x and returned y."""
    np.testing.assert_allclose(call.forward(), y.detach().numpy().reshape(call.y.shape), **CLOSE)
    y.backward(tensor(call.dy).reshape(y.shape))
    dx, _, dtheta = call.backward()
    if x is not None:
        np.testing.assert_allclose(dx, x.grad.numpy().reshape(dx.shape), **CLOSE)
    theirs = np.concatenate([parameter.grad.numpy().ravel() for parameter in module.parameters()])
    np.testing.assert_allclose(dtheta, theirs, **CLOSE)


def with_parameters_of(call, module):
    start = 0
    with torch.no_grad():
        for parameter in module.parameters():
            parameter[...] = tensor(call.theta[start : start + parameter.numel()]).reshape(parameter.shape)
            start += parameter.numel()
    return module


@pytest.mark.parametrize("n", [2, 5, 64])
def test_batch_norm(n):
    call = LayerCall(layers["batch_normalisation"], n=n, n_in=6)
    call.factors[:2] = 1e-5, 0.1
    module = with_parameters_of(call, torch.nn.BatchNorm1d(6, eps=1e-5, momentum=0.1, dtype=torch.float64))
    rng = np.random.default_rng(n)
    for _ in range(4):
        call.x[:], call.dy[:] = rng.normal(3, 2, call.x.shape), rng.normal(size=call.dy.shape)
        x = tensor(call.x, requires_grad=True)
        module.zero_grad()
        compare(call, module, x, module(x))
        np.testing.assert_allclose(call.state[:6], module.running_mean.numpy(), **CLOSE)
        np.testing.assert_allclose(call.state[6:], module.running_var.numpy(), **CLOSE)
    # Evaluation, and training with a layer that is frozen.
    module.eval()
    for step, frozen in (((0, 0, 0, 0, 0), 1), ((1, 0, 0, 0, 0), 1)):
        call.step, call.settings[1] = step, frozen
        x = tensor(call.x, requires_grad=True)
        module.zero_grad()
        compare(call, module, x, module(x))


def test_batch_norm_of_samples_with_several_rows():
    """A feature is the last axis here, the second one in PyTorch."""
    call = LayerCall(layers["batch_normalisation"], n=7, n_in=12, features=3)
    call.factors[:2] = 1e-5, 0.1
    module = with_parameters_of(call, torch.nn.BatchNorm1d(3, dtype=torch.float64))
    x = tensor(call.x.reshape(7, 4, 3), requires_grad=True)
    compare(call, module, x, module(x.permute(0, 2, 1)).permute(0, 2, 1))
    np.testing.assert_allclose(call.state, [*module.running_mean.numpy(), *module.running_var.numpy()], **CLOSE)


@pytest.mark.parametrize("rows", [1, 4])
def test_layer_norm(rows):
    call = LayerCall(layers["layer_normalisation"], n=7, n_in=6 * rows, features=6)
    call.factors[0] = 1e-5
    module = with_parameters_of(call, torch.nn.LayerNorm(6, dtype=torch.float64))
    x = tensor(call.x.reshape(7, rows, 6), requires_grad=True)
    compare(call, module, x, module(x))


def test_embedding():
    call = LayerCall(layers["embedding"], n=9, n_in=4, categories=6, dimensions=5)
    module = with_parameters_of(call, torch.nn.Embedding(6, 5, dtype=torch.float64))
    compare(call, module, None, module(torch.tensor(call.x.astype(np.int64))))


@pytest.mark.parametrize("name", ["member_scaling", "member_dense", "member_mean"])
def test_layers_of_members(name):
    call = LayerCall(layers[name], n=9, n_in=4 if name == "member_scaling" else 12, members=3, units=2)
    x, theta = tensor(call.x, requires_grad=True), tensor(call.theta, requires_grad=True)
    if name == "member_scaling":
        y = x[:, None] * theta.reshape(3, 4)
    elif name == "member_dense":
        weight, bias = theta[:24].reshape(3, 4, 2), theta[24:].reshape(3, 2)
        y = torch.baddbmm(bias[:, None], x.reshape(9, 3, 4).transpose(0, 1), weight).transpose(0, 1)
    else:
        y = x.reshape(9, 3, 4).mean(dim=1)
    np.testing.assert_allclose(call.forward(), y.detach().numpy().reshape(call.y.shape), **CLOSE)
    y.backward(tensor(call.dy).reshape(y.shape))
    dx, _, dtheta = call.backward()
    np.testing.assert_allclose(dx, x.grad.numpy(), **CLOSE)
    if call.theta.size:
        np.testing.assert_allclose(dtheta, theta.grad.numpy(), **CLOSE)
