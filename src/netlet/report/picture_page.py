"""The page of a training on pictures, written as one file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlet.report.health_section import health_section
from netlet.report.outcome_section import outcome_pictures, per_class, scores
from netlet.report.page import class_bars
from netlet.report.parts import CELL, NAME, Grid, Picture
from netlet.report.picture_facts import Example, PictureFacts
from netlet.report.plots.curves import learning_curves
from netlet.report.png import data_uri
from netlet.report.summary import uncertainty
from netlet.report.templates import template_of
from netlet.report.words import counted, duration, named, percent, shortened
from netlet.tensor_file import write_atomically

MOST_EXAMPLES = 24  # right, and as many wrong
SKIPPED_SHOWN = 50
LONGEST_SIDE = 128  # of an example, in pixels of the file; larger ones are thinned out
SALIENT = np.array([208, 103, 47], dtype=np.float32)  # the page's second colour


def write_picture_report(facts: PictureFacts, path: str | os.PathLike[str]) -> None:
    """Write the page of a training on pictures: one HTML file that needs nothing beside it.

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is as it was.
    """
    write_atomically(Path(path), render_pictures(facts).encode("utf-8", errors="replace"))


def render_pictures(facts: PictureFacts) -> str:
    """Return the page of a training on pictures as HTML."""
    template, style = template_of("pictures.html")
    test = facts.test if facts.test is not None and len(facts.test.truth) else None
    wrong = [_shown(each) for each in facts.examples if each.truth != each.prediction][:MOST_EXAMPLES]
    right = [_shown(each) for each in facts.examples if each.truth == each.prediction][:MOST_EXAMPLES]
    n_wrong = int((np.argmax(test.outputs, axis=1) != test.truth).sum()) if test else 0
    return template.render(
        facts=facts,
        style=style,
        size=" × ".join(map(str, facts.shape[:2]))
        + (" pixels in colour" if facts.shape[2] == 3 else " pixels of grey"),
        figures=_key_figures(facts),
        health=health_section(facts.health),
        test=test,
        scores=scores(test) if test else None,
        verdict=_verdict(facts),
        uncertainty=uncertainty(test).replace("rows", "pictures").replace("1 row", "1 picture") if test else "",
        class_bars=class_bars(facts.class_counts),
        row_parts=[
            (facts.n_learn, "to learn from", "learn"),
            (facts.n_watch, "to choose the epoch by", "watch"),
            (facts.n_test, "to test with", "hold"),
        ],
        skipped=Grid(
            ["file", "why"],
            [[shortened(name, 80), shortened(why, 160)] for name, why in facts.skipped[:SKIPPED_SHOWN]],
            [False, False],
        ),
        curves=[Picture(drawing.svg(), "") for drawing in learning_curves(facts.curves)],
        test_pictures=outcome_pictures_of(facts) if test else [],
        per_class=_of_pictures(per_class(test)) if test else None,
        right=right,
        wrong=wrong,
        n_wrong=n_wrong,
        n_right=len(test.truth) - n_wrong if test else 0,
        has_saliency=any(each.saliency is not None for each in facts.examples),
    )


def outcome_pictures_of(facts: PictureFacts) -> list[Picture]:
    """Draw what came out of the test: confusion, ROC, precision and calibration."""
    assert facts.test is not None
    return [
        replace(each, caption=each.caption.replace("by rows", "by pictures")) for each in outcome_pictures(facts.test)
    ]


def _of_pictures(grid: Grid) -> Grid:
    return replace(grid, head=["pictures" if name == "rows" else name for name in grid.head])


def _key_figures(facts: PictureFacts) -> list[tuple[str, str]]:
    figures = []
    if facts.test is not None and facts.test.scores:
        figures += [(text, f"{name} on test pictures") for name, text in facts.test.scores[0].texts.items()]
    epochs = len(facts.curves.get("loss", ()))
    figures.append((duration(facts.seconds), f"for {counted(epochs, 'epoch', 'epochs')} of training"))
    figures.append((f"{facts.n_parameters:,}", "parameters"))
    return figures


def _verdict(facts: PictureFacts) -> tuple[str, bool] | None:
    if facts.test is None or len(facts.test.scores) < 2:
        return None
    own, constant = facts.test.scores[0], facts.test.scores[-1]
    if own.value is None or constant.value is None:
        return None
    if own.value > constant.value:
        return f"Better than {shortened(constant.name, CELL)}, the commonest class.", True
    return f"No better than {shortened(constant.name, CELL)}: there may be too few pictures to learn from.", False


def _shown(example: Example) -> dict[str, Any]:
    step = max(1, -(-max(example.picture.shape[:2]) // LONGEST_SIDE))
    picture = np.ascontiguousarray(example.picture[::step, ::step])
    truth, prediction = named(example.truth, CELL), named(example.prediction, CELL)
    saliency = None if example.saliency is None else _laid_over(picture, example.saliency[::step, ::step])
    return {
        "uri": data_uri(picture),
        "saliency": None if saliency is None else data_uri(saliency),
        "prediction": prediction,
        "truth": truth,
        "confidence": percent(example.confidence),
        "name": shortened(example.name, NAME),
        "smooth": max(picture.shape[:2]) >= 48,
        "alt": f"{shortened(example.name, NAME)}: {truth}, predicted {prediction}",
    }


def _laid_over(picture: NDArray[np.uint8], saliency: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Colour a pale grey picture where it mattered."""
    grey = 160 + 0.35 * picture.mean(axis=2, keepdims=True)
    share = np.clip(saliency, 0, 1)[..., None]
    coloured: NDArray[np.uint8] = np.rint((1 - share) * np.minimum(grey, 255) + share * SALIENT).astype(np.uint8)
    return coloured
