"""`TableRegressor`: the regressor to try first on a table."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from netlet.estimators.shaped.samples import weights_of
from netlet.population.ensemble import Ensemble
from netlet.tables.base import TableEstimator
from netlet.tables.best_epoch import Cost, squared_loss


class TableRegressor(RegressorMixin, TableEstimator):
    """DRAFT."""

    _task = "regression"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on a raw table."""
        self._check_parameters()
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None; give numbers")
        y = column_or_1d(check_array(y, ensure_2d=False, dtype=np.float64, input_name="y"), warn=True)
        if len(y) < 2:
            raise ValueError(f"n_samples={len(y)}: a regressor needs at least 2 rows")
        x = self._prepared(X)
        check_consistent_length(x, y)
        self.mean_, self.scale_ = float(y.mean()), float(y.std()) or 1.0
        self.range_ = (float(y.min()), float(y.max()))
        standardised = (y - self.mean_) / self.scale_
        weights = weights_of(sample_weight, len(x))
        trained = self._train(x, standardised, n_classes=None, weights=weights)
        self.model_ = Ensemble([each.network for each in trained])
        self.history_ = trained[0].history
        return self

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        return squared_loss(y, weights)

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each row, never beyond those trained on: float64, (n_rows,)."""
        x = self._inputs(X)  # first: it says so where there is no network yet
        outputs = self.model_.predict(x, n_threads=self.n_threads).astype(np.float64).ravel()
        return np.clip(outputs * self.scale_ + self.mean_, *self.range_)

    def _fitted(self) -> dict[str, Any]:
        return {"mean": self.mean_, "scale": self.scale_, "range": list(self.range_)}

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.mean_, self.scale_ = fitted["mean"], fitted["scale"]
        self.range_ = (fitted["range"][0], fitted["range"][1])
