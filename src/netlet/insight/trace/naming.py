"""Names as on paper: Z1 = X W1 + b1, A1 = f(Z1), and so on, for the operations of a network.

A layer's number counts the operations that are no activations. An activation has the number of what it reads, or where
that has one already, as between two activations in a row, a number of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from netlet.graph.activations import ACTIVATIONS
from netlet.graph.building import Operation

ACTIVATION_ROWS = frozenset(ACTIVATIONS) | {"gelu_tanh"}
_OF_BLOCKS = {"weight": "W", "bias": "b"}


def names_of(operations: Sequence[Operation]) -> list[str]:
    """Return a name for what each operation gives; the first is the input, "X"."""
    names, count = ["X"], 0
    for operation in operations[1:]:
        activates = operation.row in ACTIVATION_ROWS
        number = names[operation.sources[0]][1:]
        if not activates or not number or f"A{number}" in names:
            count += 1
            number = str(count)
        names.append(f"{'A' if activates else 'Z'}{number}")
    return names


def parameter_name(block: str, value: str) -> str:
    """Return the name of a block of the parameters of the operation that gives `value`: "W1" of "Z1"."""
    return f"{_OF_BLOCKS.get(block, block + '_')}{value[1:]}"
