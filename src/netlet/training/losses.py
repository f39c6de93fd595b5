"""Which loss a network is trained with, and which of its operations the loss reads."""

from __future__ import annotations

from collections.abc import Sequence

from netlet.errors import unknown_name
from netlet.graph.operations import Operation
from netlet.kernels import losses as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.registry import LossRow, losses


def loss_of(name: str, operations: Sequence[Operation]) -> tuple[LossRow, int]:
    """Return a loss and the operation that it reads.

    A loss that contains the link of an output layer (softmax for cross-entropy) reads that layer's input, the logits,
    if the network ends with such a layer; else it reads the network's output as logits.

    Parameters
    ----------
    name : str
        "auto", "cross_entropy", "binary_cross_entropy" or "squared_error". "auto" follows the last layer: softmax gives
        cross-entropy, sigmoid binary cross-entropy, anything else squared error.
    operations : sequence of Operation

    Returns
    -------
    loss : LossRow
    operation : int

    Raises
    ------
    ValueError
        If the name is unknown, or the loss cannot be computed from the network's output.
    """
    last = operations[-1]
    if name == "auto":
        fitting = [row.name for row in losses.values() if row.output == last.row]
        name = fitting[0] if fitting else "squared_error"
    if name not in losses:
        raise ValueError(unknown_name("loss", name, [*losses, "auto"]))
    row = losses[name]
    reads = last.sources[0] if row.output == last.row else len(operations) - 1
    if reads == 0:
        raise ValueError(
            f"loss={name!r} would be computed from the network's input itself; put a Dense layer before the {last.row}"
        )
    rows_of = last.settings.get("features", last.size) if last.row == "softmax" else last.size
    if row.output == last.row and rows_of != last.size:
        raise ValueError(
            f"loss={name!r} reads one class for each sample, but the last softmax makes every {rows_of} of {last.size} "
            "numbers sum to 1; put Flatten() before it"
        )
    if row.labels and operations[reads].size < 2:
        raise ValueError(
            f"loss={name!r} needs an output for each class, the last layer has 1 unit; use Dense(n_classes), "
            "or one unit with Sigmoid() and loss='binary_cross_entropy'"
        )
    if row.output is not None and row.output != last.row and last.row in ("softmax", "sigmoid"):
        raise ValueError(
            f"loss={name!r} is computed from logits, but the last layer is a {last.row}; end with {row.output} "
            "or without an output layer"
        )
    return row, reads
