"""`Forecaster`: how series go on, with quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from netlet.errors import check_number, unknown_name
from netlet.estimators.shaped.base import ShapedEstimator
from netlet.sequences.forecast import Forecast
from netlet.sequences.forecast_network import KINDS, forecast_network
from netlet.sequences.grid import Grid
from netlet.sequences.in_time import split_in_time
from netlet.sequences.lags import lags_and_seasons
from netlet.sequences.levels import Levels
from netlet.sequences.naive import best_season, naive
from netlet.sequences.phases import phases_of
from netlet.sequences.rolling import RollingTest
from netlet.sequences.series import Series, SeriesSet, read_series
from netlet.sequences.windows import Windows, windows_of
from netlet.training.losses import Quantile

_STEPS = 3000  # of training, about, where `epochs` is None
_EPOCHS = (5, 200)
_MOST_WINDOWS = 100_000


class Forecaster(ShapedEstimator):
    """Forecast how series go on: quantiles of each of the next steps.

    One network learns from windows of all series. Each window is shifted by its mean over the last season (without a
    season: by its last value) and divided by its own spread, and the network learns by how much the naive forecast
    (the last season, or the last value, repeated) is off, so that level, scale and trend of a series may change. It
    also reads the calendar's phases of the first step ahead, and the columns that are known ahead.

    Parameters
    ----------
    horizon : int, >= 1, default 1
        Steps ahead that are forecast.
    lags : int, >= 1, optional
        Values that a window holds. Default: one and a bit of the longest season (see `season`), at least two of the
        shortest and as many as the horizon; fewer where the series are short.
    season : int, >= 2, 0, or None, default None
        Steps after which the series repeat themselves; 0: they do not. None: what the calendar says of the step (a day
        and a week, a year), or else the autocorrelation.
    quantiles : sequence of float in (0, 1), ascending, default (0.1, 0.5, 0.9)
    kind : {"mlp", "convolution"}, default "mlp"
    units : int, >= 1, default 128
    dropout : float, 0 <= dropout < 1, default 0.1
    layers : None
        Reserved.
    epochs : int, >= 1, optional
        Default: so many that there are about 3000 steps of training, 5 to 200.
    batch_size : int, >= 1, default 64
    learning_rate : float, > 0, default 0.002
        The highest of the cycle.
    weight_decay : float, >= 0, default 0.01
    validation_fraction : float, 0 <= validation_fraction < 1, default 0.1
        Of the windows of each series, its last ones; the weights that are best on them are kept. What is learnt from
        ends before they begin.
    patience : int, optional
        Stop after so many epochs without a gain in validation; default: never.
    time_limit : float, > 0, optional
        Seconds.
    random_state : int, RandomState or None, default None
    n_threads : int, optional
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the network from learning: `health_` then has findings, and each of them is a
        `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    lags_ : int
    seasons_ : tuple of int
    season_ : int or None
        That of the naive forecast: of `seasons_`, or the last value, what was best in training.
    grid_ : Grid
        What a step is.
    notes_ : tuple of str
        How the table was read, in sentences.
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found, with ``health=True``.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet.sequences import Forecaster
    >>> months = np.arange(120)
    >>> values = 0.1 * months + np.sin(months * np.pi / 6)
    >>> forecast = Forecaster(horizon=12, random_state=0).fit(values).predict()
    >>> forecast.values.shape
    (1, 12, 3)
    """

    def __init__(
        self,
        horizon: int = 1,
        *,
        lags: int | None = None,
        season: int | None = None,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        kind: str = "mlp",
        units: int = 128,
        dropout: float = 0.1,
        layers: Any = None,
        epochs: int | None = None,
        batch_size: int = 64,
        learning_rate: float = 0.002,
        weight_decay: float = 0.01,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        self.horizon, self.lags, self.season, self.quantiles = horizon, lags, season, quantiles
        self.kind, self.units, self.dropout, self.layers = kind, units, dropout, layers
        self.epochs, self.batch_size, self.learning_rate = epochs, batch_size, learning_rate  # type: ignore[assignment]
        self.weight_decay, self.validation_fraction = weight_decay, validation_fraction
        self.patience, self.time_limit = patience, time_limit
        self.random_state, self.n_threads, self.verbose, self.health = random_state, n_threads, verbose, health

    def fit(
        self,
        table: Any,
        *,
        time: str | None = None,
        target: str | None = None,
        series: str | None = None,
        known: Sequence[str] = (),
        gaps: str = "error",
        test_steps: int = 0,
    ) -> Self:
        """Learn from series.

        Parameters
        ----------
        table : array (n,) or (n, n_series), or table with named columns (polars, pandas, dict of arrays)
        time : str, optional
            The column of times: numbers or dates, at equal steps (calendar months are). Default: rows are in order.
            Rows out of order are sorted; two rows of one time, in one series, are an error.
        target : str
            The column to forecast; not for an array.
        series : str, optional
            The column that names the series of each row.
        known : sequence of str
            Columns of numbers that are known ahead, such as holidays. To predict, the table then has rows for the
            steps to come, whose target is missing.
        gaps : {"error", "last", "zero"}, default "error"
            What stands where a step has no row or no target: nothing may be missing, the value before it, or 0.
        test_steps : int, >= 0, default 0
            The last steps of each series, which are not learnt from: see `test`.

        Returns
        -------
        Forecaster
            Itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the table is not as it should be, or the series are too short.
        """
        self._check_parameters()
        check_number("test_steps", test_steps, int, 0)
        if 0 < test_steps < self.horizon:
            raise ValueError(
                f"test_steps={test_steps} is less than horizon={self.horizon}; hold back at least the horizon"
            )
        self._reads: dict[str, Any] = {
            "time": time, "target": target, "series": series, "known": _listed(known), "gaps": gaps
        }  # fmt: skip
        found = read_series(table, **self._reads)
        learnt = [each.until(len(each) - test_steps) for each in found.series if len(each) > test_steps]
        if not learnt:
            raise ValueError(f"test_steps={test_steps} leaves nothing to learn from; hold fewer steps back")
        self.lags_, self.seasons_ = lags_and_seasons(learnt, found.grid, self.horizon, self.lags, self.season)
        self.grid_, self._phases = found.grid, phases_of(found.grid, max(len(each) for each in learnt))
        cut = self._windows_to_learn(learnt)
        self.season_ = self.season if self.season else best_season(cut.past, cut.ahead, self.seasons_)
        self._levels = Levels.of(cut, self.season_)
        x, y = self._inputs(learnt, cut), self._levels.targets(cut)
        rows, validation = split_in_time(cut, self.validation_fraction)
        held = None if validation is None else (x[validation], y[validation])
        # `_train` reads the settings of an estimator: those of this one, with what None stands for.
        trained = copy(self)
        steps_of_epoch = math.ceil(len(rows) / self.batch_size)
        trained.epochs = self.epochs or int(np.clip(round(_STEPS / steps_of_epoch), *_EPOCHS))
        trained.validation_fraction = 0.0
        network = forecast_network(
            self.kind, self.lags_, x.shape[1] - self.lags_, self.horizon * len(self.quantiles),
            units=self.units, dropout=self.dropout,
        )  # fmt: skip
        trained._train(x[rows], y[rows], network, loss=Quantile(tuple(self.quantiles)), validation_data=held)
        self.network_, self.history_ = trained.network_, trained.history_
        self._shift = self._shift_from(held)
        self._is_positive = all((each.values >= 0).all() for each in learnt)
        self.notes_, self._history, self._test_steps = found.notes, found, test_steps
        return self

    def predict(self, table: Any = None, *, steps: int | None = None) -> Forecast:
        """Forecast the steps after the last value of each series.

        Parameters
        ----------
        table : array or table, optional
            Series as `fit` took them, of which at least the last `lags_` values are needed; names may be new. With
            columns that are known ahead, rows for the steps to come follow, without a target. Default: the series of
            `fit`, all of them; a loaded model needs a table.
        steps : int, 1 to `horizon`, optional
            Default: `horizon`.

        Returns
        -------
        Forecast

        Raises
        ------
        ValueError, TypeError
            If the table is not as it should be, a series is too short, or its step is another.
        """
        check_is_fitted(self, "network_")
        steps = self.horizon if steps is None else steps
        check_number("steps", steps, int, 1)
        if steps > self.horizon:
            raise ValueError(f"steps={steps} is more than horizon={self.horizon}; fit with a longer horizon")
        found = self._series_of(table)
        for each in found.series:
            if len(each) < self.lags_:
                whose = f"the series {each.name!r} has" if each.name else "there are"
                raise ValueError(f"{whose} {len(each)} values; a forecast needs the last {self.lags_}")
            if each.known.shape[1] and len(each.known) < len(each) + self.horizon:
                ahead = len(each.known) - len(each)
                whose = f" of the series {each.name!r}" if each.name else ""
                raise ValueError(
                    f"the columns known ahead go on for {ahead} steps after the last value{whose}; add rows for "
                    f"{self.horizon} steps, with the target left empty"
                )
        origin = np.array([len(each) for each in found.series])
        cut = Windows(
            np.stack([each.values[-self.lags_ :] for each in found.series]),
            np.zeros((len(origin), self.horizon)),
            np.stack([each.known[len(each) : len(each) + self.horizon] for each in found.series])
            if self._levels.known_mean.size
            else np.zeros((len(origin), self.horizon, 0)),
            origin,
            np.arange(len(origin)),
        )
        first = np.array([each.first for each in found.series]) + origin
        return Forecast(
            self._quantiles(found, cut)[:, :steps],
            tuple(self.quantiles),
            tuple(found.grid.times(place + np.arange(steps)) for place in first),
            tuple(each.name for each in found.series),
        )

    def test(self, table: Any = None, *, test_steps: int | None = None, stride: int = 1) -> RollingTest:
        """Forecast from each origin whose horizon lies in the last steps of a series; the weights stay as they are.

        Parameters
        ----------
        table : array or table, optional
            Default: that of `fit`, of which `test_steps` steps were not learnt from.
        test_steps : int, >= horizon, optional
            Default: that of `fit`.
        stride : int, >= 1, default 1
            Steps from one origin to the next.

        Returns
        -------
        RollingTest

        Raises
        ------
        ValueError
            If no step was held back.
        """
        check_is_fitted(self, "network_")
        test_steps = getattr(self, "_test_steps", 0) if test_steps is None else test_steps
        check_number("stride", stride, int, 1)
        if test_steps < self.horizon:
            raise ValueError(
                f"test_steps={test_steps} is less than horizon={self.horizon}; fit with test_steps=, so that there is "
                "something that was not learnt from"
            )
        found = self._series_of(table)
        lags = np.arange(self.lags_, 0, -1)
        # From where on a series is cut: so that its first origin is the first step held back.
        parts = [
            Series(each.name, each.values[start:], each.known[start:], each.first + start)
            for each in found.series
            for start in [max(0, len(each) - test_steps - self.lags_)]
        ]
        cut = windows_of(parts, lags, self.horizon, stride=stride)
        if not len(cut):
            raise ValueError(
                f"no series has {self.lags_} values before its last {self.horizon}; there is nothing to test"
            )
        seasons = self.seasons_ if self.season_ is None else (self.season_,)
        season = seasons[-1] if seasons else None
        starts = np.array([part.first - each.first for part, each in zip(parts, found.series, strict=True)])
        return RollingTest(
            cut.ahead,
            self._quantiles(SeriesSet(tuple(parts), found.grid), cut),
            naive(cut.past, self.horizon, None),
            None if season is None else naive(cut.past, self.horizon, season),
            cut.origin + starts[cut.series],
            cut.series,
            tuple(self.quantiles),
            season,
        )

    @property
    def time_(self) -> str | None:
        """The column of times, as it was given to `fit`."""
        name: str | None = self._reads["time"]
        return name

    @property
    def series_(self) -> str | None:
        """The column that names the series, as it was given to `fit`."""
        name: str | None = self._reads["series"]
        return name

    # What `fit` finds out

    def _check_parameters(self) -> None:
        checked = copy(self)
        checked.epochs = 1 if self.epochs is None else self.epochs
        super(Forecaster, checked)._check_parameters()
        check_number("horizon", self.horizon, int, 1)
        check_number("lags", self.lags, int, 1, optional=True)
        check_number("season", self.season, int, 0, optional=True)
        check_number("units", self.units, int, 1)
        check_number("dropout", self.dropout, float, 0, below=1, hint="it is the fraction dropped, 0.1 is usual")
        if self.season == 1:
            raise ValueError("season=1 is every step; give the steps of a season, >= 2, or 0 for none")
        if self.kind not in KINDS:
            raise ValueError(unknown_name("kind", self.kind, KINDS))
        if self.layers is not None:
            raise ValueError("layers is not taken yet by Forecaster; use kind and units")
        Quantile(tuple(self.quantiles))

    def _windows_to_learn(self, series: list[Series]) -> Windows:
        n_windows = sum(max(0, len(each) - self.lags_ - self.horizon + 1) for each in series)
        stride = math.ceil(n_windows / _MOST_WINDOWS)
        return windows_of(series, np.arange(self.lags_, 0, -1), self.horizon, stride=stride)

    def _shift_from(self, held: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
        """Return by how much each quantile but the middle is moved, so that it is one of the windows of validation."""
        shift = np.zeros(len(self.quantiles))
        if held is None:
            return shift
        outputs = self.network_.predict(held[0], n_threads=self.n_threads).reshape(*held[1].shape, -1)
        off = held[1][:, :, None] - np.sort(outputs, axis=2)
        for place, quantile in enumerate(self.quantiles):
            if quantile != 0.5:
                shift[place] = np.quantile(off[:, :, place], quantile)
        return shift

    # From windows to the network and back

    def _inputs(self, series: Sequence[Series], cut: Windows) -> np.ndarray:
        return self._levels.inputs(series, cut, self.grid_, self._phases)

    def _quantiles(self, found: SeriesSet, cut: Windows) -> np.ndarray:
        """Return the quantiles in the series' own unit: float64, (n, horizon, n_quantiles)."""
        outputs = self.network_.predict(self._inputs(found.series, cut), n_threads=self.n_threads).astype(np.float64)
        # Nothing keeps the network's quantiles from crossing: sorted, they are nearer to the true ones.
        off = np.sort(outputs.reshape(len(cut), self.horizon, -1), axis=2) + self._shift
        values = np.sort(self._levels.values(cut.past, off), axis=2)
        return np.maximum(values, 0) if self._is_positive else values

    # Reading

    def _series_of(self, table: Any) -> SeriesSet:
        if table is None:
            if not hasattr(self, "_history"):
                raise ValueError("a loaded model does not hold the series that it learnt from; give the table")
            return self._history
        found = read_series(table, **self._reads)
        if found.grid.kind != self.grid_.kind or not math.isclose(found.grid.step, self.grid_.step):
            enough = max(len(each) for each in found.series) > 1
            if enough:
                raise ValueError(
                    f"the table has steps of {found.grid.step_in_words()}, the model was fitted on steps of "
                    f"{self.grid_.step_in_words()}; bring them to the same"
                )
        return found

    def _fitted(self) -> dict[str, Any]:
        return {
            "lags": self.lags_, "seasons": list(self.seasons_), "season": self.season_, "grid": self.grid_.to_dict(),
            "phases": list(self._phases), "reads": self._reads, "known_mean": self._levels.known_mean.tolist(),
            "known_scale": self._levels.known_scale.tolist(), "notes": list(self.notes_),
            "usual_spread": self._levels.usual_spread, "shift": self._shift.tolist(), "is_positive": self._is_positive,
        }  # fmt: skip

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.lags_, self.seasons_, self.season_ = int(fitted["lags"]), tuple(fitted["seasons"]), fitted["season"]
        self.grid_, self._phases = Grid(**fitted["grid"]), tuple(fitted["phases"])
        self._reads, self.notes_ = dict(fitted["reads"]), tuple(fitted["notes"])
        self._shift, self._is_positive = np.array(fitted["shift"]), bool(fitted["is_positive"])
        self._levels = Levels(
            self.season_, np.array(fitted["known_mean"]), np.array(fitted["known_scale"]), float(fitted["usual_spread"])
        )


def _listed(known: Any) -> list[str]:
    return [known] if isinstance(known, str) else list(known)
