"""What the page of a training on pictures shows: plain values and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet.report.facts import ReproductionFacts, TestFacts
from netlet.report.health_section import HealthFacts


@dataclass(frozen=True, eq=False)
class Example:
    """A picture of the test with what was said of it.

    Attributes
    ----------
    picture : ndarray of uint8, shape (height, width, 1 or 3)
    name : str
        Of its file, or its number.
    truth, prediction : str
    confidence : float
        The probability of the prediction.
    saliency : ndarray of float, shape (height, width), or None
        How much each pixel matters, from 0 to 1.
    """

    picture: NDArray[np.uint8]
    name: str
    truth: str
    prediction: str
    confidence: float
    saliency: NDArray[np.floating] | None = None


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """A training on pictures, whole.

    Attributes
    ----------
    source : str
        The name of the folder or file.
    shape : tuple (height, width, channels)
    class_counts : tuple of (str, int)
        How many of all the pictures show each class.
    n_learn, n_watch, n_test : int
    notes : tuple of str
        What was done while reading.
    skipped : tuple of (str, str)
        Name and reason.
    curves : mapping of str to sequence of float
        A figure for each epoch: "loss", "validation_loss", "validation_accuracy".
    settings : mapping
    summary : str
        The network's layers as text.
    n_parameters : int
    seconds : float
    ending : str
        How training ended, in a sentence.
    file : str
        Where the model is.
    reproduction : ReproductionFacts
    test : TestFacts or None
    examples : tuple of Example
        Wrong ones, the surest first, then right ones.
    health : HealthFacts or None
        None: nothing is said of it.
    """

    source: str
    shape: tuple[int, int, int]
    class_counts: tuple[tuple[str, int], ...]
    n_learn: int
    n_watch: int
    n_test: int
    notes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    curves: Mapping[str, Any]
    settings: Mapping[str, Any]
    summary: str
    n_parameters: int
    seconds: float
    ending: str
    file: str
    reproduction: ReproductionFacts
    test: TestFacts | None = None
    examples: tuple[Example, ...] = ()
    health: HealthFacts | None = None
