"""Operations on lanes: the compiled ones do what the plain ones say, and nothing beyond their lanes."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from netlet.kernels import lanes
from netlet.kernels.compiling import PLAIN
from netlet.kernels.lanes import LANES

pytestmark = pytest.mark.plain


def _copy(x, w, y, z):
    lanes.copy_lanes(x, 2, y, 3)


def _add(x, w, y, z):
    lanes.add_lanes(x, 2, y, 3)


def _add_multiple(x, w, y, z):
    lanes.add_multiple_of_lanes(x, 2, w[1], y, 3)


def _add_product(x, w, y, z):
    lanes.add_product_of_lanes(x, 2, w, 1, y, 3)


def _keep_larger(x, w, y, z):
    value, kept = lanes.load_lanes(x, 2), lanes.load_lanes(y, 3)
    mark = lanes.spread_lanes(w[1])
    lanes.store_lanes(lanes.where_larger(value, kept, mark, lanes.load_lanes(z, 3)), z, 3)
    lanes.store_lanes(lanes.where_larger(value, kept, value, kept), y, 3)


def _keep_equal(x, w, y, z):
    marks, other = lanes.load_lanes(x, 2), lanes.load_lanes(z, 3)
    lanes.store_lanes(lanes.where_equal(marks, lanes.spread_lanes(x[4]), lanes.load_lanes(y, 3), other), z, 3)


def _add_chosen(x, w, y, z):
    lanes.add_chosen_lanes(x, z, 3, z[5], y, 2)


def _register(x, w, y, z):
    lanes.store_lanes(lanes.multiply_add(w[1], lanes.load_lanes(x, 2), lanes.spread_lanes(w[3])), y, 3)


EXPECTED = {
    _copy: lambda x, w, y, z: (x, z),
    _add: lambda x, w, y, z: (y + x, z),
    _add_multiple: lambda x, w, y, z: (y + w[0] * x, z),
    _add_product: lambda x, w, y, z: (y + w * x, z),
    _keep_larger: lambda x, w, y, z: (np.where((x > y) | np.isnan(x), x, y), np.where(np.isnan(x) | (x > y), w[0], z)),
    _keep_equal: lambda x, w, y, z: (y, np.where(x == x[2], y, z)),
    _register: lambda x, w, y, z: (w[2] + w[0] * x, z),
}


def numbers(dtype, seed=0):
    rng = np.random.default_rng(seed)
    x, w, y, z = (rng.normal(size=LANES + 6).astype(dtype) for _ in range(4))
    return x, w, y, z


def ready(function):
    return function if PLAIN else numba.njit(function)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", EXPECTED, ids=lambda function: function.__name__)
def test_an_operation_does_what_its_formula_says_within_its_lanes(function, dtype):
    x, w, y, z = numbers(dtype)
    if function is _keep_larger:
        x[4] = np.nan
    before = y.copy(), z.copy()
    parts = x[2 : 2 + LANES], w[1 : 1 + LANES], y[3 : 3 + LANES], z[3 : 3 + LANES]
    expected = [np.array(each) for each in EXPECTED[function](*parts)]
    ready(function)(x, w, y, z)
    for found, wanted, kept in zip((y, z), expected, before, strict=True):
        np.testing.assert_allclose(found[3 : 3 + LANES], wanted, rtol=0, atol=4 * np.finfo(dtype).eps)
        np.testing.assert_array_equal(found[:3], kept[:3])
        np.testing.assert_array_equal(found[3 + LANES :], kept[3 + LANES :])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_only_what_was_chosen_is_added(dtype):
    x, w, y, z = numbers(dtype)
    z[3 : 3 + LANES] = [0, 1, 2, 1, 0, 1, 2, 1]
    x[3] = np.nan  # in lane 0, which is not chosen
    before = y.copy()
    ready(_add_chosen)(x, w, y, z)
    expected = before.copy()
    for lane in (2, 6):
        expected[2 + lane] += x[3 + lane]
    np.testing.assert_array_equal(y, expected)
