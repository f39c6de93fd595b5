"""Call a kernel by its address.

The loop's program names its kernels by machine address, so one compiled loop runs any network.
``call(address, arguments)`` calls a kernel that returns nothing, ``call_for_float(address, arguments)`` one that
returns a float64. A kernel raises nothing; the status that Numba's convention returns is not looked at.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from netlet.kernels.compiling import plain_function


def call(address: int, arguments: tuple[Any, ...]) -> None:
    """Call the kernel at `address` with a tuple of arguments, which must have exactly its family's types."""
    plain_function(address)(*arguments)


def call_for_float(address: int, arguments: tuple[Any, ...]) -> float:
    """Call the kernel at `address` and return its float64."""
    return float(plain_function(address)(*arguments))


def _call_as(returns: Any, address: Any, arguments: Any) -> Any:
    """Build the typing and code of a call through an address in Numba's own calling convention."""
    signature = returns(address, arguments)

    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place, packed = values
        expected = signature.args[1].types
        pointer = builder.inttoptr(place, context.call_conv.get_function_type(returns, expected).as_pointer())
        unpacked = cgutils.unpack_tuple(builder, packed, len(expected))
        _, result = context.call_conv.call_function(builder, pointer, returns, expected, unpacked)
        return context.get_dummy_value() if returns is types.void else result

    return signature, codegen


@intrinsic
def _call(typingctx, address, arguments):
    return _call_as(types.void, address, arguments)


@intrinsic
def _call_for_float(typingctx, address, arguments):
    return _call_as(types.float64, address, arguments)


@overload(call, inline="always")
def _call_overload(address, arguments):
    return lambda address, arguments: _call(address, arguments)


@overload(call_for_float, inline="always")
def _call_for_float_overload(address, arguments):
    return lambda address, arguments: _call_for_float(address, arguments)
