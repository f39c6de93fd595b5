"""The page of a classifier of texts: what it learned from, what came out, and the words that decided."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netlet.report.facts import ModelScore, TestFacts
from netlet.report.health_section import health_section
from netlet.report.outcome_section import per_class, scores
from netlet.report.parts import NAME, Picture, picture
from netlet.report.plots import classes as of_classes
from netlet.report.plots.curves import learning_curves
from netlet.report.templates import template_of
from netlet.report.text_facts import MarkedText, TextFacts, TextTest
from netlet.report.words import named, percent, shortened
from netlet.tensor_file import write_atomically

_LONGEST_TEXT = 600  # characters of an example


def write_text_report(facts: TextFacts, path: str | os.PathLike[str]) -> None:
    """Write the page of a training on texts: one HTML file that needs nothing beside it.

    Parameters
    ----------
    facts : TextFacts
    path : str or path

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is as it was.
    """
    write_atomically(Path(path), render(facts).encode("utf-8", errors="replace"))


def render(facts: TextFacts) -> str:
    """Return the page as HTML."""
    template, style = template_of("text_page.html")
    test = facts.test
    plain = None if test is None else _plain(facts, test)
    total = sum(n for _, n in facts.class_counts) or 1
    return template.render(
        facts=facts,
        style=style,
        health=health_section(facts.health),
        test=test,
        n_test=0 if test is None else len(test.truth),
        scores=None if plain is None else scores(plain),
        counts=[(named(name, NAME), f"{n:,}", percent(n / total)) for name, n in facts.class_counts],
        curves=[Picture(drawing.svg(), "") for drawing in learning_curves(facts.curves)],
        confusion=[] if test is None else _confusion(facts, test),
        per_class=None if plain is None else per_class(plain),
        examples=[] if test is None else [
            ("What it got wrong", "the surest mistakes first", [_marked(each) for each in test.wrong]),
            ("What it got right", "the surest of each class", [_marked(each) for each in test.right]),
        ],
    )  # fmt: skip


def _plain(facts: TextFacts, test: TextTest) -> TestFacts:
    """Return the test as the sections of other pages take it."""
    names = tuple(name for name, _ in facts.class_counts)
    return TestFacts(test.truth, test.outputs, names, tuple(_scored(each) for each in test.scores))


def _scored(score: ModelScore) -> ModelScore:
    return ModelScore(shortened(score.name, NAME), score.texts, score.value)


def _confusion(facts: TextFacts, test: TextTest) -> list[Picture]:
    names = [named(name, NAME) for name, _ in facts.class_counts]
    counts = of_classes.confusion(test.truth, test.outputs.argmax(axis=1).astype(np.int64), len(names))
    if len(names) <= of_classes.MOST_IN_MATRIX:
        caption = "Rows are the true classes, columns what was predicted; the shade grows with the share of the row."
        return picture(of_classes.confusion_plot(counts, names), "Confusion matrix", caption)
    pairs = of_classes.confused_pairs(counts, 20)
    if not pairs:
        return []
    return picture(of_classes.pairs_plot(pairs, names, counts.sum(axis=1)), "The classes that are confused most")


def _marked(example: MarkedText) -> dict[str, Any]:
    return {
        "row": f"{example.row:,}", "truth": example.truth, "prediction": example.prediction,
        "confidence": percent(example.confidence), "pieces": _shaded(example.pieces),
    }  # fmt: skip


def _shaded(pieces: Sequence[tuple[str, float]]) -> list[tuple[str, str, str, str]]:
    """Return (text, "for" or "against" or "", strength from 0 to 1, score), at most so many characters in all."""
    top = max((abs(score) for _, score in pieces), default=0.0) or 1.0
    shaded, room = [], _LONGEST_TEXT
    for text, score in pieces:
        if len(text) > room:
            shaded.append((text[:room] + " …", "", "0", ""))
            break
        room -= len(text)
        kind = "" if abs(score) < 0.05 * top else "for" if score > 0 else "against"
        shaded.append((text, kind, f"{abs(score) / top:.2f}", f"{score:+.2f}"))
    return shaded
