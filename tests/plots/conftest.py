"""Pictures are drawn without a screen, and no figure outlives its test."""

from __future__ import annotations

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot


@pytest.fixture
def ax():
    """Axes that `pyplot` does not know: who opens a figure beside them is found by `nothing_left_open`."""
    from matplotlib.figure import Figure

    return Figure(layout="constrained").subplots()


@pytest.fixture
def new_figure():
    """Close the figures that a function made because it was given no Axes."""
    yield
    assert len(pyplot.get_fignums()) == 1
    pyplot.close("all")


@pytest.fixture(autouse=True)
def nothing_left_open(request):
    """Fail a test after which figures are open."""
    yield
    left = pyplot.get_fignums()
    pyplot.close("all")
    assert not left or "new_figure" in request.fixturenames
