"""A model of tables as one safe file: beside the networks what was learned of the columns."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from netlet.estimators.saving import SavedEstimator
from netlet.population.ensemble import Ensemble
from netlet.tables.preparation import Preparation


class Saved(SavedEstimator):
    """The part of an estimator of tables that is kept in a file, and read from one."""

    _kept = "model_"
    _kind = Ensemble
    model_: Ensemble
    preparation_: Preparation
    n_features_in_: int
    _target_name: str | None

    @property
    def target_name(self) -> str | None:
        """The name of the column that was learnt, where y was a column of a frame or of a file."""
        return getattr(self, "_target_name", None)

    def _described(self) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "class": type(self).__name__,
            "parameters": self._plain_parameters(),
            "preparation": self.preparation_.to_dict(),
            "n_features_in": self.n_features_in_,
            "feature_names_in": None if names is None else names.tolist(),
            "target_name": self._target_name,
            "fitted": self._fitted(),
        }

    @classmethod
    def _from(cls, held: Any, described: dict[str, Any]) -> Self:
        estimator = cls._with_parameters({name: _again(value) for name, value in described["parameters"].items()})
        estimator._learn_columns(Preparation.from_dict(described["preparation"]))
        if held.n_inputs != len(estimator.preparation_.names):
            raise ValueError(
                f"its networks read {held.n_inputs} numbers, its preparation makes {len(estimator.preparation_.names)}"
            )
        estimator.model_ = held
        estimator.n_features_in_ = int(described["n_features_in"])
        estimator._target_name = described["target_name"]
        if described["feature_names_in"] is not None:
            estimator.feature_names_in_ = np.array(described["feature_names_in"], dtype=object)
        estimator._restore(described["fitted"])
        return estimator

    def _learn_columns(self, preparation: Preparation) -> None:
        self.preparation_ = preparation
        self.dropped_columns_ = {each.name: each.why for each in preparation.dropped}


def _again(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _again(each) for name, each in value.items()}
    return tuple(value) if isinstance(value, list) else value  # parameters that are sequences are tuples
