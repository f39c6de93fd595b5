"""The recurrent layers beyond what every row is tested for: lengths, directions, the last state, and both products."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from calls import RECURRENT, LayerCall, expected_of
from test_layer_gradients import worst_error

from netlet.kernels.products import HAS_SMALL_KERNELS
from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
FORMS = [
    (steps, reverse, whole, bias, with_lengths)
    for steps, with_lengths in ((1, True), (5, True), (5, False))
    for reverse in (0, 1)
    for whole in (0, 1)
    for bias in (True, False)
]


def call_of(name, steps, reverse=0, whole=1, bias=True, with_lengths=True, n=6, n_features=3, **more):
    chosen = {"steps": steps, "reverse": reverse, "whole": whole} | more
    call = LayerCall(layers[name], n=n, n_in=steps * n_features, units=4, bias=bias, n_in2=int(with_lengths), **chosen)
    if with_lengths:
        call.x2[:, 0] = np.array([steps, 0, 1, steps - 1, steps // 2, steps])[:n]
    return call


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", RECURRENT)
def test_every_form_is_the_formula_and_its_slope(name, form):
    call = call_of(name, *form)
    np.testing.assert_allclose(call.forward(), expected_of(call), rtol=0, atol=4e-15)
    assert worst_error(call, np.random.default_rng(3)) < 2e-8
    call.guarded.check()


@pytest.mark.parametrize("whole", [0, 1])
def test_relu_in_the_simple_layer(whole):
    call = call_of("rnn", 5, whole=whole, relu=1)
    np.testing.assert_allclose(call.forward(), expected_of(call), rtol=0, atol=1e-13)
    assert (call.y >= 0).all()
    assert worst_error(call, np.random.default_rng(3)) < 2e-8


@pytest.mark.parametrize("name", RECURRENT)
def test_the_transposed_weights_change_nothing(name):
    """Where BLAS gains nothing by them, backward multiplies by the weights as they lie."""
    ours, plain = call_of(name, 5), call_of(name, 5, n_derived=0)
    assert (ours.derived.size > 0) == HAS_SMALL_KERNELS
    for call in (ours, plain):
        call.forward()
    for found, expected in zip(ours.backward(), plain.backward(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("whole", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
@pytest.mark.parametrize("name", RECURRENT)
def test_what_stands_after_the_end_does_not_matter(name, reverse, whole):
    """Not even NaN; a sequence gives what it gives alone, cut to its length."""
    for length in (0, 1, 3):
        padded = call_of(name, 5, reverse, whole, n=2)
        padded.x2[:, 0] = length, 5
        padded.x[0, 3 * length :] = np.nan
        padded.forward()
        dx, dx2, dtheta = padded.backward()
        assert np.isfinite(dtheta).all()
        assert not dx2.any()
        assert not dx[0, 3 * length :].any()
        y = padded.y[0]
        if whole:
            assert not y[4 * length :].any()
            y = y[: 4 * length]
        if length == 0:
            assert not y.any()
            continue
        alone = call_of(name, length, reverse, whole, with_lengths=False, n=1)
        alone.x[0], alone.theta[:] = padded.x[0, : 3 * length], padded.theta
        alone.dy[0] = padded.dy[0, : alone.dy.shape[1]]
        np.testing.assert_allclose(alone.forward()[0], y, rtol=0, atol=1e-14)
        np.testing.assert_allclose(alone.backward()[0][0], dx[0, : 3 * length], rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", RECURRENT)
def test_lengths_beyond_the_steps_are_the_nearest_ones(name):
    found, expected = call_of(name, 4), call_of(name, 4)
    found.x2[:, 0] = [9, -3, 1.9, np.inf, -np.inf, 1e30]
    expected.x2[:, 0] = [4, 0, 1, 4, 0, 4]
    np.testing.assert_array_equal(found.forward(), expected.forward())
    found.x2[2] = np.nan
    y = found.forward()
    assert np.isnan(y[2]).any()
    assert np.isfinite(np.delete(y, 2, axis=0)).all()


@pytest.mark.parametrize("name", RECURRENT)
def test_parameter_gradients_of_cuts_and_slices_are_those_of_the_whole(name):
    """Each cut of a batch is laid out by itself; a slice of the parameters is summed over all of them."""
    whole = call_of(name, 5, n=6)
    whole.forward()
    expected = whole.backward()
    cut = call_of(name, 5, n=6)
    for first, last in ((0, 1), (1, 5), (5, 6)):
        rows = slice(first, last)
        cut.row.forward(
            cut.x[rows], cut.x2[rows], cut.theta, cut.y[rows], cut.saved[rows], cut.state, cut.settings, cut.factors,
            cut.step,
        )  # fmt: skip
        if cut.derived.size:
            cut.row.derive(cut.theta, cut.settings, cut.factors, 0, cut.n_rows, cut.derived)
        cut.row.backward_input(
            cut.dy[rows], cut.x[rows], cut.x2[rows], cut.theta, cut.derived, cut.y[rows], cut.saved[rows],
            cut.settings, cut.factors, cut.dx[rows], cut.dx2[rows],
        )  # fmt: skip
    cut.guarded.check()
    np.testing.assert_allclose(cut.y, whole.y, rtol=0, atol=1e-14)
    np.testing.assert_allclose(cut.dx, expected[0], rtol=0, atol=1e-13)
    width = cut.theta.size // cut.n_rows
    edges = sorted({0, 2, 3, 4, 5, cut.n_rows - 1, cut.n_rows})
    for first, last in itertools.pairwise(edges):
        part = cut.guarded.array("part", ((last - first) * width,))
        cut.parameter_gradient(first, last, part)
        np.testing.assert_allclose(part, expected[2][first * width : last * width], rtol=0, atol=1e-12)
        cut.guarded.check()


@pytest.mark.parametrize("name", RECURRENT)
def test_the_transposed_weights_follow_any_range_of_rows(name):
    whole, parts = call_of(name, 5), call_of(name, 5)
    size = layers[name].n_derived(15, 20, 6, {"units": 4, "steps": 5})
    if size == 0:
        pytest.skip("BLAS gains nothing by them here")
    whole.row.derive(whole.theta, whole.settings, whole.factors, 0, whole.theta.size, whole.derived)
    for first in range(whole.n_rows):
        parts.row.derive(parts.theta, parts.settings, parts.factors, first, first + 1, parts.derived)
    np.testing.assert_array_equal(parts.derived, whole.derived)
    assert np.isfinite(whole.derived).all()


@pytest.mark.parametrize("name", RECURRENT)
def test_nobody_needs_the_gradient_of_the_input(name):
    """dx and dx2 have no columns then, and the parameters' gradient is the same."""
    full, without = call_of(name, 5), call_of(name, 5)
    for call in (full, without):
        call.forward()
    full.backward()
    without.dx = without.dx2 = np.empty((6, 0))
    without.backward()
    np.testing.assert_array_equal(without.dtheta, full.dtheta)
    without.guarded.check()
