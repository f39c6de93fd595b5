"""An estimator whose samples are no rows of a table: a preset network, trained with the usual care, in one call."""

from __future__ import annotations

from contextlib import nullcontext
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_random_state

from netlet.errors import check_number
from netlet.estimators.health import check_health, warn_of
from netlet.estimators.saving import SavedEstimator
from netlet.estimators.shaped.samples import check_counts, held_out, weights_of
from netlet.graph.layers import Dense
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node
from netlet.insight.health import Health
from netlet.insight.health.watching import watching
from netlet.network.network import Network
from netlet.network.options import FitOptions
from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.optimizers import AdamW
from netlet.training.schedules import OneCycle, Schedule


class ShapedEstimator(SavedEstimator):
    """Base of the estimators of pictures, sequences and text.

    A subclass has these parameters in its constructor, beside its own: `layers`, `epochs`, `batch_size`,
    `learning_rate`, `weight_decay`, `validation_fraction`, `patience`, `time_limit`, `random_state`, `n_threads` and
    `verbose`. It writes what is marked below and in
    `SavedEstimator`, and its `fit` ends with `_train`.

    Attributes
    ----------
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found that keeps the network from learning, with ``health=True``.
    """

    _kept = "network_"
    _kind = Network
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
