"""`netlet train`: from a table to a tested model and a report."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from netlet.cli import lines
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.learnt import Learnt
from netlet.cli.options import TrainOptions
from netlet.cli.page import is_page, write_page
from netlet.cli.paths import check_writable, is_pictures, refuse_same, refuse_to_replace
from netlet.cli.prepare import Divided, divide
from netlet.cli.preset import SEARCH, preset_of
from netlet.cli.scores import Scores, baselines, score
from netlet.cli.screen import Screen
from netlet.cli.searched import train_by_search
from netlet.cli.trained import is_model
from netlet.cli.writing import writing_page
from netlet.data.target import TASKS
from netlet.errors import unknown_name
from netlet.graph.activations import ACTIVATIONS
from netlet.training.optimizers import OPTIMIZERS

NAMES = {
    "task": TASKS,
    "activation": tuple(name for name in ACTIVATIONS if name != "softmax"),
    "optimizer": tuple(OPTIMIZERS),
}


def train(options: TrainOptions) -> None:
    """Read, set rows aside, train networks, write, test and report.

    Raises
    ------
    CommandError, TableError, TrainingFailed
        If something is wrong with an option, the table or the training, or the model cannot be written.
    KeyboardInterrupt
        If Ctrl-C came before there was a network; after that, the best so far is kept.
    """
    if options.text is not None:
        from netlet.cli.text import train_text

        train_text(options)
        return
    if is_pictures(options.file):
        from netlet.cli.pictures import train_pictures

        train_pictures(options)
        return
    began = time.perf_counter()
    for option, names in NAMES.items():
        chosen = getattr(options, option)
        if chosen is not None and chosen not in names:
            raise CommandError(f"--{unknown_name(option, chosen, names)}")
    output = options.output or Path(f"{options.file.stem}.netlet")
    page = (options.report or output.with_suffix(".html")) if options.with_report else None
    _check_output(output, is_model(output), "--output", options)
    if page is not None:
        _check_output(page, is_page(page), "--report", options)
        if page == output:
            raise CommandError(f"--report {page} is the model itself; give another name")

    if options.forecast is not None:
        from netlet.cli.forecast import check_forecast_options, train_forecast

        check_forecast_options(options)
        train_forecast(options, output, page)
        return
    preset = preset_of(options)
    screen = Screen(options.quiet)
    divided = divide(options, screen)
    if preset == SEARCH:
        learnt = train_by_search(options, divided, screen, began)
    else:
        from netlet.cli.preset_training import train_by_preset  # brings in scikit-learn, which is slow to come

        learnt = train_by_preset(options, preset, divided, screen)
    target, kept, test = divided.target, divided.frame[divided.kept], divided.frame[divided.test]
    outputs = learnt.predict(test) if test.height else np.empty((0, len(target.classes) or 1))
    scores = [("this model", score(target, outputs, target.encode(test)))] if test.height else []
    _save(learnt, divided, output, options, scores)
    if scores:
        with suppress(KeyboardInterrupt):  # the model is written: that is not "stopped"
            x, x_test = learnt.linear_inputs(kept), learnt.linear_inputs(test)
            scores += baselines(target, x, target.encode(kept), x_test, target.encode(test), options.seed)
        lines.show_scores(screen, target, test.height, scores)
    lines.show_model(screen, output, interrupted=learnt.interrupted)
    if page is not None:
        with writing_page(screen, page):
            write_page(page, options, divided, learnt, outputs, scores, output)
    lines.show_predict(screen, output, options.file)


def _check_output(path: Path, is_replaceable: bool, option: str, options: TrainOptions) -> None:
    refuse_same(path, options.file, "table", option)
    check_writable(path, option)
    if not (options.force or is_replaceable):
        refuse_to_replace(path, option)


def _save(learnt: Learnt, divided: Divided, path: Path, options: TrainOptions, scores: Scores) -> None:
    rows = {"learn": learnt.n_learn, "watch": learnt.n_watch, "test": len(divided.test)}
    notes = {
        "table": {"name": options.file.name, "rows": rows, "split_seed": options.seed},
        "training": learnt.notes,
        "test": scores[0][1] if scores else {},
    }
    try:
        learnt.save(path, notes)
    except OSError as error:
        raise CommandError(f"the model was not written to {path}: {error.strerror or error}", NOT_DONE) from None
