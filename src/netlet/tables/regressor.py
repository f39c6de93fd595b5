"""`TableRegressor`: the regressor to try first on a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import RegressorMixin

from netlet.errors import unknown_name
from netlet.kernels.losses.quantile import MOST_QUANTILES
from netlet.tables.base import ChosenColumns, TableEstimator
from netlet.tables.best_epoch import Cost, pinball_loss, squared_loss
from netlet.tables.choosing import Chosen
from netlet.tables.first_pass import Summary
from netlet.tables.ready import Onlooker, Ready
from netlet.tables.streaming import Streamed
from netlet.tables.targets import name_of, numbers_of
from netlet.tables.undoing import undone_if_it_fails
from netlet.training.losses import Quantile

_MEDIAN = 0.5


class TableRegressor(RegressorMixin, Streamed, TableEstimator):
    """A regressor of raw tables: numbers, categories, truth values, dates and missing values as they are.

    Networks after the recipe of RealMLP-TD [1]_ are trained side by side, each on its own part of the rows and kept at
    the epoch that is best on the others. Their predictions are averaged, and never lie beyond the numbers that were
    learnt from.

    Parameters
    ----------
    preset : {"fast", "default", "best"}
        "fast": one network; "default": five (four of 3,000 rows and more), each with another fifth of the rows held
        out; "best": as many of each of four settings, of which those are averaged that are best together.
    quantiles : sequence of float in (0, 1), ascending, or None, default None
        What `predict_quantiles` gives: 1 to 7 shares of numbers below, such as ``(0.1, 0.5, 0.9)``; the median, which
        is trained in any case, counts among them. `predict` then gives the median and not the mean.
    epochs : int >= 1 or None, default None
        None: by the number of rows.
    batch_size : int >= 1 or None, default None
        None: by the number of rows.
    learning_rate : float > 0 or None, default None
        None: the recipe's.
    patience : int >= 1 or None, default None
        Epochs without improvement after which a network's training ends; None: it does not end early, and the best
        epoch is kept all the same.
    recipe : dict or None, default None
        Pieces of the recipe to change, by the keywords of `netlet.tables.recipe.recipe`, such as ``{"dropout": 0.0,
        "hidden": (64, 64)}``.
    encoding : {"robust", "quantile"}, default "robust"
        What numbers become: (x - median) / (upper - lower quartile), smoothly clipped; or the normal quantile of the
        share of numbers that are smaller.
    drop : sequence of str, default ()
        Columns to leave out.
    time_limit : float > 0 or None, default None
        Seconds for all networks together; those that have had an epoch by then are kept.
    random_state : int, RandomState or None, default None
    n_threads : int >= 1 or None, default None
        The result does not depend on it.
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the networks from learning: each history then has `health`, and each finding of
        the first network's is a `HealthWarning`. Leaps of a loss that falls in the end are left out: the recipe takes
        the rate up again and again. A training on blocks is not looked at.

    Attributes
    ----------
    mean_, scale_ : float
        Of the numbers learnt from: their mean and standard deviation (1 where that is 0).
    range_ : tuple of float
        The least and the greatest of them.
    quantiles_ : tuple of float
        What `predict_quantiles` gives; empty where the mean was learnt.
    model_ : Ensemble
        The networks, which predict standardised numbers.
    preparation_ : Preparation
        What was learned of the columns.
    dropped_columns_ : dict of str to str
        The columns that are not used, and why.
    n_features_in_ : int
    feature_names_in_ : array of str, (n_columns,)
        Where the table's columns have names.
    history_ : History
        That of the first network.
    histories_ : list of History
    health_ : Health or None
        What was found in the training of the first network, with ``health=True``.

    See Also
    --------
    TableClassifier : The same for classes.

    References
    ----------
    .. [1] Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
       data", 2024 (arXiv 2407.04491).

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import TableRegressor
    >>> area = np.linspace(20, 120, 60)
    >>> rows = {"area": area, "lift": np.arange(60) % 2 == 0}
    >>> rent = 8 * area + 50 * rows["lift"]
    >>> model = TableRegressor("fast", epochs=60, recipe={"hidden": (16,)}, random_state=0).fit(rows, rent)
    >>> model.predict({"area": [30.0, 100.0], "lift": [True, False]}).shape
    (2,)
    >>> model.score(rows, rent) > 0.9
    True
    """

    def __init__(
        self,
        preset: str = "default",
        *,
        quantiles: Sequence[float] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        patience: int | None = None,
        recipe: dict[str, Any] | None = None,
        encoding: str = "robust",
        drop: tuple[str, ...] = (),
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        super().__init__(
            preset, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, patience=patience,
            recipe=recipe, encoding=encoding, drop=drop, time_limit=time_limit, random_state=random_state,
            n_threads=n_threads, verbose=verbose, health=health,
        )  # fmt: skip
        self.quantiles = quantiles

    @undone_if_it_fails
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the columns and train the networks.

        Parameters
        ----------
        X : pandas or polars DataFrame, dict of columns, or array-like, (n_rows, n_columns)
            Text that holds numbers, truth values or dates in every cell is read as such. Columns that can teach nothing
            are left out; `dropped_columns_` says why.
        y : array-like, (n_rows,)
            Numbers. Fewer than 10 rows are all learnt from, and none is held out.
        sample_weight : array-like, (n_rows,), optional
            Numbers >= 0; a row of weight 0 is as if it was not there.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If a parameter, X, y or a weight is not as it should be: fewer than two rows, a row without a number,
            infinite numbers, two columns of one name, no column that can be learnt from.
        TrainingFailed
            If no network could be trained.
        """
        self._check_parameters()
        frame, numbers, weights = self._rows(X, self._checked(y), sample_weight)
        self._target_name = name_of(y)
        self._learn(self._ready(frame, numbers, weights))
        return self

    def _ready(
        self, frame: pl.DataFrame, y: np.ndarray, weights: np.ndarray | None, chosen: ChosenColumns | None = None
    ) -> Ready:
        numbers = y.astype(np.float64)
        self._standardise(len(numbers), numbers.mean(), numbers.std(), numbers.min(), numbers.max())
        return Ready(self._prepared(frame, chosen), (numbers - self.mean_) / self.scale_, weights)

    def _learn(self, ready: Ready, onlooker: Onlooker | None = None) -> Chosen:
        return self._train(ready, onlooker)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.quantiles is None:
            self.quantiles_: tuple[float, ...] = ()
            self._levels: tuple[float, ...] = ()
            return
        self.quantiles_ = Quantile(self.quantiles).quantiles  # type: ignore[arg-type]  # it checks them
        self._levels = tuple(sorted({*self.quantiles_, _MEDIAN}))
        if len(self._levels) > MOST_QUANTILES:
            raise ValueError(
                f"quantiles={self.quantiles!r} and the median are {len(self._levels)} numbers, at most "
                f"{MOST_QUANTILES} can be trained; leave one out"
            )

    def _standardise(self, n_rows: int, mean: float, deviation: float, low: float, high: float) -> None:
        if n_rows < 2:
            raise ValueError(f"n_samples={n_rows}: a regressor needs at least 2 rows")
        if not deviation and low < high:
            raise ValueError("y holds numbers too near to each other to scale; give them in a smaller unit")
        self.mean_, self.scale_, self.range_ = float(mean), float(deviation) or 1.0, (float(low), float(high))

    def _shape(self) -> dict[str, Any]:
        return {"n_targets": len(self._levels), "loss": Quantile(self._levels)} if self._levels else {}

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        return pinball_loss(y, self._levels, weights) if self._levels else squared_loss(y, weights)

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean of each row's number or, where `quantiles` were asked for, its median.

        Parameters
        ----------
        X : table
            As for `fit`, with the columns used in any order; others are ignored. One row may be a dict of its cells,
            such as ``{"area": 70, "district": "north"}``. A category that was never seen, or only once in a column of
            more than nine, counts as missing.

        Returns
        -------
        float64, (n_rows,)
            Never beyond the numbers that were learnt from.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError
            If a column is missing, or a cell is not of its column's kind or infinite.
        """
        return self._numbers(self._inputs(X))

    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Return the quantiles of each row's number.

        The networks' averages are sorted, so that a lower quantile is never above a higher one.

        Parameters
        ----------
        X : table
            As for `predict`.

        Returns
        -------
        float64, (n_rows, n_quantiles)
            In the order of `quantiles`.

        Raises
        ------
        ValueError
            If `quantiles` was None, and as `predict`.
        """
        x = self._inputs(X)
        if not self._levels:
            raise ValueError(
                "quantiles=None: the networks were trained for the mean; fit with quantiles=(0.1, 0.5, 0.9)"
            )
        return self._quantiles(x)

    def _quantiles(self, x: np.ndarray) -> np.ndarray:
        return self._outputs(x)[:, [self._levels.index(level) for level in self.quantiles_]]

    def _numbers(self, x: np.ndarray) -> np.ndarray:
        numbers: np.ndarray = self._outputs(x)[:, self._levels.index(_MEDIAN) if self._levels else 0]
        return numbers

    def _outputs(self, x: np.ndarray) -> np.ndarray:
        """Return the mean or all quantiles, ascending: float64, (n_rows, n_outputs)."""
        outputs = np.sort(self.model_.predict(x, n_threads=self.n_threads).astype(np.float64), axis=1)
        return np.asarray(np.clip(outputs * self.scale_ + self.mean_, *self.range_))

    def _scored(self, y: Any, measure: str | None) -> tuple[np.ndarray, Any, Any, str]:
        if measure not in (None, "R2"):
            raise ValueError(unknown_name("measure", measure, ["R2"]))
        return numbers_of(y, type(self).__name__), self._numbers, _r2, "R2"

    # fit_stream

    def _checked(self, y: Any) -> np.ndarray:
        return numbers_of(y, type(self).__name__)

    def _begin(self, summary: Summary) -> dict[str, Any]:
        self._standardise(summary.n_rows, summary.mean, summary.deviation, summary.low, summary.high)
        return self._shape()

    def _as_learnt(self, y: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        return (y - self.mean_) / self.scale_, weights

    # The model's file

    def _fitted(self) -> dict[str, Any]:
        return {
            "mean": self.mean_,
            "scale": self.scale_,
            "range": list(self.range_),
            "quantiles": list(self.quantiles_),
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        low, high = (float(each) for each in fitted["range"])
        self.mean_, self.scale_, self.range_ = float(fitted["mean"]), float(fitted["scale"]), (low, high)
        self.quantiles_ = tuple(float(each) for each in fitted["quantiles"])
        self._levels = tuple(sorted({*self.quantiles_, _MEDIAN})) if self.quantiles_ else ()
        if self.model_.n_outputs != max(len(self._levels), 1):
            raise ValueError(f"its networks predict {self.model_.n_outputs} numbers, not {max(len(self._levels), 1)}")


def _r2(truth: np.ndarray, numbers: np.ndarray) -> float:
    spread = float(np.square(truth - truth.mean()).sum())
    return 1 - float(np.square(truth - numbers).sum()) / spread if spread > 0 else 0.0
