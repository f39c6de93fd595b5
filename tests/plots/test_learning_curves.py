"""Learning curves: the numbers of the history are those of the lines."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import plots
from netlet.training.history import History

pytestmark = pytest.mark.plain


def history(n, **more):
    epochs = np.arange(1, n + 1)
    records = [
        {"epoch": int(k), "loss": 2.0 / k, "seconds": 0.1, "validation_loss": (k - 3) ** 2 + 1.0}
        | {"validation_accuracy": 1 - 1 / k}
        for k in epochs
    ]
    return History(records, **more)


def lines(ax):
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def test_the_lines_are_the_columns(ax):
    drawn = lines(plots.learning_curves(history(5), ax))
    np.testing.assert_array_equal(drawn["training"], [[k, 2 / k] for k in range(1, 6)])
    np.testing.assert_array_equal(drawn["validation"], [[k, (k - 3) ** 2 + 1] for k in range(1, 6)])


def test_the_best_epoch_is_the_lowest_validation_loss(ax):
    drawn = lines(plots.learning_curves(history(5), ax))
    np.testing.assert_array_equal(drawn["best epoch, 3"][:, 0], [3, 3])
    ring = ax.get_lines()[-1]
    np.testing.assert_array_equal(ring.get_xydata(), [[3, 1]])
    assert ring.get_fillstyle() == "none"


def test_the_best_epoch_of_the_history_is_believed(ax):
    assert "best epoch, 2" in lines(plots.learning_curves(history(5, best_epoch=2), ax))


def test_without_held_out_samples_there_is_one_line(ax):
    plots.learning_curves({"loss": [3.0, 2.0, 1.0]}, ax)
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xydata(), [[1, 3], [2, 2], [3, 1]])


def test_nan_in_the_validation_loss_is_a_gap_and_not_the_best(ax):
    drawn = lines(plots.learning_curves({"loss": [3.0, 2.0, 1.0], "validation_loss": [np.nan, 2.0, 5.0]}, ax))
    assert "best epoch, 2" in drawn
    assert np.isnan(drawn["validation"][0, 1])


def test_two_columns_are_two_panels_within_the_axes_given():
    from matplotlib.figure import Figure

    left, right = Figure(layout="constrained").subplots(1, 2)
    panels = plots.learning_curves(history(4), right, columns=("loss", "accuracy"))
    assert [panel.get_ylabel() for panel in panels] == ["loss", "accuracy"]
    np.testing.assert_allclose(lines(panels[1])["validation"][:, 1], [0, 1 / 2, 2 / 3, 3 / 4])
    assert "training" not in lines(panels[1])
    left.figure.draw_without_rendering()
    assert all(panel.get_position().x0 > left.get_position().x1 for panel in panels)
    assert panels[0].get_position().y0 > panels[1].get_position().y1


def test_panels_take_the_place_of_axes_without_a_grid():
    from matplotlib.figure import Figure

    placed = Figure().add_axes((0.2, 0.3, 0.4, 0.5))
    panels = plots.learning_curves(history(4), placed, columns=["loss"])
    np.testing.assert_allclose(panels[0].get_position().bounds, (0.2, 0.3, 0.4, 0.5))


def test_only_the_loss_is_logarithmic(ax):
    loss, accuracy = plots.learning_curves(history(4), ax, columns=("loss", "accuracy"), log=True)
    assert loss.get_yscale() == "log"
    assert accuracy.get_yscale() == "linear"


@pytest.mark.parametrize(("n", "marker"), [(1, "o"), (30, "o"), (31, ""), (5000, "")])
def test_few_epochs_are_marked_each(ax, n, marker):
    plots.learning_curves(history(n), ax)
    line = ax.get_lines()[0]
    assert line.get_marker() == marker
    assert len(line.get_xydata()) == n
    ax.figure.draw_without_rendering()
    shown = [text.get_text() for text in ax.get_xticklabels()]
    assert all("." not in text for text in shown)


@pytest.mark.usefixtures("new_figure")
def test_a_history_draws_itself():
    ax = history(5).plot(log=True)
    assert ax.get_yscale() == "log"
    assert "training" in lines(ax)


def test_a_history_draws_into_given_axes(ax):
    assert history(3).plot(ax=ax) is ax


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (History(), {}, "history has no finished epoch; train for at least one"),
        ({"loss": []}, {}, "no finished epoch"),
        ({"loss": [1.0, 2.0], "validation_loss": [1.0]}, {}, r"shapes \{'loss': \(2,\), 'validation_loss': \(1,\)\}"),
        ({"loss": [[1.0, 2.0]]}, {}, "one number for each epoch"),
        ({"loss": [1.0]}, {"columns": "los"}, "columns='los' is not one of 'loss'; did you mean 'loss'?"),
        ({"loss": [1.0]}, {"columns": ()}, "columns is empty"),
        ({"loss": [1.0, -2.0]}, {"log": True}, "log=True, and loss goes down to -2"),
    ],
)
def test_bad_input(ax, given, options, message):
    with pytest.raises(ValueError, match=message):
        plots.learning_curves(given, ax, **options)


def test_something_else_is_no_history(ax):
    with pytest.raises(TypeError, match="history=list is no History; give what fit returned"):
        plots.learning_curves([1.0, 2.0], ax)


def test_something_else_is_no_axes(ax):
    with pytest.raises(TypeError, match="ax=Figure is no Axes of Matplotlib; give one"):
        plots.learning_curves({"loss": [1.0]}, ax.figure)
