"""Estimators of any layers: scikit-learn's interface for what is no multi-layer perceptron."""

from __future__ import annotations

from typing import Any

from netlet.estimators.any_layers import LAYERS_GIVEN, AnyLayers
from netlet.estimators.classifier import BaseNetworkClassifier
from netlet.estimators.parameters import CLASSIFIER, REGRESSOR, TRAINING
from netlet.estimators.regressor import BaseNetworkRegressor


class NetworkClassifier(AnyLayers, BaseNetworkClassifier):
    """Classifier of any layers, with scikit-learn's interface.

    The network is built at `fit`, when the numbers of features and classes are known:

    - from a list of layers: these, then ``Dense(n_outputs)``, then the link;
    - from a node, the end of a graph: the same, applied to that node;
    - from a callable, ``layers(n_features, n_outputs)``: the list or node that it returns, and the link if it lacks it.

    The link is ``Softmax()`` for three and more classes, ``Sigmoid()`` for two (which have one output) and for several
    labels or columns of classes; with ``loss="hinge"`` and ``"perceptron"`` there is none. An empty list is a linear
    model. With deep names `set_params` reaches into layers: ``layers__0__units``, in a graph
    ``layers__dense_1__units``.

    The settings of training are those of `MLPClassifier`.

    Parameters
    ----------
    layers : list of layers, node, or callable
        What stands before the output: see above. An estimator with a callable can be pickled where the callable can: a
        function of a module can, a lambda cannot.
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
        Decides initial weights, samples held out, orders and dropout.
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
        What is trained; it can be saved, plotted and asked like any other.
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
    n_iter_, n_outputs_, n_features_in_ : int
    feature_names_in_ : array of str
        Where X had names.
    out_activation_ : {"softmax", "logistic", "identity", "exp"}

    Examples
    --------
    >>> from netlet import Dense, LayerNorm, NetworkClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NetworkClassifier([LayerNorm(), Dense(16, "tanh")], solver="lbfgs", tol=1e-2, random_state=0)
    >>> model.set_params(layers__1__units=8, alpha=1.0).fit(X, y).score(X, y) > 0.95
    True
    """

    _parameter_constraints: dict[str, Any] = {**LAYERS_GIVEN, **TRAINING, **CLASSIFIER}  # noqa: RUF012

    def __init__(
        self,
        layers: Any,
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
        self.layers = layers
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
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.dtype = dtype
        self.health = health


class NetworkRegressor(AnyLayers, BaseNetworkRegressor):
    """Regressor of any layers, with scikit-learn's interface.

    The network is built at `fit`, when the numbers of features and targets are known:

    - from a list of layers: these, then ``Dense(n_outputs)``, then the link;
    - from a node, the end of a graph: the same, applied to that node;
    - from a callable, ``layers(n_features, n_outputs)``: the list or node that it returns, and the link if it lacks it.

    `n_outputs` is the number of targets, for ``Quantile(...)`` times that of its quantiles. There is a link for
    ``loss="poisson"`` alone: ``Exponential()``. An empty list is a linear
    model. With deep names `set_params` reaches into layers: ``layers__0__units``, in a graph
    ``layers__dense_1__units``.

    The settings of training are those of `MLPRegressor`.

    Parameters
    ----------
    layers : list of layers, node, or callable
        What stands before the output: see above. An estimator with a callable can be pickled where the callable can: a
        function of a module can, a lambda cannot.
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
        Decides initial weights, samples held out, orders and dropout.
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
    loss : str or Loss, default "squared_error"
        "squared_error", "poisson", "absolute_error", "huber", "log_cosh", "quantile", or an object such as
        ``Quantile((0.1, 0.5, 0.9))``, for which predictions have a column for each quantile. Averaged over the targets.
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
        What is trained; it can be saved, plotted and asked like any other.
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
    n_iter_, n_outputs_, n_features_in_ : int
    feature_names_in_ : array of str
        Where X had names.
    out_activation_ : {"softmax", "logistic", "identity", "exp"}

    Examples
    --------
    >>> from netlet import Dense, NetworkRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NetworkRegressor([Dense(8, "tanh")], solver="lbfgs", alpha=1.0, tol=1e-2, random_state=0)
    >>> model.fit(X / 0.05, y / 100).score(X / 0.05, y / 100) > 0.5
    True
    """

    _parameter_constraints: dict[str, Any] = {**LAYERS_GIVEN, **TRAINING, **REGRESSOR}  # noqa: RUF012

    def __init__(
        self,
        layers: Any,
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
        loss: Any = "squared_error",
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
        self.layers = layers
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
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.dtype = dtype
        self.health = health
