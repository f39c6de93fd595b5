"""Kernels called by their address, from compiled code and from plain Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from calls import LayerCall

from netlet.kernels import threads
from netlet.kernels.calling import call, call_for_float
from netlet.kernels.compiling import BACKWARD_PARAMETERS, FORWARD, LOSS, PLAIN, address, plain_function
from netlet.kernels.registry import layers, losses


def compiled(function):
    return function if PLAIN else numba.njit(error_model="numpy")(function)


@compiled
def call_it(place, arguments, flush):
    mode = threads.flush_denormals() if flush else 0
    call(place, arguments)
    if flush:
        threads.restore_denormals(mode)


@compiled
def call_it_for_float(place, arguments):
    return call_for_float(place, arguments)


def forward_arguments(layer):
    return (
        layer.x, layer.x2, layer.theta, layer.y, layer.saved, layer.state, layer.settings, layer.factors, layer.step
    )  # fmt: skip


@pytest.mark.plain
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", layers)
def test_a_call_by_address_is_the_call(name, dtype):
    direct, by_address = LayerCall(layers[name], dtype), LayerCall(layers[name], dtype)
    direct.forward()
    call_it(address(layers[name].forward, FORWARD, dtype), forward_arguments(by_address), False)
    np.testing.assert_array_equal(by_address.y, direct.y)
    by_address.guarded.check()


@pytest.mark.plain
def test_a_loss_returns_its_number():
    logits, targets = np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]])
    arguments = logits, targets, np.empty(0), 2.0, np.zeros(8), np.empty((1, 2))
    assert call_it_for_float(address(losses["squared_error"].kernel, LOSS, "float64"), arguments) == 2


@pytest.mark.plain
def test_no_kernel_has_the_address_0():
    assert address(None, BACKWARD_PARAMETERS, "float32") == 0
    assert address(layers["dense"].forward, FORWARD, "float32") != 0
    if PLAIN:
        assert plain_function(address(layers["dense"].forward, FORWARD, "float32")) is layers["dense"].forward


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_denormals_are_flushed_and_the_mode_is_put_back(dtype):
    if not threads._IS_X86:
        pytest.skip("the mode is set on x86 alone")
    layer = LayerCall(layers["leaky_relu"], dtype, n=1, n_in=1)
    layer.x[:] = -np.finfo(dtype).smallest_normal  # the slope of 1/4 makes it denormal
    place = address(layers["leaky_relu"].forward, FORWARD, dtype)
    for flush, is_zero in [(False, False), (True, True), (False, False)]:
        call_it(place, forward_arguments(layer), flush)
        assert (layer.y[0, 0] == 0) == is_zero
