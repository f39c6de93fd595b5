"""The section of a page that says what keeps the network from learning, or that nothing was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlet.insight.health import Health
from netlet.insight.health.figures import Figures
from netlet.report.parts import NAME, Grid
from netlet.report.words import shortened

LAYERS_LISTED = 60


@dataclass(frozen=True, eq=False)
class HealthFacts:
    """What was looked at in training, and what was found.

    Attributes
    ----------
    looked_at : str
        Which training, or why none, in a sentence.
    health : Health or None
        None if none was looked at.
    """

    looked_at: str
    health: Health | None = None


def health_section(facts: HealthFacts | None) -> dict[str, Any] | None:
    """Return what the template shows; None where nobody says anything of it."""
    if facts is None:
        return None
    found = facts.health
    findings = [] if found is None else [
        (_head(f.name, f.layer, f.epoch), f"{_sentence(f.evidence)} {_sentence(f.cause)}", _sentence(f.remedy))
        for f in found.findings
    ]  # fmt: skip
    return {
        "looked_at": facts.looked_at,
        "is_known": found is not None,
        "findings": findings,
        "figures": None if found is None else _figures(found.figures),
    }


def _head(name: str, layer: str | None, epoch: int) -> str:
    where = f" in {shortened(layer, NAME)}" if layer else ""
    since = f"from epoch {epoch}" if epoch else "before training"
    return f"{name[:1].upper()}{name[1:]}{where}, {since}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _figures(figures: Figures) -> Grid:
    """Return the figures of each layer at the last look."""
    look, known = figures.looks[-1], list(zip(figures.layer_names, figures.looks[-1].layers, strict=True))
    rows = []
    for name, layer in known[:LAYERS_LISTED]:
        idle = layer.dead if layer.dead is not None else layer.saturated
        rows.append([
            shortened(name, NAME),
            f"{layer.mean:.3g}",
            f"{layer.spread:.3g}",
            f"{layer.gradient:.3g}",
            "" if idle is None else f"{100 * idle:.0f} % {'dead' if layer.dead is not None else 'saturated'}",
            "" if layer.update is None else f"{layer.update:.1e}",
        ])  # fmt: skip
    head = [f"after epoch {look.epoch}", "mean", "spread", "gradient", "idle", "update / weight"]
    return Grid(head, rows, [False, True, True, True, True, True])
