"""The folds of a cross-validation, sliced once and shared by all candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params


@dataclass(frozen=True)
class Fold:
    """The two sides of one split, read-only, because every thread reads the same arrays.

    Attributes
    ----------
    X_train, y_train, X_test, y_test
        y is None for an estimator that learns without.
    fit_params, score_params, train_score_params : dict of str to object
        What goes with the samples to `fit` and to the scorers: sample weights, for example.
    """

    X_train: Any
    y_train: Any
    X_test: Any
    y_test: Any
    fit_params: dict[str, Any]
    score_params: dict[str, Any]
    train_score_params: dict[str, Any]

    @classmethod
    def of(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        split: tuple[Any, Any],
        fit_params: Mapping[str, Any],
        score_params: Mapping[str, Any],
    ) -> Fold:
        """Slice the samples of one split.

        Parameters
        ----------
        estimator : estimator
            One on pairwise distances gets columns sliced too.
        X, y : array-like
        split : tuple of two index arrays
        fit_params, score_params : mapping of str to object
        """
        train, test = split
        X_train, y_train = _safe_split(estimator, X, y, train)
        X_test, y_test = _safe_split(estimator, X, y, test, train)
        parts = (
            _check_method_params(X, params=dict(fit_params), indices=train),
            _check_method_params(X, params=dict(score_params), indices=test),
            _check_method_params(X, params=dict(score_params), indices=train),
        )
        sides = [_shareable(each) for each in (X_train, y_train, X_test, y_test)]
        return cls(*sides, *({name: _shareable(value) for name, value in part.items()} for part in parts))


def _shareable(values: Any) -> Any:
    """Return values that no thread can change under another."""
    if isinstance(values, np.ndarray):
        values = values.view()
        values.flags.writeable = False
    elif sparse.issparse(values) and hasattr(values, "sort_indices"):
        values.sort_indices()  # what reads them would do it in place otherwise, in several threads at once
    return values
