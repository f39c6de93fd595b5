"""A model of tables as one safe file: that of its networks, with all else as JSON in its notes."""

from __future__ import annotations

import os
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from netlet.errors import ModelFileError, with_article
from netlet.population.ensemble import Ensemble
from netlet.tables.preparation import Preparation

_FILE_KEY = "estimator"


class Saved(BaseEstimator):
    """The part of an estimator of tables that is kept in a file, and read from one."""

    model_: Ensemble
    preparation_: Preparation
    n_features_in_: int
    _target_name: str | None

    def _fitted(self) -> dict[str, Any]:
        """Return what `fit` found out about y, as JSON values."""
        raise NotImplementedError

    def _restore(self, fitted: dict[str, Any]) -> None:
        """Take back what `_fitted` returned; raise ValueError if the networks do not fit it."""
        raise NotImplementedError

    @property
    def target_name(self) -> str | None:
        """The name of the column that was learnt, where y was a column of a frame or of a file."""
        return getattr(self, "_target_name", None)

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

        Notes
        -----
        Histories are not kept, nor are parameters that JSON cannot hold, such as objects in `recipe`; predicting needs
        neither.
        """
        check_is_fitted(self, "model_")
        self.model_.save(path, notes=self.model_.notes | {_FILE_KEY: self._described()})

    def _described(self) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "class": type(self).__name__,
            "parameters": {name: value for name, value in self.get_params(deep=False).items() if _is_json(value)},
            "preparation": self.preparation_.to_dict(),
            "n_features_in": self.n_features_in_,
            "feature_names_in": None if names is None else names.tolist(),
            "target_name": self._target_name,
            "fitted": self._fitted(),
        }

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote. Nothing in the file is executed.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        estimator
            With the parameters and all fitted attributes but the histories.

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
            raise ModelFileError(
                f"{path} holds {holds}, not {with_article(cls.__name__)}; load it with {kind or 'Ensemble'}.load"
            )
        try:
            return cls._from(model, described)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None

    @classmethod
    def _from(cls, model: Ensemble, described: dict[str, Any]) -> Self:
        known = cls._get_param_names()
        estimator = cls(**{name: _again(value) for name, value in described["parameters"].items() if name in known})
        estimator._learn_columns(Preparation.from_dict(described["preparation"]))
        if model.n_inputs != len(estimator.preparation_.names):
            raise ValueError(
                f"its networks read {model.n_inputs} numbers, its preparation makes {len(estimator.preparation_.names)}"
            )
        estimator.model_ = model
        estimator.n_features_in_ = int(described["n_features_in"])
        estimator._target_name = described["target_name"]
        if described["feature_names_in"] is not None:
            estimator.feature_names_in_ = np.array(described["feature_names_in"], dtype=object)
        estimator._restore(described["fitted"])
        return estimator

    def _learn_columns(self, preparation: Preparation) -> None:
        self.preparation_ = preparation
        self.dropped_columns_ = {each.name: each.why for each in preparation.dropped}


def _is_json(value: Any) -> bool:
    """Tell whether JSON gives back what it is given."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_json(each) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return all(_is_json(each) for each in value)
    return value is None or type(value) in (bool, int, float, str)


def _again(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _again(each) for name, each in value.items()}
    return tuple(value) if isinstance(value, list) else value  # parameters that are sequences are tuples
