"""Reading whatever a file of netlet holds."""

from __future__ import annotations

import os
from importlib import import_module

from netlet.data.errors import listed
from netlet.errors import ModelFileError, with_article
from netlet.estimators.saving import SavedEstimator, class_in
from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load_networks

# A file names its estimator; these are imported, and nothing that a file may name beside them.
_HOMES = {
    "Detector": "netlet.pictures.detector",
    "Forecaster": "netlet.sequences.forecaster",
    "ImageClassifier": "netlet.pictures.classifier",
    "LanguageModel": "netlet.text.language_model",
    "SequenceClassifier": "netlet.sequences.classifier",
    "SequenceRegressor": "netlet.sequences.regressor",
    "TableClassifier": "netlet.tables.classifier",
    "TableRegressor": "netlet.tables.regressor",
    "TextClassifier": "netlet.text.classifier",
}


def load(path: str | os.PathLike[str]) -> Network | Ensemble | SavedEstimator:
    """Read an estimator, a network or an ensemble, whichever the file holds. Nothing in it is executed.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Network, Ensemble, or the estimator that was saved
        `TableClassifier`, `TableRegressor`, `ImageClassifier`, `Detector`, `TextClassifier`, `LanguageModel`,
        `SequenceClassifier`, `SequenceRegressor` or `Forecaster`. The networks alone are read by ``Network.load`` and
        ``Ensemble.load``.

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is none of these, is cut short, was altered, or needs a newer version.
    """
    held = load_networks(path)
    name = class_in(held)
    if name is None:
        return held
    if name not in _HOMES:
        raise ModelFileError(
            f"{path} holds {with_article(name)}, which this version of netlet does not know (it knows "
            f"{listed(sorted(_HOMES))}); install a newer one, or read the networks alone with "
            f"{type(held).__name__}.load"
        )
    estimator: type[SavedEstimator] = getattr(import_module(_HOMES[name]), name)
    return estimator.load(path)
