"""Atomic numbers and a barrier for the threads that train one network together.

Every number that several threads write lies in one int64 array, each in a cache line of its own. The barrier spins, because two
threads reach it within a microsecond of each other; after a bounded number of turns it lets other processes run.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from netlet.kernels.compiling import inline

LINE = 8  # int64 numbers in a cache line of 64 bytes
STOP, DECISION, STATUS, FAILED_STEP, ARRIVED, GENERATION, BAD_GRADIENT, STEPS_DONE = (LINE * i for i in range(8))
CONTROL_SIZE = LINE * 9

_SPINS_BEFORE_YIELD = 2000

_yield = ctypes.windll.kernel32.SwitchToThread if os.name == "nt" else ctypes.CDLL(None).sched_yield  # type: ignore[attr-defined,unused-ignore]
binding.add_symbol("netlet_yield", ctypes.cast(_yield, ctypes.c_void_p).value)


def atomic_load(numbers: Any, place: int) -> int:
    """Read a number that other threads write."""
    return int(numbers[place])


def atomic_store(numbers: Any, place: int, value: int) -> None:
    """Write a number that other threads read."""
    numbers[place] = value


def atomic_add(numbers: Any, place: int, value: int) -> int:
    """Add to a number that several threads add to; return what it was before."""
    before = int(numbers[place])
    numbers[place] = before + value
    return before


def yield_processor() -> None:
    """Let another thread of this machine run."""


def _place(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [index])


@intrinsic
def _load(typingctx, numbers, place):
    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _place(context, builder, signature.args[0], values[0], values[1])
        return builder.load_atomic(pointer, ordering="acquire", align=8)

    return types.int64(numbers, types.int64), codegen


@intrinsic
def _store(typingctx, numbers, place, value):
    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _place(context, builder, signature.args[0], values[0], values[1])
        builder.store_atomic(values[2], pointer, ordering="release", align=8)
        return context.get_dummy_value()

    return types.void(numbers, types.int64, types.int64), codegen


@intrinsic
def _add(typingctx, numbers, place, value):
    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _place(context, builder, signature.args[0], values[0], values[1])
        return builder.atomic_rmw("add", pointer, values[2], ordering="acq_rel")

    return types.int64(numbers, types.int64, types.int64), codegen


@intrinsic
def _yield_call(typingctx):
    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.IntType(32), []), "netlet_yield"
        )
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), codegen


@overload(atomic_load, inline="always")
def _atomic_load(numbers, place):
    return lambda numbers, place: _load(numbers, place)


@overload(atomic_store, inline="always")
def _atomic_store(numbers, place, value):
    return lambda numbers, place, value: _store(numbers, place, value)


@overload(atomic_add, inline="always")
def _atomic_add(numbers, place, value):
    return lambda numbers, place, value: _add(numbers, place, value)


@overload(yield_processor, inline="always")
def _yield_processor():
    return lambda: _yield_call()


@inline
def barrier(control, n_threads):
    """Wait until all `n_threads` threads have come here."""
    if n_threads == 1:
        return
    generation = atomic_load(control, GENERATION)
    if atomic_add(control, ARRIVED, 1) == n_threads - 1:
        atomic_store(control, ARRIVED, 0)
        atomic_store(control, GENERATION, generation + 1)
        return
    spins = 0
    while atomic_load(control, GENERATION) == generation:
        spins += 1
        if spins > _SPINS_BEFORE_YIELD:
            yield_processor()
