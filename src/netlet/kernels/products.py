"""Products of matrices, by the BLAS that SciPy ships.

Five products are all that the layers need; each overwrites or adds to its last argument. Compiled code calls ``sgemm`` and
``dgemm`` through SciPy's C interface, which takes leading dimensions: a block of rows of a weight's gradient is computed from
a block of columns of ``x`` without a copy. The plain functions beside them are the same products in NumPy.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  (loads the library whose functions are looked up below)
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, overload

for _prefix in "sd":
    binding.add_symbol(
        f"netlet_{_prefix}gemm", get_cython_function_address("scipy.linalg.cython_blas", f"{_prefix}gemm")
    )

_AS_IT_IS, _TRANSPOSED = ord("N"), ord("T")


def dot(x: Any, w: Any, y: Any) -> None:
    """Compute ``y = x w`` for x (n, k), w (k, m), y (n, m)."""
    np.matmul(x, w, out=y)


def add_dot(x: Any, w: Any, y: Any) -> None:
    """Compute ``y += x w`` for x (n, k), w (k, m), y (n, m)."""
    y += x @ w


def dot_transposed(dy: Any, w: Any, dx: Any) -> None:
    """Compute ``dx = dy w^T`` for dy (n, m), w (k, m), dx (n, k)."""
    np.matmul(dy, w.T, out=dx)


def transposed_dot(x: Any, first: int, dy: Any, dw: Any) -> None:
    """Compute ``dw = x[:, first:first + k]^T dy`` for x (n, >= first + k), dy (n, m), dw (k, m)."""
    np.matmul(x[:, first : first + dw.shape[0]].T, dy, out=dw)


@intrinsic
def _gemm(typingctx, transpose_a, transpose_b, m, n, k, a, lda, b, b_start, ldb, beta, c, ldc):
    """Call ``C = A B + beta C`` of the Fortran interface: every argument by pointer, matrices column by column."""
    real, whole = c.dtype, types.int64
    signature = types.void(whole, whole, whole, whole, whole, a, whole, b, whole, whole, real, c, whole)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        values = dict(zip(_GEMM_NAMES, arguments, strict=True))

        def by_reference(value: Any, narrow: Any = None) -> Any:
            value = builder.trunc(value, narrow) if narrow is not None else value
            place = cgutils.alloca_once(builder, value.type)
            builder.store(value, place)
            return builder.bitcast(place, pointer)

        def start_of(name: str, type_: Any) -> Any:
            return context.make_array(type_)(context, builder, values[name]).data

        b_data = builder.gep(start_of("b", signature.args[7]), [values["b_start"]])
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [pointer] * 13),
            "netlet_sgemm" if real == types.float32 else "netlet_dgemm",
        )
        integer, character = ir.IntType(32), ir.IntType(8)
        builder.call(
            function,
            [
                by_reference(values["transpose_a"], character),
                by_reference(values["transpose_b"], character),
                *(by_reference(values[name], integer) for name in "mnk"),
                by_reference(context.get_constant(real, 1.0)),
                builder.bitcast(start_of("a", signature.args[5]), pointer),
                by_reference(values["lda"], integer),
                builder.bitcast(b_data, pointer),
                by_reference(values["ldb"], integer),
                by_reference(values["beta"]),
                builder.bitcast(start_of("c", signature.args[11]), pointer),
                by_reference(values["ldc"], integer),
            ],
        )
        return context.get_dummy_value()

    return signature, codegen


_GEMM_NAMES = ("transpose_a", "transpose_b", "m", "n", "k", "a", "lda", "b", "b_start", "ldb", "beta", "c", "ldc")

# BLAS counts columns first: the row-by-row y = x w is, read column by column, y^T = w^T x^T. So w comes before x below.
# An empty product is left to a loop: BLAS rejects leading dimensions of 0.


@numba.njit(error_model="numpy")
def _scale(y, beta):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = y[i, j] * beta if beta != 0 else beta


@overload(dot)
def _dot(x, w, y):
    def compiled(x, w, y):
        n, k, m = x.shape[0], x.shape[1], y.shape[1]
        if n * k * m == 0:
            _scale(y, y.dtype.type(0))
        else:
            _gemm(_AS_IT_IS, _AS_IT_IS, m, n, k, w, m, x, 0, k, y.dtype.type(0), y, m)

    return compiled


@overload(add_dot)
def _add_dot(x, w, y):
    def compiled(x, w, y):
        n, k, m = x.shape[0], x.shape[1], y.shape[1]
        if n * k * m > 0:
            _gemm(_AS_IT_IS, _AS_IT_IS, m, n, k, w, m, x, 0, k, y.dtype.type(1), y, m)

    return compiled


@overload(dot_transposed)
def _dot_transposed(dy, w, dx):
    def compiled(dy, w, dx):
        n, m, k = dy.shape[0], dy.shape[1], dx.shape[1]
        if n * k * m == 0:
            _scale(dx, dx.dtype.type(0))
        else:
            _gemm(_TRANSPOSED, _AS_IT_IS, k, n, m, w, m, dy, 0, m, dx.dtype.type(0), dx, k)

    return compiled


@overload(transposed_dot)
def _transposed_dot(x, first, dy, dw):
    def compiled(x, first, dy, dw):
        n, k, m = x.shape[0], dw.shape[0], dw.shape[1]
        if n * k * m == 0:
            _scale(dw, dw.dtype.type(0))
        else:
            _gemm(_AS_IT_IS, _TRANSPOSED, m, k, n, dy, m, x, first, x.shape[1], dw.dtype.type(0), dw, m)

    return compiled
