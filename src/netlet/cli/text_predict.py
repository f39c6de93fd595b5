"""`netlet predict` with a classifier of texts."""

from __future__ import annotations

from typing import Any

import polars as pl

from netlet.cli.command_error import CommandError
from netlet.cli.options import PredictOptions
from netlet.cli.screen import say
from netlet.data.errors import listed
from netlet.text.classifier import TextClassifier
from netlet.text.reading import read_texts


def predict_texts(options: PredictOptions, notes: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Predict the class of each text of a table.

    Parameters
    ----------
    options : PredictOptions
    notes : dict
        The model file's.

    Returns
    -------
    frame : polars.DataFrame
        The table as read.
    predictions : polars.DataFrame
        The class of each row, and the probabilities of all; before them, of a folder, the file, unless it is
        in the table that goes beside them.
    remark : str
        How often that is right, where the table holds the classes; else empty.

    Raises
    ------
    CommandError, TableError, ModelFileError
        If the model or the table cannot be used.
    """
    stored = notes.get("texts")
    column, target = (stored.get("text"), stored.get("target")) if isinstance(stored, dict) else (None, None)
    found = read_texts(options.file, prefer=[name for name in (column, target) if isinstance(name, str)])
    for note in found.notes:
        say(note)
    frame = found.frame
    if options.file.is_dir():
        column = found.text
    elif column not in frame.columns:
        if frame.width > 1:
            raise CommandError(
                f"{options.file.name} has no column {column!r}, from which the model reads its texts; its columns are: "
                f"{listed(frame.columns)}"
            )
        column = frame.columns[0]
    model = TextClassifier.load(options.model)
    model.set_params(n_threads=options.threads)
    probabilities = model.predict_proba(frame[column].fill_null("").to_list())
    classes = model.classes_[probabilities.argmax(axis=1)]
    name = target if isinstance(target, str) else "class"
    names_files = options.file.is_dir() and not options.with_input and name != "file"
    own = pl.format("{}/{}", "class", "file") if "class" in frame.columns else pl.col("file")
    files = [frame.select(own.alias("file"))["file"]] if names_files else []
    predictions = pl.DataFrame(
        files
        + [pl.Series(name, classes.tolist())]
        + [pl.Series(f"probability_{each}", probabilities[:, place]) for place, each in enumerate(model.classes_)]
    )
    remark = ""
    if name in frame.columns:
        truth = frame[name].fill_null("").str.strip_chars().to_numpy()
        known = truth != ""
        if known.any():
            right = float((truth[known] == classes[known].astype(str)).mean())
            seen = stored.get("name") == options.file.name if isinstance(stored, dict) else False
            remark = (
                f"Compared with the column {name!r} of the table ({int(known.sum()):,} rows"
                f"{', perhaps those it was trained on' if seen else ''}): accuracy {100 * right:.1f} %"
            )
    return frame, predictions, remark
