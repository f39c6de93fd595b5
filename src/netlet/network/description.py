"""A network as plain values and two arrays, and back: what a model file and an ensemble's file hold of it."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from netlet.graph.graph import graph_from
from netlet.graph.operations import initial_state
from netlet.kernels.memory import aligned_zeros
from netlet.network.core import Core
from netlet.training.learnt import Learnt
from netlet.training.losses import Loss, loss_from
from netlet.version import __version__

_Kind = TypeVar("_Kind", bound=Core)


def describe_network(network: Core) -> dict[str, Any]:
    """Return all of a network but its numbers, as JSON values.

    Raises
    ------
    NotBuilt
        If the network has no weights yet.
    """
    learnt = network._built()
    return {
        "version": __version__,
        "dtype": network.dtype,
        "seed": network.seed,
        "loss": network.loss.describe() if isinstance(network.loss, Loss) else network.loss,
        "layers": network._graph.describe(),
        "frozen": sorted(network.frozen),
        "trained": {"epochs": learnt.epochs, "steps": learnt.steps},
        "notes": network.notes,
    }


def network_from(kind: type[_Kind], description: dict[str, Any], theta: np.ndarray, state: np.ndarray) -> _Kind:
    """Build the network that `describe_network` described.

    Parameters
    ----------
    kind : type
        The class to build.
    description : dict
        In the form of the newest format.
    theta : dtype, (n_theta,)
    state : dtype, (n_state,)

    Returns
    -------
    Network
        With numbers of its own.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If the description is not right, or the numbers do not fit it.
    """
    network = kind.__new__(kind)
    network._graph = graph_from(description["layers"])
    network.seed, network.dtype = int(description["seed"]), description["dtype"]
    network.loss = description["loss"] if description["loss"] == "auto" else loss_from(description["loss"])
    network.frozen = frozenset(description.get("frozen", ()))
    network.notes = description["notes"]
    network._bind()
    expected = sum(operation.n_theta for operation in network._operations)
    begins = initial_state(network._operations, network.dtype)
    if theta.shape != (expected,) or str(theta.dtype) != network.dtype:
        raise ValueError(f"{theta.size} weights of {theta.dtype} do not fit its layers, which have {expected}")
    if state.shape != begins.shape or state.dtype != begins.dtype:
        raise ValueError(f"{state.size} numbers of state do not fit its layers, which have {begins.size}")
    trained = description.get("trained", {"epochs": 0, "steps": 0})
    own = aligned_zeros(theta.shape, network.dtype)
    own[:] = theta
    network._learnt = Learnt(own, np.array(state), int(trained["epochs"]), int(trained["steps"]))
    network._check_names("frozen layer", network.frozen)
    return network
