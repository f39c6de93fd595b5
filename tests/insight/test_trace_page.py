"""The computational graph of a trace: what stands on its edges gives what stands in its nodes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from netlet import Dense, Input, Network, Residual, Softmax
from netlet.insight.trace.array_graph import array_graph
from netlet.insight.trace.weight_graph import has_weight_graph, weight_graph

pytestmark = pytest.mark.plain


def plain(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


CASES = {
    "squared": ([Dense(2, "sigmoid"), Dense(1, "sigmoid")], "squared_error", [0.6]),
    "binary": ([Dense(2, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy", [1.0]),
    "softmax": ([Dense(2), Dense(3, "relu", bias=False), Dense(3), Softmax()], "cross_entropy", [2]),
}


@pytest.mark.parametrize("case", CASES)
def test_local_times_upstream_sums_to_each_gradient(case):
    layers, loss, y = CASES[case]
    trace = Network([Input(3), *layers], dtype="float64", seed=4).trace([[0.5, 0.1, -0.2]], y, loss=loss)
    assert has_weight_graph(trace)
    picture = weight_graph(trace, 15)
    shown = {}
    for box in picture.boxes:
        slope = box.lines[-1]
        if box.width <= 0 or not slope.startswith("d = "):
            continue
        name = box.lines[-2].partition(" = ")[0]
        begin = f"M{box.x + box.width / 2:.0f} {box.y:.0f}L"
        back = [edge for edge in picture.edges if edge.path.startswith(begin)]
        assert back, name
        total = sum(plain(edge.local) * plain(edge.upstream) for edge in back)
        assert total == pytest.approx(plain(slope[4:]), rel=1e-11, abs=1e-15), name
        shown[name] = plain(slope[4:])
    for each in trace.quantities:
        if each.meaning == "parameter":
            for place in np.ndindex(*each.value.shape):
                name = f"{each.name}[{', '.join(map(str, place))}]"
                assert shown[name] == pytest.approx(trace[f"d{each.name}"][place], rel=1e-13, abs=1e-300)
    assert {f"X[0, {k}]" for k in range(3)} <= set(shown)


def test_nodes_do_not_cover_each_other():
    trace = Network([Input(3), Dense(3, "tanh"), Dense(2, "tanh")], dtype="float64", seed=4).trace(
        [[0.5, 0.1, -0.2]], [[0.1, 0.2]]
    )
    picture = weight_graph(trace, 6)
    boxes = [box for box in picture.boxes if box.width > 0]
    for at, box in enumerate(boxes):
        assert 0 <= box.x - box.width / 2 < box.x + box.width / 2 <= picture.width
        assert 0 <= box.y - box.height / 2 < box.y + box.height / 2 <= picture.height
        for other in boxes[:at]:
            apart = abs(box.x - other.x) >= (box.width + other.width) / 2
            assert apart or abs(box.y - other.y) >= (box.height + other.height) / 2, (box, other)


def test_larger_networks_have_a_node_for_each_array():
    network = Network([Input(8), Residual(Dense(8, "gelu")), Dense(3), Softmax()], dtype="float64", seed=0)
    trace = network.trace(np.ones((4, 8)), [0, 1, 2, 0])
    assert not has_weight_graph(trace)
    picture = array_graph(trace, 4)
    text = " | ".join(line for box in picture.boxes for line in box.lines)
    for name, shape in {"X": "4 × 8", "Z1": "4 × 8", "A1": "4 × 8", "W1": "8 × 8", "Z3": "4 × 3", "b3": "3"}.items():
        assert f"{name}: {shape}" in text
    assert f"length of dW1 {np.linalg.norm(trace['dW1']):.4g}" in text
    edges = {(edge.local, edge.upstream) for edge in picture.edges}
    assert {("W1^T", "dZ1"), ("X^T", "dZ1"), ("1", "dZ2"), ("gelu'(Z1)", "dA1"), ("Z2^T", "dZ3")} <= edges


@pytest.mark.parametrize("n", [1, 2])
def test_the_page_is_whole_and_needs_nothing_else(n, tmp_path):
    network = Network([Input(3), Dense(2, "sigmoid"), Dense(1)], dtype="float64", seed=0)
    trace = network.trace(np.ones((n, 3)), np.zeros(n))
    page = trace.to_html(tmp_path / "step.html")
    assert (tmp_path / "step.html").read_text(encoding="utf-8") == page
    assert not re.search(r"https?:|<script|<link|src=|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert "new W1 = W1 - rate dW1" in page
    opened = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

        def handle_startendtag(self, tag, attrs):
            pass

    Reader().feed(page)
    assert opened == []
