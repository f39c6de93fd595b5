"""All findings, in the order of cause and effect: what is found first is the likeliest cause of the others."""

from __future__ import annotations

from collections.abc import Callable

from netlet.insight.health.batches import too_large_batch, too_small_batch
from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding
from netlet.insight.health.fit import overfitting, underfitting
from netlet.insight.health.gradients import exploding_gradient, vanishing_gradient
from netlet.insight.health.learning_rate import loss_spikes, rate_too_high, rate_too_low
from netlet.insight.health.predictions import constant_prediction, labels_do_not_match
from netlet.insight.health.start import constant_inputs, symmetric_weights, unscaled_inputs
from netlet.insight.health.units import dead_relus, saturated_units

# What is given (inputs, first weights) comes before what follows from it: steps, then units and gradients.
CAUSES: tuple[Callable[[Figures], Finding | None], ...] = (
    unscaled_inputs,
    constant_inputs,
    symmetric_weights,
    exploding_gradient,
    too_small_batch,
    rate_too_high,
    loss_spikes,
    dead_relus,
    saturated_units,
    vanishing_gradient,
    too_large_batch,
    rate_too_low,
)
# Any of those may lead to these, and to say of these what else they may come from would mislead: the first is named
# where none of those was found.
SYMPTOMS: tuple[Callable[[Figures], Finding | None], ...] = (constant_prediction, labels_do_not_match, underfitting)

_NOTHING = 1e-12  # a loss before the training at which there was nothing to learn, and any step makes it worse


def findings_of(figures: Figures) -> tuple[Finding, ...]:
    """Return what is found in the figures of a training, the likeliest cause of the others first."""
    if figures.scale < _NOTHING and not figures.failed:
        return ()
    found = [finding for look_for in CAUSES if (finding := look_for(figures)) is not None]
    if not found:
        found = [finding for look_for in SYMPTOMS if (finding := look_for(figures)) is not None][:1]
    overfits = overfitting(figures)
    return (*found, *((overfits,) if overfits is not None else ()))
