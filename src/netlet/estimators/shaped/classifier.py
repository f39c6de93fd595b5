"""Classifiers of pictures, sequences and text: labels to class numbers, and probabilities back."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from netlet.errors import check_number
from netlet.estimators.shaped.base import ShapedEstimator
from netlet.graph.activations import Softmax
from netlet.graph.specification import Layer, Node
from netlet.training.losses import CrossEntropy


class ShapedClassifier(ClassifierMixin, ShapedEstimator):
    """Base of the classifiers; beside the settings of training it has `label_smoothing` and `class_weight`.

    Attributes
    ----------
    classes_ : array, (n_classes,)
        Sorted.
    """

    label_smoothing: float
    class_weight: Any

    def _samples(self, X: Any) -> np.ndarray:
        """Return the samples as the network of a fitted estimator reads them: float32, (n_samples, *shape)."""
        raise NotImplementedError

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number("label_smoothing", self.label_smoothing, float, 0, below=1)

    def _check_given(self, y: Any) -> None:
        if y is None:
            whose = type(self).__name__
            raise ValueError(
                f"{whose} requires y to be passed, but the target y is None; give the class of each sample"
            )

    def _coded(self, y: Any) -> np.ndarray:
        """Find the classes and return the class number of each label: int64, (n_samples,)."""
        self._check_given(y)
        labels = column_or_1d(np.asarray(y), warn=True)
        if labels.dtype.kind == "f" and np.isnan(labels).any():
            raise ValueError("Input y contains NaN; leave the samples without a class out")
        check_classification_targets(labels)
        codes: np.ndarray
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()
            raise ValueError(f"y has {len(only)} class, {only}; a classifier needs samples of two classes at least")
        return codes

    def _known(self, y: Any) -> np.ndarray:
        """Return the class numbers of labels to validate on."""
        labels = column_or_1d(np.asarray(y))
        codes: np.ndarray = np.searchsorted(self.classes_, labels).clip(max=len(self.classes_) - 1)
        wrong = labels[self.classes_[codes] != labels]
        if len(wrong):
            raise ValueError(
                f"validation y holds {wrong.tolist()[0]!r}, which is not among the classes {self.classes_.tolist()}"
            )
        return codes

    def _learn(self, x: np.ndarray, codes: np.ndarray, sample_weight: Any, validation_data: Any) -> None:
        """Train the network for the classes that `_coded` found; `validation_data` is (x, codes) or None."""
        body = self._body(tuple(x.shape[1:]), len(self.classes_))
        layers: list[Layer] | Node = Softmax()(body) if isinstance(body, Node) else [*body, Softmax()]
        weights = self.class_weight
        if isinstance(weights, dict):
            places = {label: place for place, label in enumerate(self.classes_.tolist())}
            unknown = [label for label in weights if label not in places]
            if unknown:
                raise ValueError(
                    f"class_weight holds {unknown[0]!r}, which is not among the classes {list(places)}; give a weight "
                    "for classes of y alone"
                )
            weights = {places[label]: weight for label, weight in weights.items()}
        self._train(
            x, codes, layers, loss=CrossEntropy(self.label_smoothing), stratify=codes, sample_weight=sample_weight,
            class_weight=weights, validation_data=validation_data,
        )  # fmt: skip

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X
            Samples as `fit` takes them.

        Returns
        -------
        float32, (n_samples, n_classes)
        """
        check_is_fitted(self, "network_")
        probabilities: np.ndarray = self.network_.predict(self._samples(X), n_threads=self.n_threads)
        return probabilities

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each sample: (n_samples,).

        Parameters
        ----------
        X
            Samples as `fit` takes them.
        """
        probabilities = self.predict_proba(X)  # first: it says so where there is no network yet
        labels: np.ndarray = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _fitted(self) -> dict[str, Any]:
        return {"classes": self.classes_.tolist()}

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.classes_ = np.array(fitted["classes"])
