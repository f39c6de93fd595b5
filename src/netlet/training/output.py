"""Which loss a network is trained with, and which of its operations the loss reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netlet.errors import unknown_name
from netlet.graph.building import Operation
from netlet.kernels.registry import losses
from netlet.training.losses import (
    LOSSES,
    AbsoluteError,
    CrossEntropy,
    Detection,
    Huber,
    LogCosh,
    Loss,
    OfMembers,
    Poisson,
    Quantile,
    SequenceCrossEntropy,
    SquaredError,
    loss_from,
)

_AVERAGED = (SquaredError, AbsoluteError, Huber, LogCosh, Quantile, Poisson)  # over the outputs, and so over members


def loss_of(choice: str | Loss, operations: Sequence[Operation]) -> tuple[Loss, int]:
    """Return a loss and the operation that it reads.

    A loss that contains the link of an output layer (softmax for cross-entropy) reads that layer's input, the logits,
    if the network ends with such a layer; else it reads the network's output as logits. Where the network ends with a
    mean over members, it is the mean of the members' losses, and reads what all of them give.

    Parameters
    ----------
    choice : str or Loss
        "auto", a name of `LOSSES`, or a loss. "auto" follows the last layer: softmax gives cross-entropy, sigmoid
        binary cross-entropy, exponential Poisson, step the perceptron's loss, anything else squared error.
    operations : sequence of Operation

    Returns
    -------
    loss : Loss
    operation : int

    Raises
    ------
    ValueError
        If the name is unknown, or the loss cannot be computed from the network's output.
    TypeError
        If `choice` is neither a name nor a loss.
    """
    if operations[-1].row == "member_mean":
        return _loss_of_members(choice, operations)
    last = operations[-1]
    loss = _chosen(choice, last.row)
    row = loss.row
    reads = last.sources[0] if row.output == last.row else len(operations) - 1
    if reads == 0:
        raise ValueError(
            f"loss={row.name!r} would be computed from the network's input itself; "
            f"put a Dense layer before the {last.row}"
        )
    size = operations[reads].size
    features = last.settings.get("features", last.size)
    if isinstance(loss, SequenceCrossEntropy):
        loss = _of_steps(loss, operations[reads])
    elif isinstance(loss, Detection):
        loss = _of_cells(loss, operations[reads])
    elif row.output == last.row and features != last.size:
        raise ValueError(
            f"loss={row.name!r} reads one class for each sample, but the last softmax makes every {features} of "
            f"{last.size} numbers sum to 1; put Flatten() before it, or use loss='sequence_cross_entropy' for a label "
            "at each step"
        )
    if row.labels and size < 2:
        raise ValueError(
            f"loss={row.name!r} needs an output for each class, the last layer has 1 unit; use Dense(n_classes), "
            "or one unit with Sigmoid() and loss='binary_cross_entropy'"
        )
    if size % loss.outputs_of_a_target:
        each = loss.outputs_of_a_target
        raise ValueError(
            f"loss={row.name!r} needs {each} outputs for each target, the last layer has {size} in all; "
            f"use Dense({each}) for one target"
        )
    # A loss of numbers may read any output; one of logits or scores would take another loss's probabilities for them.
    links = {each.output for each in losses.values()} - {None, row.output}
    if last.row in links and (row.output is not None or row.answers or isinstance(loss, Detection)):
        end = f"end with {row.output} or without an output layer" if row.output else "end without an output layer"
        raise ValueError(f"loss={row.name!r} is computed from logits, but the last layer is a {last.row}; {end}")
    return loss, reads


def _loss_of_members(choice: str | Loss, operations: Sequence[Operation]) -> tuple[Loss, int]:
    mean = operations[-1]
    of_members = operations[: mean.sources[0] + 1]
    chosen = _chosen(choice.of_mean if isinstance(choice, OfMembers) else choice, of_members[-1].row)
    if isinstance(chosen, CrossEntropy):
        chosen = SequenceCrossEntropy(label_smoothing=chosen.label_smoothing)
    elif not isinstance(chosen, _AVERAGED):
        raise ValueError(
            f"loss={chosen.row.name!r} is not averaged over members, so that a network cannot end with a mean over "
            "them; use 'cross_entropy' with Softmax() before MemberMean(), or 'squared_error'"
        )
    loss, reads = loss_of(chosen, of_members)
    return OfMembers(loss, mean.settings["members"]), reads


def _of_steps(loss: SequenceCrossEntropy, logits: Operation) -> SequenceCrossEntropy:
    """Return the loss with its classes counted: those of the last axis."""
    if loss.n_classes is None:
        return replace(loss, n_classes=logits.shape[-1])
    if logits.size % loss.n_classes:
        raise ValueError(
            f"n_classes={loss.n_classes} of SequenceCrossEntropy does not divide the {logits.size} outputs of the "
            "network; leave it out: it is the last axis of the output"
        )
    return loss


def _of_cells(loss: Detection, output: Operation) -> Detection:
    """Return the loss with its classes counted: those of the last axis, after an object and its box."""
    width = output.shape[-1] if loss.n_classes is None else 5 + loss.n_classes
    if width < 6 or output.size % width:
        raise ValueError(
            f"loss='detection' reads cells of {max(width, 6)} numbers or more (an object, 4 of its box, its classes), "
            f"the network's output is {output.shape}; end with Conv2D(5 + n_classes, 1)"
        )
    return replace(loss, n_classes=width - 5)


def _chosen(choice: str | Loss, last: str) -> Loss:
    if isinstance(choice, Loss):
        return choice
    if choice == "auto":
        return next((loss_from(row.name) for row in losses.values() if row.output == last), SquaredError())
    if not isinstance(choice, str):
        raise TypeError(f"loss={choice!r} is neither a name nor a loss; use 'squared_error' or Huber(delta=1.0)")
    if choice not in LOSSES:
        raise ValueError(unknown_name("loss", choice, [*LOSSES, "auto"]))
    return loss_from(choice)
