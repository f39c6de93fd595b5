"""Convolution, pooling and upsampling against PyTorch, in float64: values and all gradients."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall
from geometries import CASES, NAMES

from netlet.kernels.registry import layers

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow
F = torch.nn.functional
CLOSE = {"rtol": 0, "atol": 1e-10}


def padded(x, settings, value):
    """Pad explicitly, for PyTorch pads both sides alike."""
    sizes = []
    for out, stride, dilation, kernel, size, before in (
        ("out_width", "stride_width", "dilation_width", "kernel_width", "width", "pad_left"),
        ("out_height", "stride_height", "dilation_height", "kernel_height", "height", "pad_top"),
    ):
        reach = (settings[out] - 1) * settings[stride] + (settings[kernel] - 1) * settings[dilation] + 1
        sizes += [settings[before], reach - settings[before] - settings[size]]
    return F.pad(x, sizes, value=value)


def theirs(row, x, theta, settings, filters, groups, bias):
    """Return what PyTorch computes for x (n, height, width, channels)."""
    x = x.permute(0, 3, 1, 2)
    kernel = settings["kernel_height"], settings["kernel_width"]
    stride = settings["stride_height"], settings["stride_width"]
    if row == "max_pooling":
        y = F.max_pool2d(padded(x, settings, -torch.inf), kernel, stride)
    elif row == "average_pooling":
        counted = padded(torch.ones_like(x), settings, 0.0)
        y = F.avg_pool2d(padded(x, settings, 0.0), kernel, stride) / F.avg_pool2d(counted, kernel, stride)
    else:
        shape = *kernel, settings["channels"] // groups, filters
        size = int(np.prod(shape))
        weight = theta[:size].reshape(shape).permute(3, 2, 0, 1)
        dilation = settings["dilation_height"], settings["dilation_width"]
        x = padded(x, settings, 0.0)
        y = F.conv2d(x, weight, theta[size:] if bias else None, stride, dilation=dilation, groups=groups)
    return y.permute(0, 2, 3, 1)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(("row", "name", "geometry"), CASES, ids=NAMES)
def test_values_and_gradients_are_pytorchs(row, name, geometry, bias):
    del name
    call = geometry.call(row, n=5, bias=bias)
    x = torch.tensor(call.x.reshape(5, *geometry.shape), requires_grad=True)
    theta = torch.tensor(call.theta, requires_grad=True)
    y = theirs(row, x, theta, geometry.settings, geometry.filters, geometry.groups, bias)
    y.backward(torch.tensor(call.dy.reshape(y.shape)))
    np.testing.assert_allclose(call.forward(), y.detach().numpy().reshape(call.y.shape), **CLOSE)
    dx, _, dtheta = call.backward()
    np.testing.assert_allclose(dx, x.grad.numpy().reshape(dx.shape), **CLOSE)
    if dtheta.size:
        np.testing.assert_allclose(dtheta, theta.grad.numpy(), **CLOSE)


def test_ties_of_max_pooling():
    call = next(geometry for row, _, geometry in CASES if row == "max_pooling").call("max_pooling", n=4)
    call.x[:] = np.random.default_rng(0).integers(0, 2, call.x.shape)
    x = torch.tensor(call.x.reshape(4, 6, 8, 3), requires_grad=True)
    y = F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    y.backward(torch.tensor(call.dy.reshape(y.shape)))
    call.forward()
    np.testing.assert_array_equal(call.backward()[0], x.grad.numpy().reshape(4, -1))


def test_upsampling():
    given = {"height": 3, "width": 2, "channels": 4, "factor_height": 2, "factor_width": 3}
    call = LayerCall(layers["upsampling"], n=3, n_in=24, **given)
    x = torch.tensor(call.x.reshape(3, 3, 2, 4), requires_grad=True)
    y = F.interpolate(x.permute(0, 3, 1, 2), scale_factor=(2, 3), mode="nearest").permute(0, 2, 3, 1)
    y.backward(torch.tensor(call.dy.reshape(y.shape)))
    np.testing.assert_array_equal(call.forward(), y.detach().numpy().reshape(3, -1))
    np.testing.assert_allclose(call.backward()[0], x.grad.numpy().reshape(3, -1), **CLOSE)


def test_batch_norm_over_the_channels_of_pictures():
    call = LayerCall(layers["batch_normalisation"], n=5, n_in=36, features=3)
    call.factors[:2] = 1e-5, 0.1
    module = torch.nn.BatchNorm2d(3, dtype=torch.float64)
    with torch.no_grad():
        module.weight[:], module.bias[:] = torch.tensor(call.theta[:3]), torch.tensor(call.theta[3:])
    x = torch.tensor(call.x.reshape(5, 4, 3, 3), requires_grad=True)
    y = module(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    y.backward(torch.tensor(call.dy.reshape(y.shape)))
    np.testing.assert_allclose(call.forward(), y.detach().numpy().reshape(5, -1), **CLOSE)
    dx, _, dtheta = call.backward()
    np.testing.assert_allclose(dx, x.grad.numpy().reshape(5, -1), **CLOSE)
    np.testing.assert_allclose(dtheta, np.concatenate([module.weight.grad, module.bias.grad]), **CLOSE)
