"""The page is sound HTML, says what the facts say, and stands whatever they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_facts import best_of, made_classification, made_columns, made_regression, made_trials

from netlet.data import ColumnFacts
from netlet.report.facts import ErrorRow, Facts, SearchFacts, WinnerFacts
from netlet.report.outcome_section import error_rows
from netlet.report.page import render, write_report

pytestmark = pytest.mark.plain
VOID = {"meta", "br", "img", "input", "link", "hr"}
MOST_BYTES = 1_500_000
EVIL = ("<b>&\"'></svg><script>alert(1)</script>", "x" * 5000, "名前" * 300, "")


class Page(HTMLParser):
    """Reads a page and keeps what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.numbers: list[str] = []
        self.feed(text)
        self.close()

    def _note(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"{tag} has an attribute twice: {names}")
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href", "action", "data", "srcset"):
                self.links.append((tag, value or ""))
            if name.startswith("on"):
                self.faults.append(f"{tag} has {name}")
            if name in ("d", "x", "y", "cx", "cy", "width", "height", "points", "style"):
                self.numbers.append(value or "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> within {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def no_test(facts: Facts) -> Facts:
    return replace(
        facts, test=None, table=replace(facts.table, n_test=0), no_test="The table has 5 rows, too few to test."
    )


def no_validation() -> Facts:
    facts = made_classification(3)
    curves = {"loss": [3.0, 2.0, float("nan"), 1.0]}
    return replace(facts, table=replace(facts.table, n_watch=0), winner=replace(facts.winner, curves=curves))


def all_settings_equal() -> Facts:
    trials = tuple(replace(trial, settings={"hidden": (8,)}) for trial in made_trials(4, 0))
    return made_classification(3, trials=trials)


def diverged() -> Facts:
    facts = made_regression()
    test = facts.test
    assert test is not None
    outputs = test.outputs.copy()
    outputs[:3] = [np.nan, np.inf, -np.inf]
    trials = tuple(
        trial if trial.score is None else replace(trial, score=10.0**trial.number, cost=10.0**trial.number)
        for trial in facts.search.trials
    )
    return replace(facts, test=replace(test, outputs=outputs), search=replace(facts.search, trials=trials))


def nothing_at_all() -> Facts:
    facts = made_classification(3)
    assert facts.test is not None
    return replace(
        facts,
        search=SearchFacts("accuracy", True, (), "1 second", 0.0, 1),
        winner=WinnerFacts((), {}, 0, {}),
        table=replace(facts.table, columns=(), class_counts=(), notes=(), warnings=()),
        test=replace(facts.test, scores=(), importance=None, errors=()),
    )


def with_spread() -> Facts:
    facts = made_classification(3)
    assert facts.test is not None
    return replace(facts, test=replace(facts.test, spread=np.linspace(0.0, 1.0, len(facts.test.truth))))


CASES = {
    "two classes": lambda: made_classification(2),
    "eighteen classes, many trials": lambda: made_classification(18, 2_000, trials=made_trials(1_500, 50)),
    "200 classes, 2,000 columns": lambda: made_classification(200, 4_000, 2_000),
    "regression": made_regression,
    "regression, many rows": lambda: made_regression(50_000),
    "regression, one row": lambda: made_regression(1),
    "one trial": lambda: made_classification(3, trials=made_trials(1, 0)),
    "all failed but one": lambda: made_classification(3, trials=made_trials(12, 11)),
    "no test": lambda: no_test(made_classification(3)),
    "no validation": no_validation,
    "same settings": all_settings_equal,
    "five rows": lambda: made_classification(5, 4, 2),
    "diverged": diverged,
    "nothing": nothing_at_all,
    "spread": with_spread,
    "wild names": lambda: made_classification(4, 200, 8, EVIL, column_name="<i>" + "y" * 5_000),
    "wild names, two classes": lambda: made_classification(2, 200, 8, EVIL[:2]),
}


@pytest.fixture(scope="module")
def pages() -> dict[str, tuple[str, Page]]:
    return {name: (text, Page(text)) for name, make in CASES.items() for text in [render(make())]}


@pytest.mark.parametrize("case", CASES)
def test_sound_and_self_contained(pages: dict[str, tuple[str, Page]], case: str) -> None:
    text, page = pages[case]
    assert page.faults == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert len(text.encode()) < MOST_BYTES
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    for tag, target in page.links:
        assert tag == "a"
        assert target.startswith("#")
        assert target[1:] in page.ids
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert not any(re.search(r"nan|inf", number) for number in page.numbers)


@pytest.mark.parametrize("case", CASES)
def test_pictures_stay_within_their_frames(pages: dict[str, tuple[str, Page]], case: str) -> None:
    text, _ = pages[case]
    for picture in re.findall(r"<svg .*?</svg>", text, re.DOTALL):
        width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', picture).groups())  # type: ignore[union-attr]
        for way in re.findall(r' d="M([^"]*)"', picture):
            for point in way.split("L"):
                x, y = map(float, point.split())
                assert -1 <= x <= width + 1
                assert -1 <= y <= height + 1


def test_numbers_agree_with_the_facts() -> None:
    facts = made_classification(3)
    text = Page(render(facts)).text.replace("\xa0", " ")
    assert facts.test is not None
    test = facts.test
    for score in test.scores:
        assert score.name in text
        assert all(value in text for value in score.texts.values())
    labels, predicted = test.truth, test.outputs.argmax(axis=1)
    hits = int(((labels == 1) & (predicted == 1)).sum())
    recall, precision = hits / (labels == 1).sum(), hits / (predicted == 1).sum()
    assert f"class 1 {(labels == 1).sum()} {100 * precision:.1f} % {100 * recall:.1f} %" in text
    best = best_of(facts.search.trials)
    assert f"{best.number} {100 * best.score:.1f} %" in text  # type: ignore[operator]
    for part in (
        "1,234 rows and 6 columns beside the target",
        "800 rows to learn from",
        "134 rows to choose and stop by",
        "300 rows to test with",
        "20 networks were tried in 32 s on 2 threads: 18 trained to the end, 2 failed",
        "4,567 parameters",
        "temperature of 1.25",
        "network 0 25.0 %",
        "There was no time for 2 columns: late one, late two",
        "0.200 ± 0.010",
        "2 networks: the loss is not finite",
        "Column 2 tells the target by itself.",
        "netlet train made.csv --target outcome --seed 7",
        f"NumPy {np.__version__}",
        "column 4 number 1 104 4 to 13.5 standardised",
    ):
        assert part in text, part


def test_summary_names_the_model_and_what_it_is_compared_with() -> None:
    text = Page(render(made_regression())).text.replace("\xa0", " ")
    assert "learned to predict price , a number from 12.5 to 980." in text
    assert "On 300 rows that it never saw, its R2 is 0.943 , against 0.000 for always the mean." in text
    assert "Better than every simple model" in text


def test_of_models_that_are_as_often_right_the_log_loss_decides() -> None:
    facts = made_classification(2)
    assert facts.test is not None
    own, linear, constant = facts.test.scores
    for log_loss, said in ((0.3, "As often right as logistic regression, and with"), (0.9, "Not better than logistic")):
        scores = (replace(own, value=0.555, log_loss=log_loss), replace(linear, log_loss=0.5), constant)
        assert said in Page(render(replace(facts, test=replace(facts.test, scores=scores)))).text


def test_a_model_that_is_no_better_is_not_praised() -> None:
    facts = made_classification(2)
    assert facts.test is not None
    own, linear, constant = facts.test.scores
    worse = replace(facts, test=replace(facts.test, scores=(replace(own, value=0.5), linear, constant)))
    assert "Not better than logistic regression" in Page(render(worse)).text
    worst = replace(facts, test=replace(facts.test, scores=(replace(own, value=0.1), linear, constant)))
    assert "No better than logistic regression and always class 0" in Page(render(worst)).text


def test_of_a_guess_that_is_seldom_wrong_the_log_loss_tells_more() -> None:
    facts = made_classification(2)
    assert facts.test is not None
    own, linear, constant = facts.test.scores
    own, linear = replace(own, value=0.73, log_loss=0.37), replace(linear, value=0.76, log_loss=0.36)
    for log_loss, said in (
        (0.53, "No more often right than logistic regression and always class 0; by log loss its probabilities tell"),
        (0.35, "No better than logistic regression and always class 0: these columns may say little of the target."),
    ):
        scores = (own, linear, replace(constant, value=0.77, log_loss=log_loss))
        assert said in Page(render(replace(facts, test=replace(facts.test, scores=scores)))).text


def test_without_test_rows_it_says_why(pages: dict[str, tuple[str, Page]]) -> None:
    text = pages["no test"][1].text
    assert text.count("The table has 5 rows, too few to test.") == 2  # at the top, and in the section


def test_names_are_text_and_short(pages: dict[str, tuple[str, Page]]) -> None:
    text, page = pages["wild names"]
    assert "<b>&\"'></svg><script>alert(1)</script>" in page.text
    assert "<script" not in text
    assert "<i>" not in text
    assert "(empty)" in page.text
    assert max(len(word) for word in page.text.split()) < 200


def test_many_columns_are_folded(pages: dict[str, tuple[str, Page]]) -> None:
    text, page = pages["200 classes, 2,000 columns"]
    shown, folded = text.split("and 1,950 more columns")
    assert shown.count(">column 49</th>") == 1
    assert ">column 50</th>" not in shown
    assert ">column 50</th>" in folded
    assert "and 1,350 columns that are not listed" in page.text
    assert "The classes that are confused most" in page.text


def test_the_worst_table_is_still_small() -> None:
    long = '<&"' * 2_000
    columns = tuple(ColumnFacts(f"{at} {long}", long, 1, 2, long, long, at % 2 == 0) for at in range(2_000))
    facts = made_classification(200, 3_000, 50, tuple(f"{at} {long}" for at in range(200)), made_trials(2_000))
    table = replace(facts.table, columns=columns, notes=(long,) * 90, warnings=(long,) * 90, file=long, target=long)
    text = render(replace(facts, table=table))
    assert Page(text).faults == []
    assert len(text.encode()) < MOST_BYTES
    assert "and 1,950 more columns" in text


def test_written_whole_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    facts = made_classification(2, classes=("naïve", "lone \ud800 surrogate"))
    write_report(facts, path)
    assert "naïve" in path.read_bytes().decode("utf-8")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="absent"):
        write_report(facts, tmp_path / "absent" / "report.html")


def test_same_facts_same_page() -> None:
    assert render(made_classification(3)) == render(made_classification(3))


def test_dropped_columns_say_why() -> None:
    facts = made_classification(2)
    name = ColumnFacts("name", "text", 0, 1_234, "Ann, Bob", "text that differs in every row", left_out=True)
    page = Page(render(replace(facts, table=replace(facts.table, columns=(*made_columns(3), name)))))
    assert "left out text that differs in every row" in page.text
    assert "3 numbers, 1 left out" in page.text


def test_importing_netlet_brings_no_template_engine() -> None:
    code = "import sys, netlet; sys.exit(bool({'jinja2', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode == 0


def test_numbers_among_the_errors_are_flush_right_though_some_are_missing() -> None:
    facts = made_regression()
    assert facts.test is not None
    cells = [{"size": None, "word": None, "mixed": 1.5}, {"size": 2.5, "word": "w", "mixed": "1"}]
    errors = tuple(ErrorRow(at, each, 1.0, 2.0) for at, each in enumerate(cells))
    grid = error_rows(replace(facts.test, errors=errors, importance=None))
    assert grid is not None
    flush = dict(zip(grid.head, grid.numeric, strict=True))
    assert (flush["size"], flush["word"], flush["mixed"]) == (True, False, False)
