"""Texts as sparse rows: how often each run of words and of characters occurs in a text, weighted by its rarity.

    value of an n-gram = (1 + log(count)) * idf        idf = log((1 + n_texts) / (1 + n_texts with it)) + 1

Each view of a text (its words, its characters) is then divided by its Euclidean length. Letters are lower-cased; runs
of characters stay within words.

Reference: Manning, Raghavan, Schuetze, "Introduction to Information Retrieval", 2008, section 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from netlet.text.shape import SHAPES, shape_rows

WORD = r"(?u)\w+|[^\w\s]"  # a mark is a word of its own


@dataclass(frozen=True)
class View:
    """The n-grams of one kind that are known.

    Attributes
    ----------
    analyzer : {"word", "char_wb"}
    lengths : (int, int)
        The shortest and the longest run.
    terms : tuple of str
        Sorted.
    counts : tuple of int
        In how many of the texts that were learnt from each occurs.
    n_texts : int
        How many these were.
    """

    analyzer: str
    lengths: tuple[int, int]
    terms: tuple[str, ...]
    counts: tuple[int, ...]
    n_texts: int

    @classmethod
    def learn(cls, texts: list[str], analyzer: str, lengths: tuple[int, int], least: int, most: int) -> View:
        """Find the n-grams that are in `least` texts at least, the `most` commonest; all if none is in so many."""
        vectorizer = _vectorizer(analyzer, lengths)
        try:
            matrix = vectorizer.fit_transform(texts)
        except ValueError:  # scikit-learn's word for texts without a single n-gram
            return cls(analyzer, lengths, (), (), len(texts))
        counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
        names = vectorizer.get_feature_names_out()
        known = np.flatnonzero(counts >= least)
        if not len(known):
            known = np.arange(len(counts))
        known = np.sort(known[np.argsort(-counts[known], kind="stable")][:most])
        return cls(
            analyzer, lengths, tuple(map(str, names[known])), tuple(int(n) for n in counts[known]), len(texts)
        )  # fmt: skip

    @cached_property
    def _vectorizer(self) -> Any:
        return _vectorizer(self.analyzer, self.lengths, list(self.terms))

    @cached_property
    def _idf(self) -> np.ndarray:
        idf: np.ndarray = np.log((1 + self.n_texts) / (1 + np.array(self.counts))) + 1
        return idf

    def rows(self, texts: list[str]) -> sp.csr_matrix:
        """Return the weighted n-grams of texts, each row of length 1 or 0: float64, (n_texts, n_terms)."""
        if not self.terms:
            return sp.csr_matrix((len(texts), 0))
        matrix = self._vectorizer.transform(texts).astype(np.float64)
        matrix.sort_indices()
        idf = self._idf
        matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
        return sp.csr_matrix(matrix)


def _vectorizer(analyzer: str, lengths: tuple[int, int], terms: list[str] | None = None) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    pattern = WORD if analyzer == "word" else None
    return CountVectorizer(analyzer=analyzer, ngram_range=lengths, token_pattern=pattern, vocabulary=terms)


@dataclass(frozen=True)
class NGrams:
    """What a text's n-grams are numbered by, and how many of a text are read.

    Attributes
    ----------
    views : tuple of View
    window : int
        The most n-grams of a text: of a longer one the heaviest are kept.
    """

    views: tuple[View, ...]
    window: int

    @classmethod
    def learn(
        cls, texts: list[str], words: tuple[int, int] | None, characters: tuple[int, int] | None, least: int, most: int,
        window: int,
    ) -> NGrams:  # fmt: skip
        """Find the n-grams of texts.

        Parameters
        ----------
        texts : list of str
        words, characters : (int, int) or None
            The shortest and the longest run; None: that view is left out.
        least : int
            In how many texts an n-gram must be.
        most : int
            Of each view.
        window : int
            The most n-grams of a text; less where no text of these has so many.

        Raises
        ------
        ValueError
            If no text has any.
        """
        kinds = (("word", words), ("char_wb", characters))
        views = tuple(View.learn(texts, kind, lengths, least, most) for kind, lengths in kinds if lengths is not None)
        if not any(view.terms for view in views):
            raise ValueError("X holds no text with a word in it; give texts to learn from")
        found = cls(views, window)
        longest = int(np.diff(found.rows(texts).indptr).max())
        return cls(views, max(1, min(window, longest)))

    @property
    def names(self) -> list[str]:
        """All that is counted, in the order of its numbers."""
        kinds = {"word": "word", "char_wb": "characters"}
        terms = [f"{kinds[view.analyzer]}: {term}" for view in self.views for term in view.terms]
        return [*terms, *(f"shape: {name}" for name in SHAPES)]

    def rows(self, texts: list[str]) -> sp.csr_matrix:
        """Return the weighted n-grams of texts, and the numbers of their shape: (n_texts, n_names)."""
        return sp.csr_matrix(sp.hstack([*(view.rows(texts) for view in self.views), shape_rows(texts)], format="csr"))

    def samples(self, texts: list[str]) -> np.ndarray:
        """Return the numbers of each text's n-grams and their weights, padded with 0: float32, (n_texts, 2, window)."""
        matrix = self.rows(texts)
        samples = np.zeros((len(texts), 2, self.window), np.float32)
        of_row = np.diff(matrix.indptr)
        for row in np.flatnonzero(of_row > self.window):
            kept = slice(matrix.indptr[row], matrix.indptr[row + 1])
            order = np.sort(np.argsort(-matrix.data[kept], kind="stable")[: self.window])
            samples[row, 0], samples[row, 1] = matrix.indices[kept][order], matrix.data[kept][order]
        fits = np.repeat(of_row <= self.window, of_row)
        rows = np.repeat(np.arange(len(texts)), of_row)[fits]
        places = (np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], of_row))[fits]
        samples[rows, 0, places], samples[rows, 1, places] = matrix.indices[fits], matrix.data[fits]
        return samples

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "window": self.window,
            "views": [
                {
                    "analyzer": view.analyzer, "lengths": list(view.lengths), "terms": list(view.terms),
                    "counts": list(view.counts), "n_texts": view.n_texts,
                }
                for view in self.views
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> NGrams:
        """Take back what `to_dict` returned."""
        views = []
        for view in stored["views"]:
            if len(view["terms"]) != len(view["counts"]):
                raise ValueError("the vocabulary and its counts have different lengths")
            low, high = (int(n) for n in view["lengths"])
            views.append(
                View(
                    str(view["analyzer"]), (low, high), tuple(map(str, view["terms"])),
                    tuple(int(n) for n in view["counts"]), int(view["n_texts"]),
                )
            )  # fmt: skip
        return cls(tuple(views), int(stored["window"]))
