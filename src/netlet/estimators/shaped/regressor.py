"""Regressors of sequences: targets are standardised while the network learns them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, check_is_fitted

from netlet.estimators.shaped.base import ShapedEstimator


class ShapedRegressor(RegressorMixin, ShapedEstimator):
    """Base of the regressors.

    Attributes
    ----------
    target_mean_, target_scale_ : float64, (n_targets,)
    """

    def _samples(self, X: Any) -> np.ndarray:
        """Return the samples as the network of a fitted estimator reads them: float32, (n_samples, *shape)."""
        raise NotImplementedError

    def _scaled(self, y: Any) -> np.ndarray:
        """Find the scale of the targets, and return them standardised: float32, (n_samples, n_targets)."""
        numbers = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        self._is_column = numbers.ndim == 1
        numbers = numbers.reshape(len(numbers), -1)
        self.target_mean_, scale = numbers.mean(axis=0), numbers.std(axis=0)
        self.target_scale_ = np.where(scale > 0, scale, 1.0)
        return self._known(numbers)

    def _known(self, y: Any) -> np.ndarray:
        """Standardise targets with the scale that is known."""
        numbers = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y").reshape(len(y), -1)
        if numbers.shape[1] != len(self.target_mean_):
            raise ValueError(f"y has {numbers.shape[1]} targets, the model was fitted on {len(self.target_mean_)}")
        standardised: np.ndarray = ((numbers - self.target_mean_) / self.target_scale_).astype(np.float32)
        return standardised

    def _learn(self, x: np.ndarray, y: np.ndarray, sample_weight: Any, validation_data: Any) -> None:
        """Train the network on standardised targets; `validation_data` is (x, y) or None."""
        body = self._body(tuple(x.shape[1:]), y.shape[1])
        self._train(x, y, body, loss="squared_error", sample_weight=sample_weight, validation_data=validation_data)

    def predict(self, X: Any) -> np.ndarray:
        """Return the prediction for each sample: float64, (n_samples,), or (n_samples, n_targets) as y was.

        Parameters
        ----------
        X
            Samples as `fit` takes them.
        """
        check_is_fitted(self, "network_")
        outputs = self.network_.predict(self._samples(X), n_threads=self.n_threads)
        numbers: np.ndarray = outputs.astype(np.float64) * self.target_scale_ + self.target_mean_
        return numbers[:, 0] if self._is_column else numbers

    def _fitted(self) -> dict[str, Any]:
        return {
            "mean": self.target_mean_.tolist(), "scale": self.target_scale_.tolist(), "is_column": self._is_column
        }  # fmt: skip

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.target_mean_, self.target_scale_ = np.array(fitted["mean"]), np.array(fitted["scale"])
        self._is_column = bool(fitted["is_column"])
