"""Multi-layer perceptrons with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.estimators.base import BaseNetworkEstimator
from netlet.estimators.classifier import BaseNetworkClassifier
from netlet.estimators.initial_weights import fill_like_sklearn
from netlet.estimators.parameters import ACTIVATION_NAMES, CLASSIFIER, LAYERS, REGRESSOR, TRAINING
from netlet.estimators.regressor import BaseNetworkRegressor
from netlet.graph.activations import ACTIVATIONS, Sigmoid
from netlet.graph.layers import Dense, Dropout
from netlet.graph.normalisation import BatchNorm, LayerNorm
from netlet.graph.specification import Layer

_NORMALISATIONS: dict[str, type[Layer]] = {"batch": BatchNorm, "layer": LayerNorm}


class _Perceptron(BaseNetworkEstimator):
    """Hidden layers by their sizes, and the fitted attributes that show the weights."""

    def _check_settings(self) -> None:
        sizes = self._sizes()
        if np.any(np.array(sizes) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        self._activations(len(sizes))
        self._rates(len(sizes))

    def _sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        return list(sizes) if hasattr(sizes, "__iter__") else [sizes]

    def _activations(self, n_hidden: int) -> list[Layer]:
        """Return the activation of each hidden layer."""
        chosen = self.activation
        if not isinstance(chosen, (list, tuple)):
            return [_activation(chosen)] * n_hidden
        if len(chosen) != n_hidden:
            raise ValueError(
                f"activation={chosen!r} names {len(chosen)} activations for {n_hidden} hidden layers; give one for "
                "each of them, or a single one"
            )
        return [_activation(each) for each in chosen]

    def _rates(self, n_hidden: int) -> list[float]:
        """Return the share dropped after each hidden layer."""
        rates = self.dropout if isinstance(self.dropout, Iterable) else [self.dropout] * n_hidden
        rates = [float(rate) for rate in rates]
        if len(rates) != n_hidden:
            raise ValueError(
                f"dropout={self.dropout!r} has {len(rates)} rates for {n_hidden} hidden layers; give one for each"
            )
        for rate in rates:
            Dropout(rate)  # raises where it is no rate
        return rates

    def _layers(self, _n_features: int, n_outputs: int, output: Layer | None) -> list[Layer]:
        sizes, initialiser = self._sizes(), "zeros" if self._draws_own_weights else self.initialiser
        layers: list[Layer] = []
        for size, activation, rate in zip(sizes, self._activations(len(sizes)), self._rates(len(sizes)), strict=True):
            if self.normalisation is None:
                layers.append(Dense(int(size), activation, initialiser=initialiser))
            else:
                layers += [Dense(int(size), initialiser=initialiser), _NORMALISATIONS[self.normalisation](), activation]
            if rate:
                layers.append(Dropout(rate))
        layers.append(Dense(n_outputs, initialiser=initialiser))
        return layers if output is None else [*layers, output]

    @property
    def _draws_own_weights(self) -> bool:
        return self.initialiser is None

    def _begin_weights(self, random: np.random.RandomState) -> None:
        if not self._draws_own_weights:
            return
        weights, biases = self._views()
        names = [each.kernels()[0].name for each in self._activations(len(weights) - 1)]
        # Of a network without hidden layers, too, scikit-learn lets the activation decide.
        last = names[-1] if names else _activation(self.activation).kernels()[0].name
        fill_like_sklearn(weights, biases, [*names, last], random)

    def _views(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return weights and biases of the dense layers, as views of the network's parameters."""
        network = self.network_
        parameters = network.parameters
        dense = [each.layer for each in network._operations if each.row == "dense"]
        return [parameters[f"{name}.weight"] for name in dense], [parameters[f"{name}.bias"] for name in dense]

    def _show_weights(self) -> None:
        self.coefs_, self.intercepts_ = self._views()
        self._shown = *self.coefs_, *self.intercepts_
        self._shown_theta = self.network_.theta
        self.n_layers_ = len(self.coefs_) + 1

    def _adopt_weights(self) -> None:
        """Copy into the network what was assigned to `coefs_` and `intercepts_`, which may be whole or one by one."""
        known = self.__dict__
        if "network_" not in known:
            return
        shown = known.get("_shown", ())
        given = *known["coefs_"], *known["intercepts_"]
        if self.network_._learnt is not None and known.get("_shown_theta") is not self.network_._learnt.theta:
            self._shown = shown = ()
        if len(given) == len(shown) and all(map(_is, given, shown)):
            return
        views = self._views()
        for name, own, assigned in zip(
            ("coefs_", "intercepts_"), views, (known["coefs_"], known["intercepts_"]), strict=True
        ):
            shapes = [each.shape for each in own]
            if [np.shape(each) for each in assigned] != shapes:
                raise ValueError(
                    f"{name} has the shapes {[np.shape(each) for each in assigned]}, the network has {shapes}; assign "
                    "arrays of those shapes"
                )
            for view, values in zip(own, assigned, strict=True):
                view[:] = values
        self._show_weights()

    def to_sklearn(self) -> Any:
        """Return the fitted model as scikit-learn's estimator of the same name, with the same weights.

        Returns
        -------
        sklearn.neural_network.MLPClassifier or MLPRegressor
            It shares no memory with this one; predictions agree to rounding.

        Raises
        ------
        ValueError
            If scikit-learn cannot hold the model: other activations, normalisation, another loss; or settings of
            training, such as dropout, for which the message says how to leave them behind.
        sklearn.exceptions.NotFittedError
        """
        from netlet.estimators.conversion import to_sklearn

        return to_sklearn(self)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "network_" in state:  # they are views of its parameters, and become that again
            for name in ("coefs_", "intercepts_", "_shown", "_shown_theta"):
                state.pop(name, None)
        return state


def _is(first: object, second: object) -> bool:
    return first is second


def _activation(choice: Any) -> Any:
    """Return an activation as a layer; scikit-learn calls the sigmoid "logistic"."""
    if isinstance(choice, str):
        if choice not in ACTIVATION_NAMES:
            raise ValueError(unknown_name("activation", choice, ACTIVATION_NAMES))
        return Sigmoid() if choice == "logistic" else ACTIVATIONS[choice]()
    if not isinstance(choice, tuple(ACTIVATIONS.values())):
        raise ValueError(f"activation={choice!r} is no activation; use one of {', '.join(ACTIVATION_NAMES)}")
    return choice


class MLPClassifier(_Perceptron, BaseNetworkClassifier):
    """Multi-layer perceptron classifier with scikit-learn's interface.

    The first parameters are those of `sklearn.neural_network.MLPClassifier`, with the same defaults and meaning; those
    from `loss` on are new, and their defaults change nothing.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Units of each hidden layer; () for none.
    activation : str, layer, or list of them, default "relu"
        "identity", "logistic", "tanh", "relu", any other name that ``Dense(activation=...)`` knows, or a layer such as
        ``LeakyReLU(0.2)``; a list has one for each hidden layer.
    solver : str, Optimizer or FullBatch, default "adam"
        "lbfgs", "sgd", "adam", any other name of an optimizer ("adamw", "lion", "cg" ...), or an object such as
        ``AdamW(0.002, weight_decay=0.01)``, whose own settings then count.
    alpha : float, >= 0, default 0.0001
        L2 penalty: ``alpha / 2 * sum w^2`` over a batch's number of samples is added to its loss; biases have none.
    batch_size : int >= 1, or "auto", default "auto"
        Samples of a step; "auto" is min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        How the learning rate changes; for ``solver="sgd"`` alone. "invscaling": ``learning_rate_init / (t_ + 1) **
        power_t`` from epoch to epoch. "adaptive": divided by 5 when the training would have converged.
    learning_rate_init : float, > 0, default 0.001
        For every optimizer given by name, whatever its own default is.
    power_t : float, >= 0, default 0.5
    max_iter : int, >= 1, default 200
        The most epochs, or iterations of a full-batch method.
    shuffle : bool, default True
        Whether each epoch draws the samples in a new order.
    random_state : int, RandomState or None
        Decides initial weights, samples held out, orders and dropout. With the default initialiser these are the
        numbers that scikit-learn draws from the same `random_state`.
    tol : float, >= 0, default 1e-4
        An epoch counts as progress if the loss (with early stopping the validation score) improves by so much. For
        "lbfgs" the gradient's largest number at which to stop.
    verbose : bool, default False
    warm_start : bool, default False
        Whether `fit` goes on from the weights, the optimizer's memory and the order of chance of the call before.
    momentum : float in [0, 1], default 0.9
    nesterovs_momentum : bool, default True
        For ``solver="sgd"``.
    early_stopping : bool, default False
        Whether to stop when the validation score does not improve any more, and put the best weights back.
    validation_fraction : float in [0, 1), default 0.1
        Share of the samples held out for early stopping where `fit` is given no `validation_data`.
    beta_1, beta_2 : float in [0, 1), default 0.9 and 0.999
    epsilon : float, > 0, default 1e-8
        For Adam and its kin.
    n_iter_no_change : int >= 1, or infinity, default 10
        After more than so many epochs in a row without progress it is enough.
    max_fun : int, >= 1, default 15000
        The most evaluations of the loss by "lbfgs" and "tnc".
    loss : str or Loss, default "log_loss"
        "log_loss" (cross-entropy), "hinge", "perceptron", "squared_error" and the like on probabilities, or an object
        such as ``CrossEntropy(label_smoothing=0.1)``.
    class_weight : "balanced", dict of class to weight, or list of dicts, optional
        Multiplied with the samples' weights; a list has a dict for each column of y.
    label_smoothing : float in [0, 1), default 0
        Share of each target that is spread over all classes.
    dropout : float in [0, 1), or a list of them, default 0
        Share of each hidden layer's outputs that is dropped while training.
    normalisation : {None, "batch", "layer"}
        Between each hidden layer's weights and its activation.
    initialiser : str or Initialiser, optional
        As for `Dense`; default: scikit-learn's, for biases too.
    schedule : str or Schedule, optional
        Factors of the learning rate: "cosine", ``WarmUp(5)`` ...
    clip_norm, clip_value : float, > 0, optional
        The most that the length of the gradient, and each of its numbers, may be.
    scoring : str or callable, optional
        The validation score: a scorer's name, a scorer, or "loss" for the validation loss; default: accuracy.
    callbacks : sequence of callable, optional
        Each is called after every epoch with an `EstimatorEpochEnd`; a true answer stops the training.
    time_limit : float, > 0, optional
        Seconds of training.
    n_threads : int, >= 1, optional
        Default: as many as are free and worth it. The result does not depend on it.
    dtype : {"float32", "float64"}, optional
        Default: float32 for X of float32, else float64.
    health : bool, default False
        Whether to look for what keeps the network from learning: after `fit`, `health_` has findings, and each of
        them is a `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    classes_ : array, (n_classes,), or list of arrays
        A list for y with several columns of classes.
    network_ : Network
    coefs_, intercepts_ : list of arrays
        Weights (n_in, n_out) and biases (n_out,) of the dense layers: views of the network's parameters. What is
        assigned to them, whole or one by one, counts from the next call on.
    loss_ : float
    loss_curve_ : list of float
        For each epoch the mean of the batches' losses, with the L2 penalty.
    best_loss_ : float or None
        None with early stopping.
    validation_scores_, validation_loss_curve_ : list of float, or None
    best_validation_score_ : float or None
    stopped_ : str or None
        Why the training ended: "converged", "max_iter", "time", "callback", "interrupted", "diverged"; None after a
        `partial_fit` that another may follow.
    health_ : Health
        What was found in the last `fit`, with ``health=True``.
    t_ : int
        Samples seen.
    n_iter_, n_layers_, n_outputs_, n_features_in_ : int
    feature_names_in_ : array of str
        Where X had names.
    out_activation_ : {"softmax", "logistic", "identity", "exp"}

    Examples
    --------
    >>> from netlet.estimators import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((16,), solver="lbfgs", alpha=0.01, random_state=0).fit(X, y)
    >>> model.predict(X[:2])
    array([0, 0])
    >>> model.score(X, y) > 0.95
    True
    """

    _parameter_constraints: dict[str, Any] = {**LAYERS, **TRAINING, **CLASSIFIER}  # noqa: RUF012

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        loss: Any = "log_loss",
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        dropout: Any = 0.0,
        normalisation: str | None = None,
        initialiser: Any = None,
        schedule: Any = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        scoring: Any = None,
        callbacks: Any = None,
        time_limit: float | None = None,
        n_threads: int | None = None,
        dtype: str | None = None,
        health: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.dropout = dropout
        self.normalisation = normalisation
        self.initialiser = initialiser
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.dtype = dtype
        self.health = health


class MLPRegressor(_Perceptron, BaseNetworkRegressor):
    """Multi-layer perceptron regressor with scikit-learn's interface.

    The first parameters are those of `sklearn.neural_network.MLPRegressor`, with the same defaults and meaning; those
    from `dropout` on are new, and their defaults change nothing. For several targets the gradient is that of the loss;
    scikit-learn's is as many times as large as there are targets.

    Parameters
    ----------
    loss : str or Loss, default "squared_error"
        "squared_error", "poisson", "absolute_error", "huber", "log_cosh", "quantile", or an object such as
        ``Quantile((0.1, 0.5, 0.9))``, for which predictions have a column for each quantile. Averaged over the targets.
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Units of each hidden layer; () for none.
    activation : str, layer, or list of them, default "relu"
        "identity", "logistic", "tanh", "relu", any other name that ``Dense(activation=...)`` knows, or a layer such as
        ``LeakyReLU(0.2)``; a list has one for each hidden layer.
    solver : str, Optimizer or FullBatch, default "adam"
        "lbfgs", "sgd", "adam", any other name of an optimizer ("adamw", "lion", "cg" ...), or an object such as
        ``AdamW(0.002, weight_decay=0.01)``, whose own settings then count.
    alpha : float, >= 0, default 0.0001
        L2 penalty: ``alpha / 2 * sum w^2`` over a batch's number of samples is added to its loss; biases have none.
    batch_size : int >= 1, or "auto", default "auto"
        Samples of a step; "auto" is min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        How the learning rate changes; for ``solver="sgd"`` alone. "invscaling": ``learning_rate_init / (t_ + 1) **
        power_t`` from epoch to epoch. "adaptive": divided by 5 when the training would have converged.
    learning_rate_init : float, > 0, default 0.001
        For every optimizer given by name, whatever its own default is.
    power_t : float, >= 0, default 0.5
    max_iter : int, >= 1, default 200
        The most epochs, or iterations of a full-batch method.
    shuffle : bool, default True
        Whether each epoch draws the samples in a new order.
    random_state : int, RandomState or None
        Decides initial weights, samples held out, orders and dropout. With the default initialiser these are the
        numbers that scikit-learn draws from the same `random_state`.
    tol : float, >= 0, default 1e-4
        An epoch counts as progress if the loss (with early stopping the validation score) improves by so much. For
        "lbfgs" the gradient's largest number at which to stop.
    verbose : bool, default False
    warm_start : bool, default False
        Whether `fit` goes on from the weights, the optimizer's memory and the order of chance of the call before.
    momentum : float in [0, 1], default 0.9
    nesterovs_momentum : bool, default True
        For ``solver="sgd"``.
    early_stopping : bool, default False
        Whether to stop when the validation score does not improve any more, and put the best weights back.
    validation_fraction : float in [0, 1), default 0.1
        Share of the samples held out for early stopping where `fit` is given no `validation_data`.
    beta_1, beta_2 : float in [0, 1), default 0.9 and 0.999
    epsilon : float, > 0, default 1e-8
        For Adam and its kin.
    n_iter_no_change : int >= 1, or infinity, default 10
        After more than so many epochs in a row without progress it is enough.
    max_fun : int, >= 1, default 15000
        The most evaluations of the loss by "lbfgs" and "tnc".
    dropout : float in [0, 1), or a list of them, default 0
        Share of each hidden layer's outputs that is dropped while training.
    normalisation : {None, "batch", "layer"}
        Between each hidden layer's weights and its activation.
    initialiser : str or Initialiser, optional
        As for `Dense`; default: scikit-learn's, for biases too.
    schedule : str or Schedule, optional
        Factors of the learning rate: "cosine", ``WarmUp(5)`` ...
    clip_norm, clip_value : float, > 0, optional
        The most that the length of the gradient, and each of its numbers, may be.
    scoring : str or callable, optional
        The validation score: a scorer's name, a scorer, or "loss" for the validation loss; default: R^2.
    callbacks : sequence of callable, optional
        Each is called after every epoch with an `EstimatorEpochEnd`; a true answer stops the training.
    time_limit : float, > 0, optional
        Seconds of training.
    n_threads : int, >= 1, optional
        Default: as many as are free and worth it. The result does not depend on it.
    dtype : {"float32", "float64"}, optional
        Default: float32 for X of float32, else float64.
    health : bool, default False
        Whether to look for what keeps the network from learning: after `fit`, `health_` has findings, and each of
        them is a `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    network_ : Network
    coefs_, intercepts_ : list of arrays
        Weights (n_in, n_out) and biases (n_out,) of the dense layers: views of the network's parameters. What is
        assigned to them, whole or one by one, counts from the next call on.
    loss_ : float
    loss_curve_ : list of float
        For each epoch the mean of the batches' losses, with the L2 penalty.
    best_loss_ : float or None
        None with early stopping.
    validation_scores_, validation_loss_curve_ : list of float, or None
    best_validation_score_ : float or None
    stopped_ : str or None
        Why the training ended: "converged", "max_iter", "time", "callback", "interrupted", "diverged"; None after a
        `partial_fit` that another may follow.
    health_ : Health
        What was found in the last `fit`, with ``health=True``.
    t_ : int
        Samples seen.
    n_iter_, n_layers_, n_outputs_, n_features_in_ : int
    feature_names_in_ : array of str
        Where X had names.
    out_activation_ : {"softmax", "logistic", "identity", "exp"}

    Examples
    --------
    >>> from netlet import Huber
    >>> from netlet.estimators import MLPRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor(Huber(50.0), (8,), solver="lbfgs", max_iter=2000, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.4
    True
    """

    _parameter_constraints: dict[str, Any] = {**LAYERS, **TRAINING, **REGRESSOR}  # noqa: RUF012

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        normalisation: str | None = None,
        initialiser: Any = None,
        schedule: Any = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        scoring: Any = None,
        callbacks: Any = None,
        time_limit: float | None = None,
        n_threads: int | None = None,
        dtype: str | None = None,
        health: bool = False,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.normalisation = normalisation
        self.initialiser = initialiser
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.dtype = dtype
        self.health = health
