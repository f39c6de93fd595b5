"""The range test's picture: its losses, its running mean and its suggestion."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import plots
from netlet.training.learning_rate_range import RangeTest

pytestmark = pytest.mark.plain


def outcome(suggestion=0.01):
    rates = np.geomspace(1e-5, 1, 50)
    losses = (np.log10(rates) + 1.5) ** 2 + 0.5
    return RangeTest(rates, losses + 0.1 * (-1.0) ** np.arange(50), losses, suggestion)


def test_the_lines(ax):
    test = outcome()
    assert plots.range_test(test, ax) is ax
    each, mean, lowest, suggestion = ax.get_lines()
    np.testing.assert_array_equal(each.get_xydata(), np.column_stack([test.learning_rates, test.losses]))
    np.testing.assert_array_equal(mean.get_xydata(), np.column_stack([test.learning_rates, test.smoothed]))
    assert lowest.get_ydata()[0] == test.smoothed.min()
    assert list(suggestion.get_xdata()) == [0.01, 0.01]
    assert [text.get_text() for text in ax.texts] == ["suggestion 0.01"]
    assert ax.get_xscale() == "log"


@pytest.mark.parametrize(("suggestion", "side"), [(1e-4, "left"), (0.3, "right")])
def test_the_suggestion_is_written_where_there_is_room(ax, suggestion, side):
    plots.range_test(outcome(suggestion), ax)
    assert ax.texts[0].get_ha() == side


@pytest.mark.usefixtures("new_figure")
def test_a_range_test_draws_itself():
    assert len(outcome().plot().get_lines()) == 4


def test_something_else_is_no_range_test(ax):
    with pytest.raises(TypeError, match="test=float has no learning_rates, losses, smoothed, suggestion; give what"):
        plots.range_test(0.1, ax)
