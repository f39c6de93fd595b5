"""What regressors share."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d

from netlet.estimators.base import BaseNetworkEstimator
from netlet.estimators.classifier import _has_partial_fit
from netlet.estimators.picturing import PicturesOfNumbers
from netlet.estimators.targets import Numbers, number_loss
from netlet.estimators.validation import regression_score
from netlet.training.losses import Quantile
from netlet.training.samples.targets import targets_of


class BaseNetworkRegressor(PicturesOfNumbers, RegressorMixin, BaseNetworkEstimator):
    """Base of the regressors."""

    _y_numeric = True

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Any:
        """Train the network.

        Parameters
        ----------
        X : array-like, data frame or sparse matrix, (n_samples, n_features)
            A sparse one is densified a block of rows at a time.
        y : array-like, (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like, (n_samples,), optional
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
            Scored after each epoch; with ``early_stopping=True`` it takes the place of samples held out.

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, validation_data)

    @available_if(_has_partial_fit)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Any:
        """Train for one epoch over the given samples; the optimizer's memory is kept for the next call.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        validation_data : tuple, optional
            As for `fit`. With ``early_stopping=True`` it is needed: once its score has not improved for
            `n_iter_no_change` calls, the best weights are put back and `stopped_` is "converged".

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, validation_data, incremental=True)

    def _coded(self, y: np.ndarray, fresh: bool, _classes: Any) -> tuple[Numbers, np.ndarray]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        before = self.__dict__.get("_coding")
        if not fresh and before is not None and before.n_targets != n_targets:
            raise ValueError(
                f"y has {n_targets} columns, the model was fitted on {before.n_targets}; give the same targets"
            )
        return Numbers(n_targets, y.ndim == 1, number_loss(self.loss)), y

    def _known(self, y: np.ndarray) -> np.ndarray:
        """Check targets to validate on."""
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y)
        return y

    def _targets_of(self, y: np.ndarray) -> np.ndarray:
        coding = self._coding
        return targets_of(y, coding.loss, coding.n_outputs, self._dtype, len(y), training=False)

    def predict(self, X: Any) -> np.ndarray:
        """Return predictions: dtype, (n_samples,) for one target, else (n_samples, n_targets).

        For several quantiles (n_samples, n_targets * n_quantiles): those of the first target first, lowest to highest.

        Parameters
        ----------
        X : array-like, data frame or sparse matrix, (n_samples, n_features)
        """
        outputs = self._outputs(X)
        values: np.ndarray = self._coding.values(outputs)
        return values

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R^2; for ``loss=Quantile(...)`` the mean share D^2 of the pinball loss that is explained.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
        y : array-like, (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like, (n_samples,), optional
        """
        if isinstance(self.loss, Quantile):
            return regression_score(self._coding, np.asarray(y), self.predict(X), sample_weight)
        return float(super().score(X, y, sample_weight))
