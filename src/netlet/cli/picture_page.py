"""The facts of a training on pictures for its page, gathered and written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netlet.cli.health import health_of
from netlet.cli.options import TrainOptions
from netlet.cli.page import reproduction
from netlet.cli.pictures import Shared, ending
from netlet.cli.scores import MEASURES, Scores
from netlet.report.facts import ModelScore, TestFacts
from netlet.report.picture_facts import Example, PictureFacts
from netlet.report.picture_page import MOST_EXAMPLES, write_picture_report

if TYPE_CHECKING:
    from netlet.pictures.classifier import ImageClassifier

CUT_SHORT = "The training was cut short by the clock or by Ctrl-C, so the same command may give another model."
SHOWN_AS_SETTINGS = ("learning_rate", "batch_size", "weight_decay", "label_smoothing")
CURVES = ("loss", "validation_loss", "validation_accuracy")


def write_page(
    path: Path, options: TrainOptions, shared: Shared, model: ImageClassifier, outputs: np.ndarray, scores: Scores,
    seconds: float, output: Path,
) -> None:  # fmt: skip
    """Write the page of a training on pictures.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    height, width, channels = shared.learn.pictures.shape[1:]
    counts = sum(np.bincount(shared.codes(part), minlength=len(shared.classes)) for part in shared.parts)
    epochs = model.history_.epochs
    measures = MEASURES["classification"]
    test = None
    if scores:
        named = (
            ModelScore(name, {m.label: m.write(values[m.key]) for m in measures}, values["accuracy"])
            for name, values in scores
        )
        test = TestFacts(shared.codes(shared.test), outputs, tuple(map(str, shared.classes.tolist())), tuple(named))
    facts = PictureFacts(
        source=options.file.resolve().name,
        shape=(height, width, channels),
        class_counts=tuple(zip(map(str, shared.classes.tolist()), np.asarray(counts).tolist(), strict=True)),
        n_learn=len(shared.learn),
        n_watch=len(shared.watch),
        n_test=len(shared.test),
        notes=tuple(shared.learn.notes),
        skipped=tuple(each for part in shared.parts for each in part.skipped),
        curves={name: [epoch[name] for epoch in epochs] for name in CURVES if epochs and name in epochs[0]},
        settings={name: getattr(model, name) for name in SHOWN_AS_SETTINGS},
        summary=model.network_.summary(),
        n_parameters=model.network_.theta.size,
        seconds=seconds,
        ending=f"Trained for {ending(model)}.",
        file=output.name,
        reproduction=reproduction(options, "" if model.history_.stopped not in ("time", "interrupted") else CUT_SHORT),
        test=test,
        health=health_of(model.history_),
        examples=_examples(shared, model, outputs, options.seed) if test else (),
    )
    write_picture_report(facts, path)


def _examples(shared: Shared, model: ImageClassifier, outputs: np.ndarray, seed: int) -> tuple[Example, ...]:
    """Choose pictures of the test: wrong ones, the surest first, and right ones by chance."""
    truth, predicted = shared.codes(shared.test), outputs.argmax(axis=1)
    sureness = outputs[np.arange(len(outputs)), predicted]
    wrong = np.flatnonzero(truth != predicted)
    wrong = wrong[np.argsort(-sureness[wrong], kind="stable")][:MOST_EXAMPLES]
    right = np.flatnonzero(truth == predicted)
    right = np.sort(np.random.default_rng(seed).permutation(right)[:MOST_EXAMPLES])
    chosen = np.concatenate([wrong, right])
    salient = _saliency(model, shared.test.pictures[chosen])
    return tuple(
        Example(
            shared.test.pictures[at],
            shared.test.names[at],
            str(shared.classes[truth[at]]),
            str(shared.classes[predicted[at]]),
            float(sureness[at]),
            None if salient is None else salient[place],
        )
        for place, at in enumerate(chosen)
    )


def _saliency(model: ImageClassifier, pictures: np.ndarray) -> np.ndarray | None:
    """Return how much each pixel matters to the predicted class, from 0 to 1: (n, height, width)."""
    gradient = np.asarray(model.network_.saliency(model._samples(pictures))).reshape(pictures.shape)
    size = np.abs(gradient).max(axis=3)
    top = np.quantile(size, 0.99, axis=(1, 2), keepdims=True)  # a single pixel does not make all others pale
    share: np.ndarray = np.clip(size / np.where(top > 0, top, 1), 0, 1)
    return share
