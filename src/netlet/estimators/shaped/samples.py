"""Samples of pictures, sequences and text: how many there are, what they weigh, and which are held out."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight


def check_counts(n_samples: int, n_targets: int) -> None:
    """Raise ValueError unless there are samples, with a target for each."""
    if n_samples == 0:
        raise ValueError("X has no samples; training needs at least one")
    if n_samples != n_targets:
        raise ValueError(f"X has {n_samples} samples and y has {n_targets}; give one target for each sample")


def weights_of(sample_weight: Any, n_samples: int) -> np.ndarray | None:
    """Check the weights of samples: float64, (n_samples,), or None."""
    if sample_weight is None:
        return None
    weights: np.ndarray = _check_sample_weight(sample_weight, np.empty((n_samples, 1)), ensure_non_negative=True)
    return weights


def held_out(
    n_samples: int, share: float, classes: np.ndarray | None, seed: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Choose the samples to learn from and those to validate on.

    Parameters
    ----------
    n_samples : int, >= 1
    share : float in (0, 1)
        Of the samples, to validate on.
    classes : array, (n_samples,), optional
        Every class gives its share; a class of one sample is learnt from.
    seed : int

    Returns
    -------
    rows, validation_rows : int64 arrays, sorted, or both None
        None where so few samples leave none to validate on.
    """
    generator = np.random.default_rng([seed, 1])
    order = generator.permutation(n_samples)
    if classes is None:
        held = order[: round(n_samples * share)]
    else:
        # A sample's rank among its class, in a random order: the first share of every class is held out.
        sorted_order = order[np.argsort(classes[order], kind="stable")]
        _, first, counts = np.unique(classes[sorted_order], return_index=True, return_counts=True)
        rank = np.arange(n_samples) - np.repeat(first, counts)
        wanted = np.floor(counts * share + generator.uniform(size=len(counts)))
        held = sorted_order[rank < np.repeat(np.minimum(wanted, counts - 1), counts)]
    if not 0 < len(held) < n_samples:
        return None, None
    taken = np.zeros(n_samples, dtype=bool)
    taken[held] = True
    return np.flatnonzero(~taken), np.flatnonzero(taken)
