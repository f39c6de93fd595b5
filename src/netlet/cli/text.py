"""`netlet train --text`: from a table of texts, or folders of them, to a tested classifier and a report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netlet.cli import lines
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.health import health_of, show_health, told_later
from netlet.cli.options import TrainOptions
from netlet.cli.page import is_page
from netlet.cli.paths import check_writable, refuse_same, refuse_to_replace
from netlet.cli.screen import Screen
from netlet.cli.trained import is_model
from netlet.cli.writing import writing_page
from netlet.data.split import split_rows
from netlet.text.classifier import TextClassifier
from netlet.text.reading import Texts, read_texts

# The options that say nothing here, with the values that stand for "not given".
_NOT_FOR_TEXTS = {
    "drop": (), "preset": None, "hidden": None, "activation": None, "dropout": None, "optimizer": None, "trials": None,
    "epochs_in_all": None, "ensemble": 8, "patience": 20,
}  # fmt: skip
_VALIDATION_SHARE = 0.2  # the option's own default, in whose place the classifier's stands
_MOST_F1 = 5  # classes up to which each has a column of its own


@dataclass(frozen=True, eq=False)
class Tested:
    """What came out on the texts set aside: their places, class numbers and probabilities, and everybody's scores."""

    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    outputs: NDArray[np.floating]
    scores: list[tuple[str, dict[str, float]]]


def train_text(options: TrainOptions) -> None:
    """Read, set texts aside, train, test once, write and report.

    Raises
    ------
    CommandError, TableError, TrainingFailed
        If something is wrong with an option, the texts or the training, or a file cannot be written.
    """
    _refuse_others(options)
    output = options.output or Path(f"{options.file.stem}.netlet")
    page = (options.report or output.with_suffix(".html")) if options.with_report else None
    _check_outputs(options, output, page)
    screen = Screen(options.quiet)
    found = read_texts(options.file, options.text, options.target)
    if found.y is None:
        raise CommandError(
            f"say with --target which column to predict; the columns of {options.file.name} are: "
            f"{', '.join(found.frame.columns)}"
        )
    classes, codes = np.unique(found.y, return_inverse=True)
    _show_texts(screen, options, found, classes, codes)
    try:
        kept, test = split_rows(len(codes), options.test_share, options.seed, codes.astype(np.int64))
    except ValueError as error:
        raise CommandError(f"--test-{error}") from None
    screen.entry("Texts", f"{len(kept):,} to learn from, {len(test):,} to test with")
    model, seconds = _trained(options, found, kept, screen)
    tested = _test(model, found, kept, test) if len(test) else None
    _save(model, output, options, found, tested)
    if tested is not None:
        keys = list(tested.scores[0][1])
        rows = [[name, *(figure_of(key, figures[key]) for key in keys)] for name, figures in tested.scores]
        screen.gap()
        screen.table(f"Test on {lines.counted(len(test), 'text', 'texts')}", keys, rows)
    lines.show_model(screen, output, interrupted=model.history_.stopped == "interrupted")
    if page is not None:
        _write_page(page, options, found, model, kept, tested, seconds, output, screen)
    lines.show_predict(screen, output, options.file)


def _refuse_others(options: TrainOptions) -> None:
    for name, absent in _NOT_FOR_TEXTS.items():
        if getattr(options, name) != absent:
            raise CommandError(f"--{name.replace('_', '-')} does not apply to texts (--text); leave it out")
    if options.task not in ("auto", "classification"):
        raise CommandError(f"--task {options.task} does not apply to texts (--text): they are classified; leave it out")


def _check_outputs(options: TrainOptions, output: Path, page: Path | None) -> None:
    checked = [(output, "--output", is_model)] + ([(page, "--report", is_page)] if page is not None else [])
    for path, option, is_ours in checked:
        refuse_same(path, options.file, "table", option)
        check_writable(path, option)
        if not (options.force or is_ours(path)):
            refuse_to_replace(path, option)
    if page == output:
        raise CommandError(f"--report {page} is the model itself; give another name")


def _show_texts(
    screen: Screen, options: TrainOptions, found: Texts, classes: NDArray[np.str_], codes: NDArray[np.int64]
) -> None:
    screen.entry("Table", f"{options.file.name}: {lines.counted(found.frame.height, 'row', 'rows')}")
    for note in found.notes[: lines.NAMES_SHOWN]:
        screen.entry("", note)
    if len(found.notes) > lines.NAMES_SHOWN:
        screen.entry("", f"and {len(found.notes) - lines.NAMES_SHOWN:,} more remarks")
    counts = np.bincount(codes, minlength=len(classes))
    shown = [f"{name} ({n:,})" for name, n in zip(classes, counts, strict=True)][: lines.CLASSES_SHOWN]
    more = f" and {len(classes) - len(shown):,} more" if len(classes) > len(shown) else ""
    screen.entry(
        "Target", f"{found.target}, {lines.counted(len(classes), 'class', 'classes')}: {', '.join(shown)}{more}"
    )


def _trained(
    options: TrainOptions, found: Texts, kept: NDArray[np.int64], screen: Screen
) -> tuple[TextClassifier, float]:
    assert found.y is not None
    chosen = {
        "epochs": options.epochs, "batch_size": options.batch_size, "learning_rate": options.learning_rate,
        "time_limit": options.time,
        "validation_fraction": None if options.validation_share == _VALIDATION_SHARE else options.validation_share,
    }  # fmt: skip
    model = TextClassifier(random_state=options.seed, n_threads=options.threads, verbose=not options.quiet, health=True)
    model.set_params(**{name: value for name, value in chosen.items() if value is not None})
    started = time.perf_counter()
    try:
        with screen.waiting("reading the texts and training ..."), told_later():
            model.fit([found.texts[row] for row in kept], found.y[kept])
    except ValueError as error:
        raise CommandError(str(error)) from None
    seconds = time.perf_counter() - started
    terms = len(model.vocabulary_)
    screen.entry("Trained", f"on {terms:,} n-grams of words and characters, in {seconds:.1f} s")
    show_health(screen, health_of(model.history_))
    return model, seconds


def _test(model: TextClassifier, found: Texts, kept: NDArray[np.int64], test: NDArray[np.int64]) -> Tested:
    """Measure the model and two simple ones on the texts set aside."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB

    assert found.y is not None
    known = model.classes_
    rows = test[np.isin(found.y[test], known)]
    truth = np.searchsorted(known, found.y[rows]).astype(np.int64)
    texts, learnt = [found.texts[row] for row in rows], [found.texts[row] for row in kept]
    outputs = model.predict_proba(texts)
    names = [str(name) for name in known]
    scores = [("this model", scores_of(truth, outputs.argmax(axis=1), names))]
    codes = np.searchsorted(known, found.y[kept])
    try:
        words = CountVectorizer()
        bayes = MultinomialNB().fit(words.fit_transform(learnt), codes)
        scores.append(("naive Bayes on words", scores_of(truth, bayes.predict(words.transform(texts)), names)))
    except ValueError:  # texts without a word of two letters
        pass
    usual = int(np.bincount(codes).argmax())
    scores.append((f"always {names[usual]}", scores_of(truth, np.full(len(truth), usual), names)))
    return Tested(rows, truth, outputs, scores)


def scores_of(truth: NDArray[np.int64], predicted: NDArray[np.int64], names: list[str]) -> dict[str, float]:
    """Return the accuracy, and the F1 of each class; of many classes their mean."""
    f1 = []
    for place in range(len(names)):
        hits = int(((truth == place) & (predicted == place)).sum())
        both = int((truth == place).sum()) + int((predicted == place).sum())
        f1.append(2 * hits / both if both else 0.0)
    accuracy = {"accuracy": float((truth == predicted).mean()) if len(truth) else 0.0}
    if len(names) > _MOST_F1:
        return accuracy | {"mean F1": float(np.mean(f1))}
    return accuracy | {f"F1 {name}": value for name, value in zip(names, f1, strict=True)}


def figure_of(key: str, value: float) -> str:
    """Write a score as text."""
    return f"{100 * value:.2f} %" if key == "accuracy" else f"{value:.3f}"


def _save(model: TextClassifier, path: Path, options: TrainOptions, found: Texts, tested: Tested | None) -> None:
    model.network_.notes["texts"] = {
        "name": options.file.name, "text": found.text, "target": found.target, "split_seed": options.seed,
        "test": tested.scores[0][1] if tested is not None else {},
    }  # fmt: skip
    try:
        model.save(path)
    except OSError as error:
        raise CommandError(f"the model was not written to {path}: {error.strerror or error}", NOT_DONE) from None


def _write_page(
    page: Path, options: TrainOptions, found: Texts, model: TextClassifier, kept: NDArray[np.int64],
    tested: Tested | None, seconds: float, output: Path, screen: Screen,
) -> None:  # fmt: skip
    from netlet.cli.text_page import write_page

    with writing_page(screen, page):
        write_page(page, options, found, model, kept, tested, seconds, output)
