"""The page of a training on pictures."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from netlet.report.facts import ModelScore, ReproductionFacts, TestFacts
from netlet.report.picture_facts import Example, PictureFacts
from netlet.report.picture_page import MOST_EXAMPLES, render_pictures, write_picture_report
from netlet.report.png import png

pytestmark = pytest.mark.plain


def made_facts(**changes):
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 30)
    outputs = np.clip(np.eye(2)[truth] * 0.6 + random.uniform(0, 0.4, (30, 2)), 0, 1)
    outputs /= outputs.sum(axis=1, keepdims=True)
    outputs[:4] = outputs[:4, ::-1]
    scores = (
        ModelScore("this model", {"accuracy": "86.7 %", "log loss": "0.4"}, 26 / 30),
        ModelScore("always <b>cat", {"accuracy": "50.0 %", "log loss": "0.7"}, 0.5),
    )
    classes = ("<b>cat", "dog")
    examples = tuple(
        Example(
            random.integers(0, 256, (9, 7, 3), dtype=np.uint8), f"<b>cat/{at}.png", classes[truth[at]],
            classes[outputs[at].argmax()], float(outputs[at].max()),
        )
        for at in range(30)
    )  # fmt: skip
    facts = PictureFacts(
        source="<pets>", shape=(9, 7, 3), class_counts=(("<b>cat", 50), ("dog", 60)), n_learn=60, n_watch=20, n_test=30,
        notes=("3 of 110 pictures <were> grey.",), skipped=(("<b>a.png", "the file is empty"),),
        curves={"loss": [1.0, 0.5], "validation_loss": [1.1, 0.7], "validation_accuracy": [0.5, 0.8]},
        settings={"learning_rate": 0.002}, summary="layer  <numbers>", n_parameters=1234, seconds=61.0,
        ending="Trained for 2 epochs.", file="pets.netlet",
        reproduction=ReproductionFacts("netlet train pets", {"netlet": "1"}, 0, "today", "a machine"),
        test=TestFacts(truth, outputs, classes, scores), examples=examples,
    )  # fmt: skip
    return replace(facts, **changes)


def images(page):
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
        for text in re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    ]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_is_what_went_in(channels):
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    read = np.asarray(Image.open(io.BytesIO(png(picture)))).reshape(5, 7, -1)
    np.testing.assert_array_equal(read, picture)


def test_the_examples_are_there_as_they_were():
    facts = made_facts()
    shown = images(render_pictures(facts))
    wrong = [each for each in facts.examples if each.truth != each.prediction]
    right = [each for each in facts.examples if each.truth == each.prediction]
    assert (len(wrong), len(right)) == (4, 26)
    for array, example in zip(shown, wrong + right[:MOST_EXAMPLES], strict=True):
        np.testing.assert_array_equal(array, example.picture)


def test_what_is_said():
    page = render_pictures(made_facts())
    for text in (
        "Classifying the pictures of &lt;pets&gt;", "of 9 × 7 pixels in colour", "Taken for something else",
        "Recognised, 24 of 26", "3 of 110 pictures &lt;were&gt; grey.", "&lt;b&gt;a.png", "the file is empty",
        "Better than always &lt;b&gt;cat, the commonest class.", "Confusion matrix", "Class by class",
        "1,234 parameters", "netlet report</title>", "30 pictures tell the accuracy",
    ):  # fmt: skip
        assert text in page, text
    assert "<b>cat" not in page
    assert "what mattered" not in page


def test_saliency_stands_below_each_picture():
    facts = made_facts()
    saliency = np.zeros((9, 7))
    saliency[4, 3] = 1
    examples = tuple(replace(each, saliency=saliency) for each in facts.examples[:1])
    page = render_pictures(replace(facts, examples=examples))
    _, salient = images(page)
    assert "the more orange a pixel" in page
    assert salient[4, 3].tolist() == [208, 103, 47]
    assert (salient[0] == salient[0, :, :1]).all()  # grey where nothing mattered


def test_large_pictures_are_thinned_out():
    facts = made_facts()
    example = replace(facts.examples[0], picture=np.zeros((300, 500, 1), np.uint8))
    (shown,) = images(render_pictures(replace(facts, examples=(example,))))
    assert shown.shape == (75, 125)


def test_without_a_test():
    page = render_pictures(made_facts(test=None, examples=(), n_test=0, notes=(), skipped=()))
    assert 'id="test"' not in page
    assert "none</b> to test with" in page


def test_no_better_than_the_commonest_class():
    facts = made_facts()
    own, constant = facts.test.scores
    page = render_pictures(replace(facts, test=replace(facts.test, scores=(replace(own, value=0.5), constant))))
    assert "No better than always &lt;b&gt;cat" in page


def test_many_classes_and_files_do_not_make_it_large(tmp_path):
    names = tuple(f"class {at}" for at in range(300))
    truth = np.arange(600) % 300
    outputs = np.full((600, 300), 1 / 300)
    facts = made_facts(
        class_counts=tuple((name, 2) for name in names), skipped=tuple((f"{at}.png", "empty") for at in range(9999)),
        test=TestFacts(truth, outputs, names, made_facts().test.scores),
    )  # fmt: skip
    write_picture_report(facts, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert len(page) < 1_500_000
    assert "and 9949 more" in page
