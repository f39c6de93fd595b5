"""`TableClassifier`: the classifier to try first on a table."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import ClassifierMixin

from netlet.errors import unknown_name
from netlet.tables.base import ChosenColumns, TableEstimator
from netlet.tables.best_epoch import Cost, refined_loss
from netlet.tables.choosing import Chosen
from netlet.tables.first_pass import Summary
from netlet.tables.ready import Onlooker, Ready
from netlet.tables.streaming import Streamed
from netlet.tables.targets import classes_of, described, labels_of, name_of, restored
from netlet.tables.temperature import temperature_of
from netlet.tables.undoing import undone_if_it_fails

_LEAST = 1e-15  # probability of the right class


class TableClassifier(ClassifierMixin, Streamed, TableEstimator):
    """A classifier of raw tables: numbers, categories, truth values, dates and missing values as they are.

    Networks after the recipe of RealMLP-TD [1]_ are trained side by side, each on its own part of the rows and kept at
    the epoch that is best on the others. Their probabilities are averaged and calibrated by one temperature [2]_.

    Parameters
    ----------
    preset : {"fast", "default", "best"}
        "fast": one network; "default": five (four of 3,000 rows and more), each with another fifth of the rows held
        out; "best": as many of each of four settings, of which those are averaged that are best together.
    class_weight : "balanced", dict of class to weight, or None, default None
        Multiplied with `sample_weight`. "balanced": n_rows / (n_classes * rows of the class).
    epochs : int >= 1 or None, default None
        None: by the number of rows.
    batch_size : int >= 1 or None, default None
        None: by the number of rows.
    learning_rate : float > 0 or None, default None
        None: the recipe's.
    patience : int >= 1 or None, default None
        Epochs without improvement after which a network's training ends; None: it does not end early, and the best
        epoch is kept all the same.
    recipe : dict or None, default None
        Pieces of the recipe to change, by the keywords of `netlet.tables.recipe.recipe`, such as ``{"dropout": 0.0,
        "hidden": (64, 64)}``.
    encoding : {"robust", "quantile"}, default "robust"
        What numbers become: (x - median) / (upper - lower quartile), smoothly clipped; or the normal quantile of the
        share of numbers that are smaller.
    drop : sequence of str, default ()
        Columns to leave out.
    time_limit : float > 0 or None, default None
        Seconds for all networks together; those that have had an epoch by then are kept.
    random_state : int, RandomState or None, default None
    n_threads : int >= 1 or None, default None
        The result does not depend on it.
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the networks from learning: each history then has `health`, and each finding of
        the first network's is a `HealthWarning`. Leaps of a loss that falls in the end are left out: the recipe takes
        the rate up again and again. A training on blocks is not looked at.

    Attributes
    ----------
    classes_ : array, (n_classes,)
        Sorted.
    model_ : Ensemble
        The networks, and the temperature.
    preparation_ : Preparation
        What was learned of the columns.
    dropped_columns_ : dict of str to str
        The columns that are not used, and why.
    n_features_in_ : int
    feature_names_in_ : array of str, (n_columns,)
        Where the table's columns have names.
    history_ : History
        That of the first network.
    histories_ : list of History
    health_ : Health or None
        What was found in the training of the first network, with ``health=True``.

    See Also
    --------
    TableRegressor : The same for numbers.

    References
    ----------
    .. [1] Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
       data", 2024 (arXiv 2407.04491).
    .. [2] Berta, Holzmueller, Jordan, Bach, "Rethinking early stopping: refine, then calibrate", 2025 (arXiv
       2501.19195).

    Examples
    --------
    >>> from netlet import TableClassifier
    >>> rows = {
    ...     "height": [31.0, 40.5, None, 33.0, 41.0, 39.5] * 5,
    ...     "colour": ["red", "blue", "blue", "red", None, "blue"] * 5,
    ... }
    >>> kinds = ["a", "b", "b", "a", "b", "b"] * 5
    >>> model = TableClassifier("fast", epochs=20, recipe={"hidden": (16,)}, random_state=0).fit(rows, kinds)
    >>> model.predict({"height": [32.0, 41.0], "colour": ["red", "green"]}).tolist()
    ['a', 'b']
    """

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
        encoding: str = "robust",
        drop: tuple[str, ...] = (),
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        super().__init__(
            preset, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, patience=patience,
            recipe=recipe, encoding=encoding, drop=drop, time_limit=time_limit, random_state=random_state,
            n_threads=n_threads, verbose=verbose, health=health,
        )  # fmt: skip
        self.class_weight = class_weight

    @undone_if_it_fails
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the columns and train the networks.

        Parameters
        ----------
        X : pandas or polars DataFrame, dict of columns, or array-like, (n_rows, n_columns)
            Text that holds numbers, truth values or dates in every cell is read as such. Columns that can teach nothing
            are left out; `dropped_columns_` says why.
        y : array-like, (n_rows,)
            Classes: text, whole numbers or truth values. Every network learns from rows of every class; a class of one
            row is never held out. Fewer than 10 rows are all learnt from, and none is held out.
        sample_weight : array-like, (n_rows,), optional
            Numbers >= 0; a row of weight 0 is as if it was not there.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If a parameter, X, y or a weight is not as it should be: fewer than two classes, a row without a class,
            infinite numbers, two columns of one name, no column that can be learnt from.
        TrainingFailed
            If no network could be trained.
        """
        self._check_parameters()
        labels = labels_of(y, type(self).__name__)
        frame, labels, weights = self._rows(X, labels, sample_weight)
        self._target_name = name_of(y)
        self._learn(self._ready(frame, labels, weights))
        return self

    def _ready(
        self, frame: pl.DataFrame, y: np.ndarray, weights: np.ndarray | None, chosen: ChosenColumns | None = None
    ) -> Ready:
        self.classes_, codes = classes_of(y)
        by_class = self._class_weights(np.bincount(codes))
        if by_class is not None:
            weights = by_class[codes] if weights is None else weights * by_class[codes]
        return Ready(self._prepared(frame, chosen), codes, weights)

    def _learn(self, ready: Ready, onlooker: Onlooker | None = None) -> Chosen:
        chosen = self._train(ready, onlooker)
        held = None if ready.weights is None else ready.weights[chosen.rows]
        self._calibrate(ready.y[chosen.rows], chosen.outputs, held, chosen.averaged)
        return chosen

    def _shape(self) -> dict[str, Any]:
        return {"n_classes": len(self.classes_)}

    def _class_weights(self, counts: np.ndarray) -> np.ndarray | None:
        """Return the weight of each class, of which there are so many rows: float64, (n_classes,)."""
        given = self.class_weight
        if given is None:
            return None
        if isinstance(given, dict):
            known = self.classes_.tolist()
            unknown = [label for label in given if label not in known]
            if unknown:
                raise ValueError(
                    f"class_weight holds {unknown[0]!r}, which is not among the classes {known}; give a weight for "
                    "classes of y alone"
                )
            wrong = {
                label: weight
                for label, weight in given.items()
                if not isinstance(weight, Real) or not 0 <= float(weight) < np.inf
            }
            if wrong:
                raise ValueError(f"class_weight={wrong} is not finite and >= 0; 1 is the weight of the other classes")
            return np.array([float(given.get(label, 1.0)) for label in known])
        if given != "balanced":
            raise ValueError(f"class_weight={given!r} is not 'balanced', a dict of class to weight, or None")
        balanced: np.ndarray = counts.sum() / (len(counts) * counts.astype(np.float64))
        return balanced

    def _calibrate(
        self, codes: np.ndarray, outputs: np.ndarray, weights: np.ndarray | None, averaged: bool = False
    ) -> None:
        counts = weights if weights is not None and weights.any() else None
        self.model_.temperature = temperature_of(outputs, codes, counts, len(self.model_.networks), averaged)

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        refined = refined_loss(y, weights)
        return lambda outputs: refined(outputs).loss

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, calibrated.

        Parameters
        ----------
        X : table
            As for `fit`, with the columns used in any order; others are ignored. One row may be a dict of its cells,
            such as ``{"area": 70, "district": "north"}``. A category that was never seen, or only once in a column of
            more than nine, counts as missing.

        Returns
        -------
        float64, (n_rows, n_classes)
            In the order of `classes_`.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError
            If a column is missing, or a cell is not of its column's kind or infinite.
        """
        return self._probabilities(self._inputs(X))

    def _probabilities(self, x: np.ndarray) -> np.ndarray:
        single = self.model_.predict(x, n_threads=self.n_threads).astype(np.float64)
        probabilities: np.ndarray = single / single.sum(axis=1, keepdims=True)  # 1 in this precision too
        return probabilities

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row: (n_rows,).

        Parameters
        ----------
        X : table
            As for `predict_proba`.
        """
        probabilities = self.predict_proba(X)
        labels: np.ndarray = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _scored(self, y: Any, measure: str | None) -> tuple[np.ndarray, Any, Any, str]:
        name = measure or "accuracy"
        if name not in _MEASURES:
            raise ValueError(unknown_name("measure", name, _MEASURES))
        return self._codes(labels_of(y, type(self).__name__)), self._probabilities, _MEASURES[name], name

    def _codes(self, labels: np.ndarray) -> np.ndarray:
        """Return the class number of each label.

        Raises
        ------
        ValueError
            If one is no class that was learnt.
        """
        places = {label: place for place, label in enumerate(self.classes_.tolist())}
        values, which = np.unique(labels, return_inverse=True)
        unknown = [value for value in values.tolist() if value not in places]
        if unknown:
            raise ValueError(
                f"y holds {unknown[0]!r}, which is not among the classes {self.classes_.tolist()}; leave such rows out"
            )
        codes: np.ndarray = np.array([places[value] for value in values.tolist()], dtype=np.int64)[which]
        return codes

    # fit_stream

    def _checked(self, y: Any) -> np.ndarray:
        with warnings.catch_warnings():  # a block of few rows may well have a class for each
            warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
            return labels_of(y, type(self).__name__)

    def _begin(self, summary: Summary) -> dict[str, Any]:
        labels, counts = summary.classes()
        self.classes_ = classes_of(labels)[0]
        self._by_class = self._class_weights(counts)
        return self._shape()

    def _as_learnt(self, y: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        codes = self._codes(y)
        if self._by_class is None:
            return codes, weights
        return codes, self._by_class[codes] * (1 if weights is None else weights)

    def _end(self, y: np.ndarray, outputs: np.ndarray, weights: np.ndarray | None) -> None:
        self._calibrate(y, outputs, weights)

    # The model's file

    def _fitted(self) -> dict[str, Any]:
        return described(self.classes_)

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.classes_ = restored(fitted)
        if self.model_.n_outputs != len(self.classes_):
            raise ValueError(f"its networks tell {self.model_.n_outputs} classes apart, not {len(self.classes_)}")


def _accuracy(codes: np.ndarray, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == codes).mean())


def _log_likelihood(codes: np.ndarray, probabilities: np.ndarray) -> float:
    right = probabilities[np.arange(len(codes)), codes]
    return float(np.log(np.maximum(right, _LEAST)).mean())


_MEASURES = {"accuracy": _accuracy, "log likelihood": _log_likelihood}
