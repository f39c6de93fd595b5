"""Which samples are trained on, which are held out, and how much each counts.

`validation_data` is an argument of `fit`, not of the constructor: constructor parameters are settings, which `clone`
copies and a search varies, and data among them would be copied with every clone.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, validate_data

from netlet.estimators.sets import samples_of
from netlet.estimators.solver import is_full_batch
from netlet.estimators.targets import Classes
from netlet.estimators.validation import Validation
from netlet.network.network import Network
from netlet.training.stepper import Samples

_AUTO_BATCH = 200


@dataclass(frozen=True)
class Sets:
    """The samples of a training.

    Parameters
    ----------
    training : Samples
    held_out : tuple (X, y, weights) or None
    """

    training: Samples
    held_out: tuple[Any, np.ndarray, np.ndarray | None] | None

    @property
    def validates(self) -> bool:
        """Whether there are samples to validate on."""
        return self.held_out is not None

    def validation(self, estimator: Any, network: Network, reads: int) -> Validation | None:
        """Return what measures the network on the samples held out."""
        if self.held_out is None:
            return None
        X, y, weights = self.held_out
        samples = samples_of(np.empty((len(y), 0)), estimator._targets_of(y), weights, network.dtype)
        return Validation(estimator, network, reads, estimator._coding, X, y, samples, weights)


def sets_of(
    estimator: Any,
    X: Any,
    y: np.ndarray,
    weights: np.ndarray | None,
    label_weights: np.ndarray | None,
    validation_data: Any,
    random: np.random.RandomState,
) -> Sets:
    """Divide checked samples.

    Parameters
    ----------
    estimator : estimator
    X, y
        Checked.
    weights, label_weights : array, (n_samples,), or None
        Those given, and those that follow from the classes; validation counts the former alone.
    validation_data : tuple or None
    random : RandomState

    Raises
    ------
    ValueError, TypeError
        If too few are left on a side, or `validation_data` is not as it should be.
    """
    held_out = None
    if validation_data is not None:
        held_out = _given(estimator, validation_data)
    elif estimator.early_stopping and not is_full_batch(estimator.solver):
        X, y, weights, label_weights, held_out = _split(estimator, X, y, weights, label_weights, random)
    if label_weights is not None:
        weights = label_weights if weights is None else weights * label_weights
    if weights is not None and not (weights > 0).any():
        raise ValueError("every sample's weight is 0 (sample_weight times class_weight); give some a weight > 0")
    return Sets(samples_of(X, estimator._targets_of(y), weights, estimator._dtype), held_out)


def _given(estimator: Any, validation_data: Any) -> tuple[Any, np.ndarray, np.ndarray | None]:
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise TypeError("validation_data is not a tuple (X, y) or (X, y, sample_weight)")
    X, y = validate_data(
        estimator,
        validation_data[0],
        validation_data[1],
        accept_sparse=["csr", "csc"],
        multi_output=True,
        y_numeric=estimator._y_numeric,
        dtype=np.dtype(estimator._dtype),
        reset=False,
    )
    estimator._check_features(X)
    weights = weights_of(validation_data[2] if len(validation_data) == 3 else None, X)
    return X, estimator._known(y.toarray() if hasattr(y, "toarray") else y), weights


def _split(
    estimator: Any,
    X: Any,
    y: np.ndarray,
    weights: np.ndarray | None,
    label_weights: np.ndarray | None,
    random: np.random.RandomState,
) -> tuple[Any, np.ndarray, np.ndarray | None, np.ndarray | None, Any]:
    """Hold `validation_fraction` of the samples out: those that scikit-learn would, two classes in proportion."""
    coding = estimator._coding
    stratify = None
    if isinstance(coding, Classes) and coding.kind == "classes" and len(coding.values[0]) <= 2:
        stratify = coding.codes(y) == 1
    chosen, out = train_test_split(
        np.arange(len(y)), random_state=random, test_size=estimator.validation_fraction, stratify=stratify
    )
    if len(out) < 2:
        raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")
    own = [None if each is None else each[chosen] for each in (weights, label_weights)]
    held_out = X[out], y[out], None if weights is None else weights[out]
    return X[chosen], y[chosen], own[0], own[1], held_out


def weights_of(sample_weight: Any, X: Any) -> np.ndarray | None:
    """Check sample weights: finite numbers >= 0, not all 0, one for each row.

    Raises
    ------
    ValueError
        If they are not.
    """
    if sample_weight is None:
        return None
    weights: np.ndarray = _check_sample_weight(sample_weight, X)
    if (weights < 0).any():
        row = int(np.argmax(weights < 0))
        raise ValueError(f"Negative values in sample_weight: {weights[row]:g} in row {row}; weights must be >= 0")
    if not (weights > 0).any():
        raise ValueError("Sample weights must contain at least one non-zero number; sample_weight is 0 for every row")
    return weights


def batch_size_of(estimator: Any, n_samples: int, incremental: bool) -> int:
    """Return how many samples a step takes: scikit-learn's choice for "auto", at most all of them."""
    if estimator.batch_size == "auto":
        return min(_AUTO_BATCH, n_samples)
    if estimator.batch_size > n_samples and not incremental:  # of a stream's parts any may be small
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=6
        )
    return min(int(estimator.batch_size), n_samples)
