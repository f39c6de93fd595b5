"""What a training of a table hands on to be tested, written and reported, however the model was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data import Finding
from netlet.report.facts import NetworksFacts, SearchFacts, WinnerFacts
from netlet.report.health_section import HealthFacts

Outputs = NDArray[np.floating]


class Preparing(Protocol):
    """A preparation of columns, which says what it does with each."""

    @property
    def names(self) -> Sequence[str]:
        """A name for each input."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The columns that are used."""
        ...

    def done(self, column: str) -> str:
        """Say what becomes of a column."""
        ...


@dataclass(frozen=True)
class Learnt:
    """A model of a table, and how it came about.

    Attributes
    ----------
    predict : callable
        From rows to probabilities (n, n_classes) or standardised numbers (n,).
    spread : callable or None
        From rows to how far the members are apart, shaped as predictions; None where there is one.
    save : callable
        Writes the model to a path, with notes.
    linear_inputs : callable
        From rows to what a linear model takes, (n, n_inputs).
    preparation : Preparing
    findings : sequence of Finding
    n_learn, n_watch : int
        Rows that were learned from, and those set aside to choose and to stop by.
    tried : SearchFacts or NetworksFacts
    winner : WinnerFacts
    health : HealthFacts
    notes : mapping
        On the training, for the model file.
    interrupted : bool
        Whether Ctrl-C ended the training.
    remark : str
        What keeps the same command from giving the same model; empty if nothing does.
    """

    predict: Callable[[pl.DataFrame], Outputs]
    spread: Callable[[pl.DataFrame], Outputs] | None
    save: Callable[[Path, dict[str, Any]], None]
    linear_inputs: Callable[[pl.DataFrame], NDArray[np.float32]]
    preparation: Preparing
    findings: Sequence[Finding]
    n_learn: int
    n_watch: int
    tried: SearchFacts | NetworksFacts
    winner: WinnerFacts
    health: HealthFacts
    notes: Mapping[str, Any]
    interrupted: bool
    remark: str = ""
