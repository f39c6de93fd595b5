"""Loss surfaces and optimizers' paths as pictures: levels, lines, marks and the animation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlet import Dense, Input, Network, plots
from netlet.insight.descent import descend
from netlet.plots.contours import levels_of

pytestmark = pytest.mark.plain
MINIMUM = (1.0, -0.5)


def bowl(point):
    return (point[0] - 1) ** 2 + 10 * (point[1] + 0.5) ** 2


def slope(point):
    return 2 * (point[0] - 1), 20 * (point[1] + 0.5)


def paths(*names):
    return {
        name: descend(slope, (-3, 1), name, 40, learning_rate=0.04) for name in names or ("sgd", "momentum", "adam")
    }


def surface(**more):
    first, second = np.linspace(-1, 3, 9), np.linspace(-2, 2, 17)
    losses = np.array([[bowl((a, b)) for b in second] for a in first])
    return SimpleNamespace(losses=losses, first=first, second=second, **more)


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}


def test_levels_of_a_bowl_are_evenly_spaced_ellipses():
    x = np.linspace(-1, 1, 401)
    values = x[:, None] ** 2 + x**2
    radii = np.sqrt(levels_of(1e-9 * values[values <= 1][None]) * 1e9)
    np.testing.assert_allclose(np.diff(radii), 1 / 14, atol=0.006)


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.full((2, 2), -1e20)])
def test_flat_surfaces_have_levels_too(values, ax):
    assert (np.diff(levels_of(values)) > 0).all()
    flat = SimpleNamespace(losses=values, first=np.arange(len(values)), second=np.arange(len(values)))
    plots.loss_surface(flat, ax=ax)
    ax.figure.draw_without_rendering()


def test_a_surface_has_its_path_and_says_how_much_of_it_is_seen(ax):
    path = np.array([[-0.5, 1.5], [0.0, 0.5], [1.0, -0.5]])
    plots.loss_surface(surface(path=path, share=0.931, kind="path"), ax=ax)
    drawn = lines(ax)
    np.testing.assert_array_equal(drawn["path, 93% of it\nin this plane"].get_xydata(), path)
    np.testing.assert_array_equal(drawn["start"].get_xydata(), path[:1])
    assert ax.get_xlabel() == "first principal direction"
    assert ax.get_ylabel() == "second principal direction"
    assert ax.get_xlim() == (-1, 3)
    assert ax.get_ylim() == (-2, 2)
    assert "loss" in [each.get_ylabel() for each in ax.figure.axes]


def test_the_first_direction_is_across():
    """Palest is the lowest, at (1, -0.5): the loss is not drawn turned."""
    ax = Figure().subplots()
    plots.optimizer_paths(surface(), {"still": [[0.0, 0.0]]}, ax)
    np.testing.assert_array_equal(lines(ax)["minimum"].get_xydata(), [MINIMUM])


def test_a_surface_without_a_path_shows_the_centre(ax):
    plots.loss_surface(surface(), ax=ax)
    np.testing.assert_array_equal(lines(ax)["the centre"].get_xydata(), [[0, 0]])


def test_each_path_has_a_line_and_start_and_minimum_are_marked(ax):
    chosen = paths()
    assert plots.optimizer_paths(bowl, chosen, ax) is ax
    drawn = lines(ax)
    assert list(drawn) == [*chosen, "start", "minimum"]
    for name, path in chosen.items():
        np.testing.assert_array_equal(drawn[name].get_xydata(), path)
    assert len({drawn[name].get_color() for name in chosen}) == 3
    np.testing.assert_array_equal(drawn["start"].get_xydata(), [[-3, 1]])
    step = np.ptp(ax.get_xlim()) / 100
    np.testing.assert_allclose(drawn["minimum"].get_xydata(), [MINIMUM], atol=step)
    assert {text.get_text() for text in ax.get_legend().get_texts()} == set(drawn)
    plots.optimizer_paths(bowl, chosen, ax, minimum=MINIMUM)


def test_a_path_that_diverges_does_not_set_the_limits(ax):
    chosen = paths() | {"too fast": descend(slope, (-3, 1), "sgd", 300, learning_rate=0.3)}
    assert np.nanmax(np.abs(chosen["too fast"])) > 1e100
    plots.optimizer_paths(bowl, chosen, ax)
    assert np.abs([*ax.get_xlim(), *ax.get_ylim()]).max() < 30
    ax.figure.draw_without_rendering()


def test_the_span_is_what_is_asked(ax):
    plots.optimizer_paths(bowl, paths(), ax, span=((-5, 5), (-2, 3)))
    assert (ax.get_xlim(), ax.get_ylim()) == ((-5, 5), (-2, 3))


def test_paths_apart_are_side_by_side():
    figure = Figure(figsize=(9, 3), layout="constrained")
    panels = plots.optimizer_paths(bowl, paths(), figure.subplots(), apart=True)
    assert [panel.get_title() for panel in panels] == ["sgd", "momentum", "adam"]
    figure.draw_without_rendering()
    assert [panel.get_position().y0 for panel in panels] == pytest.approx([panels[0].get_position().y0] * 3)
    assert panels[0].get_position().x1 < panels[1].get_position().x0


@pytest.mark.parametrize("size", [(3, 2.2), (10, 7)])
def test_all_sizes_are_drawn_without_a_warning(size):
    for draw in (
        lambda ax: plots.optimizer_paths(bowl, paths(), ax),
        lambda ax: plots.loss_surface(surface(), ax=ax),
        lambda ax: plots.optimizer_paths(bowl, paths(), ax, apart=True),
    ):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots())
        figure.draw_without_rendering()
    legend = plots.optimizer_paths(bowl, paths(), figure.subplots()).get_legend()
    assert ("paler:\nlower value" in [text.get_text() for text in legend.get_texts()]) == (size[0] == 3)


def test_an_animation_grows_and_is_written(tmp_path, ax):
    chosen = paths("sgd", "adam")
    animation = plots.animate_paths(bowl, chosen, ax, frames=4, seconds=0.4)
    seen = []
    animation.save(tmp_path / "paths.gif", writer="pillow", progress_callback=lambda *_: seen.append(
        (len(lines(ax)["adam"].get_xydata()), ax.texts[0].get_text())
    ))  # fmt: skip
    assert seen == [(1, "step 0"), (14, "step 13"), (27, "step 26"), (41, "step 40")]
    np.testing.assert_array_equal(lines(ax)["adam"].get_xydata(), chosen["adam"])
    from PIL import Image

    with Image.open(tmp_path / "paths.gif") as picture:
        assert picture.n_frames == 4


def test_a_network_draws_its_surface(ax):
    network = Network([Input(2), Dense(1)], seed=0)
    found = network.loss_surface(np.eye(2), [1.0, 2.0], directions=np.eye(3)[:2], steps=5)
    other = found.project([[0.0, 0.0, 0.0], network.theta])
    found.plot(ax, paths={"other": other})
    np.testing.assert_allclose(lines(ax)["other"].get_xydata(), other)


def test_a_new_figure_is_made(new_figure):
    assert plots.loss_surface(surface()).figure is not None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"function": 3}, TypeError, "surface=int has no losses"),
        ({"function": lambda p: p}, ValueError, r"function gives an array of shape \(2,\)"),
        ({"paths": [[1, 2]]}, TypeError, "paths=list is no dict"),
        ({"paths": {}}, ValueError, "paths is empty"),
        ({"paths": {"a": [1.0, 2.0]}}, ValueError, r"paths\['a'\] has shape \(2,\)"),
        ({"paths": {"a": [[np.nan, 2.0]]}}, ValueError, "begins at a finite point"),
        ({"span": (0, 1)}, ValueError, r"span=\(0, 1\)"),
        ({"minimum": 3}, ValueError, "minimum=3"),
        ({"ax": "left"}, TypeError, "ax=str"),
    ],
)
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        plots.optimizer_paths(**({"function": bowl, "paths": paths(), "ax": None} | arguments))


def test_an_animation_checks_its_numbers():
    with pytest.raises(ValueError, match="frames=1"):
        plots.animate_paths(bowl, paths(), frames=1)
    with pytest.raises(ValueError, match="seconds=0"):
        plots.animate_paths(bowl, paths(), seconds=0)
    with pytest.raises(TypeError, match="surface=NoneType"):
        plots.loss_surface(None)
