"""Whether networks can predict together: what each output of a network means, and that it means the same in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from netlet.errors import NotBuilt
from netlet.graph.building import Operation
from netlet.network.network import Network

OutputKind = Literal["classes", "answers", "counts", "steps", "numbers"]
_KINDS: dict[str, OutputKind] = {"softmax": "classes", "sigmoid": "answers", "exponential": "counts", "step": "steps"}
_WORDS = {
    "classes": "probabilities of classes (Softmax)",
    "answers": "probabilities of yes (Sigmoid)",
    "counts": "counts (Exponential)",
    "steps": "steps (Step)",
    "numbers": "numbers",
}


def kind_of_outputs(network: Network) -> OutputKind:
    """Return what a built network's outputs are, which its last layer decides.

    A Softmax over parts of a sample, each of which sums to 1, gives numbers: they are no classes of the sample.
    """
    last = network._operations[-1]
    if last.row == "member_mean":
        return _kind_of_members(network._operations[last.sources[0]])
    if last.row == "softmax" and last.settings.get("features", last.size) != last.size:
        return "numbers"
    return _KINDS.get(last.row, "numbers")


def _kind_of_members(outputs: Operation) -> OutputKind:
    """Return what a mean over members is: one of probabilities is a probability, one of steps is none."""
    kind = _KINDS.get(outputs.row, "numbers")
    return "numbers" if kind == "steps" else kind


def check_agreement(networks: Sequence[Network]) -> None:
    """Raise unless networks read as many numbers of a sample, and predict the same kind of output in the same shape.

    Raises
    ------
    NotBuilt
        If one has no weights yet.
    ValueError
        If one differs from the first.
    """
    for place, network in enumerate(networks):
        if network._learnt is None:
            raise NotBuilt(f"networks[{place}] has no weights yet; train it first")
    first = networks[0]
    for place, network in enumerate(networks):
        own, wanted = network._graph.n_features, first._graph.n_features
        if own != wanted:
            raise ValueError(
                f"networks[{place}] reads {own} features, networks[0] reads {wanted}; "
                "all members of an ensemble must read the same"
            )
        if network._output_shape != first._output_shape:
            shapes = (" x ".join(map(str, each._output_shape)) for each in (network, first))
            found, expected = shapes
            raise ValueError(
                f"networks[{place}] has {found} outputs, networks[0] has {expected}; "
                "all members of an ensemble must predict the same"
            )
        kind, expected_kind = kind_of_outputs(network), kind_of_outputs(first)
        if kind != expected_kind:
            raise ValueError(
                f"networks[{place}] predicts {_WORDS[kind]}, networks[0] {_WORDS[expected_kind]}; their mean would "
                "mean nothing: end all with the same output layer"
            )
