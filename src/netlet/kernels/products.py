"""Products of matrices, by the BLAS that SciPy ships.

Five products are all that the layers need; each overwrites its last argument, or adds to it. Compiled code calls
``sgemm`` and ``dgemm`` through SciPy's C interface, which takes leading dimensions: a block of rows of a weight's
gradient is computed from a block of columns of ``x`` without a copy. The plain functions beside them are the same
products in NumPy.

On processors with AVX-512, OpenBLAS has kernels for small products that read their operands where they lie, without
packing them first; it uses them up to m n k = 10^6 (and m n = 1200 for ``A^T B``). There every product is cut into such
blocks: at 64 x 784 x 512 that reached 113 GFLOP/s on one core of an EPYC 9004, the whole product at once 88.
"""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  (loads the library whose functions are looked up below)
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, overload
from threadpoolctl import threadpool_info

from netlet.kernels.compiling import inline

for _prefix in "sd":
    binding.add_symbol(
        f"netlet_{_prefix}gemm", get_cython_function_address("scipy.linalg.cython_blas", f"{_prefix}gemm")
    )

_CORES_WITH_SMALL_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids")
HAS_SMALL_KERNELS = any(
    library.get("architecture") in _CORES_WITH_SMALL_KERNELS and "scipy" in library["filepath"]
    for library in threadpool_info()
    if library["user_api"] == "blas"
)
"""Whether SciPy's BLAS reads small operands where they lie; if not, cutting a product only costs."""


def _work_of_one_thread() -> int:
    """Return up to how many multiply-adds a product is computed by one thread whatever BLAS was allowed to use."""
    if any(library["internal_api"] != "openblas" for library in threadpool_info() if library["user_api"] == "blas"):
        return 0
    if HAS_SMALL_KERNELS:
        return _MOST_WORK
    # OpenBLAS shares out a product of matrices beyond 4 * 65536. Elsewhere than on x86 it may take a product of one row
    # for one of a vector, and shares that out beyond 4 * 2304.
    return 262_144 if platform.machine().lower() in ("x86_64", "amd64") else 9_215


# A block's greatest product of its three sizes and, for ``A^T B``, its greatest area; columns more than this gain
# nothing.
_MOST_WORK, _MOST_AREA, _MOST_COLUMNS, _MOST_DEPTH = 1_000_000, 1_200, 128, 960

WORK_OF_ONE_THREAD = _work_of_one_thread()
"""The most multiply-adds of a product for which BLAS takes no second thread, so that none need be forbidden it."""

AS_IT_IS, TRANSPOSED = ord("N"), ord("T")


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


def add_transposed_dot(x: Any, first: int, dy: Any, dw: Any) -> None:
    """Compute ``dw += x[:, first:first + k]^T dy`` for x (n, >= first + k), dy (n, m), dw (k, m)."""
    dw += x[:, first : first + dw.shape[0]].T @ dy


def product_of_blocks(
    x: Any, x_start: int, ldx: int, x_transposed: int, w: Any, w_start: int, ldw: int, w_transposed: int,
    y: Any, y_start: int, ldy: int, n: int, k: int, m: int,
) -> None:  # fmt: skip
    """Compute ``y = x w`` for blocks x (n, k), w (k, m), y (n, m) that lie within contiguous buffers.

    Each is named by where its first number lies and how far apart its rows begin. Of a `transposed` block, `AS_IT_IS`
    or `TRANSPOSED`, the transposed matrix lies there. The sizes are at least 1.
    """

    def block(buffer: Any, start: int, step: int, n_rows: int, n_columns: int) -> Any:
        first, item = buffer.reshape(-1)[start:], buffer.itemsize
        return np.lib.stride_tricks.as_strided(first, (n_rows, n_columns), (step * item, item))

    left = block(x, x_start, ldx, k, n).T if x_transposed == TRANSPOSED else block(x, x_start, ldx, n, k)
    right = block(w, w_start, ldw, m, k).T if w_transposed == TRANSPOSED else block(w, w_start, ldw, k, m)
    if n and m:
        block(y, y_start, ldy, n, m)[:] = left @ right


_GEMM_ARGUMENTS = (
    "transpose_a", "transpose_b", "m", "n", "k", "a", "a_start", "lda", "b", "b_start", "ldb", "beta",
    "c", "c_start", "ldc",
)  # fmt: skip


@intrinsic
def _gemm(typingctx, transpose_a, transpose_b, m, n, k, a, a_start, lda, b, b_start, ldb, beta, c, c_start, ldc):
    """Call ``C = A B + beta C`` of the Fortran interface: every argument by pointer, matrices column by column."""
    real, whole = c.dtype, types.int64
    signature = types.void(whole, whole, whole, whole, whole, a, whole, whole, b, whole, whole, real, c, whole, whole)

    def codegen(context, builder, signature, arguments):
        pointer, integer, character = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(8)
        values = dict(zip(_GEMM_ARGUMENTS, arguments, strict=True))
        kinds = dict(zip(_GEMM_ARGUMENTS, signature.args, strict=True))

        def reference(value, narrow=None):
            value = builder.trunc(value, narrow) if narrow is not None else value
            place = cgutils.alloca_once(builder, value.type)
            builder.store(value, place)
            return builder.bitcast(place, pointer)

        def numbers(name):
            data = context.make_array(kinds[name])(context, builder, values[name]).data
            return builder.bitcast(builder.gep(data, [values[f"{name}_start"]]), pointer)

        name = "netlet_sgemm" if real == types.float32 else "netlet_dgemm"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [pointer] * 13), name)
        transposes = [reference(values[f"transpose_{side}"], character) for side in "ab"]
        sizes = [reference(values[size], integer) for size in "mnk"]
        first = [reference(context.get_constant(real, 1.0)), numbers("a"), reference(values["lda"], integer)]
        second = [numbers("b"), reference(values["ldb"], integer)]
        result = [reference(values["beta"]), numbers("c"), reference(values["ldc"], integer)]
        builder.call(function, [*transposes, *sizes, *first, *second, *result])
        return context.get_dummy_value()

    return signature, codegen


# BLAS counts columns first: the row-by-row y = x w is, read column by column, y^T = w^T x^T. So w comes before x below,
# and the columns of y are the rows that BLAS sees. A leading dimension is at least 1 even where nothing is multiplied.


@inline
def _blocked(
    weight_transposed, x_transposed, weight, weight_start, ldw, x, x_start, ldx, y, y_start, ldy, n, k, m, beta
):
    """Add the product to ``beta y`` (n, m), block by block; the steps say how far apart neighbours in the sum lie."""
    w_column, weight_step = (ldw, 1) if weight_transposed == TRANSPOSED else (1, ldw)
    x_row, x_step = (1, ldx) if x_transposed == TRANSPOSED else (ldx, 1)
    block_rows, block_columns, block_depth = n, m, k
    if HAS_SMALL_KERNELS:
        block_depth = min(k, _MOST_DEPTH)
        block_columns = min(m, _MOST_COLUMNS // 2 if weight_transposed == TRANSPOSED else _MOST_COLUMNS)
        block_rows = _MOST_WORK // max(block_columns * block_depth, 1)
        if weight_transposed == TRANSPOSED:
            block_rows = min(block_rows, _MOST_AREA // max(block_columns, 1))
        block_rows = max(block_rows // 8 * 8, 1)
    for i in range(0, n, max(block_rows, 1)):
        rows = min(block_rows, n - i)
        for j in range(0, m, max(block_columns, 1)):
            columns = min(block_columns, m - j)
            for p in range(0, k, max(block_depth, 1)):
                _gemm(
                    weight_transposed, x_transposed, columns, rows, min(block_depth, k - p),
                    weight, weight_start + j * w_column + p * weight_step, ldw,
                    x, x_start + i * x_row + p * x_step, ldx,
                    beta if p == 0 else y.dtype.type(1), y, y_start + i * ldy + j, ldy,
                )  # fmt: skip


@inline
def _scale(y, beta):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = y[i, j] * beta if beta != 0 else beta


@overload(dot)
def _dot(x, w, y):
    def compiled(x, w, y):
        n, k, m = x.shape[0], x.shape[1], y.shape[1]
        if k == 0:
            _scale(y, y.dtype.type(0))
        _blocked(AS_IT_IS, AS_IT_IS, w, 0, m, x, 0, k, y, 0, m, n, k, m, y.dtype.type(0))

    return compiled


@overload(add_dot)
def _add_dot(x, w, y):
    def compiled(x, w, y):
        n, k, m = x.shape[0], x.shape[1], y.shape[1]
        _blocked(AS_IT_IS, AS_IT_IS, w, 0, m, x, 0, k, y, 0, m, n, k, m, y.dtype.type(1))

    return compiled


@overload(dot_transposed)
def _dot_transposed(dy, w, dx):
    def compiled(dy, w, dx):
        n, m, k = dy.shape[0], dy.shape[1], dx.shape[1]
        if m == 0:
            _scale(dx, dx.dtype.type(0))
        _blocked(TRANSPOSED, AS_IT_IS, w, 0, m, dy, 0, m, dx, 0, k, n, m, k, dx.dtype.type(0))

    return compiled


@overload(transposed_dot)
def _transposed_dot(x, first, dy, dw):
    def compiled(x, first, dy, dw):
        n, k, m = x.shape[0], dw.shape[0], dw.shape[1]
        if n == 0:
            _scale(dw, dw.dtype.type(0))
        _blocked(AS_IT_IS, TRANSPOSED, dy, 0, m, x, first, x.shape[1], dw, 0, m, k, n, m, dw.dtype.type(0))

    return compiled


@overload(product_of_blocks)
def _product_of_blocks(x, x_start, ldx, x_transposed, w, w_start, ldw, w_transposed, y, y_start, ldy, n, k, m):
    def compiled(x, x_start, ldx, x_transposed, w, w_start, ldw, w_transposed, y, y_start, ldy, n, k, m):
        _blocked(
            w_transposed, x_transposed, w, w_start, ldw, x, x_start, ldx, y, y_start, ldy, n, k, m, y.dtype.type(0)
        )  # fmt: skip

    return compiled


@overload(add_transposed_dot)
def _add_transposed_dot(x, first, dy, dw):
    def compiled(x, first, dy, dw):
        n, k, m = x.shape[0], dw.shape[0], dw.shape[1]
        _blocked(AS_IT_IS, TRANSPOSED, dy, 0, m, x, first, x.shape[1], dw, 0, m, k, n, m, dw.dtype.type(1))

    return compiled
