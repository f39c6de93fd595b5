"""The rows of a table as the networks of a search take them: to learn from, to choose and stop by, to test with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet.cli import lines
from netlet.cli.options import TrainOptions
from netlet.cli.prepare import Divided, look_over, split
from netlet.cli.screen import Screen
from netlet.data import Finding, Preparation, Target


@dataclass(frozen=True)
class Part:
    """Some rows as a network takes them: inputs float32 `(n, n_inputs)`; labels or standardised numbers `(n,)`."""

    x: NDArray[np.float32]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Prepared:
    """The rows that are learned from made ready.

    Attributes
    ----------
    preparation : Preparation
    learn, watch : Part
    findings : sequence of Finding
    """

    preparation: Preparation
    learn: Part
    watch: Part
    findings: Sequence[Finding]

    @property
    def target(self) -> Target:
        """What is predicted."""
        return self.preparation.target


def prepare(options: TrainOptions, divided: Divided, screen: Screen) -> Prepared:
    """Make the rows that are learned from ready, and say what became of the columns."""
    from netlet.data.fitting import fit_preparation  # brings in scikit-learn, which is slow to come

    frame, kept, target = divided.frame, divided.kept, divided.target
    learn, watch = split("validation", options.validation_share, options.seed, frame[kept], target)
    preparation = fit_preparation(frame[kept], divided.columns, target, divided.dropped)
    lines.show_columns(screen, divided.columns, divided.dropped, len(preparation.names))
    lines.show_rows(screen, options, len(learn), len(watch), len(divided.test))
    findings = look_over(divided, options.seed)
    lines.show_findings(screen, findings)
    learned, watched = (
        Part(preparation.transform(frame[rows]), target.encode(frame[rows])) for rows in (kept[learn], kept[watch])
    )
    return Prepared(preparation, learned, watched, findings)
