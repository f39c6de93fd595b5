"""What the estimators of tables share: a raw table in, a model of one file out."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, check_random_state

from netlet.data.columns import choose_columns
from netlet.errors import ModelFileError, check_number, with_article
from netlet.population.ensemble import Ensemble
from netlet.tables.best_epoch import Cost
from netlet.tables.frame import as_frame, with_kinds
from netlet.tables.members import Part, Trained, train_parts
from netlet.tables.preparation import Preparation, fit_preparation
from netlet.tables.presets import batch_size_for, epochs_for, preset_of, splits_of
from netlet.tables.recipe import recipe

_FILE_KEY = "estimator"
PLAIN = {"label_smoothing": 0.0}  # probabilities are wanted


class TableEstimator(BaseEstimator):
    """Base of the estimators of tables; a subclass writes what is marked below.

    Attributes
    ----------
    model_ : Ensemble
        The networks.
    preparation_ : Preparation
        What was learned of the columns.
    n_features_in_ : int
    feature_names_in_ : array of str, (n_features_in_,)
        Where the table's columns have names.
    """

    _task: str

    def __init__(
        self,
        preset: str = "default",
        *,
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
        self.preset = preset
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.recipe = recipe
        self.drop = drop
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    # What a subclass writes

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        """Return the cost by which the best epoch is found, of outputs for rows held out."""
        raise NotImplementedError

    def _fitted(self) -> dict[str, Any]:
        """Return what `fit` found out about y, as JSON values."""
        raise NotImplementedError

    def _restore(self, fitted: dict[str, Any]) -> None:
        """Take back what `_fitted` returned."""
        raise NotImplementedError

    # What it gets

    def _check_parameters(self) -> None:
        preset_of(self.preset)
        check_number("epochs", self.epochs, int, 1, optional=True)
        check_number("batch_size", self.batch_size, int, 1, optional=True)
        check_number("learning_rate", self.learning_rate, float, 0, optional=True, above=True)
        check_number("patience", self.patience, int, 1, optional=True)
        check_number("time_limit", self.time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", self.n_threads, int, 1, optional=True)

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _prepared(self, X: Any) -> np.ndarray:
        """Learn the columns and return the rows as the networks read them: float32, (n_rows, n_inputs)."""
        frame = with_kinds(as_frame(X))
        columns, dropped = choose_columns(frame, None, tuple(self.drop))
        self.preparation_ = fit_preparation(frame, columns, dropped)
        self.n_features_in_ = frame.width
        self._remember_names(X, frame)
        return self.preparation_.transform(frame)

    def _remember_names(self, X: Any, frame: pl.DataFrame) -> None:
        if hasattr(X, "columns") or isinstance(X, dict):
            self.feature_names_in_ = np.array(frame.columns, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _inputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        frame = as_frame(X)
        if not hasattr(self, "feature_names_in_") and frame.width != self.n_features_in_:
            raise ValueError(
                f"X has {frame.width} features, but {type(self).__name__} is expecting {self.n_features_in_} features "
                "as input"
            )
        return self.preparation_.transform(frame)

    def _train(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        n_classes: int | None,
        weights: np.ndarray | None,
    ) -> list[Trained]:
        """Train the networks of the preset.

        Parameters
        ----------
        x : float32, (n_rows, n_inputs)
        y : array, (n_rows,)
            Class numbers or standardised numbers.
        n_classes : int, optional
            None for numbers.
        weights : float64, (n_rows,), optional
        """
        seed, preset = self._seed(), preset_of(self.preset)
        settings = PLAIN | dict(self.recipe or {})
        if self.learning_rate is not None:
            settings["learning_rate"] = self.learning_rate
        parts = []
        for place, (rows, held) in enumerate(splits_of(len(x), preset, None if n_classes is None else y, seed)):
            batch_size = self.batch_size or batch_size_for(len(rows))
            made = recipe(
                **_columns_of(self.preparation_),
                n_classes=n_classes,
                epochs=self.epochs or epochs_for(len(rows), batch_size),
                batch_size=batch_size,
                **settings,
            )
            parts.append(Part(made.network(x[rows], seed + place), rows, held, made.training))
        return train_parts(
            parts,
            x,
            y,
            lambda held: self._cost_of(y[held], None if weights is None else weights[held]),
            patience=self.patience,
            sample_weight=weights,
            n_threads=self.n_threads,
            time_limit=self.time_limit,
            progress="auto" if self.verbose else "none",
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file, whole or not at all: the columns' preparation and the networks.

        Parameters
        ----------
        path : str or path
            ``.netlet`` is the usual ending; none is added.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        OSError
            If it cannot be written; a file that was there is as it was.
        """
        check_is_fitted(self, "model_")
        self.model_.save(path, notes=self.model_.notes | {_FILE_KEY: self._described()})

    def _described(self) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "class": type(self).__name__,
            "parameters": {k: v for k, v in self.get_params(deep=False).items() if k != "random_state"},
            "preparation": self.preparation_.to_dict(),
            "n_features_in": self.n_features_in_,
            "feature_names_in": None if names is None else names.tolist(),
            "fitted": self._fitted(),
        }

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote. Nothing in the file is executed.

        Raises
        ------
        OSError
            If it cannot be read.
        ModelFileError
            If it is no such model, is cut short, was altered, or needs a newer version.
        """
        model = Ensemble.load(path)
        described = model.notes.get(_FILE_KEY)
        if not isinstance(described, dict) or described.get("class") != cls.__name__:
            kind = described.get("class") if isinstance(described, dict) else None
            holds = with_article(kind) if isinstance(kind, str) else "an ensemble by itself"
            raise ModelFileError(f"{path} holds {holds}, not {with_article(cls.__name__)}; load it with {kind}.load")
        try:
            known = cls._get_param_names()
            estimator = cls(**{name: value for name, value in described["parameters"].items() if name in known})
            estimator.model_ = model
            estimator.preparation_ = Preparation.from_dict(described["preparation"])
            estimator.n_features_in_ = described["n_features_in"]
            if described["feature_names_in"] is not None:
                estimator.feature_names_in_ = np.array(described["feature_names_in"], dtype=object)
            estimator._restore(described["fitted"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None
        return estimator


def _columns_of(preparation: Preparation) -> dict[str, Any]:
    """Say to the recipe which inputs there are."""
    n_numbers, embedded = len(preparation.numbers), preparation.embedded
    n_others = len(preparation.names) - n_numbers - len(embedded)
    return {
        "n_numbers": n_numbers,
        "n_others": n_others,
        "categories": [len(each.values) + 1 for each in embedded],
    }
