"""Eight neighbouring numbers at a time: operations on short runs, such as the channels of a place in a picture.

Such runs are many and short, 8 or 16 numbers often. Numba's loops over them stay scalar: a loop of fixed length is
unrolled before it could be vectorised, and one of any length is vectorised for long rows only. So these few operations
name vector instructions themselves; the plain functions beside them say what they do. Arrays are flat and contiguous;
places are not checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

LANES = 8


def copy_lanes(x: Any, source: int, y: Any, target: int) -> None:
    """Copy LANES numbers of `x` from `source` on to `y` from `target` on."""
    y[target : target + LANES] = x[source : source + LANES]


def add_lanes(x: Any, source: int, y: Any, target: int) -> None:
    """Add LANES numbers of `x` from `source` on to those of `y` from `target` on."""
    y[target : target + LANES] += x[source : source + LANES]


def add_multiple_of_lanes(x: Any, source: int, factor: Any, y: Any, target: int) -> None:
    """Add LANES numbers of `x` from `source` on, times `factor`, to those of `y` from `target` on."""
    y[target : target + LANES] += factor * x[source : source + LANES]


def add_product_of_lanes(x: Any, source: int, w: Any, place: int, y: Any, target: int) -> None:
    """Add LANES products of `x` from `source` on with `w` from `place` on to the numbers of `y` from `target` on."""
    y[target : target + LANES] += x[source : source + LANES] * w[place : place + LANES]


def add_chosen_lanes(dy: Any, chosen: Any, source: int, mark: Any, dx: Any, target: int) -> None:
    """Add each of LANES numbers of `dy` where `chosen` has the mark to that of `dx`."""
    is_chosen = chosen[source : source + LANES] == mark
    dx[target : target + LANES][is_chosen] += dy[source : source + LANES][is_chosen]


def load_lanes(x: Any, place: int) -> Any:
    """Return LANES numbers of `x` from `place` on; in compiled code they stay in a register."""
    return x[place : place + LANES].copy()


def where_larger(value: Any, kept: Any, then: Any, other: Any) -> Any:
    """Return lanes `then` where `value` is larger than `kept` or a NaN, else `other`."""
    return np.where((value > kept) | (value != value), then, other)


def where_equal(value: Any, mark: Any, then: Any, other: Any) -> Any:
    """Return lanes `then` where `value` equals `mark`, else `other`."""
    return np.where(value == mark, then, other)


def spread_lanes(value: Any) -> Any:
    """Return LANES times a number."""
    return np.full(LANES, value)


def store_lanes(values: Any, y: Any, place: int) -> None:
    """Set LANES numbers of `y` from `place` on."""
    y[place : place + LANES] = values


def multiply_add(factor: Any, values: Any, total: Any) -> Any:
    """Return ``total + factor * values`` for lanes `values` and `total` and a number `factor`."""
    return total + factor * values


class LanesType(types.Type):  # type: ignore[misc]
    """What `load_lanes` returns in compiled code."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(f"lanes({dtype})")


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(manager.lookup(kind.dtype).get_value_type(), LANES))


class _Lanes:
    """LANES numbers of an array from a place on, for the code of an operation."""

    def __init__(self, context: Any, builder: Any, array_type: Any, array: Any, place: Any) -> None:
        data = builder.gep(context.make_array(array_type)(context, builder, array).data, [place])
        self.builder = builder
        self.kind = ir.VectorType(data.type.pointee, LANES)
        self.bytes = context.get_abi_sizeof(data.type.pointee)
        self.pointer = builder.bitcast(data, self.kind.as_pointer())

    def load(self) -> Any:
        return self.builder.load(self.pointer, align=self.bytes)

    def store(self, values: Any) -> None:
        self.builder.store(values, self.pointer, align=self.bytes)


def _spread(builder: Any, value: Any) -> Any:
    """Return a vector with `value` in every lane."""
    kind = ir.VectorType(value.type, LANES)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, single, order)


def _code_of(operation: Callable[..., None], names: str) -> Callable[..., Any]:
    """Return the code of an operation whose arguments are arrays ("a"), each with its place ("p"), and numbers ("n").

    An array that no place follows has that of the next one.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        parts = []
        for i, name in enumerate(names):
            if name == "a":
                place = arguments[names.index("p", i)]
                parts.append(_Lanes(context, builder, signature.args[i], arguments[i], place))
            elif name == "n":
                parts.append(_spread(builder, arguments[i]))
        operation(builder, *parts)
        return context.get_dummy_value()

    return codegen


def _copy(builder, x, y):
    y.store(x.load())


def _add(builder, x, y):
    y.store(builder.fadd(y.load(), x.load()))


def _add_multiple(builder, x, factor, y):
    y.store(builder.fadd(y.load(), builder.fmul(factor, x.load(), flags=("contract",)), flags=("contract",)))


def _add_product(builder, x, w, y):
    y.store(builder.fadd(y.load(), builder.fmul(x.load(), w.load(), flags=("contract",)), flags=("contract",)))


def _add_chosen(builder, dy, chosen, mark, dx):
    values = dy.load()
    is_chosen = builder.fcmp_ordered("==", chosen.load(), mark)
    dx.store(builder.fadd(dx.load(), builder.select(is_chosen, values, ir.Constant(values.type, [0.0] * LANES))))


@intrinsic
def _copy_lanes(typingctx, x, source, y, target):
    return types.void(x, types.int64, y, types.int64), _code_of(_copy, "apap")


@intrinsic
def _add_lanes(typingctx, x, source, y, target):
    return types.void(x, types.int64, y, types.int64), _code_of(_add, "apap")


@intrinsic
def _add_multiple_of_lanes(typingctx, x, source, factor, y, target):
    return types.void(x, types.int64, y.dtype, y, types.int64), _code_of(_add_multiple, "apnap")


@intrinsic
def _add_product_of_lanes(typingctx, x, source, w, place, y, target):
    signature = types.void(x, types.int64, w, types.int64, y, types.int64)
    return signature, _code_of(_add_product, "apapap")


@intrinsic
def _add_chosen_lanes(typingctx, dy, chosen, source, mark, dx, target):
    return types.void(dy, chosen, types.int64, dx.dtype, dx, types.int64), _code_of(_add_chosen, "aapnap")


@overload(copy_lanes)
def _compiled_copy(x, source, y, target):
    return lambda x, source, y, target: _copy_lanes(x, source, y, target)


@overload(add_lanes)
def _compiled_add(x, source, y, target):
    return lambda x, source, y, target: _add_lanes(x, source, y, target)


@overload(add_multiple_of_lanes)
def _compiled_add_multiple(x, source, factor, y, target):
    return lambda x, source, factor, y, target: _add_multiple_of_lanes(x, source, factor, y, target)


@overload(add_product_of_lanes)
def _compiled_add_product(x, source, w, place, y, target):
    return lambda x, source, w, place, y, target: _add_product_of_lanes(x, source, w, place, y, target)


@overload(add_chosen_lanes)
def _compiled_add_chosen(dy, chosen, source, mark, dx, target):
    return lambda dy, chosen, source, mark, dx, target: _add_chosen_lanes(dy, chosen, source, mark, dx, target)


@intrinsic
def _load_lanes(typingctx, x, place):
    def codegen(context, builder, signature, arguments):
        return _Lanes(context, builder, signature.args[0], *arguments).load()

    return LanesType(x.dtype)(x, types.int64), codegen


@intrinsic
def _where_larger(typingctx, value, kept, then, other):
    def codegen(context, builder, signature, arguments):
        value, kept, then, other = arguments
        is_nan = builder.fcmp_unordered("uno", value, value)
        return builder.select(builder.or_(builder.fcmp_ordered(">", value, kept), is_nan), then, other)

    return value(value, kept, then, other), codegen


@intrinsic
def _where_equal(typingctx, value, mark, then, other):
    def codegen(context, builder, signature, arguments):
        value, mark, then, other = arguments
        return builder.select(builder.fcmp_ordered("==", value, mark), then, other)

    return value(value, mark, then, other), codegen


@intrinsic
def _spread_lanes(typingctx, value):
    def codegen(context, builder, signature, arguments):
        return _spread(builder, arguments[0])

    return LanesType(value)(value), codegen


@intrinsic
def _store_lanes(typingctx, values, y, place):
    def codegen(context, builder, signature, arguments):
        _Lanes(context, builder, signature.args[1], *arguments[1:]).store(arguments[0])
        return context.get_dummy_value()

    return types.void(values, y, types.int64), codegen


@intrinsic
def _multiply_add(typingctx, factor, values, total):
    def codegen(context, builder, signature, arguments):
        factor, values, total = arguments
        product = builder.fmul(_spread(builder, factor), values, flags=("contract",))
        return builder.fadd(total, product, flags=("contract",))

    return total(values.dtype, values, total), codegen


@overload(load_lanes)
def _compiled_load(x, place):
    return lambda x, place: _load_lanes(x, place)


@overload(where_larger)
def _compiled_where_larger(value, kept, then, other):
    return lambda value, kept, then, other: _where_larger(value, kept, then, other)


@overload(where_equal)
def _compiled_where_equal(value, mark, then, other):
    return lambda value, mark, then, other: _where_equal(value, mark, then, other)


@overload(spread_lanes)
def _compiled_spread(value):
    return lambda value: _spread_lanes(value)


@overload(store_lanes)
def _compiled_store(values, y, place):
    return lambda values, y, place: _store_lanes(values, y, place)


@overload(multiply_add)
def _compiled_multiply_add(factor, values, total):
    return lambda factor, values, total: _multiply_add(factor, values, total)
