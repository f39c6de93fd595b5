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


def steps(name, gradients, **settings):
    """Return one parameter, at first 1, after each update at a learning rate of 0.5."""
    row, theta, found = updates[name], np.array([1.0]), []
    slots = [np.zeros(1) for _ in range(row.n_slots)]
    for number, gradient in enumerate(gradients, start=1):
        call_update(row, theta, np.array([float(gradient)]), slots, 0.5, number, named=UPDATE_SETTINGS | settings)
        found.append(theta[0])
    return found


ADAM_STEP = 0.5 * 2 / 2.001  # a learning rate, but for eps
FIRST_STEPS = {
    "sgd": ([2, 2], {}, [0, -1]),
    "momentum": ([2, 2], {}, [0, -1.7]),  # the velocity is -1, then -0.7 - 1
    "nesterov": ([2, 2], {}, [-0.7, -0.7 - 0.7 * 1.7 - 1]),  # 0.7 (-1) - 1; the velocity is -1.7 then
    "averaged_momentum": ([2, -2], {"beta": 0.75}, [0, 1 / 7]),  # averages 2 and (3 * 2 - 4 * 2) / 7 = -2 / 7
    "adagrad": ([3, 4], {"eps": 1}, [1 - 1.5 / 4, 1 - 1.5 / 4 - 2 / 6]),  # roots 3 and 5
    # s = 0.4 and 0.76, so that d = 2 sqrt(1 / 1.4); u = 0.1 d^2, and d = 2 sqrt((1 + u) / 1.76).
    "adadelta": (
        [2, 2],
        {"eps": 1},
        [1 - np.sqrt(1 / 1.4), 1 - np.sqrt(1 / 1.4) - np.sqrt((1 + 0.1 * 4 / 1.4) / 1.76)],
    ),
    "rmsprop": ([3, 0], {"eps": 0.1}, [1 - 1.5 / (0.3 * np.sqrt(10) + 0.1)] * 2),
    "adam": ([2, 2], {}, [1 - ADAM_STEP, 1 - 2 * ADAM_STEP]),
    # beta2 = 0.75: v = 4 and 7, whose roots are corrected by 1/2 and sqrt(7)/4; eps is added before.
    "adam_eps_hat": (
        [4, 4],
        {"beta1": 0, "beta2": 0.75, "eps": 1},
        [1 - 1 / 3, 1 - 1 / 3 - np.sqrt(7) / 4 * 2 / (np.sqrt(7) + 1)],
    ),
    # With beta2 = 0 the average of squares is the last: the largest stays 16 after the gradient 2.
    "amsgrad": ([4, 2], {"beta1": 0, "beta2": 0, "eps": 1}, [1 - 2 / 5, 1 - 2 / 5 - 1 / 5]),
    # beta1 = 0.5: 0.5 (1) / 0.75 + 0.5 (2) / 0.5 = 8 / 3, then 0.5 (1.5) / 0.875 + 0.5 (2) / 0.75 = 46 / 21.
    "nadam": ([2, 2], {"beta1": 0.5, "eps": 2}, [1 - 1 / 3, 1 - 1 / 3 - 0.5 * 46 / 21 / 4]),
    # The average is 0.25 after the first gradient: 0.8 * 0.25 - 0.2 * 0.5 > 0, then 0.8 * 0.2125 - 0.2 * 5 < 0.
    "lion": ([5, -0.5, -5], {"beta2": 0.95}, [0.5, 0, 0.5]),
    # Grows to 0.6, turns back: stays at half of it, then moves by that, then grows.
    "rprop": (
        [3, 0.1, -9, -2, -1, 0],
        {"eta_plus": 1.2, "most_step": 50},
        [0.5, -0.1, -0.1, 0.2, 0.56, 0.56],
    ),
}


@pytest.mark.parametrize("name", updates)
def test_first_steps_worked_by_hand(name):
    gradients, settings, expected = FIRST_STEPS[name]
    np.testing.assert_allclose(steps(name, gradients, **settings), expected, rtol=1e-14, atol=1e-14)


def test_an_average_without_correction_starts_small():
    assert steps("averaged_momentum", [2, 2], beta=0.75, bias_correction=0) == [0.75, 0.75 - 0.5 * 0.875]


def test_an_average_without_correction_is_momentum_at_a_smaller_rate():
    gradients = np.random.default_rng(0).normal(size=9)
    found = steps("averaged_momentum", gradients, beta=0.75, bias_correction=0)
    expected = steps("momentum", gradients / 4, momentum=0.75)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["adam", "adam_eps_hat", "amsgrad", "nadam", "averaged_momentum"])
def test_bias_is_corrected_at_any_number_of_updates(name):
    """In float32 too, where a power of beta needs float64 lest the few digits that 1 - beta^t leaves be wrong."""
    row, settings = updates[name], UPDATE_SETTINGS | {"beta1": 0.9, "beta2": 0.999, "beta": 0.9, "eps": 1e-8}
    beta = np.float64(np.float32(0.9))
    for number in (1, 2, 1000, 10**9):
        theta, dtheta = np.zeros(1, np.float32), np.full(1, 2, np.float32)
        # The slots as they are after `number - 1` updates with the gradient 2.
        kept = [1 - np.float64(np.float32(beta)) ** (number - 1) for beta in (0.9, 0.999, 0.999)]
        slots = [np.full(1, share * size, np.float32) for share, size in zip(kept, (2, 4, 4), strict=True)]
        call_update(row, theta, dtheta, slots[: row.n_slots], 0.5, number, named=settings)
        now = 1 - beta**number
        length = {"averaged_momentum": 2, "nadam": beta * now / (1 - beta ** (number + 1)) + (1 - beta) / now}
        np.testing.assert_allclose(theta, -0.5 * length.get(name, 1), rtol=1e-6)


def test_signs_of_tiny_gradients_count():
    """Their product underflows."""
    tiny = 1e-200
    assert steps("rprop", [tiny, tiny, -tiny], least_step=0.01, most_step=9) == [0.5, 0.5 - 0.625, 0.5 - 0.625]


def test_step_sizes_keep_within_their_bounds():
    assert steps("rprop", [1, 1], most_step=0.25) == [0.75, 0.5]
    assert steps("rprop", [1, -1, -1], least_step=0.375, most_step=9) == [0.5, 0.5, 0.875]


def test_step_sizes_begin_whenever_the_first_update_comes():
    """A layer may have been frozen until then."""
    theta, slots = np.array([1.0]), [np.zeros(1), np.zeros(1)]
    call_update(updates["rprop"], theta, np.array([2.0]), slots, 0.0625, 500)
    assert theta == 1 - 0.0625


@pytest.mark.parametrize("name", ["lion", "rprop"])
def test_a_gradient_of_zero_has_no_sign(name):
    assert steps(name, [0.0, -0.0, 0.0]) == [1, 1, 1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", updates)
def test_plain_text_gives_the_compiled_numbers(name, dtype):
    tolerance = 20 * np.finfo(dtype).eps
    text, compiled = run(name, dtype, BLOCKS, plain)[1], run(name, dtype, BLOCKS)[1]
    np.testing.assert_allclose(text, compiled, rtol=tolerance, atol=tolerance)
