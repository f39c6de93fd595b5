"""`netlet train --forecast` and what `netlet predict` does with its model: how series go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from netlet.cli import lines
from netlet.cli.command_error import NOT_DONE, CommandError
from netlet.cli.health import health_of, show_health, told_later
from netlet.cli.options import VALIDATION_SHARE, PredictOptions, TrainOptions
from netlet.cli.page import reproduction
from netlet.cli.screen import Screen, figure, say
from netlet.data import read_table
from netlet.report.forecast_section import ForecastFacts, write_forecast_report
from netlet.sequences import Forecast, Forecaster, RollingTest
from netlet.sequences.series import read_series

MOST_HORIZONS = 20  # of a test: what is held back is not learnt from
NOT_TAKEN = ("target", "drop", "preset", "hidden", "activation", "optimizer", "trials", "epochs_in_all")


def check_forecast_options(options: TrainOptions) -> None:
    """Raise CommandError for options that a forecast needs or does not take."""
    if options.horizon is None:
        raise CommandError("--forecast needs --horizon, the number of steps ahead, such as --horizon 24")
    for name in NOT_TAKEN:
        if getattr(options, name) not in (None, ()):
            raise CommandError(f"--{name.replace('_', '-')} is not for --forecast; leave it out")


def train_forecast(options: TrainOptions, output: Path, page: Path | None) -> None:
    """Read the series, learn from all but their last steps, test on these, and write a model and a page.

    Raises
    ------
    CommandError, TableError
        If an option or the table is not as it should be, or something cannot be written.
    """
    assert options.forecast is not None, "checked before"
    assert options.horizon is not None, "checked before"
    screen = Screen(options.quiet)
    table = read_table(options.file)
    lines.show_table(screen, table)
    time = options.time_column or _only_time(table.frame)
    reads: dict[str, Any] = {
        "time": time, "target": options.forecast, "series": options.series, "known": options.known, "gaps": options.gaps
    }  # fmt: skip
    model = _model(options)
    try:
        found = read_series(table.frame, **reads)
        lengths = [len(each) for each in found.series]
        if max(lengths) <= options.horizon:
            raise CommandError(
                f"{options.file.name}: --horizon {options.horizon} is not shorter than the series, which has "
                f"{lines.counted(max(lengths), 'step', 'steps')}; take a shorter horizon"
            )
        test_steps = _test_steps(options, int(np.median(lengths)))
        of = f", {lines.counted(len(lengths), 'series', 'series')}" if options.series else ""
        screen.entry("Forecast", f"{options.forecast}, {lines.counted(options.horizon, 'step', 'steps')} ahead{of}")
        by = f"by {time}" if time else "in the order of the rows"
        screen.entry("Time", f"{by}, {found.grid.step_in_words()} a step, {max(lengths):,} steps")
        for note in found.notes:
            screen.entry("", note)
        with screen.waiting("training ..."), told_later():
            model.fit(table.frame, **reads, test_steps=test_steps)
    except (ValueError, TypeError) as error:
        raise CommandError(f"{options.file.name}: {_with_options(str(error))}") from None
    test = model.test() if test_steps else None
    seasons = f"seasons of {' and '.join(map(str, model.seasons_))} steps" if model.seasons_ else "no season"
    screen.entry("Network", f"{model.lags_} lags, {seasons}, {model.network_.theta.size:,} parameters")
    screen.entry("Training", f"{lines.counted(len(model.history_), 'epoch', 'epochs')}, quantile loss")
    show_health(screen, health_of(model.history_))
    _save(model, options, output, test)
    if test is not None:
        _show_test(screen, test, test_steps)
    lines.show_model(screen, output, interrupted=model.history_.stopped == "interrupted")
    if page is not None:
        facts = ForecastFacts(
            options.file.name, options.forecast, table.frame.height, tuple(each.name for each in found.series),
            tuple(each.first for each in found.series), found.grid, model.horizon, model.lags_, test,
            {name: model.history_.column(name) for name in ("loss", "validation_loss")
             if model.history_.records and name in model.history_.records[0]},
            model.network_.summary(), int(model.network_.theta.size), (*table.notes, *found.notes),
            reproduction(options, ""), health_of(model.history_),
        )  # fmt: skip
        try:
            write_forecast_report(facts, page)
        except OSError as error:
            raise CommandError(
                f"the model is written, but the report was not, to {page}: {error.strerror or error}", NOT_DONE
            ) from None
        lines.show_page(screen, page)
    screen.entry("Predict", f"the next {lines.counted(model.horizon, 'step', 'steps')} after any table's last ones:")
    screen.command(lines.command_line("netlet", "predict", str(output), str(options.file), "-o", "forecast.csv"))


def predict_forecast(options: PredictOptions) -> pl.DataFrame:
    """Return the forecast of the steps after a table's last ones, a row for each.

    Raises
    ------
    CommandError, TableError, ModelFileError
        If the model or the table cannot be used.
    """
    if options.with_input:
        raise CommandError("--with-input is not for a forecast, whose rows are none of the table's; leave it out")
    model = Forecaster.load(options.model)
    model.n_threads = options.threads
    table = read_table(options.file)
    for note in table.notes:
        say(note)
    try:
        forecast = model.predict(table.frame)
    except (ValueError, TypeError) as error:
        reason = str(error).replace("or use gaps=", "or train with gaps=")
        raise CommandError(f"{options.file.name}: {_with_options(reason)}") from None
    return _frame(forecast, model)


def _with_options(reason: str) -> str:
    """Put the command line's options for the parameters that a message names."""
    said = {"gaps='last'": "--gaps last", "gaps='zero'": "--gaps zero", "(series=)": "with --series"}
    for parameter, option in said.items():
        reason = reason.replace(parameter, option)
    return reason


def _model(options: TrainOptions) -> Forecaster:
    chosen: dict[str, Any] = {
        "epochs": options.epochs, "batch_size": options.batch_size, "learning_rate": options.learning_rate,
        "dropout": options.dropout,
    }  # fmt: skip
    if options.validation_share != VALIDATION_SHARE:
        chosen["validation_fraction"] = options.validation_share
    return Forecaster(
        options.horizon or 1, random_state=options.seed, n_threads=options.threads, time_limit=options.time,
        health=True, **{name: value for name, value in chosen.items() if value is not None},
    )  # fmt: skip


def _test_steps(options: TrainOptions, n: int) -> int:
    """Return how many of the last steps are tested with: their share, at least one horizon and at most 20."""
    horizon = options.horizon or 1
    if not options.test_share:
        return 0
    return int(np.clip(round(options.test_share * n), horizon, MOST_HORIZONS * horizon))


def _only_time(frame: pl.DataFrame) -> str | None:
    """Return the column of dates, if there is one; none: the rows are in order."""
    dates = [name for name, kind in frame.schema.items() if kind.is_temporal()]
    if len(dates) > 1:
        raise CommandError(f"there are several columns of dates, {', '.join(dates)}; choose one with --time-column")
    return dates[0] if dates else None


def _show_test(screen: Screen, test: RollingTest, steps: int) -> None:
    title = f"Test on the last {lines.counted(steps, 'step', 'steps')}"
    errors = test.errors()
    rows = [[name, figure(each["mae"]), figure(each["rmse"])] for name, each in errors.items()]
    screen.gap()
    screen.table(title, ["MAE", "RMSE"], rows)
    screen.entry("", f"{lines.counted(len(test), 'forecast', 'forecasts')}, each from what came before it only.")
    low, high = test.quantiles[0], test.quantiles[-1]
    screen.entry(
        "Band", f"{100 * test.coverage():.1f} % of the truth lies between the quantiles {low:g} and {high:g}, "
        f"meant for {100 * test.nominal:.0f} %", always=True,
    )  # fmt: skip
    naive = "seasonal naive" if "seasonal naive" in errors else "last value"
    if errors["this model"]["mae"] >= errors[naive]["mae"]:
        screen.entry("", f"No better than {naive}: the past seems to say little more of what comes.")


def _save(model: Forecaster, options: TrainOptions, output: Path, test: RollingTest | None) -> None:
    figures = {} if test is None else {"errors": test.errors(), "coverage": test.coverage()}
    model.network_.notes = {"table": {"name": options.file.name}, "test": figures}
    try:
        model.save(output)
    except OSError as error:
        raise CommandError(f"the model was not written to {output}: {error.strerror or error}", NOT_DONE) from None


def _frame(forecast: Forecast, model: Forecaster) -> pl.DataFrame:
    frame = pl.DataFrame(forecast.columns(model.time_ or "step", model.series_ or "series"))
    times = frame.columns[0 if forecast.names == ("",) else 1]
    if frame.schema[times] == pl.Datetime and (frame[times].cast(pl.Date) == frame[times]).all():
        frame = frame.with_columns(pl.col(times).cast(pl.Date))
    return frame
