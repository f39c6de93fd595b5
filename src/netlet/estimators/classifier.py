"""What classifiers share: labels to targets and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import column_or_1d

from netlet.estimators.base import BaseNetworkEstimator
from netlet.estimators.picturing import PicturesOfClasses
from netlet.estimators.solver import is_full_batch
from netlet.estimators.targets import Classes, class_loss, kind_of
from netlet.training.losses import Loss


def _has_partial_fit(estimator: Any) -> bool:
    if is_full_batch(estimator.solver):
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {estimator.solver} is not stochastic."
        )
    return True


def _has_probabilities(estimator: Any) -> bool:
    loss = estimator.loss.rule if isinstance(estimator.loss, Loss) else estimator.loss
    return loss not in ("hinge", "perceptron")


class BaseNetworkClassifier(PicturesOfClasses, ClassifierMixin, BaseNetworkEstimator):
    """Base of the classifiers.

    Attributes
    ----------
    classes_ : array, (n_classes,), or list of arrays
        A list for y with several columns of classes.
    """

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Any:
        """Train the network.

        Parameters
        ----------
        X : array-like, data frame or sparse matrix, (n_samples, n_features)
            A sparse one is densified a block of rows at a time.
        y : array-like, (n_samples,) or (n_samples, n_outputs)
            Classes of any type; a matrix of 0 and 1 has several labels for each sample, one of other classes a task for
            each column.
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
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None, *, validation_data: Any = None
    ) -> Any:
        """Train for one epoch over the given samples; the optimizer's memory is kept for the next call.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like, optional
            All classes of all calls, needed in the first one; for y with several columns a list of such.
        validation_data : tuple, optional
            As for `fit`. With ``early_stopping=True`` it is needed: once its score has not improved for
            `n_iter_no_change` calls, the best weights are put back and `stopped_` is "converged".

        Returns
        -------
        self
        """
        first = "classes_" not in self.__dict__
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if not first and classes is not None and not _same(classes, self.classes_):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self.classes_!r}"
            )
        return self._fit(X, y, sample_weight, validation_data, incremental=True, classes=classes if first else None)

    def _coded(self, y: np.ndarray, fresh: bool, classes: Any) -> tuple[Classes, np.ndarray]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        begins = "_coding" not in self.__dict__ or fresh
        found = kind_of(y)
        kind = found if begins else self._coding.kind
        if classes is not None:
            known = _classes_given(classes, kind, y)
        elif begins and "classes_" in self.__dict__ and not fresh:
            known = (np.asarray(self.classes_),)
        elif begins:
            columns = y.reshape(len(y), -1).T
            known = (np.arange(y.shape[1]),) if kind == "multilabel" else tuple(np.unique(each) for each in columns)
        else:
            known = self._coding.values
        loss = class_loss(self.loss, kind, [len(each) for each in known], self.label_smoothing)
        coding = Classes(kind, known, loss, self.label_smoothing)
        if not begins or classes is not None:
            self._refuse_unknown(y, found, coding, exactly=self.warm_start and not begins)
        self.classes_ = coding.public
        return coding, y

    def _refuse_unknown(self, y: np.ndarray, kind: str, coding: Classes, exactly: bool) -> None:
        """Raise for classes that the model does not know; with `exactly` also if some do not occur."""
        if kind != coding.kind and coding.kind != "columns":
            raise ValueError(f"y is of the kind {kind!r}, the model was fitted on {coding.kind!r}")
        if coding.kind == "multilabel":
            if y.shape[1] != len(coding.values[0]):
                raise ValueError(f"y has {y.shape[1]} labels, the model was fitted on {len(coding.values[0])}")
            return
        columns = y.reshape(len(y), -1).T
        if len(columns) != len(coding.values):
            raise ValueError(f"y has {len(columns)} columns, the model was fitted on {len(coding.values)}")
        for column, known in zip(columns, coding.values, strict=True):
            found = np.unique(column)
            if exactly and set(found) != set(known):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {known}, `y` has {found}"
                )
            if not set(found) <= set(known):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has {known}. 'y' has {found}."
                )

    def _known(self, y: np.ndarray) -> np.ndarray:
        """Check labels to validate on."""
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y)
        self._refuse_unknown(y, kind_of(y), self._coding, exactly=False)
        return y

    def _targets_of(self, y: np.ndarray) -> np.ndarray:
        targets: np.ndarray = self._coding.targets(self._coding.codes(y), self._dtype)
        return targets

    def _label_weights(self, y: np.ndarray, incremental: bool) -> np.ndarray | None:
        if self.class_weight is None:
            return None
        if incremental and isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight={self.class_weight!r} is not supported by partial_fit, which cannot count the classes "
                "of samples to come; give a dict of class to weight"
            )
        weights: np.ndarray = compute_sample_weight(self.class_weight, y)
        return weights

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each sample: (n_samples,) or (n_samples, n_outputs), as y was.

        Parameters
        ----------
        X : array-like, data frame or sparse matrix, (n_samples, n_features)
        """
        outputs = self._outputs(X)
        labels: np.ndarray = self._coding.labels(outputs)
        return labels

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : array-like, data frame or sparse matrix, (n_samples, n_features)

        Returns
        -------
        dtype, (n_samples, n_classes), or a list of such
            A list for y with several columns of classes.
        """
        outputs = self._outputs(X)
        return self._coding.probabilities(outputs)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of what `predict_proba` does."""
        found = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return [np.log(each) for each in found] if isinstance(found, list) else np.log(found)

    @available_if(lambda estimator: not _has_probabilities(estimator))
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the outputs of a network without probabilities: (n_samples,) for two classes, else a column each.

        Only for ``loss="hinge"`` and ``loss="perceptron"``.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of samples whose classes are all predicted right.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
        y : array-like, (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like, (n_samples,), optional
        """
        predicted = self.predict(X)
        if self._coding.kind == "columns":
            right = (np.asarray(y) == predicted).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        return float(accuracy_score(y, predicted, sample_weight=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _classes_given(classes: Any, kind: str, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the classes that a first `partial_fit` names."""
    if kind == "multilabel":
        return (np.arange(y.shape[1]),)
    if kind == "columns":
        return tuple(unique_labels(each) for each in classes)
    return (unique_labels(classes),)


def _same(classes: Any, known: Any) -> bool:
    if isinstance(known, list):
        return len(classes) == len(known) and all(
            np.array_equal(unique_labels(each), own) for each, own in zip(classes, known, strict=True)
        )
    return bool(np.array_equal(unique_labels(classes), known))
