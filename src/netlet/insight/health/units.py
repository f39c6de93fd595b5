"""Units that give the same whatever comes in: dead ReLUs, and sigmoid and tanh where they are flat."""

from __future__ import annotations

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

_DEAD = 0.5  # of a layer; some dead units are usual, and cost little
_SATURATED = 0.75  # of a layer's values; a network that is sure of itself has half of them there


def dead_relus(figures: Figures) -> Finding | None:
    """Find layers of ReLUs most of which are 0 for every sample, at the end of the training."""
    for place, layer in enumerate(figures.looks[-1].layers):
        if layer.dead is not None and layer.dead > _DEAD and not figures.has_shrunk(layer.layer):
            since = next(
                look.epoch for look in figures.looks if (look.layers[place].dead or 0.0) > _DEAD
            )  # the last look is one
            return Finding(
                "dead ReLUs", layer.layer, since,
                f"{layer.dead:.0%} of the units of {layer.layer} are 0 for every sample",
                "Their biases or weights went so far below 0, often by one large step, that no input reaches them; "
                "then their gradient is 0 for ever",
                "Lower the learning rate, begin with initialiser='auto' and biases of 0, or use leaky_relu or gelu",
            )  # fmt: skip
    return None


def saturated_units(figures: Figures) -> Finding | None:
    """Find hidden layers of sigmoid or tanh that are mostly flat, at the end of the training."""
    for place, layer in enumerate(figures.looks[-1].layers):
        if layer.saturated is not None and layer.saturated > _SATURATED:
            since = next(look.epoch for look in figures.looks if (look.layers[place].saturated or 0.0) > _SATURATED)
            return Finding(
                f"saturated {layer.row}", layer.layer, since,
                f"{layer.saturated:.0%} of the values of {layer.layer} lie where {layer.row} is flat",
                "Its inputs are too large, because the weights, the values before it or the steps are; the derivative "
                "there is nearly 0, so hardly any gradient comes through",
                "Scale the inputs, begin with initialiser='auto', lower the learning rate, or use relu or gelu",
            )  # fmt: skip
    return None
