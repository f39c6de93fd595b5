"""The file of an ensemble: as a model file, with the members' descriptions in a list and their tensors numbered.

| part | content |
|---|---|
| metadata "netlet" | JSON: kind "ensemble", format, version, weights, temperature, notes, members, CRC-32 |
| tensor "0.theta" | the flat parameter vector of the first member, and so on |
| tensor "0.state" | its state; absent where there is none |

A member's description is that of a model file, and the format is the model file's. There is none before format 2.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.errors import ModelFileError
from netlet.network.description import describe_network, network_from
from netlet.network.model_file import FORMAT, newest
from netlet.network.network import Network
from netlet.tensor_file import read_tensors, write_tensors
from netlet.version import __version__

KIND = "ensemble"
_REMEDY = "make or copy the ensemble again"


def write_ensemble(path: str | os.PathLike[str], description: dict[str, Any], networks: Sequence[Network]) -> None:
    """Write an ensemble's file.

    Parameters
    ----------
    path : str or path
    description : dict
        JSON values: what is the ensemble's own.
    networks : sequence of Network

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError, ValueError
        If the description, or a member's, is not JSON.
    """
    arrays = {f"{place}.theta": each.theta for place, each in enumerate(networks)}
    arrays |= {f"{place}.state": each.state for place, each in enumerate(networks) if each.state.size}
    members = [describe_network(each) for each in networks]
    head = {"kind": KIND, "format": FORMAT, "version": __version__}
    write_tensors(path, head | description | {"members": members}, arrays)


def read_ensemble(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[Network]]:
    """Read an ensemble's file.

    Returns
    -------
    description : dict
    networks : list of Network

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is no ensemble of netlet, is cut short, was altered, or comes from a newer version.
    """
    description, arrays = read_tensors(path, KIND, "ensembles are written by Ensemble.save", _REMEDY, FORMAT)
    try:
        networks = [
            _member(place, values | {"format": description["format"]}, arrays)
            for place, values in enumerate(description["members"])
        ]
        if arrays:
            raise ValueError(f"the tensor {min(arrays)!r} belongs to no member")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise altered(path, error) from None
    return description, networks


def altered(path: str | os.PathLike[str], error: Exception) -> ModelFileError:
    """Return the error for a file that is whole, but does not hold what it should."""
    return ModelFileError(f"{path} was altered: {error}; {_REMEDY}")


def _member(place: int, description: dict[str, Any], arrays: dict[str, np.ndarray]) -> Network:
    """Build a member; take its tensors out of the others."""
    theta = arrays.pop(f"{place}.theta")
    state = arrays.pop(f"{place}.state", np.empty(0, theta.dtype))
    return network_from(Network, newest(description), theta, state)
