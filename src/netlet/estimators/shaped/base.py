"""An estimator whose samples are no rows of a table: a preset network, trained with the usual care, in one call."""

from __future__ import annotations

import os
from contextlib import nullcontext
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, check_random_state

from netlet.errors import ModelFileError, check_number, with_article
from netlet.estimators.health import check_health, warn_of
from netlet.estimators.shaped.samples import check_counts, held_out, weights_of
from netlet.graph.layers import Dense
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node
from netlet.insight.health import Health
from netlet.insight.health.watching import watching
from netlet.network.network import Network
from netlet.network.options import FitOptions
from netlet.population.ensemble import Ensemble
from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.optimizers import AdamW
from netlet.training.schedules import OneCycle, Schedule

_FILE_KEY = "estimator"


class ShapedEstimator(BaseEstimator):
    """Base of the estimators of pictures, sequences and text.

    A subclass has these parameters in its constructor, beside its own: `layers`, `epochs`, `batch_size`,
    `learning_rate`, `weight_decay`, `validation_fraction`, `patience`, `time_limit`, `random_state`, `n_threads` and
    `verbose`. It writes what is marked below, and its `fit` ends with `_train`.

    Attributes
    ----------
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found that keeps the network from learning, with ``health=True``.
    """

    layers: Any
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    validation_fraction: float
    patience: int | None
    time_limit: float | None
    random_state: Any
    n_threads: int | None
    verbose: bool
    health: bool = False

    @property
    def health_(self) -> Health | None:
        """What was found in the last training; None without ``health=True``."""
        found: Health | None = self.history_.health
        return found

    # What a subclass writes

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        """Return the network for samples of a shape, from its `Input` to ``Dense(n_outputs)``, without a link."""
        raise NotImplementedError

    def _fitted(self) -> dict[str, Any]:
        """Return what `fit` found out beside the network, as JSON values."""
        raise NotImplementedError

    def _restore(self, fitted: dict[str, Any]) -> None:
        """Take back what `_fitted` returned."""
        raise NotImplementedError

    def _schedule(self) -> Schedule:
        return OneCycle()

    def _n_epochs(self, n_samples: int) -> int:  # noqa: ARG002
        """Return the epochs of a training on so many samples."""
        return int(self.epochs)

    # What it gets

    def _check_parameters(self) -> None:
        """Raise ValueError for a setting of training that is none."""
        self._check_epochs()
        check_number("batch_size", self.batch_size, int, 1)
        check_number("learning_rate", self.learning_rate, float, 0, above=True)
        check_number("weight_decay", self.weight_decay, float, 0)
        check_number("validation_fraction", self.validation_fraction, float, 0, below=1)
        check_number("patience", self.patience, int, 1, optional=True)
        check_number("time_limit", self.time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", self.n_threads, int, 1, optional=True)
        check_health(self.health)

    def _check_epochs(self) -> None:
        check_number("epochs", self.epochs, int, 1)

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _body(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        """Return the network without a link: the preset, or what `layers` makes."""
        if self.layers is None:
            return self._preset(shape, n_outputs)
        if callable(self.layers) and not isinstance(self.layers, (Layer, Node)):
            body: list[Layer] | Node = self.layers(shape, n_outputs)
            return body
        if not isinstance(self.layers, (list, tuple)):
            raise ValueError(
                f"layers={self.layers!r} is no list of layers; give what stands between the input and the output, such "
                "as [Dense(64, activation='relu')], or a callable layers(shape, n_outputs) that returns the network"
            )
        return [Input(shape), *self.layers, Dense(n_outputs)]

    def _train(
        self,
        x: np.ndarray,
        y: np.ndarray,
        layers: list[Layer] | Node,
        *,
        loss: str | Loss = "auto",
        stratify: np.ndarray | None = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        validation_data: tuple[np.ndarray, np.ndarray] | None = None,
        clip_norm: float | None = 1.0,
    ) -> History:
        """Build a network and train it by AdamW with one cycle of rates; the best weights in validation are put back.

        Parameters
        ----------
        x : float32, (n_samples, *shape)
        y : array
            As `Network.fit` takes it.
        layers : list of layers, or node
        loss : str or Loss
        stratify : array, (n_samples,), optional
            Classes whose shares the samples held out keep.
        sample_weight, class_weight
            As `Network.fit` takes them.
        validation_data : tuple (x, y), optional
            Takes the place of samples held out.
        clip_norm : float, optional

        Returns
        -------
        History
        """
        check_counts(len(x), len(y))
        network = Network(layers, seed=self._seed(), dtype="float32")
        rows = validation_rows = None
        if validation_data is None and self.validation_fraction:
            rows, validation_rows = held_out(len(x), self.validation_fraction, stratify, network.seed)
        validates = validation_data is not None or validation_rows is not None
        epochs = self._n_epochs(len(x) if rows is None else len(rows))
        patience = self.patience or epochs  # as many as there are: none ends early, but the best is put back
        options = FitOptions(
            loss=loss,
            optimizer=AdamW(self.learning_rate, weight_decay=self.weight_decay),
            schedule=self._schedule(),
            epochs=epochs,
            batch_size=self.batch_size,
            clip_norm=clip_norm,
            validation_data=None if validation_data is None else (validation_data[0], validation_data[1]),
            patience=patience if validates else None,
            time_limit=self.time_limit,
            sample_weight=weights_of(sample_weight, len(x)),
            class_weight=class_weight,
            progress="auto" if self.verbose else "none",
            n_threads=self.n_threads,
            rows=rows,
            validation_rows=validation_rows,
        )
        training = network._begin(x, y, options)
        with watching(training, tells=False) if self.health else nullcontext():
            history = training.run()
        self.network_, self.history_ = network, history
        if history.health is not None:
            warn_of(history.health)
        return history

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file, whole or not at all: the network, and what it takes to use it.

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
        check_is_fitted(self, "network_")
        self.network_.save(path, notes=self.network_.notes | {_FILE_KEY: self._described()})

    def _described(self) -> dict[str, Any]:
        """Return all but the network, as JSON values; `layers` is the network's."""
        parameters = {name: value for name, value in self.get_params(deep=False).items() if _is_plain(value)}
        return {"class": type(self).__name__, "parameters": parameters, "fitted": self._fitted()}

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
        network = Network.load(path)
        described = network.notes.get(_FILE_KEY)
        if not isinstance(described, dict) or described.get("class") != cls.__name__:
            kind = described.get("class") if isinstance(described, dict) else None
            whose = (
                f"{path} holds {with_article(kind)}" if isinstance(kind, str) else f"{path} holds a network by itself"
            )
            raise ModelFileError(f"{whose}, not {with_article(cls.__name__)}; load it with {kind or 'Network'}.load")
        try:
            return cls._from(network, described)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None

    @classmethod
    def _from(cls, network: Network, described: dict[str, Any]) -> Self:
        known = cls._get_param_names()
        estimator = cls(**{name: value for name, value in described["parameters"].items() if name in known})
        estimator.network_ = network
        estimator._restore(described["fitted"])
        return estimator


def _is_plain(value: Any) -> bool:
    """Tell whether JSON gives back what it is given."""
    if isinstance(value, (list, tuple)):
        return all(_is_plain(each) for each in value)
    return value is None or isinstance(value, (bool, int, float, str))


def class_in(network: Network | Ensemble) -> str | None:
    """Return the name of the estimator that a loaded network, or ensemble, belongs to, if any."""
    described = network.notes.get(_FILE_KEY)
    return str(described.get("class")) if isinstance(described, dict) else None
