"""What a text looks like, whatever its words: how long it is, how many digits and capitals it has."""

from __future__ import annotations

import re

import numpy as np
import scipy.sparse as sp

_DIGITS = re.compile(r"\d+")

SHAPES = (
    "length", "number of digits", "share of digits", "number of capitals", "share of capitals", "longest number",
    "share of marks", "longest word", "being a text",
)  # fmt: skip


def shape_rows(texts: list[str]) -> sp.csr_matrix:
    """Return a few numbers of each text, of the order of 1, as `SHAPES` names them: float64, (n_texts, 9).

    The last is always 1: what a network learns for it is a bias.
    """
    return sp.csr_matrix(np.array([_shape(text) for text in texts]).reshape(len(texts), len(SHAPES)))


def _shape(text: str) -> list[float]:
    n = max(len(text), 1)
    digits, capitals = sum(map(str.isdigit, text)), sum(map(str.isupper, text))
    marks = sum(not (each.isalnum() or each.isspace()) for each in text)
    longest_number = max((len(run) for run in _DIGITS.findall(text)), default=0)
    longest_word = max((len(word) for word in text.split()), default=0)
    return [
        min(float(np.log1p(len(text))) / 6, 1.0), float(np.log1p(digits)) / 3, 3 * digits / n,
        float(np.log1p(capitals)) / 4, capitals / n, float(np.log1p(longest_number)) / 3, 2 * marks / n,
        min(longest_word / 30, 1.0), 1.0,
    ]  # fmt: skip
