"""What all estimators share: from X, y and settings to a trained network, and from X to its outputs.

A class on this base says which layers it has, and nothing else: `_layers(n_features, n_outputs, output)` returns a list
of layers, or the output node of a graph, that ends with `n_outputs` numbers and then, unless it is None, with the layer
`output`. The other hooks have defaults that do nothing.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from netlet.estimators.engine import Engine, Minimised
from netlet.estimators.epochs import NOT_FINITE, Training
from netlet.estimators.full_batch import Minimisation
from netlet.estimators.health import EstimatorWatch, warn_of
from netlet.estimators.holding_out import Sets, batch_size_of, sets_of, weights_of
from netlet.estimators.nested import NestedParameters
from netlet.estimators.progress import Progress
from netlet.estimators.reports import CallbackSupportMixin, Reports
from netlet.estimators.representation import ShowsNetwork
from netlet.estimators.sets import SparseSamples, dense_blocks
from netlet.estimators.solver import OptimizerState, is_full_batch
from netlet.estimators.targets import Classes, Numbers
from netlet.graph.activations import Exponential, Sigmoid, Softmax
from netlet.graph.graph import graph_of
from netlet.graph.operations import operations_of
from netlet.graph.specification import Layer, Node
from netlet.insight.health import Health
from netlet.kernels.registry import layers as rows
from netlet.network.compiled_predictor import CompiledPredictor
from netlet.network.network import Network
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor

_SMALL = 4096  # numbers whose finiteness is checked one by one, which is quicker than scikit-learn's way
_OUTPUT_NAMES = {Softmax: "softmax", Sigmoid: "logistic", Exponential: "exp"}


class BaseNetworkEstimator(NestedParameters, ShowsNetwork, CallbackSupportMixin, BaseEstimator, metaclass=ABCMeta):
    """Base of the estimators; see the module.

    Attributes
    ----------
    network_ : Network
        What is trained; it can be saved, plotted and asked like any other.
    stopped_ : str or None
        Why the last training ended: "converged", "max_iter", "time", "callback", "interrupted", "diverged"; None after
        a `partial_fit` that may be followed by another.
    """

    network_: Network
    classes_: Any
    _coding: Any
    _progress: Progress
    _built_from: Any
    _engine: Engine | None
    health_: Health

    @abstractmethod
    def _layers(self, _n_features: int, n_outputs: int, output: Layer | None) -> list[Layer] | Node:
        """Return the network's layers."""

    def _check_settings(self) -> None:
        """Raise for settings that do not fit together."""

    def _check_features(self, X: Any) -> None:
        """Raise for numbers in checked features that the built network cannot read."""

    @property
    def _draws_own_weights(self) -> bool:
        """Whether `_begin_weights` sets every weight, so that no seed is needed for them."""
        return False

    def _begin_weights(self, random: np.random.RandomState) -> None:
        """Set weights that the layers' initialisers are not to draw."""

    def _adopt_weights(self) -> None:
        """Take over weights that a person assigned to a fitted attribute."""

    def _show_weights(self) -> None:
        """Set the fitted attributes that show the weights."""

    @abstractmethod
    def _coded(self, y: np.ndarray, fresh: bool, classes: Any) -> tuple[Classes | Numbers, np.ndarray]:
        """Check y, which becomes (n_samples,) or (n_samples, n_columns); return its coding with it."""

    def _label_weights(self, _y: np.ndarray, _incremental: bool) -> np.ndarray | None:
        """Return weights that follow from the labels."""
        return None

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation_data: Any,
        incremental: bool = False,
        classes: Any = None,
    ) -> Any:
        self._check_settings()
        if incremental and self.early_stopping and validation_data is None:
            raise ValueError(
                "partial_fit does not support early_stopping=True without samples to score: nothing can be held out of "
                "a stream. Give validation_data=(X, y)."
            )
        begun = "network_" in self.__dict__ or "coefs_" in self.__dict__
        fresh = not (begun and (incremental or self.warm_start))
        given = X, y
        X, y = self._checked(X, y, fresh)
        weights = weights_of(sample_weight, X)
        coding, y = self._coded(y, fresh, classes)
        random = self._random(fresh)
        self._build(X, coding, fresh, random)
        self._check_features(X)
        sets = sets_of(self, X, y, weights, self._label_weights(y, incremental), validation_data, random)
        self.__dict__.pop("health_", None)
        reports = Reports(self, self.callbacks, *given, weights, 1 if incremental else self.max_iter)
        try:
            self.stopped_ = self._train(sets, reports, incremental)
        finally:
            self._progress.publish(self)
            self._release(incremental or self.warm_start)
        if not np.isfinite(self.network_.theta).all():
            raise ValueError(NOT_FINITE)
        reports.end()
        if "health_" in self.__dict__:
            warn_of(self.health_)
        return self

    def _checked(self, X: Any, y: Any, fresh: bool) -> tuple[Any, np.ndarray]:
        dtype = self.dtype if fresh else self.__dict__.get("_dtype", self.dtype)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=self._y_numeric,
            dtype=(np.float64, np.float32) if dtype is None else np.dtype(dtype),
            reset=fresh,
        )
        return X, _dense_labels(y)

    _y_numeric = False

    def _random(self, fresh: bool) -> np.random.RandomState:
        """Return the source of chance; a training that goes on draws on from it."""
        if fresh or "_random_state" not in self.__dict__:
            self._random_state = check_random_state(self.random_state)
        random: np.random.RandomState = self._random_state
        return random

    def _build(self, X: Any, coding: Classes | Numbers, fresh: bool, random: np.random.RandomState) -> None:
        """Build the network if it is a new one; check that it still fits if it is not."""
        layers = self._layers(X.shape[1], coding.n_outputs, coding.output)
        self._coding = coding
        if not fresh and "network_" in self.__dict__:
            if graph_of(layers) != self._built_from:
                raise ValueError(
                    f"the layers now asked for, {layers}, are not those of the model, so that its training cannot go "
                    "on; use warm_start=False, or the settings that it was fitted with"
                )
            self._adopt_weights()
            return
        network = Network(
            layers, seed=self._seed(layers, X.shape[1], random), dtype="float32" if X.dtype == np.float32 else "float64"
        )
        network.build(X.shape[1])
        self.network_, self._dtype, self._built_from = network, network.dtype, graph_of(layers)
        self._engine = None
        self.n_outputs_ = coding.n_outputs
        self.out_activation_ = next(
            (name for kind, name in _OUTPUT_NAMES.items() if isinstance(coding.output, kind)), "identity"
        )
        self._progress = Progress()
        self.__dict__.pop("_optimizer", None)
        if fresh:
            self._begin_weights(random)
            self.n_iter_ = self.t_ = 0
        else:
            self._adopt_weights()
        self._show_weights()

    def _seed(self, layers: Any, n_features: int, random: np.random.RandomState) -> int:
        """Return the network's seed, without drawing where none is needed: the stream stays scikit-learn's."""
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        operations = operations_of(graph_of(layers).with_input(n_features))
        needs_chance = not self._draws_own_weights or any(rows[each.row].is_random for each in operations[1:])
        return int(random.randint(2**31)) if needs_chance else 0

    def _train(self, sets: Sets, reports: Reports, incremental: bool) -> str | None:
        network = self.network_
        loss, reads = loss_of(self._coding.loss, network._operations)
        network.loss = loss
        minimised = Minimised(
            loss, reads, float(self.alpha), np.inf if self.clip_value is None else float(self.clip_value),
            np.inf if self.clip_norm is None else float(self.clip_norm),
        )  # fmt: skip
        full_batch = is_full_batch(self.solver)
        self._progress.begin(self.early_stopping and not full_batch, sets.validates)
        validation = sets.validation(self, network, reads)
        samples = sets.training
        size = len(samples) if full_batch else batch_size_of(self, len(samples), incremental)
        engine = None if full_batch else self._engine_for(minimised, samples, size, incremental)
        watch = None
        if self.health and not incremental:  # a single epoch says too little
            rule = minimised.rule(network, None if engine is None else engine.state.rule)
            watch = EstimatorWatch(network, rule, samples, size, int(self.max_iter))
        failed = False
        try:
            if engine is None:
                return Minimisation(self, network, minimised, samples, validation, reports, watch).run()
            return Training(self, engine, samples, validation, reports, incremental, watch).run()
        except ValueError as error:
            failed = str(error).startswith(NOT_FINITE)
            raise
        finally:
            if watch is not None:
                self.health_ = watch.report(self._progress, failed)

    def _engine_for(self, minimised: Minimised, samples: Any, batch_size: int, incremental: bool) -> Engine:
        """Return the engine of the call before if it serves this one too, else a new one with its memory."""
        before: OptimizerState | None = self.__dict__.get("_optimizer")
        state = OptimizerState(self)
        if before is not None and incremental and before.is_like(state):
            state = before
        else:
            if self._engine is not None:
                self._engine.remember()
            if before is not None and (incremental or self.warm_start):
                state.continue_from(before, self.t_)
        self._optimizer = state
        gather = bool(self.shuffle and len(samples) > batch_size and not isinstance(samples, SparseSamples))
        layout = batch_size, gather, samples.weights.size > 0
        if self._engine is None or not self._engine.serves(self.network_, minimised, state, *layout):
            if self._engine is not None:
                self._engine.remember()
            self._engine = Engine(self.network_, minimised, state, *layout)
        return self._engine

    def _release(self, goes_on: bool) -> None:
        """Give back what a training needs beside the optimizer's memory, where no call is likely to go on with it."""
        if self._engine is not None and not goes_on:
            self._engine.remember()
            self._engine = None

    # prediction

    def compile_predictor(self, *, dtype: Literal["float32", "float64"] | None = None) -> CompiledPredictor:
        """Make a function of the fitted network as it is now, for predictions of one row or a few in microseconds.

        Parameters
        ----------
        dtype : {"float32", "float64"}, optional
            In which it computes, and which it takes; default: that of X at `fit`.

        Returns
        -------
        CompiledPredictor
            Called with an array (n_features,) or (n, n_features) of its dtype, which it does not check further, it
            returns the network's outputs: the probabilities of a classifier with more than two classes, the one
            probability of ``classes_[1]`` for two, the numbers of a regressor. Later training does not reach it.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError
            If `dtype` is unknown.
        """
        check_is_fitted(self)
        self._adopt_weights()
        predictor: CompiledPredictor = self.network_.compile_predictor(dtype=dtype)
        return predictor

    def _outputs(self, X: Any) -> np.ndarray:
        """Return the network's outputs: dtype, (n_samples, n_outputs)."""
        if "network_" not in self.__dict__:
            check_is_fitted(self)
        self._adopt_weights()
        X, network = self._features(X), self.network_
        learnt = network._built()
        if network._predictor is None:
            network._predictor = Predictor(network._operations, len(network._operations) - 1, network.dtype)
        found = [
            network._predictor.predict(learnt.theta, learnt.state, block, self.n_threads)
            for block in dense_blocks(X, network.dtype)
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _features(self, X: Any) -> Any:
        """Check features to predict from."""
        known = self.__dict__
        if known.get("_trusts"):
            return X
        if (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype == self._dtype
            and 0 < X.size <= _SMALL
            and X.shape[1] == self.n_features_in_
            and "feature_names_in_" not in known
            and np.isfinite(X).all()
        ):
            return X
        return validate_data(self, X, accept_sparse=["csr", "csc"], dtype=np.dtype(self._dtype), reset=False)

    @contextmanager
    def _trusting(self) -> Iterator[None]:
        """Take features as checked within the block: those of validation, which have lost their names."""
        self._trusts = True
        try:
            yield
        finally:
            del self._trusts

    # copies

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what holds machine addresses; keep the optimizer's memory."""
        self._adopt_weights()
        engine: Engine | None = self.__dict__.get("_engine")
        if engine is not None:
            engine.remember()
        return dict(super().__getstate__()) | ({"_engine": None} if "_engine" in self.__dict__ else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "network_" in self.__dict__:
            self._show_weights()

    @property
    def _reconstruction(self) -> dict[str, Any]:
        """The fitted attributes that a copy needs to predict, for scikit-learn's callbacks."""
        settings = self.get_params(deep=False)
        return {name: value for name, value in self.__dict__.items() if name not in settings}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _dense_labels(y: Any) -> Any:
    """Return y, dense where it is a sparse matrix of labels."""
    return y.toarray() if hasattr(y, "toarray") else y
