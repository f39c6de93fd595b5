"""A finding: what is wrong with a training, and the report of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netlet.insight.health.figures import Figures

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes


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

    def plot(self, ax: Axes | None = None) -> np.ndarray:
        """Draw the figures of each layer over the epochs: see `netlet.plots.health`.

        Parameters
        ----------
        ax : Axes, optional
            Divided into four; default: those of a new figure.

        Returns
        -------
        array of Axes, (2, 2)
        """
        from netlet.plots import health

        return health(self.figures, ax)

    def __str__(self) -> str:
        if not self.findings:
            return "healthy: nothing was found that keeps the network from learning"
        return "\n".join(map(str, self.findings))
