"""Self-attention: who sees whom."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall, expected_of

from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
LENGTHS = -1


def attention(n=3, steps=5, heads=2, d=3, causal=0, dtype="float64", **more):
    name = "padded_attention" if "padding" in more else "attention"
    return LayerCall(layers[name], dtype, n, 3 * steps * heads * d, steps=steps, heads=heads, causal=causal, **more)


def by_step(call, values):
    return values.reshape(len(call.x), call.settings[0], -1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("steps", [2, 7, 33])
def test_a_later_step_changes_no_bit_of_an_earlier_one(steps, dtype):
    call = attention(steps=steps, causal=1, dtype=dtype)
    before = by_step(call, call.forward().copy())
    for step in {1, steps // 2, steps - 1}:
        kept = call.x.copy()
        by_step(call, call.x)[:, step:] = np.random.default_rng(1).normal(0, 100, by_step(call, call.x)[:, step:].shape)
        after = by_step(call, call.forward())
        np.testing.assert_array_equal(after[:, :step], before[:, :step])
        assert (after[:, step:] != before[:, step:]).any()
        call.x[:] = kept


def test_an_earlier_output_gives_a_later_step_no_gradient():
    call = attention(steps=6, causal=1)
    by_step(call, call.dy)[:, 3:] = 0
    call.forward()
    dx = by_step(call, call.backward()[0])
    assert not dx[:, 3:].any()
    assert dx[:, :3].any(axis=2).all()


@pytest.mark.parametrize("causal", [0, 1])
def test_padding_is_as_if_the_sequence_ended_there(causal):
    by_length = attention(n=4, steps=6, causal=causal, padding=LENGTHS)
    by_number = attention(n=4, steps=6, causal=causal, padding=9)
    lengths = [1, 3, 5, 6]
    by_length.x2[:, 0] = lengths
    by_number.x2[:] = np.where(np.arange(6) < by_length.x2, 4, 9)
    for call in (by_length, by_number):
        y = by_step(call, call.forward()).copy()
        dx = by_step(call, call.backward()[0]).copy()
        for sample, length in enumerate(lengths):
            short = attention(n=1, steps=length, causal=causal)
            short.x[0] = by_step(call, call.x)[sample, :length].ravel()
            np.testing.assert_allclose(short.forward()[0], y[sample, :length].ravel(), rtol=1e-14, atol=1e-14)
            # Keys and values of padding get no gradient; its own queries do, from its own outputs.
            keys_and_values = dx[sample, length:, dx.shape[2] // 3 :]
            assert not keys_and_values.any()
    np.testing.assert_array_equal(by_length.y, by_number.y)


def test_padding_between_steps_is_left_out():
    call = attention(n=2, steps=4, padding=0)
    call.x2[:] = [[1, 0, 2, 0], [0, 0, 0, 5]]
    np.testing.assert_allclose(call.forward(), expected_of(call), rtol=1e-14, atol=1e-14)
    values = by_step(call, call.x)[1, 3, 12:]
    np.testing.assert_allclose(by_step(call, call.y)[1], np.tile(values, (4, 1)), rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_sees_nothing_is_zero(dtype):
    call = attention(n=2, steps=4, padding=LENGTHS, dtype=dtype)
    call.x2[:] = [[0], [2]]
    y = call.forward()
    assert not y[0].any()
    assert y[1].all()
    dx = call.backward()[0]
    assert not dx[0].any()
    assert np.isfinite(dx).all()


def test_one_step_gives_its_own_value():
    call = attention(steps=1, heads=1, d=4)
    np.testing.assert_array_equal(call.forward(), call.x[:, 8:])
    dx = call.backward()[0]
    np.testing.assert_allclose(dx[:, 8:], call.dy, rtol=1e-15)
    np.testing.assert_allclose(dx[:, :8], 0, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("causal", [0, 1])
def test_huge_scores_choose_the_best_key(causal, dtype):
    """The greatest score is taken off first, so that no exponential overflows."""
    call = attention(n=1, steps=3, heads=1, d=1, causal=causal, dtype=dtype)
    call.x[0] = [1e15, 1, 10, -1e15, 2, 20, 1e15, 3, 30]
    y = call.forward()[0]
    np.testing.assert_array_equal(y, [10, 10, 30] if causal else [30, 10, 30])
    assert np.isfinite(call.backward()[0]).all()


@pytest.mark.parametrize("steps", [1, 4, 40])
def test_a_sample_does_not_depend_on_the_others(steps):
    call = attention(n=3, steps=steps, causal=1)
    whole = call.forward().copy(), call.backward()[0].copy()
    alone = attention(n=1, steps=steps, causal=1)
    alone.x[0], alone.dy[0] = call.x[1], call.dy[1]
    np.testing.assert_array_equal(alone.forward()[0], whole[0][1])
    np.testing.assert_array_equal(alone.backward()[0][0], whole[1][1])
