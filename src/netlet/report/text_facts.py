"""What the page of a classifier of texts shows: plain values and arrays, so that anything can fill them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet.report.facts import ModelScore, ReproductionFacts
from netlet.report.health_section import HealthFacts


@dataclass(frozen=True)
class MarkedText:
    """A text with what its words speak for.

    Attributes
    ----------
    row : int
        Its number in the table, from 1.
    pieces : sequence of (str, float)
        The text, cut; each piece with what it adds to the score of the predicted class, 0 between the words.
    truth, prediction : str
    confidence : float
        The probability of the prediction.
    """

    row: int
    pieces: Sequence[tuple[str, float]]
    truth: str
    prediction: str
    confidence: float


@dataclass(frozen=True, eq=False)
class TextTest:
    """What came out on the texts that nothing was learned from.

    Attributes
    ----------
    truth : ndarray of int, (n,)
    outputs : ndarray, (n, k)
        Probabilities.
    scores : tuple of ModelScore
        The model's own first.
    telling : mapping of str to sequence of (str, float, int)
        For each class the words that speak for it most: the mean of what they add to its score, and in how many of the
        texts looked at they are.
    n_explained : int
        How many texts were looked at for that.
    wrong, right : tuple of MarkedText
        The surest mistakes, and the surest hits of each class.
    """

    truth: NDArray[np.int64]
    outputs: NDArray[np.floating]
    scores: tuple[ModelScore, ...]
    telling: Mapping[str, Sequence[tuple[str, float, int]]]
    n_explained: int
    wrong: tuple[MarkedText, ...]
    right: tuple[MarkedText, ...]


@dataclass(frozen=True, eq=False)
class TextFacts:
    """A training on texts, whole.

    Attributes
    ----------
    file, text, target : str
        The file's name and its columns.
    class_counts : tuple of (str, int)
    n_learn : int
    notes : tuple of str
    n_terms : int
        What the model knows of texts: n-grams or tokens.
    n_parameters : int
    seconds : float
    curves : mapping of str to sequence of float
    summary : str
        The layers.
    settings : mapping
    model : str
        Where it is.
    reproduction : ReproductionFacts
    test : TextTest or None
    health : HealthFacts or None
        None: nothing is said of it.
    """

    file: str
    text: str
    target: str
    class_counts: tuple[tuple[str, int], ...]
    n_learn: int
    notes: tuple[str, ...]
    n_terms: int
    n_parameters: int
    seconds: float
    curves: Mapping[str, Any]
    summary: str
    settings: Mapping[str, Any]
    model: str
    reproduction: ReproductionFacts
    test: TextTest | None = None
    health: HealthFacts | None = None
