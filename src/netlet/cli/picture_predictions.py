"""`netlet predict MODEL FOLDER`: what pictures show."""

from __future__ import annotations

import numpy as np
import polars as pl

from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.options import PredictOptions
from netlet.cli.screen import say
from netlet.pictures.classifier import ImageClassifier
from netlet.pictures.reading import Pictures, PicturesError, read_pictures


def predict_pictures(options: PredictOptions) -> tuple[pl.DataFrame, str]:
    """Read pictures as the model was given them, and predict the class of each.

    Returns
    -------
    polars.DataFrame
        The columns "file", "class" and "probability_..." of each class.
    str
        How well it agrees with the labels, where the pictures have some; else empty.

    Raises
    ------
    CommandError, ModelFileError
        If the pictures or the model cannot be used.
    """
    if options.with_input:
        raise CommandError("--with-input is not for pictures, which have no columns; the column file names each")
    model = ImageClassifier.load(options.model)
    height, width, channels = model.shape_
    if channels not in (1, 3):
        raise CommandError(
            f"{options.model} reads pictures of {channels} channels; netlet predict reads those of 1 or 3"
        )
    try:
        read = read_pictures(options.file, size=(height, width), colour=channels == 3, n_threads=options.threads)
    except PicturesError as error:
        raise CommandError(str(error)) from None
    except ImportError as error:
        raise CommandError(str(error), NOT_DONE) from None
    for note in read.notes:
        say(note)
    for name, why in read.skipped:
        say(f"skipped {name}: {why}")
    model.n_threads = options.threads
    outputs = model.predict_proba(read.pictures)
    names = [str(name) for name in model.classes_.tolist()]
    columns = [pl.Series("file", read.names), pl.Series("class", [names[at] for at in outputs.argmax(axis=1)])]
    columns += [pl.Series(f"probability_{name}", outputs[:, at]) for at, name in enumerate(names)]
    return pl.DataFrame(columns), _agreement(read, model, outputs)


def _agreement(read: Pictures, model: ImageClassifier, outputs: np.ndarray) -> str:
    if read.labels is None:
        return ""
    truth = read.labels.astype(str)
    known = np.isin(truth, model.classes_.astype(str))
    if not known.any():
        return ""
    right = model.classes_.astype(str)[outputs.argmax(axis=1)][known] == truth[known]
    return f"Compared with the labels of {known.sum():,} pictures: accuracy {100 * right.mean():.1f} %"
