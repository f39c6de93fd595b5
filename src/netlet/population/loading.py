"""Reading the networks of a file, be it one or an ensemble."""

from __future__ import annotations

import os

from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.population.ensemble_file import KIND
from netlet.tensor_file import kind_of


def load_networks(path: str | os.PathLike[str]) -> Network | Ensemble:
    """Read a network or an ensemble, whichever the file holds, without the estimator it may belong to.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Network or Ensemble

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is neither, is cut short, was altered, or needs a newer version.
    """
    return Ensemble.load(path) if kind_of(path) == KIND else Network.load(path)
