"""A finding: what is wrong with a training, and the report of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.insight.health.figures import Figures


@dataclass(frozen=True)
class Finding:
    """Something that keeps a network from learning.

    Attributes
    ----------
    name : str
        Such as "vanishing gradient".
    layer : str or None
        Where, if it is one layer's.
    epoch : int
        When it was seen first; 0 is before the training.
    evidence, cause, remedy : str
        The figures that show it, why that is, and what to do.
    """

    name: str
    layer: str | None
    epoch: int
    evidence: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        where = f" in {self.layer}" if self.layer else ""
        return f"{self.name}{where} (epoch {self.epoch}): {self.evidence}. {self.cause}. {self.remedy}."


@dataclass(frozen=True, eq=False)
class Health:
    """What was seen of a training; prints as sentences.

    Attributes
    ----------
    findings : tuple of Finding
        The most likely cause of the others first.
    figures : Figures
        What they were found in.
    """

    findings: tuple[Finding, ...]
    figures: Figures

    def __str__(self) -> str:
        if not self.findings:
            return "healthy: nothing was found that keeps the network from learning"
        return "\n".join(map(str, self.findings))
