"""netlet's own estimators inside of any estimator: found, kept to one thread, stopped, and how much work they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import type_of_target

from netlet.estimators.base import BaseNetworkEstimator
from netlet.graph.graph import graph_of
from netlet.graph.operations import operations_of
from netlet.searching.cross_validation.stopping import Stop


def networks_within(estimator: Any) -> dict[str, BaseNetworkEstimator]:
    """Return netlet's estimators by the prefix of their parameters: "" for the estimator itself."""
    found = {"": estimator} if isinstance(estimator, BaseNetworkEstimator) else {}
    if not found:
        for name, value in estimator.get_params(deep=True).items():
            if isinstance(value, BaseNetworkEstimator):
                found[f"{name}__"] = value
    return found


def trained_last(estimator: Any) -> tuple[str, Any]:
    """Return the prefix and the last step of a pipeline; "" and the estimator itself where it is none."""
    prefix = ""
    while isinstance(estimator, Pipeline):
        name, step = estimator.steps[-1]
        prefix, estimator = f"{prefix}{name}__", step
    return prefix, estimator


def keep_to_one_thread(estimator: Any, settings: dict[str, Any], stop: Stop) -> None:
    """Let an estimator's networks train on one thread each, and end at their next epoch once `stop` is asked.

    Parameters
    ----------
    estimator : estimator
        Changed.
    settings : dict of str to object
        What the space sets; a number of threads among it counts.
    stop : Stop
    """
    for prefix, network in networks_within(estimator).items():
        if f"{prefix}n_threads" not in settings:
            network.n_threads = 1
        network.callbacks = (*(network.callbacks or ()), stop)


def expected_work(estimator: Any, n_features: int, y: Any) -> float:
    """Estimate the work of a training: parameters times epochs, for all networks within; 0 where there are none.

    Rows are left out: they are the same for all candidates of a fold. A network that cannot be built counts as none: it
    will fail soon enough.
    """
    work = 0.0
    for network in networks_within(estimator).values():
        try:
            work += float(network.max_iter) * _n_parameters(network, n_features, _n_outputs(network, y))
        except Exception:  # the person's own function of layers, or settings that do not fit: `fit` says which
            continue
    return work


def _n_parameters(network: BaseNetworkEstimator, n_features: int, n_outputs: int) -> int:
    layers = network._layers(n_features, n_outputs, None)
    operations = operations_of(graph_of(layers).with_input(n_features))
    return sum(operation.n_theta for operation in operations)


def _n_outputs(network: BaseNetworkEstimator, y: Any) -> int:
    if y is None:
        return 1
    if np.ndim(y) == 2:
        return int(np.shape(y)[1])
    if is_classifier(network) and type_of_target(y) == "multiclass":
        return len(np.unique(y))
    return 1
