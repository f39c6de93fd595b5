"""The facts of a training on texts for its page, gathered and written."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netlet.cli.health import health_of
from netlet.cli.options import TrainOptions
from netlet.cli.page import reproduction
from netlet.cli.text import Tested, figure_of
from netlet.report.facts import ModelScore
from netlet.report.text_facts import MarkedText, TextFacts, TextTest
from netlet.report.text_page import write_text_report
from netlet.text.classifier import TextClassifier
from netlet.text.explanation import WordScore, explain
from netlet.text.reading import Texts

_TEXTS_OF_A_CLASS = 100  # whose words are looked at
_WORDS_IN_ALL = 20_000  # so that this stays within seconds, however long the texts are
_LEAST_TEXTS = 3
_WORDS_SHOWN = 15
_WRONG, _RIGHT = 12, 3
_SETTINGS = ("features", "words", "characters", "min_count", "batch_size", "class_weight", "weight_decay")


def write_page(
    path: Path, options: TrainOptions, found: Texts, model: TextClassifier, kept: NDArray[np.int64],
    tested: Tested | None, seconds: float, output: Path,
) -> None:  # fmt: skip
    """Write the page of a training on texts.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    assert found.y is not None
    assert found.target is not None
    counts = [(str(name), int((found.y == name).sum())) for name in model.classes_]
    columns = ("loss", "validation_loss", "validation_accuracy")
    records = model.history_.records
    curves = {name: model.history_.column(name) for name in columns if records and name in records[0]}
    facts = TextFacts(
        options.file.name, found.text, found.target, tuple(counts), len(kept), found.notes, len(model.vocabulary_),
        int(model.network_.theta.size), seconds, curves, model.network_.summary(),
        {name: getattr(model, name) for name in _SETTINGS}, output.name, reproduction(options, ""),
        _test(found, model, tested) if tested is not None and len(tested.rows) else None,
        health_of(model.history_),
    )  # fmt: skip
    write_text_report(facts, path)


def _test(found: Texts, model: TextClassifier, tested: Tested) -> TextTest:
    names = [str(name) for name in model.classes_]
    predicted = tested.outputs.argmax(axis=1)
    certainty = tested.outputs[np.arange(len(predicted)), predicted]
    surest = np.argsort(-certainty, kind="stable")
    wrong = [int(at) for at in surest if predicted[at] != tested.truth[at]][:_WRONG]
    right = [
        int(at)
        for place in range(len(names))
        for at in [at for at in surest if predicted[at] == tested.truth[at] == place][:_RIGHT]
    ]
    looked_at = _some(found, tested, predicted, len(names))
    texts = [found.texts[tested.rows[at]] for at in [*wrong, *right, *looked_at]]
    explained = explain(texts, model.predict_proba, [int(predicted[at]) for at in [*wrong, *right, *looked_at]])
    examples = [
        MarkedText(
            int(found.rows[tested.rows[at]]) + 1, _pieces(text, words), names[tested.truth[at]], names[predicted[at]],
            float(certainty[at]),
        )
        for at, text, words in zip([*wrong, *right], texts, explained, strict=False)
    ]  # fmt: skip
    words = explained[len(examples) :]
    return TextTest(
        tested.truth,
        tested.outputs,
        tuple(
            ModelScore(name, {key: figure_of(key, value) for key, value in figures.items()}, figures["accuracy"])
            for name, figures in tested.scores
        ),
        _telling(words, [int(predicted[at]) for at in looked_at], names),
        len(looked_at),
        tuple(examples[: len(wrong)]),
        tuple(examples[len(wrong) :]),
    )


def _some(found: Texts, tested: Tested, predicted: NDArray[np.int64], n_classes: int) -> list[int]:
    """Choose texts of every class that was predicted, in their order, up to a number of words."""
    chosen: list[int] = []
    for place in range(n_classes):
        room = _WORDS_IN_ALL // n_classes
        for at in np.flatnonzero(predicted == place)[:_TEXTS_OF_A_CLASS]:
            room -= len(found.texts[tested.rows[at]].split())
            if room < 0:
                break
            chosen.append(int(at))
    return chosen


def _telling(
    explained: list[list[WordScore]], of_class: list[int], names: list[str]
) -> dict[str, list[tuple[str, float, int]]]:
    """Return, for each class, the words whose absence costs its texts most, in the mean."""
    falls: list[dict[str, list[float]]] = [defaultdict(list) for _ in names]
    for words, place in zip(explained, of_class, strict=True):
        in_text: dict[str, float] = {}
        for word in words:
            key = word.word.lower().strip(".,;:!?\"'()*&-")
            if key:
                in_text[key] = max(in_text.get(key, -np.inf), word.score)
        for key, score in in_text.items():
            falls[place][key].append(score)
    telling = {}
    for name, of_words in zip(names, falls, strict=True):
        means = [(key, float(np.mean(all_)), len(all_)) for key, all_ in of_words.items() if len(all_) >= _LEAST_TEXTS]
        telling[name] = sorted((each for each in means if each[1] > 0), key=lambda each: -each[1])[:_WORDS_SHOWN]
    return telling


def _pieces(text: str, words: list[WordScore]) -> list[tuple[str, float]]:
    pieces, end = [], 0
    for word in words:
        pieces += [(text[end : word.begin], 0.0), (word.word, word.score)]
        end = word.end
    return [*pieces, (text[end:], 0.0)]
