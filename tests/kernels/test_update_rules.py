"""Every update rule, over several blocks of parameters and a dozen steps, against an independent implementation."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from calls import UPDATE_SETTINGS, call_update, plain
from guarded import Guarded

from netlet.kernels.registry import updates

pytestmark = pytest.mark.plain
BLOCKS = [(0, 1), (1, 8), (8, 24), (24, 57)]  # of one flat vector; a single block would hide a shared counter or slot
N_STEPS, RATE = 12, 0.05


def run(name, dtype, blocks, of=lambda function: function):
    """Return the parameters at the start and the end, and the gradients of all steps."""
    row, rng = updates[name], np.random.default_rng(0)
    size = blocks[-1][1]
    guarded = Guarded(dtype)
    theta = guarded.array("theta", (size,), rng.normal(size=size))
    slots = [guarded.array(f"slot {place}", (size,), 0) for place in range(row.n_slots)]
    gradients = rng.normal(size=(N_STEPS, size)).astype(dtype)
    start = theta.copy()
    for number, gradient in enumerate(gradients, start=1):
        dtheta = guarded.array("dtheta", (size,), gradient)
        for first, last in blocks:
            parts = [slot[first:last] for slot in slots]
            call_update(row, theta[first:last], dtheta[first:last], parts, RATE, number, of)
        np.testing.assert_array_equal(dtheta, gradient)
    guarded.check()
    return start, theta, gradients


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize("name", updates)
def test_a_dozen_steps_are_the_oracles(name, dtype, tolerance):
    start, theta, gradients = run(name, dtype, BLOCKS)
    settings = [UPDATE_SETTINGS[setting] for setting in updates[name].settings]
    expected = oracles.UPDATES[name](start.astype(np.float64), gradients.astype(np.float64), RATE, *settings)
    np.testing.assert_allclose(theta, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())
    assert theta.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", updates)
def test_slices_give_the_numbers_of_the_whole(name, dtype):
    whole = run(name, dtype, [(0, 57)])[1]
    tolerance = 2 * np.finfo(dtype).eps
    np.testing.assert_allclose(run(name, dtype, BLOCKS)[1], whole, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", updates)
def test_an_empty_slice_is_left_alone(name):
    run(name, "float64", [(0, 0)])


@pytest.mark.parametrize("name", updates)
def test_a_nan_is_not_hidden(name):
    row = updates[name]
    theta, dtheta = np.ones(3), np.array([0.0, np.nan, 0.0])
    call_update(row, theta, dtheta, [np.zeros(3) for _ in range(row.n_slots)], RATE, 1)
    np.testing.assert_array_equal(np.isnan(theta), [False, True, False])


def test_first_steps_worked_by_hand():
    """A gradient of 2 at a learning rate of 0.5. Adam's first step is the learning rate, but for eps = 0.001."""
    found = {}
    for name in ("sgd", "momentum", "adam"):
        theta, row = np.array([1.0]), updates[name]
        slots = [np.zeros(1) for _ in range(row.n_slots)]
        found[name] = []
        for number in (1, 2):
            call_update(row, theta, np.array([2.0]), slots, 0.5, number)
            found[name].append(theta[0])
    np.testing.assert_allclose(found["sgd"], [0.0, -1.0], atol=1e-15)
    np.testing.assert_allclose(found["momentum"], [0.0, -1.7], atol=1e-15)  # the velocity is -1, then -0.7 - 1
    step = 0.5 * 2 / 2.001
    np.testing.assert_allclose(found["adam"], [1 - step, 1 - 2 * step], atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", updates)
def test_plain_text_gives_the_compiled_numbers(name, dtype):
    tolerance = 20 * np.finfo(dtype).eps
    text, compiled = run(name, dtype, BLOCKS, plain)[1], run(name, dtype, BLOCKS)[1]
    np.testing.assert_allclose(text, compiled, rtol=tolerance, atol=tolerance)
