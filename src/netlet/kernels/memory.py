"""Views of flat buffers without reference counts.

A network's values lie in one arena and its parameters in one vector. ``vector`` and ``matrix`` name a piece of such a
buffer by its offset and shape. In compiled code the view carries no owner: nothing is counted up or down, which would
be an atomic operation on a shared cache line for every view and thread. The buffer must outlive the view; the caller's
arrays do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload
from numba.np.arrayobj import populate_array

from netlet.kernels.compiling import RETURNS_VIEW

LINE, PAGE = 64, 4096  # bytes of a cache line and of a page
STREAM_STEP = 13 * LINE  # five streams spread over a page


def matrix(buffer: Any, start: int, n_rows: int, n_columns: int) -> Any:
    """View `n_rows * n_columns` numbers of a contiguous buffer from `start` on as a matrix, row by row."""
    return buffer.reshape(-1)[start : start + n_rows * n_columns].reshape(n_rows, n_columns)


def vector(buffer: Any, start: int, n: int) -> Any:
    """View `n` numbers of a contiguous buffer from `start` on."""
    return buffer.reshape(-1)[start : start + n]


def flat(values: Any) -> Any:
    """View a contiguous array as one long row: an element loop over it has no short rows to begin and end."""
    return values.reshape(-1)


def aligned_zeros(shape: tuple[int, ...], dtype: Any, stream: int = 0) -> np.ndarray:
    """Return zeros that begin at a cache line, so that no vector register's load crosses two.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    stream : int
        Arrays that one loop walks side by side get different streams: they then begin at different places of a page.
        A processor takes a load from the same place of another page as a recent store for one that must wait for it;
        Adam's loop runs at half the speed then.

    Returns
    -------
    dtype, shape, contiguous
    """
    size, item = math.prod(shape), np.dtype(dtype).itemsize
    room = np.zeros(size + PAGE // item, dtype=dtype)
    skip = (stream * STREAM_STEP - room.ctypes.data) % PAGE // item
    return room[skip : skip + size].reshape(shape)


def row_of_streams(n: int, dtype: Any) -> int:
    """Return a length of at least `n` that makes each row of a matrix begin where the next stream does."""
    item = np.dtype(dtype).itemsize
    return n + int((STREAM_STEP - n * item) % PAGE // item)


def _view(typingctx: Any, buffer: Any, start: Any, shape: tuple[Any, ...]) -> Any:
    """Build the typing and code of a view with `len(shape)` dimensions."""
    result = types.Array(buffer.dtype, len(shape), "C")
    signature = result(buffer, types.int64, *([types.int64] * len(shape)))

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, start, *sizes = arguments
        item = context.get_constant(types.intp, context.get_abi_sizeof(context.get_value_type(buffer.dtype)))
        data = builder.gep(context.make_array(signature.args[0])(context, builder, source).data, [start])
        strides = [item]
        for size in reversed(sizes[1:]):
            strides.insert(0, builder.mul(size, strides[0]))
        view = context.make_array(result)(context, builder)
        populate_array(view, data=data, shape=sizes, strides=strides, itemsize=item, meminfo=None)
        return view._getvalue()

    return signature, codegen


@intrinsic
def _matrix_view(typingctx, buffer, start, n_rows, n_columns):
    return _view(typingctx, buffer, start, (n_rows, n_columns))


@intrinsic
def _vector_view(typingctx, buffer, start, n):
    return _view(typingctx, buffer, start, (n,))


@overload(matrix, jit_options=RETURNS_VIEW)
def _matrix(buffer, start, n_rows, n_columns):
    return lambda buffer, start, n_rows, n_columns: _matrix_view(buffer, start, n_rows, n_columns)


@overload(vector, jit_options=RETURNS_VIEW)
def _vector(buffer, start, n):
    return lambda buffer, start, n: _vector_view(buffer, start, n)


@overload(flat, jit_options=RETURNS_VIEW)
def _flat(values):
    return lambda values: _vector_view(values, 0, values.size)
