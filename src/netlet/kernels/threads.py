"""Atomic numbers and a barrier for the threads that train one network together.

Every number that several threads write lies in one int64 array, each in a cache line of its own. The barrier spins,
because two threads reach it within a microsecond of each other; after a bounded number of turns it lets other processes
run.
"""

from __future__ import annotations

import ctypes
import os
import platform
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from netlet.kernels.compiling import inline

LINE = 8  # int64 numbers in a cache line of 64 bytes
STOP, DECISION, STATUS, FAILED_STEP, ARRIVED, GENERATION, BAD_GRADIENT = (LINE * i for i in range(7))
CONTROL_SIZE = LINE * 8

_SPINS_BEFORE_YIELD = 1000
_IS_X86 = platform.machine().lower() in ("x86_64", "amd64")

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


def spin_pause() -> None:
    """Leave the execution units to the other thread of this core for some cycles."""


def yield_processor() -> None:
    """Let another thread of this machine run."""


def flush_denormals() -> int:
    """Let this thread treat numbers below the smallest normal one as 0 (x86); return its mode, for `restore_denormals`.

    The optimizers' averages of a unit that is never active decay towards 0 for ever; once they are denormal, each
    operation on them costs some hundred cycles.
    """
    return 0


def restore_denormals(mode: int) -> None:
    """Put the mode back that `flush_denormals` returned."""


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
def _pause(typingctx):
    def codegen(context, builder, signature, values):
        if _IS_X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def _yield_call(typingctx):
    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), "netlet_yield")
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), codegen


_FLUSH = 0x8040  # MXCSR: flush results to zero (bit 15), take operands as zero (bit 6)


@intrinsic
def _exchange_mode(typingctx, mode):
    """Set MXCSR to `mode`, or add the flush bits where it is negative; return what it was."""

    def codegen(context, builder, signature, values):
        if not _IS_X86:
            return context.get_constant(types.int64, 0)
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        place = cgutils.alloca_once(builder, word)
        address = builder.bitcast(place, pointer)
        kind = ir.FunctionType(ir.VoidType(), [pointer])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse.stmxcsr"), [address])
        before = builder.load(place)
        given = builder.trunc(values[0], word)
        wanted = builder.select(builder.icmp_signed("<", given, word(0)), builder.or_(before, word(_FLUSH)), given)
        builder.store(wanted, place)
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse.ldmxcsr"), [address])
        return builder.zext(before, ir.IntType(64))

    return types.int64(types.int64), codegen


@overload(flush_denormals)
def _flush_denormals():
    return lambda: _exchange_mode(-1)


@overload(restore_denormals)
def _restore_denormals(mode):
    return lambda mode: _exchange_mode(mode)


@overload(atomic_load)
def _atomic_load(numbers, place):
    return lambda numbers, place: _load(numbers, place)


@overload(atomic_store)
def _atomic_store(numbers, place, value):
    return lambda numbers, place, value: _store(numbers, place, value)


@overload(atomic_add)
def _atomic_add(numbers, place, value):
    return lambda numbers, place, value: _add(numbers, place, value)


@overload(spin_pause)
def _spin_pause():
    return lambda: _pause()


@overload(yield_processor)
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
        spin_pause()
        spins += 1
        if spins > _SPINS_BEFORE_YIELD:
            yield_processor()
