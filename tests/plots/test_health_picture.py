"""The picture of a training's health shows the figures."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Input, Network, Softmax, plots

pytestmark = pytest.mark.plain


@pytest.fixture(scope="module")
def health():
    X = np.random.default_rng(0).normal(size=(60, 4))
    network = Network([Input(4), Dense(6, "tanh"), Dense(5, "relu"), Dense(2), Softmax()], seed=0)
    return network.fit(X, (X[:, 0] > 0).astype(int), epochs=40, health=True, progress=False, n_threads=1).health


@pytest.mark.usefixtures("new_figure")
def test_each_panel_has_a_line_for_each_layer_that_has_the_figure(health):
    gradient, update, spread, idle = health.plot().flat
    figures = health.figures
    assert [len(panel.lines) for panel in (gradient, spread, idle)] == [5, 5, 2]
    assert len(update.lines) == 4  # three layers with weights, and the usual ratio
    first = gradient.lines[0]
    np.testing.assert_array_equal(first.get_xdata(), figures.epochs)
    np.testing.assert_array_equal(first.get_ydata(), figures.series("gradient")["dense_1"])
    assert update.get_yscale() == gradient.get_yscale() == "log"
    assert update.lines[0].get_ydata()[-1] == figures.series("update")["dense_1"][-1]


@pytest.mark.usefixtures("new_figure")
def test_the_legend_names_the_layers(health):
    panels = plots.health(health.figures)
    texts = [text.get_text() for text in panels[0, 0].get_legend().get_texts()]
    assert sorted(texts) == ["dense_1", "dense_1 tanh", "dense_2", "dense_2 relu", "dense_3"]
    assert [panel.get_xlabel() for panel in panels[1]] == ["epoch", "epoch"]


def test_it_draws_into_axes_that_are_given(health, ax):
    assert all(panel.figure is ax.figure for panel in health.plot(ax=ax).flat)
