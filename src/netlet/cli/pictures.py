"""`netlet train FOLDER`: from pictures to a tested model and a report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlet.cli import lines
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.health import health_of, show_health, told_later
from netlet.cli.options import TrainOptions
from netlet.cli.page import is_page
from netlet.cli.paths import check_writable, refuse_same, refuse_to_replace
from netlet.cli.refused import refuse
from netlet.cli.scores import MEASURES, Scores, score
from netlet.cli.screen import Screen
from netlet.cli.trained import is_model
from netlet.cli.writing import writing_page
from netlet.data import Target, split_rows
from netlet.data.files import explain
from netlet.pictures.reading import Pictures, PicturesError, read_part

if TYPE_CHECKING:
    from netlet.pictures.classifier import ImageClassifier

NOT_FOR_PICTURES = (
    "target", "drop", "task", "preset", "trials", "epochs_in_all", "ensemble", "hidden", "activation", "dropout",
    "optimizer",
)  # fmt: skip
INSTEAD = "--epochs, --time, --batch-size, --learning-rate, --patience, --test-share and --validation-share are"
SKIPPED_SHOWN = 12
NOTES_KEY = "pictures"


@dataclass(frozen=True, eq=False)
class Shared:
    """Pictures shared out: to learn from, to choose the epoch by, to test with.

    Attributes
    ----------
    learn, watch, test : Pictures
    classes : array, (n_classes,)
        Sorted.
    """

    learn: Pictures
    watch: Pictures
    test: Pictures
    classes: np.ndarray

    def codes(self, pictures: Pictures) -> np.ndarray:
        """Return the class numbers of pictures."""
        return _codes(self.classes, pictures)

    @property
    def parts(self) -> tuple[Pictures, Pictures, Pictures]:
        """All of them."""
        return self.learn, self.watch, self.test


def train_pictures(options: TrainOptions) -> None:
    """Read pictures, set some aside, train, write, test and report.

    Raises
    ------
    CommandError, TrainingFailed
        If something is wrong with an option, the pictures or the training, or the model cannot be written.
    KeyboardInterrupt
        If Ctrl-C came before the first epoch was done; after that, what was learned is kept.
    """
    refuse(options, (name for name in NOT_FOR_PICTURES if options.task != "classification" or name != "task"),
           "pictures", INSTEAD)  # fmt: skip
    output = options.output or Path(f"{options.file.resolve().name.split('.')[0]}.netlet")
    page = (options.report or output.with_suffix(".html")) if options.with_report else None
    _check_outputs(output, page, options)

    screen = Screen(options.quiet)
    try:
        shared = _read(options, screen)
    except PicturesError as error:
        raise CommandError(str(error)) from None
    except ImportError as error:
        raise CommandError(str(error), NOT_DONE) from None
    began = time.perf_counter()
    model = _train(options, shared)
    seconds = time.perf_counter() - began
    if not len(model.history_) and model.history_.stopped == "interrupted":
        raise KeyboardInterrupt
    _show_training(screen, model, seconds)

    target = Target("class", "classification", tuple(map(str, shared.classes.tolist())))
    outputs = model.predict_proba(shared.test.pictures) if len(shared.test) else np.empty((0, len(shared.classes)))
    scores: Scores = []
    if len(shared.test):
        scores = [("this model", score(target, outputs, shared.codes(shared.test))), _constant(target, shared)]
    _save(model, shared, output, options, scores)
    if scores:
        _show_scores(screen, len(shared.test), scores)
    lines.show_model(screen, output, interrupted=model.history_.stopped == "interrupted")
    if page is not None:
        _report(page, options, shared, model, outputs, scores, seconds, output, screen)
    screen.entry("Predict", "with any folder of pictures:")
    screen.command(lines.command_line("netlet", "predict", str(output), str(options.file), "-o", "predictions.csv"))


def _check_outputs(output: Path, page: Path | None, options: TrainOptions) -> None:
    if not options.file.exists():
        why = explain(options.file, FileNotFoundError(), "folder of pictures", (".npz", "-ubyte", "-ubyte.gz"))
        raise CommandError(why)
    for path, option, known in ((output, "--output", is_model), (page, "--report", is_page)):
        if path is None:
            continue
        refuse_same(path, options.file, "file of pictures", option)
        check_writable(path, option)
        if not (options.force or known(path)):
            refuse_to_replace(path, option)
    if page == output:
        raise CommandError(f"--report {page} is the model itself; give another name")


# Reading and sharing out


def _codes(classes: np.ndarray, pictures: Pictures) -> np.ndarray:
    assert pictures.labels is not None
    codes: np.ndarray = np.searchsorted(classes, pictures.labels)
    return codes


def _read(options: TrainOptions, screen: Screen) -> Shared:
    with screen.waiting("reading pictures ..."):
        whole = read_part(options.file, n_threads=options.threads)
    assert whole is not None  # whatever is not divided is the part to train with
    if whole.labels is None:
        raise PicturesError(
            f"{options.file} does not say what its pictures show; put each class into a folder of its own, such as "
            f"{options.file.name or 'pets'}/cat and {options.file.name or 'pets'}/dog"
        )
    classes, counts = np.unique(whole.labels, return_counts=True)
    if len(classes) < 2:
        inner = options.file / str(classes[0])
        folders = sum(each.is_dir() for each in inner.iterdir()) if inner.is_dir() else 0
        hint = f"; the folders in {inner} are no classes of their own: give {inner} itself" if folders > 1 else ""
        raise PicturesError(
            f"{options.file} has pictures of one class only, {classes[0]}; two are needed at least{hint}"
        )
    _show_read(screen, options.file, whole, classes, counts)
    size, colour = whole.pictures.shape[1:3], whole.pictures.shape[3] == 3
    given = {
        part: _given(screen, read_part(options.file, part, size=size, colour=colour, n_threads=options.threads),
                     part, classes)
        for part in ("test", "validation")
    }  # fmt: skip
    test, watch = given["test"], given["validation"]
    if test is None or not options.test_share:
        whole, test = _split(whole, classes, options.test_share, "test", options.seed)
    if watch is None or not options.validation_share:
        whole, watch = _split(whole, classes, options.validation_share, "validation", options.seed)
    parts = [f"{len(whole):,} to learn from"]
    if len(watch):
        parts.append(f"{len(watch):,} to choose the epoch by")
    parts.append(f"{len(test):,} to test with" if len(test) else "none to test with")
    screen.entry("Parts", ", ".join(parts))
    return Shared(whole, watch, test, classes)


def _given(screen: Screen, pictures: Pictures | None, part: str, classes: np.ndarray) -> Pictures | None:
    """Take a part that the pictures come with, if they do."""
    if pictures is None:
        return None
    if pictures.labels is None:
        screen.entry("", f"The part {part} has no labels and is left out.")
        return None
    strange = np.setdiff1d(pictures.labels, classes)
    if len(strange):
        raise PicturesError(f"the part {part} shows {strange[0]}, which no picture to train with shows; add some")
    _show_skipped(screen, pictures.skipped)
    return pictures


def _split(whole: Pictures, classes: np.ndarray, share: float, name: str, seed: int) -> tuple[Pictures, Pictures]:
    try:
        kept, aside = split_rows(len(whole), share, seed, _codes(classes, whole))
    except ValueError as error:
        raise CommandError(f"--{name}-{str(error).replace('rows', 'pictures')}") from None
    return whole.take(kept, keep_skipped=True), whole.take(aside)


# Training


def _train(options: TrainOptions, shared: Shared) -> ImageClassifier:
    from netlet.pictures.classifier import ImageClassifier

    chosen = {name: getattr(options, name) for name in ("epochs", "batch_size", "learning_rate")}
    model = ImageClassifier(
        **{name: value for name, value in chosen.items() if value is not None},
        validation_fraction=0.0,
        patience=options.patience if len(shared.watch) and options.patience != 20 else None,
        time_limit=options.time,
        random_state=options.seed,
        n_threads=options.threads,
        verbose=not options.quiet,
        health=True,
    )
    watch = (shared.watch.pictures, shared.watch.labels) if len(shared.watch) else None
    with told_later():
        return model.fit(shared.learn.pictures, shared.learn.labels, validation_data=watch)


def _constant(target: Target, shared: Shared) -> tuple[str, dict[str, float]]:
    """Score the guess that knows only how common each class is."""
    counts = sum(
        np.bincount(shared.codes(part), minlength=len(shared.classes)) for part in (shared.learn, shared.watch)
    )
    guess = np.tile(counts / np.sum(counts), (len(shared.test), 1))
    return f"always {target.classes[int(np.argmax(counts))]}", score(target, guess, shared.codes(shared.test))


def _save(model: ImageClassifier, shared: Shared, path: Path, options: TrainOptions, scores: Scores) -> None:
    learn, watch, test = map(len, shared.parts)
    model.network_.notes |= {
        NOTES_KEY: {
            "name": options.file.name, "rows": {"learn": learn, "watch": watch, "test": test},
            "split_seed": options.seed,
        },
        "training": {"epochs": len(model.history_), "stopped": model.history_.stopped},
        "test": scores[0][1] if scores else {},
    }  # fmt: skip
    try:
        model.save(path)
    except OSError as error:
        raise CommandError(f"the model was not written to {path}: {error.strerror or error}", NOT_DONE) from None


def _report(
    page: Path, options: TrainOptions, shared: Shared, model: ImageClassifier, outputs: np.ndarray, scores: Scores,
    seconds: float, output: Path, screen: Screen,
) -> None:  # fmt: skip
    from netlet.cli.picture_page import write_page

    with writing_page(screen, page):
        write_page(page, options, shared, model, outputs, scores, seconds, output)


# What is shown


def _show_read(screen: Screen, file: Path, whole: Pictures, classes: np.ndarray, counts: np.ndarray) -> None:
    height, width, channels = whole.pictures.shape[1:]
    kind = "in colour" if channels == 3 else "of grey"
    n_pictures = lines.counted(len(whole), "picture", "pictures")
    screen.entry("Pictures", f"{file.resolve().name}: {n_pictures}, {height} × {width} pixels {kind}")
    for note in whole.notes:
        screen.entry("", note)
    order = np.argsort(-counts, kind="stable")
    shown = [f"{classes[at]} ({counts[at]:,})" for at in order[: lines.CLASSES_SHOWN]]
    more = f" and {len(classes) - lines.CLASSES_SHOWN} more" if len(classes) > lines.CLASSES_SHOWN else ""
    screen.entry("Classes", f"{len(classes)}: {', '.join(shown)}{more}")
    _show_skipped(screen, whole.skipped)


def _show_skipped(screen: Screen, skipped: list[tuple[str, str]]) -> None:
    for name, why in skipped[:SKIPPED_SHOWN]:
        screen.entry("Skipped", f"{name}: {why}")
    if len(skipped) > SKIPPED_SHOWN:
        screen.entry("", f"and {len(skipped) - SKIPPED_SHOWN:,} more files")


def ending(model: ImageClassifier) -> str:
    """Say how long training went on, and which weights were kept."""
    history = model.history_
    text = lines.counted(len(history), "epoch", "epochs")
    ends = {
        "time": ", when the time was over",
        "interrupted": ", when Ctrl-C was pressed",
        "early": ", no longer better",
    }
    text += ends.get(history.stopped, "")
    if history.best_epoch is not None and history.best_epoch != len(history):
        text += f"; the weights of epoch {history.best_epoch}, the best in validation, are kept"
    return text


def _show_training(screen: Screen, model: ImageClassifier, seconds: float) -> None:
    screen.entry("Network", lines.counted(model.network_.theta.size, "parameter", "parameters"))
    screen.entry("Training", f"{ending(model)}; {seconds:.1f} s")
    show_health(screen, health_of(model.history_))


def _show_scores(screen: Screen, n_test: int, scores: Scores) -> None:
    measures = MEASURES["classification"]
    rows = [[name, *(measure.write(values[measure.key]) for measure in measures)] for name, values in scores]
    screen.gap()
    screen.table(
        f"Test on {lines.counted(n_test, 'picture', 'pictures')}", [measure.label for measure in measures], rows
    )
    if scores[0][1]["accuracy"] <= scores[-1][1]["accuracy"]:
        screen.entry("", f"No better than {scores[-1][0]}: there may be too few pictures to learn from.")
