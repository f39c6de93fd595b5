"""Histograms of layers as pictures: the shares in the picture are those of the counts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlet import Dense, Network, plots
from netlet.insight.layer_histograms import Histograms

pytestmark = pytest.mark.plain


def recording(n_layers=2, n_epochs=3):
    rng = np.random.default_rng(0)
    layers = {}
    for layer in range(n_layers):
        parts = [np.histogram(rng.normal(scale=1 + epoch, size=500), bins=20) for epoch in range(n_epochs)]
        layers[f"dense_{layer + 1}"] = SimpleNamespace(
            counts=np.array([counts for counts, _ in parts]), edges=np.array([edges for _, edges in parts])
        )
    small = {
        name: SimpleNamespace(counts=each.counts, edges=each.edges * 1e-6) for name, each in list(layers.items())[1:]
    }
    return SimpleNamespace(epochs=np.arange(n_epochs) * 5, activations=layers, gradients=small)


def test_a_heat_map_shows_the_shares_of_each_epoch(ax):
    drawn = plots.histograms(recording(), ax, layer="dense_2")
    assert drawn is ax
    shares = ax.collections[0].get_array().filled(0)
    assert shares.shape == (60, 3)
    assert (shares.sum(axis=0) > 0.985).all()
    assert (shares.sum(axis=0) <= 1 + 1e-12).all()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "activation of dense_2")
    assert ax.get_xlim() == (-2.5, 12.5)
    # The spread grows from epoch to epoch, and so does what is far from the middle.
    far = np.abs(np.arange(60) - 29.5) > 10
    assert (np.diff(shares[far].sum(axis=0)) > 0).all()


def test_a_spike_stays_where_it_is(ax):
    counts, edges = np.array([[90, 0, 0, 10]]), np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])
    spiked = SimpleNamespace(epochs=[1], activations={"relu": SimpleNamespace(counts=counts, edges=edges)})
    plots.histograms(spiked, ax, layer="relu")
    shares = ax.collections[0].get_array().filled(0)[:, 0]
    begins, ends = np.linspace(*ax.get_ylim(), 61)[:-1], np.linspace(*ax.get_ylim(), 61)[1:]
    assert shares[begins < 1].sum() == pytest.approx(0.9)
    assert shares[ends > 3].sum() == pytest.approx(0.1)
    assert shares[(begins > 1) & (ends < 3)].sum() == 0


def test_every_layer_has_a_panel_and_one_bar():
    figure = Figure(layout="constrained")
    panels = plots.histograms(recording(), figure.subplots())
    assert [panel.get_ylabel() for panel in panels] == ["dense_1", "dense_2"]
    assert [panel.get_xlabel() for panel in panels] == ["", "epoch"]
    labels = [each.get_ylabel() for each in figure.axes]
    assert labels.count("share of the activations") == 1


def test_small_gradients_have_a_unit(ax):
    plots.histograms(recording(), ax, of="gradients", layer="dense_2")
    assert ax.get_ylabel() == "gradient of dense_2 [1e-6]"
    exponent = float(ax.get_ylabel().split("[")[1].rstrip("]"))
    ax.figure.draw_without_rendering()
    ticks = [(tick.get_loc(), tick.label1.get_text()) for tick in ax.yaxis.get_major_ticks()]
    for place, text in ticks:
        assert float(text) == pytest.approx(place / exponent, abs=1e-3)


def test_ridges_are_as_high_as_their_largest_bin(ax):
    source = recording()
    plots.histograms(source, ax, layer="dense_1", style="ridges")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["0", "5", "10"]
    found = {int(patch.get_data().baseline): patch.get_data() for patch in ax.patches}
    for row in range(3):
        counts = source.activations["dense_1"].counts[row]
        heights = found[row].values - row
        np.testing.assert_allclose(heights / heights.max(), counts / counts.max())
        np.testing.assert_array_equal(found[row].edges, source.activations["dense_1"].edges[row])


@pytest.mark.parametrize("style", ["heat map", "ridges"])
@pytest.mark.parametrize("size", [(3, 2.2), (10, 7)])
@pytest.mark.parametrize("n_layers", [2, 5])
def test_all_sizes_are_drawn_without_a_warning(style, size, n_layers):
    figure = Figure(figsize=size, layout="constrained")
    panels = plots.histograms(recording(n_layers, n_epochs=12), figure.subplots(), style=style)
    figure.draw_without_rendering()
    assert len(panels) == n_layers


def test_a_new_figure_is_made(new_figure):
    assert plots.histograms(recording(), layer="dense_1").figure is not None


def test_a_training_draws_itself(ax):
    seen = Histograms(np.eye(4), [0.0, 1.0, 2.0, 3.0], bins=6)
    Network([Dense(3, "relu"), Dense(1)], seed=0).fit(
        np.eye(4), [0.0, 1.0, 2.0, 3.0], epochs=3, callbacks=[seen], progress=False
    )
    assert len(seen.plot(ax, of="gradients", style="ridges")) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"recording": 3}, TypeError, "recording=int has no epochs, activations"),
        ({"recording": Histograms([[1.0]], [1.0])}, ValueError, "recording holds nothing"),
        ({"of": "weights"}, ValueError, "of='weights'"),
        ({"style": "ridge"}, ValueError, "did you mean 'ridges'"),
        ({"layer": "dense_7"}, ValueError, "layer='dense_7' is not one of 'dense_1', 'dense_2'"),
        ({"layer": "dense_1", "of": "gradients"}, ValueError, "whose gradients were recorded"),
        ({"layer": []}, ValueError, "layer is empty"),
        ({"ax": 5}, TypeError, "ax=int"),
    ],
)
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        plots.histograms(**({"recording": recording(), "ax": None} | arguments))
