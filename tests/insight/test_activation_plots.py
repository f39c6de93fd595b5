"""The page of activations: its picture is drawn by the kernels, its table names every one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import special

from netlet.graph.activations import ACTIVATIONS, GELU, LeakyReLU, PReLU, Sigmoid
from netlet.insight.activation_plots import curve, drawn_activations, plot_activations

pytestmark = pytest.mark.plain
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_is_written(ending, tmp_path):
    path = tmp_path / f"page.{ending}"
    plot_activations(path)
    beginning = path.read_bytes()[:8]
    assert beginning == b"\x89PNG\r\n\x1a\n" if ending == "png" else beginning.startswith(b"<?xml")


def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(ValueError, match="pictures"):
        plot_activations(tmp_path / "page.pictures")


def test_every_activation_of_one_number_is_drawn_once():
    drawn = drawn_activations()
    left_out = {"softmax", "parametric_selu", "parametric_mish"}
    assert set(drawn) == (set(ACTIVATIONS) | {"gelu_tanh"}) - {"swish"} - left_out
    assert {type(layer) for layer in drawn.values()} == set(ACTIVATIONS.values()) - {
        ACTIVATIONS[each] for each in left_out
    }
    assert drawn["gelu_tanh"] == GELU(approximate=True)


def test_the_curves_are_the_functions():
    x = np.linspace(-3, 3, 20)
    s = special.expit(x)
    for layer, y, slope in [
        (Sigmoid(), s, s * (1 - s)),
        (LeakyReLU(0.1), np.where(x > 0, x, 0.1 * x), np.where(x > 0, 1, 0.1)),
        (PReLU(), np.where(x > 0, x, 0.25 * x), np.where(x > 0, 1, 0.25)),
    ]:
        for found, expected in zip(curve(layer, x), (y, slope), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_the_page_names_every_activation_and_its_layer():
    page = (DOCS / "activations.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name, kind in ACTIVATIONS.items():
        (row,) = [row for row in rows if f"`{name}`" in row.split("|")[1]]
        assert f"`{kind.__name__}" in row.split("|")[2]
    assert any("`GELU(approximate=True)`" in row for row in rows)
