"""The pictures that an estimator draws of itself, by `netlet.plots`, with its own classes and features as names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from netlet import plots
from netlet.errors import check_number


class Picturing:
    """The pictures of classifiers and regressors alike."""

    predict: Any
    _coding: Any
    _trusting: Any

    def plot_learning_curves(self, ax: Any = None, **options: Any) -> Any:
        """Draw the loss of each epoch, and that of the validation samples where there were some.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.learning_curves`; ``columns=("loss", "score")`` adds the validation score.

        Returns
        -------
        Axes, or array of Axes

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError, TypeError
            As `netlet.plots.learning_curves`.
        """
        check_is_fitted(self)
        own = self.__dict__
        columns = {
            "loss": own["loss_curve_"],
            "validation_loss": own.get("validation_loss_curve_"),
            "validation_score": own.get("validation_scores_"),
        }
        n = len(columns["loss"])
        # A partial_fit may have begun to validate late.
        padded = {name: [np.nan] * (n - len(each)) + list(each) for name, each in columns.items() if each is not None}
        return plots.learning_curves(padded, ax, **options)

    def _draw_plane(self, answers: Any, X: Any, y: Any, features: Any, ax: Any, options: dict[str, Any]) -> Any:
        names = self.__dict__.get("feature_names_in_")
        if names is not None:
            options = {"names": [str(name) for name in names]} | options
        trusting: AbstractContextManager[None] = self._trusting()
        with trusting:  # the rows of the plane have no names
            return plots.decision_boundary(answers, X, y, features, ax, **options)


class PicturesOfClasses(Picturing):
    """The pictures of classifiers."""

    classes_: Any

    def plot_decision_boundary(
        self, X: Any, y: Any, features: Sequence[int | str] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw which class is predicted over the plane of two features, and how surely, with samples.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,)
        features : two of int or str, optional
            Needed if X has more than two; the others are fixed at their medians.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.decision_boundary`: `fixed`, `names`, `resolution`.

        Returns
        -------
        Axes

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError, TypeError
            As `netlet.plots.decision_boundary`, and if there is more than one class for each sample.
        """
        self._check_single()
        answers = getattr(self, "predict_proba", self.predict)
        return self._draw_plane(answers, X, y, features, ax, {"classes": self.classes_, "kind": "classes"} | options)

    def plot_confusion_matrix(
        self, X: Any, y: Any, names: Sequence[Any] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw how many samples of each class are predicted as which.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,)
        names : sequence, (n_classes,), optional
            What to call `classes_`; default: themselves.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.confusion_matrix`.

        Returns
        -------
        Axes

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError, TypeError
            As `predict` and `netlet.plots.confusion_matrix`.
        """
        self._check_single()
        return plots.confusion_matrix(y, self.predict(X), names, ax, **({"classes": self.classes_} | options))

    def _check_single(self) -> None:
        check_is_fitted(self)
        if self._coding.kind != "classes":
            raise ValueError("y had several columns at fit; a picture is of one class for each sample")


class PicturesOfNumbers(Picturing):
    """The pictures of regressors."""

    def plot_decision_boundary(
        self, X: Any, y: Any, features: Sequence[int | str] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw which number is predicted over the plane of two features, with samples.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,)
        features : two of int or str, optional
            Needed if X has more than two; the others are fixed at their medians.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.decision_boundary`: `fixed`, `names`, `resolution`.

        Returns
        -------
        Axes

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError, TypeError
            As `netlet.plots.decision_boundary`, and if several numbers are predicted for each sample.
        """
        check_is_fitted(self)
        return self._draw_plane(self.predict, X, y, features, ax, {"kind": "numbers"} | options)

    def plot_residuals(self, X: Any, y: Any, ax: Any = None, *, output: int | None = None, unit: str = "") -> Any:
        """Draw predicted numbers against true ones, and the residuals.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,) or (n_samples, n_targets)
        ax : matplotlib Axes, optional
            They are divided.
        output : int, optional
            Which column of the predictions; needed if there are several.
        unit : str, optional
            Of the numbers, such as "kg".

        Returns
        -------
        array of Axes, (2,)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError, TypeError
            As `predict` and `netlet.plots.residuals`, and if there is no such output.
        """
        predicted = np.asarray(self.predict(X))
        true = np.asarray(y)
        if predicted.ndim == 2:
            if output is None:
                raise ValueError(
                    f"output=None, and {predicted.shape[1]} numbers are predicted; choose, such as output=0"
                )
            check_number("output", output, int, 0, below=predicted.shape[1])
            if true.shape == predicted.shape:
                true = true[:, output]
            predicted = predicted[:, output]
        return plots.residuals(true, predicted, ax, unit=unit)
