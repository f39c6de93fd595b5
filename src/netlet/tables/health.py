"""What of a training's health is told where a recipe trains: its leaps are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netlet.insight.health import Health

# The schedule takes the rate up again and again: what is lost then is won back, and the best epoch is kept. The weights
# are of standard length, and each kind has a rate of its own: gradients of unlike length do no harm there.
_LEAPS = ("loss spikes", "learning rate too high", "exploding gradient")


def leaps_apart(health: Health, losses: Sequence[float]) -> Health:
    """Leave out what the recipe does on purpose, where the loss fell all the same."""
    if not losses[-1] < losses[0]:  # it rose, or is no number any more
        return health
    return replace(health, findings=tuple(finding for finding in health.findings if finding.name not in _LEAPS))
