"""`TableClassifier`: the classifier to try first on a table."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d

from netlet.estimators.shaped.samples import weights_of
from netlet.population.ensemble import Ensemble
from netlet.tables.base import TableEstimator
from netlet.tables.best_epoch import Cost, refined_loss


class TableClassifier(ClassifierMixin, TableEstimator):
    """DRAFT."""

    _task = "classification"

    def __init__(
        self,
        preset: str = "default",
        *,
        class_weight: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        patience: int | None = None,
        recipe: dict[str, Any] | None = None,
        drop: tuple[str, ...] = (),
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            preset, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, patience=patience,
            recipe=recipe, drop=drop, time_limit=time_limit, random_state=random_state, n_threads=n_threads,
            verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on a raw table."""
        self._check_parameters()
        codes = self._coded(y)
        x = self._prepared(X)
        check_consistent_length(x, codes)
        weights = weights_of(sample_weight, len(x))
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, self.classes_[codes])
            weights = by_class if weights is None else weights * by_class
        trained = self._train(x, codes, n_classes=len(self.classes_), weights=weights)
        self.model_ = Ensemble([each.network for each in trained])
        held = np.concatenate([each.held_out for each in trained])
        outputs = np.concatenate([each.outputs for each in trained])
        calibrated = refined_loss(codes[held], None if weights is None else weights[held], precise=True)
        self.model_.temperature = calibrated(outputs).temperature
        self.history_ = trained[0].history
        return self

    def _coded(self, y: Any) -> np.ndarray:
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None; give the class of each row"
            )
        labels = column_or_1d(np.asarray(y), warn=True)
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise ValueError("Input y contains NaN or infinity; leave the rows without a class out")
        if labels.dtype.kind == "O" and any(each is None or each != each for each in labels):
            raise ValueError("Input y contains NaN or None; leave the rows without a class out")
        check_classification_targets(labels)
        codes: np.ndarray
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()
            raise ValueError(f"y has {len(only)} class, {only}; a classifier needs rows of two classes at least")
        return codes

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        refined = refined_loss(y, weights)
        return lambda outputs: refined(outputs).loss

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: float64, (n_rows, n_classes)."""
        x = self._inputs(X)
        return self.model_.predict(x, n_threads=self.n_threads).astype(np.float64)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row: (n_rows,)."""
        probabilities = self.predict_proba(X)
        labels: np.ndarray = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _fitted(self) -> dict[str, Any]:
        return {"classes": self.classes_.tolist()}

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.classes_ = np.array(fitted["classes"])
