"""What each constructor parameter may be, in the form that scikit-learn's own validation reads and words."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from netlet.estimators.solver import SOLVERS
from netlet.estimators.targets import CLASS_LOSSES, NUMBER_LOSSES
from netlet.graph.activations import ACTIVATIONS
from netlet.graph.initialisers import INITIALISERS, Initialiser
from netlet.graph.specification import Layer
from netlet.training.full_batch import FullBatch
from netlet.training.losses import Loss
from netlet.training.optimizers.base import Optimizer
from netlet.training.schedules import SCHEDULES, Schedule

_POSITIVE = Interval(Real, 0, None, closed="neither")
_AT_LEAST_0 = Interval(Real, 0, None, closed="left")
_AT_LEAST_1 = Interval(Integral, 1, None, closed="left")
_SHARE = Interval(Real, 0, 1, closed="left")

ACTIVATION_NAMES = ("logistic", *ACTIVATIONS)

TRAINING: dict[str, list[Any]] = {
    "solver": [StrOptions(set(SOLVERS)), Optimizer, FullBatch],
    "alpha": [_AT_LEAST_0],
    "batch_size": [StrOptions({"auto"}), _AT_LEAST_1],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [_POSITIVE],
    "power_t": [_AT_LEAST_0],
    "max_iter": [_AT_LEAST_1],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [_AT_LEAST_0],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [_SHARE],
    "beta_1": [_SHARE],
    "beta_2": [_SHARE],
    "epsilon": [_POSITIVE],
    "n_iter_no_change": [_AT_LEAST_1, Options(Real, {np.inf})],
    "max_fun": [_AT_LEAST_1],
    "schedule": [StrOptions(set(SCHEDULES)), Schedule, None],
    "clip_norm": [_POSITIVE, None],
    "clip_value": [_POSITIVE, None],
    "scoring": [str, callable, None],
    "callbacks": ["array-like", None],
    "time_limit": [_POSITIVE, None],
    "n_threads": [_AT_LEAST_1, None],
    "health": ["boolean"],
    "dtype": [StrOptions({"float32", "float64"}), None],
}
LAYERS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _AT_LEAST_1],
    "activation": [StrOptions(set(ACTIVATION_NAMES)), Layer, list, tuple],
    "dropout": [_SHARE, "array-like"],
    "normalisation": [StrOptions({"batch", "layer"}), None],
    "initialiser": [StrOptions(set(INITIALISERS)), Initialiser, None],
}
CLASSIFIER: dict[str, list[Any]] = {
    "loss": [StrOptions(set(CLASS_LOSSES)), Loss],
    "label_smoothing": [_SHARE],
    "class_weight": [StrOptions({"balanced"}), dict, list, None],
}
REGRESSOR: dict[str, list[Any]] = {"loss": [StrOptions(set(NUMBER_LOSSES)), Loss]}

__all__ = ["ACTIVATION_NAMES", "CLASSIFIER", "LAYERS", "REGRESSOR", "TRAINING"]
