"""The model file: one safetensors file; its metadata is the JSON description of the network. Nothing in it is executed.

| part | content |
|---|---|
| metadata "netlet" | JSON: format, version, dtype, seed, layers, loss, frozen layers, training so far, notes, CRC-32 |
| tensor "theta" | the flat parameter vector |
| tensor "state" | what layers keep beside the parameters, such as running means; absent where there is none |

Format 1 had no state, and its input said "size" for "shape".
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from netlet.errors import ModelFileError
from netlet.tensor_file import read_tensors, write_tensors

FORMAT = 2


def write_model(
    path: str | os.PathLike[str], description: dict[str, Any], theta: np.ndarray, state: np.ndarray
) -> None:
    """Write a model file.

    Parameters
    ----------
    path : str or path
    description : dict
        Plain values.
    theta : float32 or float64, (n_theta,)
    state : dtype, (n_state,)

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError, ValueError
        If the description is not JSON.
    """
    arrays = {"theta": theta} | ({"state": state} if state.size else {})
    write_tensors(path, description | {"format": FORMAT}, arrays)


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Read a model file.

    Returns
    -------
    description : dict
        In the form of the newest format.
    theta : float32 or float64, (n_theta,)
    state : dtype, (n_state,)

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is no model file of netlet, is cut short, was altered, or comes from a newer version.
    """
    description, arrays = read_tensors(
        path,
        "model file",
        "models are written by Network.save or `netlet train`",
        "train or copy the model again",
        FORMAT,
    )
    if "theta" not in arrays:
        raise ModelFileError(f"{path} was altered: it holds no weights; train or copy the model again")
    theta = arrays["theta"]
    return newest(description), theta, arrays.get("state", np.empty(0, theta.dtype))


def newest(description: dict[str, Any]) -> dict[str, Any]:
    """Bring a description of an older format into the form of the newest."""
    if description["format"] == 1:
        for layer in description.get("layers", ()):
            if isinstance(layer, dict) and layer.get("layer") == "Input" and "size" in layer:
                layer["shape"] = layer.pop("size")
    return description
