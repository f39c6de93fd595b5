"""Gradients that shrink or grow from layer to layer on their way back."""

from __future__ import annotations

from netlet.insight.health.figures import Figures, Look
from netlet.insight.health.finding import Finding

# From the last to the first layer with weights. Good initial weights keep it within 10; in three hidden layers of
# sigmoids, which still learn, it is about 1/50.
_VANISHED, _EXPLODED = 1e-3, 1e2
_LEAST_LAYERS = 3  # with two there is nothing that could multiply


def _ratio(look: Look) -> float | None:
    """Return the gradient at the first layer with weights, divided by that at the last."""
    layers = look.weighted
    if len(layers) < _LEAST_LAYERS or layers[-1].gradient == 0:
        return None
    return layers[0].gradient / layers[-1].gradient


def exploding_gradient(figures: Figures) -> Finding | None:
    """Find a gradient that grows on its way back, at the start or at the end."""
    for look in (figures.looks[0], figures.looks[-1]):
        ratio = _ratio(look)
        if ratio is not None and not ratio <= _EXPLODED:
            first, last = look.weighted[0], look.weighted[-1]
            return Finding(
                "exploding gradient", first.layer, look.epoch,
                f"its length is {first.gradient:.2g} at {first.layer} and {last.gradient:.2g} at {last.layer}, "
                f"{ratio:.2g} times as much after {len(look.weighted)} layers",
                "Each layer multiplies it by weights that are too large",
                "Begin with smaller weights (initialiser='auto'), put LayerNorm or BatchNorm between the layers, or "
                "limit the gradient (clip_norm=1)",
            )  # fmt: skip
    return None


def vanishing_gradient(figures: Figures) -> Finding | None:
    """Find a gradient that has hardly anything left at the first layer, whenever it was looked at."""
    ratios = [_ratio(look) for look in figures.looks]
    known = [ratio for ratio in ratios if ratio is not None]
    if not known or len(known) < len(ratios) or max(known) >= _VANISHED:
        return None
    look = figures.looks[-1]
    first, last = look.weighted[0], look.weighted[-1]
    return Finding(
        "vanishing gradient", first.layer, figures.looks[0].epoch,
        f"its length is {last.gradient:.2g} at {last.layer} and {first.gradient:.2g} at {first.layer}: in no look was "
        f"more than {max(known):.1g} of it left",
        f"{len(look.weighted)} layers each multiply it by weights and by the activation's derivative, which together "
        "are far below 1",
        "Use relu or gelu in place of sigmoid and tanh, initialiser='auto', Residual blocks or LayerNorm, or fewer "
        "layers",
    )  # fmt: skip
