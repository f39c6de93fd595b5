"""The networks that read texts, and how they are trained where nobody says otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.graph.convolution import Conv1D
from netlet.graph.embedding import Embedding, EmbeddingBag
from netlet.graph.layers import Dense, Dropout
from netlet.graph.pooling import GlobalMaxPool
from netlet.graph.recurrent import GRU
from netlet.graph.shaping import Columns, Flatten, Input
from netlet.graph.specification import Node

READERS = ("convolution", "mean", "gru")
_DROPOUT = 0.3
_NEIGHBOURS = 3
_FEWEST_STEPS, _MOST_EPOCHS = 400, 60
_MOST_TERMS = {"ngrams": 200_000, "words": 20_000, "characters": 1_000, "bytepairs": 4_000}


def settings_for(features: str, n_texts: int, batch_size: int) -> dict[str, Any]:
    """Return what "auto" stands for, by the parameter's name; few texts are read more often."""
    steps = max(-(-n_texts // batch_size), 1)
    least = min(-(-_FEWEST_STEPS // steps), _MOST_EPOCHS)
    common = {"max_terms": _MOST_TERMS[features]}
    if features == "ngrams":
        return common | {"epochs": max(10, least), "learning_rate": 0.02, "validation_fraction": 0.0}
    return common | {"epochs": max(8, least), "learning_rate": 2e-3, "validation_fraction": 0.1, "dimensions": 64}


def of_ngrams(shape: tuple[int, ...], n_terms: int, dimensions: int | None, n_outputs: int) -> Node:
    """Return a network for n-grams: a linear model, or with `dimensions` a layer of so many units more.

    Parameters
    ----------
    shape : (2, window)
        Numbers of n-grams, and their weights.
    n_terms : int
    dimensions : int or None
    n_outputs : int
    """
    if dimensions is None:
        return _bag(shape, n_terms, n_outputs, "zeros")
    return Dense(n_outputs)(Dropout(_DROPOUT)(_bag(shape, n_terms, dimensions)))


def of_tokens(shape: tuple[int, ...], n_terms: int, dimensions: int, n_outputs: int, reader: str) -> Node:
    """Return a network for sequences of tokens, whose samples are as `token_samples` makes them."""
    if reader == "mean":
        return Dense(n_outputs)(Dropout(_DROPOUT)(_bag(shape, n_terms, dimensions)))
    x = Input(shape)()
    if reader == "gru":
        window = shape[0] - 1
        vectors = Embedding(n_terms, dimensions)(Columns(0, window)(x))
        value = GRU(dimensions)(vectors, Columns(window, 1)(x))
    else:
        vectors = Embedding(n_terms, dimensions)(x)
        value = GlobalMaxPool()(Conv1D(dimensions, _NEIGHBOURS, padding="same", activation="relu")(vectors))
    return Dense(n_outputs)(Dropout(_DROPOUT)(value))


def token_samples(numbers: np.ndarray, lengths: np.ndarray, reader: str) -> np.ndarray:
    """Lay out tokens as a network's reader takes them.

    Parameters
    ----------
    numbers : float32, (n_texts, window)
        0 is padding.
    lengths : float32, (n_texts,)
        How many tokens each text has, at most `window`.
    reader : {"convolution", "mean", "gru"}

    Returns
    -------
    float32
        (n_texts, window); for "mean" (n_texts, 2, window), with the share of each token in the mean; for "gru"
        (n_texts, window + 1), with the length.
    """
    if reader == "convolution":
        return numbers
    if reader == "gru":
        return np.concatenate([numbers, lengths[:, np.newaxis]], axis=1)
    within = np.arange(numbers.shape[1]) < lengths[:, np.newaxis]
    shares = (within / np.maximum(lengths, 1)[:, np.newaxis]).astype(np.float32)
    return np.stack([numbers, shares], axis=1)


def _bag(shape: tuple[int, ...], n_terms: int, dimensions: int, initialiser: str = "normal") -> Node:
    flat = Flatten()(Input(shape)())
    window = shape[1]
    return EmbeddingBag(n_terms, dimensions, initialiser)(Columns(0, window)(flat), Columns(window, window)(flat))
