"""The page of a preset: its networks one by one, and the words on the model."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from made_facts import made_classification

from netlet.report.facts import NetworkFacts, NetworksFacts
from netlet.report.networks_section import networks_section
from netlet.report.page import render
from netlet.report.summary import key_figures

pytestmark = pytest.mark.plain
ONE = NetworkFacts(0, 80, 20, 0.41234, 48, 17, 1.25, share=1.0)
TWO = (
    replace(ONE, share=0.75),
    NetworkFacts(1, 80, 20, 0.5, 48, 48, 2.0, {"dropout": 0.3}, 0.25),
    NetworkFacts(2, 80, 20, None, 3, None, 0.1, reason="the loss was <b>infinite</b>"),
)


def test_one_network() -> None:
    shown = networks_section(NetworksFacts("fast", (ONE,), "RMSE", 1.3, 2))
    assert shown.sentence.startswith("1 network was trained in 1.3 s on 2 threads, as the preset fast says.")
    assert shown.table.head == ["network", "rows learned from", "held out", "RMSE on these", "best epoch", "of", "time"]
    assert shown.table.rows == [["0", "80", "20", "0.4123", "17", "48", "1.2 s"]]
    assert shown.failures == []


def test_networks_of_several_settings_of_which_one_failed() -> None:
    shown = networks_section(NetworksFacts("best", TWO, "log loss", 5.0, 1, "The time limit ended the training."))
    assert "2 of 3 networks were trained side by side" in shown.sentence
    assert "They have 2 settings." in shown.sentence
    assert shown.sentence.endswith("The time limit ended the training.")
    assert shown.table.head[1] == "setting"
    assert [row[1] for row in shown.table.rows] == ["the usual one", "dropout 0.3", "the usual one"]
    assert [row[-1].replace("\N{NO-BREAK SPACE}", " ") for row in shown.table.rows] == ["75.0 %", "25.0 %", "0.0 %"]
    assert shown.table.rows[2][4:6] == ["–", "–"]
    assert shown.failures == [("1 network", "the loss was <b>infinite</b>")]
    assert all(len(row) == len(shown.table.head) == len(shown.table.numeric) for row in shown.table.rows)


def test_the_page() -> None:
    facts = made_classification()
    facts = replace(facts, search=NetworksFacts("best", TWO, "log loss", 5.0, 1))
    facts = replace(facts, winner=replace(facts.winner, members=((0, 0.75), (1, 0.25)), summary="x" * 90))
    page = render(facts)
    assert 'href="#networks"' in page
    assert 'href="#search"' not in page
    assert "The curves and settings are those of the first of them." in page
    assert "<b>infinite" not in page
    assert "Members" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert "to learn from and to find the best epochs by" in page
    assert ("3", "networks trained in 5.0 s") in key_figures(facts)
