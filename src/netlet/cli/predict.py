"""`netlet predict`: from a model file and a table to predictions."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet import Ensemble, Network
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.lines import counted
from netlet.cli.options import PredictOptions
from netlet.cli.paths import check_writable, refuse_same, refuse_to_replace
from netlet.cli.scores import MEASURES, score
from netlet.cli.screen import say
from netlet.data import Preparation, TableError, Target, read_table
from netlet.data.cells import infer
from netlet.data.files import explain
from netlet.estimators.saving import class_in
from netlet.population.loading import load_networks
from netlet.tensor_file import write_atomically

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET = (".parquet", ".pq")


def predict(options: PredictOptions) -> None:
    """Read the model and the table, predict each row and write the predictions.

    Raises
    ------
    CommandError, TableError, ModelFileError
        If the model, the table or the output cannot be used.
    """
    if options.output is not None:
        _check_output(options.output, options)
    network = _model(options.model)
    if isinstance(network.notes.get("estimator"), dict):
        predictions, remark = _estimated(network, options)
        is_forecast = isinstance(network, Network) and class_in(network) == "Forecaster"
        _write_and_say(
            predictions, remark, options, ("step", "steps") if is_forecast else ("prediction", "predictions")
        )
        return
    preparation = _preparation(network, options.model)
    target = preparation.target
    table = read_table(options.file, convert=False)
    for note in table.notes:
        say(note)
    try:
        x = preparation.transform(table.frame)
    except TableError as error:
        raise CommandError(f"{options.file.name}: {error}") from None
    outputs = network.predict(x, n_threads=options.threads)
    _finish(options, table.frame, _predictions(target, outputs))
    before = network.notes.get("table")
    is_same = isinstance(before, dict) and before.get("name") == options.file.name
    _compare(target, table.frame, outputs, ", perhaps those it was trained on" if is_same else "")


def _estimated(network: Network | Ensemble, options: PredictOptions) -> tuple[pl.DataFrame, str]:
    """Predict with an estimator; return the predictions, and a remark for the screen."""
    kind = class_in(network)
    if kind in ("TableClassifier", "TableRegressor"):
        from netlet.cli.table_predict import predict_table

        frame, predictions, remark = predict_table(options, kind)
        return _beside(frame, predictions) if options.with_input else predictions, remark
    if kind == "ImageClassifier":
        from netlet.cli.picture_predictions import predict_pictures

        return predict_pictures(options)
    if kind == "Forecaster":
        from netlet.cli.forecast import predict_forecast

        return predict_forecast(options), ""
    if kind == "TextClassifier":
        from netlet.cli.text_predict import predict_texts

        frame, predictions, remark = predict_texts(options, network.notes)
        return _beside(frame, predictions) if options.with_input else predictions, remark
    if kind == "LanguageModel":
        raise CommandError(
            f"{options.model} holds a LanguageModel, which continues texts and predicts no table; "
            f"use netlet generate {options.model} TEXT"
        )
    raise CommandError(f"{options.model} holds a {kind}, which netlet predict does not know; use {kind}.load in Python")


def _write_and_say(predictions: pl.DataFrame, remark: str, options: PredictOptions, what: tuple[str, str]) -> None:
    _write(predictions, options.output)
    if options.output is not None:
        say(f"{counted(predictions.height, *what)} written to {options.output}")
    if remark:
        say(remark)


def _check_output(path: Path, options: PredictOptions) -> None:
    ending = path.suffix.lower()
    if ending not in (*SEPARATORS, *PARQUET):
        raise CommandError(f"--output {path} does not end in .csv, .tsv or .parquet; the ending says what is written")
    refuse_same(path, options.file, "table")
    refuse_same(path, options.model, "model")
    if not options.force:
        refuse_to_replace(path)
    check_writable(path)


def _model(path: Path) -> Network | Ensemble:
    try:
        return load_networks(path)
    except OSError as error:
        raise CommandError(explain(path, error, "model file", (".netlet",))) from None


def _preparation(network: Network | Ensemble, path: Path) -> Preparation:
    stored = network.notes.get("preparation")
    if not isinstance(stored, dict):
        raise CommandError(
            f"{path} holds a model but not how to prepare a table for it; "
            "use a model that netlet train wrote, or netlet.load in Python"
        )
    try:
        preparation = Preparation.from_dict(stored)
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from None
    n_outputs = len(preparation.target.classes) or 1
    blank = np.zeros((1, len(preparation.names)), dtype=np.float32)
    try:
        fits = network.predict(blank).shape == (1, n_outputs)
    except ValueError:
        fits = False
    if not fits:
        raise CommandError(
            f"{path} was altered: its network does not fit its preparation; train or copy the model again"
        )
    return preparation


def _predictions(target: Target, outputs: NDArray[np.floating]) -> pl.DataFrame:
    columns = [target.decode(outputs)]
    for label, name in enumerate(target.classes):
        plain = str(name).lower() if isinstance(name, bool) else str(name)
        columns.append(pl.Series(f"probability_{plain}", outputs[:, label]))
    return pl.DataFrame(columns)


def _finish(options: PredictOptions, frame: pl.DataFrame, predictions: pl.DataFrame) -> None:
    """Write the predictions where they are to go."""
    if options.with_input:
        predictions = _beside(frame, predictions)
    _write(predictions, options.output)
    if options.output is not None:
        say(f"{predictions.height:,} predictions written to {options.output}")


def _beside(frame: pl.DataFrame, predictions: pl.DataFrame) -> pl.DataFrame:
    both = [name for name in predictions.columns if name in frame.columns]
    if both:
        raise CommandError(
            f"--with-input: the table has a column {both[0]!r} already; rename it, or leave --with-input out"
        )
    return frame.hstack(predictions)


def _write(predictions: pl.DataFrame, path: Path | None) -> None:
    if path is None:
        sys.stdout.buffer.write(predictions.write_csv().encode())
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(path, _bytes(predictions, path.suffix.lower()))
    except OSError as error:
        raise CommandError(f"{path} was not written: {error.strerror or error}", NOT_DONE) from None


def _bytes(predictions: pl.DataFrame, ending: str) -> bytes:
    if ending in SEPARATORS:
        return predictions.write_csv(separator=SEPARATORS[ending]).encode()
    whole = io.BytesIO()
    predictions.with_columns(infer(column) for column in predictions.iter_columns()).write_parquet(whole)
    return whole.getvalue()


def _compare(target: Target, frame: pl.DataFrame, outputs: NDArray[np.floating], remark: str) -> None:
    """Where the table holds the truth too, say how near the predictions are."""
    if target.column not in frame.columns:
        return
    try:
        known = target.known(frame)
    except TableError:  # numbers were predicted, and the column holds something else
        return
    if not known.any():
        return
    scores = score(target, outputs[known], target.encode(frame.filter(pl.Series(known))))
    figures = ", ".join(f"{measure.label} {measure.write(scores[measure.key])}" for measure in MEASURES[target.task])
    say(f"Compared with the column {target.column!r} of the table ({known.sum():,} rows{remark}): {figures}")
