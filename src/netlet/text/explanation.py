"""Which words of a text speak for a class: the text is asked about again without each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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


def explain(
    texts: Sequence[str], probabilities: Callable[[list[str]], np.ndarray], places: Sequence[int]
) -> list[list[WordScore]]:
    """Return what each word of each text adds to the score of a class.

    Parameters
    ----------
    texts : sequence of str
    probabilities : callable
        From texts to the probabilities of all classes.
    places : sequence of int
        Which of the classes, for each text.

    Returns
    -------
    list of list of WordScore
    """
    spans = [[match.span() for match in _WORD.finditer(text)] for text in texts]
    asked, of_class = [], []
    for text, of_text, place in zip(texts, spans, places, strict=True):
        asked += [text, *(text[:begin] + text[end:] for begin, end in of_text)]
        of_class += [place] * (1 + len(of_text))
    p = probabilities(asked).astype(np.float64)
    rows, columns = np.arange(len(asked)), np.array(of_class, dtype=np.int64)
    own = p[rows, columns]
    p[rows, columns] = 0
    others = p.sum(axis=1)  # their sum keeps the digits that 1 - own has lost
    odds = np.log(np.maximum(own, _LEAST)) - np.log(np.maximum(others, _LEAST))
    explained, start = [], 0
    for text, of_text in zip(texts, spans, strict=True):
        falls = odds[start] - odds[start + 1 : start + 1 + len(of_text)]
        explained.append([WordScore(text[b:e], b, e, float(fall)) for (b, e), fall in zip(of_text, falls, strict=True)])
        start += 1 + len(of_text)
    return explained
