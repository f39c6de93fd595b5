"""The five products against NumPy, at every kind of size."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numba
import numpy as np
import pytest
from guarded import Guarded

from netlet.kernels import products
from netlet.kernels.compiling import PLAIN

SMALL = [
    (0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 0), (1, 1, 1), (1, 5, 1), (5, 1, 3), (2, 3, 1), (7, 13, 5),
    (16, 16, 16), (33, 17, 9),
]  # fmt: skip
# Beyond the greatest work, area, columns and depth of a block, one at a time and together.
LARGE = [(300, 64, 140), (129, 65, 257), (33, 1000, 129), (70, 961, 1), (1, 2000, 1), (257, 3, 257), (64, 784, 130)]
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}  # relative to the root of the number of terms


def _call(kind, a, first, b, c):
    if kind == 0:
        products.dot(a, b, c)
    elif kind == 1:
        products.add_dot(a, b, c)
    elif kind == 2:
        products.dot_transposed(a, b, c)
    elif kind == 3:
        products.transposed_dot(a, first, b, c)
    else:
        products.add_transposed_dot(a, first, b, c)


call = _call if PLAIN else numba.njit(error_model="numpy")(_call)


def operands(size, dtype):
    """Return x (n, k), w (k, m), y (n, m) and the guard that stands around them."""
    n, k, m = size
    rng, guarded = np.random.default_rng(0), Guarded(dtype)
    x, w, y = (
        guarded.array(name, shape, rng.normal(size=shape))
        for name, shape in zip("xwy", [(n, k), (k, m), (n, m)], strict=True)
    )
    return x, w, y, guarded


def close(found, expected, n_terms):
    tolerance = TOLERANCE[str(found.dtype)] * max(n_terms, 1) ** 0.5
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def check_all(size, dtype):
    n, k, m = size
    x, w, y, guarded = operands(size, dtype)
    x_64, w_64, y_64 = (values.astype(np.float64) for values in (x, w, y))

    out = guarded.array("dot", (n, m))  # full of NaN, which must not matter
    call(0, x, 0, w, out)
    close(out, x_64 @ w_64, k)

    total = guarded.array("add_dot", (n, m), y)
    call(1, x, 0, w, total)
    close(total, y_64 + x_64 @ w_64, k)

    dx = guarded.array("dot_transposed", (n, k))
    call(2, y, 0, w, dx)
    close(dx, y_64 @ w_64.T, m)

    for first, last in {(0, k), (k // 3, k), (k // 3, k - k // 3), (k // 2, k // 2)}:
        dw = guarded.array("transposed_dot", (last - first, m))
        call(3, x, first, y, dw)
        close(dw, x_64[:, first:last].T @ y_64, n)
        added = guarded.array("add_transposed_dot", (last - first, m), w[first:last])
        call(4, x, first, y, added)
        close(added, w_64[first:last] + x_64[:, first:last].T @ y_64, n)

    guarded.check()
    for values, kept in ((x, x_64), (w, w_64), (y, y_64)):
        np.testing.assert_array_equal(values, kept)


@pytest.mark.plain
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", SMALL, ids=str)
def test_small_sizes(size, dtype):
    check_all(size, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", LARGE, ids=str)
def test_sizes_beyond_a_block(size, dtype):
    check_all(size, dtype)


@pytest.mark.plain
@pytest.mark.parametrize("kind", range(5))
def test_a_nan_is_not_hidden(kind):
    x, w, y, _ = operands((3, 4, 2), "float64")
    a, b = (y, w) if kind == 2 else (x, y) if kind >= 3 else (x, w)
    a[1, 0] = np.nan
    out = np.zeros({0: (3, 2), 1: (3, 2), 2: (3, 4), 3: (4, 2), 4: (4, 2)}[kind])
    call(kind, a, 0, b, out)
    row = 0 if kind >= 3 else 1
    assert np.isnan(out[row]).all()
    assert np.isfinite(np.delete(out, row, axis=0)).all()


@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="names a core of x86")
@pytest.mark.skipif("OPENBLAS_CORETYPE" in os.environ, reason="this is that run")
def test_without_small_kernels_too(tmp_path):
    """The same tests where BLAS packs its operands, so that products are not cut, on a processor that cuts them."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        env=os.environ | {"OPENBLAS_CORETYPE": "Haswell", "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
