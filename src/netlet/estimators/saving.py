"""An estimator as one safe file: that of the network or the ensemble it trained, with all else as JSON in its notes."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from netlet.errors import ModelFileError, with_article
from netlet.network.network import Network
from netlet.population.ensemble import Ensemble

_FILE_KEY = "estimator"
_PAIRS = "pairs of key and value"


class SavedEstimator(BaseEstimator):
    """Base of the estimators that are kept in a file of their own, and read from one.

    Attributes
    ----------
    _kept : str
        The name of the attribute that holds the network, or the ensemble.
    _kind : type
        What that is.
    """

    _kept: ClassVar[str]
    _kind: ClassVar[type[Network] | type[Ensemble]]

    # What a subclass writes

    def _fitted(self) -> dict[str, Any]:
        """Return what `fit` found out beside the network, as JSON values."""
        raise NotImplementedError

    def _restore(self, fitted: dict[str, Any]) -> None:
        """Take back what `_fitted` returned; raise ValueError if the network does not fit it."""
        raise NotImplementedError

    def _described(self) -> dict[str, Any]:
        """Return all but the network, as JSON values."""
        return {"class": type(self).__name__, "parameters": self._plain_parameters(), "fitted": self._fitted()}

    @classmethod
    def _from(cls, held: Any, described: dict[str, Any]) -> Self:
        """Make an estimator of what a file held, and what `_described` returned."""
        estimator = cls._with_parameters(described["parameters"])
        setattr(estimator, cls._kept, held)
        estimator._restore(described["fitted"])
        return estimator

    # What it gets

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file, whole or not at all: the weights, and what it takes to use them.

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
        Histories are not kept, nor are parameters that JSON cannot hold, such as layers; predicting needs neither.
        """
        check_is_fitted(self, self._kept)
        held = getattr(self, self._kept)
        held.save(path, notes=held.notes | {_FILE_KEY: self._described()})

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
        held = cls._kind.load(path)
        found = class_in(held)
        if found != cls.__name__:
            alone = with_article(cls._kind.__name__.lower()) + " by itself"
            raise ModelFileError(
                f"{path} holds {with_article(found) if found else alone}, not {with_article(cls.__name__)}; load it "
                f"with {found or cls._kind.__name__}.load"
            )
        try:
            return cls._from(held, held.notes[_FILE_KEY])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None

    def _plain_parameters(self) -> dict[str, Any]:
        return {name: _as_json(value) for name, value in self.get_params(deep=False).items() if _is_plain(value)}

    @classmethod
    def _with_parameters(cls, parameters: dict[str, Any]) -> Self:
        """Make an estimator with those parameters of a file that it knows."""
        known = cls._get_param_names()
        return cls(**{name: _from_json(value) for name, value in parameters.items() if name in known})


def class_in(held: Network | Ensemble) -> str | None:
    """Return the name of the estimator that a loaded network, or ensemble, belongs to, if any."""
    described = held.notes.get(_FILE_KEY)
    name = described.get("class") if isinstance(described, dict) else None
    return name if isinstance(name, str) else None


def _is_plain(value: Any) -> bool:
    """Tell whether JSON can hold a value, perhaps as `_as_json` writes it."""
    if isinstance(value, dict):
        names_too = (_is_plain(name) and not isinstance(name, tuple) for name in value)
        return all(names_too) and all(_is_plain(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(each) for each in value)
    return value is None or isinstance(value, (bool, int, float, str, np.integer, np.floating, np.bool_))


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it; a dict whose keys are not text, as the classes 0 and 1, becomes pairs."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_as_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    if all(isinstance(name, str) for name in value):
        return {name: _as_json(each) for name, each in value.items()}
    return {_PAIRS: [[_as_json(name), _as_json(each)] for name, each in value.items()]}


def _from_json(value: Any) -> Any:
    """Return what `_as_json` was given, but for the types of sequences and numbers."""
    if isinstance(value, dict) and list(value) == [_PAIRS]:
        return {name: _from_json(each) for name, each in value[_PAIRS]}
    return value
