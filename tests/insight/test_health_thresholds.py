"""Findings as functions of figures: on either side of what they ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netlet.insight.health.batches import too_large_batch, too_small_batch
from netlet.insight.health.figures import Figures, LayerLook, Look
from netlet.insight.health.fit import overfitting, underfitting
from netlet.insight.health.gradients import exploding_gradient, vanishing_gradient
from netlet.insight.health.learning_rate import loss_spikes, rate_too_high, rate_too_low
from netlet.insight.health.order import findings_of
from netlet.insight.health.predictions import constant_prediction, labels_do_not_match
from netlet.insight.health.start import unscaled_inputs

pytestmark = pytest.mark.plain


def look(epoch=0, gradients=(1.0, 1.0, 1.0), update=1e-3, spread=1.0):
    layers = tuple(
        LayerLook(f"dense_{k}", "dense", 0.0, 1.0, each, None, None, update if epoch else None, 1.0, False, True)
        for k, each in enumerate(gradients, start=1)
    )
    return Look(epoch, 1.0, layers, spread)


def figures(**changed):
    """Return the figures of a healthy training, but for what is given."""
    healthy = Figures(
        losses=tuple(0.9**k for k in range(1, 31)), validation_losses=(), looks=(look(), look(30)), baseline=1.0,
        target_spread=1.0, centres=np.zeros(2), spreads=np.ones(2), n_samples=320, batch_size=32, learning_rate=0.01,
        has_hidden=True, failed=False, keeps_best=False,
    )  # fmt: skip
    return replace(healthy, **changed)


def both(**of_looks):
    return (look(**of_looks), look(30, **of_looks))


FLAT = (0.97,) * 30
ZIGZAG = (0.5, 0.6) * 15
HELD_OUT = tuple(0.5 + 0.02 * abs(k - 9) for k in range(30))
SIDES = {
    "unscaled": (unscaled_inputs, {"centres": np.array([0.0, 49.9])}, {"centres": np.array([0.0, 51.0])}),
    "exploding": (exploding_gradient, {"looks": both(gradients=(99, 9, 1))}, {"looks": both(gradients=(101, 9, 1))}),
    "not a number": (exploding_gradient, {}, {"looks": both(gradients=(np.nan, 9, 1))}),
    "vanishing": (
        vanishing_gradient, {"looks": both(gradients=(2e-3, 1, 1))}, {"looks": both(gradients=(9e-4, 1, 1))}
    ),
    "two layers": (vanishing_gradient, {"looks": both(gradients=(1e-9, 1))}, {"looks": both(gradients=(1e-9, 1, 1))}),
    "spikes": (rate_too_high, {"losses": (0.1, 0.1, 0.25) + (0.1,) * 27},
               {"losses": (0.1, 0.1, 0.25, 0.1) * 7 + (0.1,)}),
    "one spike": (loss_spikes, {"losses": (0.1, 0.1, 0.29) + (0.1,) * 27}, {"losses": (0.1, 0.1, 0.31) + (0.1,) * 27}),
    "a spike that is small beside knowing nothing": (
        loss_spikes, {"losses": (0.01, 0.01, 0.1) + (0.01,) * 27}, {"losses": (0.01, 0.01, 0.12) + (0.01,) * 27}
    ),
    "many spikes": (loss_spikes, {"losses": (0.1, 0.1, 0.4, 0.1) * 7 + (0.1,)},
                    {"losses": (0.1, 0.1, 0.4) + (0.1,) * 27}),
    "worse": (rate_too_high, {"losses": (1.4,) * 30}, {"losses": (1.6,) * 30}),
    "long updates": (rate_too_high, {"looks": both(update=0.2)}, {"looks": both(update=0.2), "losses": FLAT}),
    "short updates": (rate_too_low, {"looks": both(update=1e-6)}, {"looks": both(update=1e-6), "losses": FLAT}),
    "without a rate": (rate_too_low, {"looks": both(update=1e-6), "losses": FLAT, "learning_rate": None},
                       {"looks": both(update=1e-6), "losses": FLAT}),
    "small": (too_small_batch, {"losses": ZIGZAG}, {"losses": ZIGZAG, "batch_size": 4}),
    "large": (too_large_batch, {"losses": (0.9, 0.8, 0.7, 0.6)},
              {"losses": (0.9, 0.8, 0.7, 0.6), "batch_size": 320}),
    "constant": (constant_prediction, {"looks": both(spread=0.03), "losses": FLAT},
                 {"looks": both(spread=0.01), "losses": FLAT}),
    "labels": (labels_do_not_match, {"losses": (0.9,) * 30}, {"losses": FLAT}),
    "labels, held out": (labels_do_not_match, {"validation_losses": (0.97,) * 30},
                         {"validation_losses": (0.99,) * 30}),
    "overfitting": (overfitting, {"validation_losses": HELD_OUT, "keeps_best": True},
                    {"validation_losses": HELD_OUT}),
    "underfitting": (underfitting, {"losses": (0.6,) * 30}, {"losses": (0.7,) * 30}),
}  # fmt: skip


@pytest.mark.parametrize("case", SIDES)
def test_it_is_found_beyond_the_threshold_only(case):
    look_for, silent, loud = SIDES[case]
    assert look_for(figures(**silent)) is None
    assert look_for(figures(**loud)) is not None


def test_overfitting_begins_at_the_lowest_validation_loss():
    assert overfitting(figures(validation_losses=HELD_OUT)).epoch == 10


def test_a_symptom_is_named_only_without_a_cause():
    assert [each.name for each in findings_of(figures(losses=FLAT))] == ["labels do not match"]
    caused = figures(losses=FLAT, looks=both(update=1e-6))
    assert [each.name for each in findings_of(caused)] == ["learning rate too low"]


def test_nothing_is_said_where_nothing_was_to_be_learnt():
    nothing = {"losses": (1e-9,) * 30, "baseline": None}
    start = look(), look(30)
    assert findings_of(figures(**nothing, looks=tuple(replace(each, loss=1e-11) for each in start)))
    assert not findings_of(figures(**nothing, looks=tuple(replace(each, loss=1e-13) for each in start)))


def test_healthy_figures_have_no_findings():
    assert findings_of(figures()) == ()
