"""Which words of a text speak for a class: the text is asked about again without each of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_WORD = re.compile(r"\S+")
_LEAST = 1e-30


@dataclass(frozen=True)
class WordScore:
    """A word of a text, where it stands, and what it adds to the log of the odds of a class."""

    word: str
    begin: int
    end: int
    score: float


def explain(text: str, probabilities: Callable[[list[str]], np.ndarray], place: int) -> list[WordScore]:
    """Return what each word of a text adds to the score of a class.

    Parameters
    ----------
    text : str
    probabilities : callable
        From texts to the probabilities of all classes.
    place : int
        Which of the classes.

    Returns
    -------
    list of WordScore
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    without = [text[:begin] + text[end:] for begin, end in spans]
    p = probabilities([text, *without]).astype(np.float64)
    others = np.delete(p, place, axis=1).sum(axis=1)  # their sum keeps the digits that 1 - p has lost
    odds = np.log(np.maximum(p[:, place], _LEAST)) - np.log(np.maximum(others, _LEAST))
    return [
        WordScore(text[begin:end], begin, end, float(odds[0] - other))
        for (begin, end), other in zip(spans, odds[1:], strict=True)
    ]
