"""The page of a forecast: errors beside the naive ones, forecasts against the truth, the error at each step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netlet.report.facts import ReproductionFacts
from netlet.report.health_section import HealthFacts, health_section
from netlet.report.parts import Grid, Picture, picture
from netlet.report.plots.curves import learning_curves
from netlet.report.plots.forecast import error_by_step, forecast_plot
from netlet.report.templates import template_of
from netlet.report.words import figure, percent, shortened
from netlet.sequences.forecast import middle_of
from netlet.sequences.grid import Grid as TimeGrid
from netlet.sequences.rolling import RollingTest
from netlet.tensor_file import write_atomically

MOST_STEPS = 400
MOST_SERIES = 3


@dataclass(frozen=True)
class ForecastFacts:
    """What the page of a forecast shows.

    Attributes
    ----------
    file, target : str
    n_rows : int
    names : tuple of str
        Of the series.
    firsts : tuple of int
        The place on the grid of each series' first value.
    grid : netlet.sequences.grid.Grid
    horizon, lags : int
    test : RollingTest or None
    curves : dict of str to list of float
    summary : str
        Of the network.
    n_parameters : int
    notes : tuple of str
    reproduction : ReproductionFacts
    health : HealthFacts or None
        None: nothing is said of it.
    """

    file: str
    target: str
    n_rows: int
    names: tuple[str, ...]
    firsts: tuple[int, ...]
    grid: TimeGrid
    horizon: int
    lags: int
    test: RollingTest | None
    curves: dict[str, list[float]]
    summary: str
    n_parameters: int
    notes: tuple[str, ...]
    reproduction: ReproductionFacts
    health: HealthFacts | None = None


def write_forecast_report(facts: ForecastFacts, path: str | os.PathLike[str]) -> None:
    """Write the page: one HTML file that needs nothing beside it.

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is as it was.
    """
    write_atomically(Path(path), render_forecast(facts).encode("utf-8", errors="replace"))


def render_forecast(facts: ForecastFacts) -> str:
    """Return the page as HTML."""
    template, style = template_of("forecast.html")
    test = facts.test
    return template.render(
        facts=facts,
        style=style,
        health=health_section(facts.health),
        scores=None if test is None else _scores(test),
        coverage="" if test is None else percent(test.coverage()),
        nominal="" if test is None else percent(test.nominal),
        test_pictures=[] if test is None else forecast_pictures(facts, test),
        curves=[Picture(each.svg(), "") for each in learning_curves(facts.curves)],
        step=facts.grid.step_in_words(),
    )


def _scores(test: RollingTest) -> Grid:
    rows = [[name, figure(each["mae"]), figure(each["rmse"])] for name, each in test.errors().items()]
    return Grid(["in the test", "mean absolute error", "RMSE"], rows, [False, True, True], first=True)


def forecast_pictures(facts: ForecastFacts, test: RollingTest) -> list[Picture]:
    """Draw forecasts one after the other, for the first series, and the error at each step ahead."""
    target = shortened(facts.target, 30)
    band = f"{percent(test.quantiles[0])} to {percent(test.quantiles[-1])}"
    pictures: list[Picture] = []
    for series in range(min(len(facts.names), MOST_SERIES)):
        own = np.flatnonzero(test.series == series)
        if not len(own):
            continue
        # Forecasts that follow upon one another, the last ones.
        chosen = own[::-1][:: facts.horizon][: max(1, MOST_STEPS // facts.horizon)][::-1]
        if (np.diff(test.origin[chosen]) != facts.horizon).any():
            chosen = chosen[-1:]
        places = facts.firsts[series] + test.origin[chosen[0]] + np.arange(len(chosen) * facts.horizon)
        drawing = forecast_plot(
            test.truth[chosen].ravel(),
            test.values[chosen].reshape(-1, len(test.quantiles)),
            middle_of(test.quantiles),
            _texts(facts.grid.times(places)),
            [at * facts.horizon for at in range(len(chosen))],
            target,
            f"the band from {band}",
        )
        title = f"Forecasts against the truth{f', {shortened(facts.names[series], 30)}' if facts.names[series] else ''}"
        caption = f"Each forecast is of {facts.horizon} steps and knows what came before its first one only."
        pictures += picture(drawing, title, caption)
    lines = [("this model", test.median)]
    if test.seasonal is not None:
        lines.append((f"seasonal naive, {test.season} steps", test.seasonal))
    lines.append(("last value", test.last))
    errors = [(name, np.abs(values - test.truth).mean(axis=0)) for name, values in lines]
    pictures += picture(error_by_step(errors, facts.grid.step_in_words()), "The error at each step ahead")
    return pictures


def _texts(times: np.ndarray) -> list[str]:
    """Write times no longer than they need to be."""
    if times.dtype.kind != "M":
        return [figure(float(each), 6) for each in times]
    days = times.astype("datetime64[D]")
    whole = bool((days == times).all())
    return [str(each) if whole else str(each)[:16].replace("T", " ") for each in (days if whole else times)]
