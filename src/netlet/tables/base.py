"""What the estimators of tables share: a raw table in, networks that are trained side by side."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from netlet.data.columns import Column, Dropped, choose_columns
from netlet.data.errors import TableError, listed, nearest
from netlet.errors import check_number, unknown_name
from netlet.estimators.health import check_health, warn_of
from netlet.estimators.shaped.samples import weights_of
from netlet.insight.health import Health
from netlet.population.ensemble import Ensemble
from netlet.tables.asking import Asked, seed_of
from netlet.tables.best_epoch import Cost
from netlet.tables.choosing import Chosen, choose
from netlet.tables.fitting import ENCODINGS, fit_preparation
from netlet.tables.frame import as_frame, with_kinds
from netlet.tables.given import has_names
from netlet.tables.members import Part, train_parts
from netlet.tables.preparation import Preparation
from netlet.tables.presets import (
    SMALL,
    USUAL,
    batch_size_for,
    epochs_for,
    networks_for,
    pieces_for,
    preset_of,
    settings_for,
    splits_of,
    turn_for,
)
from netlet.tables.ready import Onlooker, Ready
from netlet.tables.recipe import Recipe, recipe
from netlet.tables.splitting import with_every_class
from netlet.training.history import History

ChosenColumns = tuple[Sequence[Column], Sequence[Dropped]]
PLAIN = {"label_smoothing": 0.0}  # probabilities are wanted
_FROM_TABLE = {"n_numbers", "n_classes", "n_others", "categories", "n_targets", "epochs", "batch_size"}
SWITCHES = tuple(name for name in inspect.signature(recipe).parameters if name not in _FROM_TABLE)


class TableEstimator(Asked):
    """Base of the estimators of tables; a subclass writes what is marked below, in `Asked` and in `SavedEstimator`.

    Attributes
    ----------
    model_ : Ensemble
        The networks.
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
        What was found that keeps the first network from learning, with ``health=True``.
    """

    def __init__(
        self,
        preset: str = "default",
        *,
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
        self.preset = preset
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.recipe = recipe
        self.encoding = encoding
        self.drop = drop
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose
        self.health = health

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    # What a subclass writes

    def _cost_of(self, y: np.ndarray, weights: np.ndarray | None) -> Cost:
        """Return the cost by which the best epoch is found, of outputs for rows held out."""
        raise NotImplementedError

    def _shape(self) -> dict[str, Any]:
        """Return what the networks are to end with: "n_classes", or "n_targets" and a "loss" not the recipe's."""
        raise NotImplementedError

    def _ready(
        self, frame: pl.DataFrame, y: np.ndarray, weights: np.ndarray | None, chosen: ChosenColumns | None = None
    ) -> Ready:
        """Learn the targets, which were checked, and the columns, as they were chosen or else by `drop`."""
        raise NotImplementedError

    def _learn(self, ready: Ready, onlooker: Onlooker | None = None) -> Chosen:
        """Train the networks, with one that is told of it."""
        raise NotImplementedError

    # What it gets

    def _check_parameters(self) -> None:
        preset_of(self.preset)
        check_number("epochs", self.epochs, int, 1, optional=True)
        check_number("batch_size", self.batch_size, int, 1, optional=True)
        check_number("learning_rate", self.learning_rate, float, 0, optional=True, above=True)
        check_number("patience", self.patience, int, 1, optional=True)
        check_number("time_limit", self.time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", self.n_threads, int, 1, optional=True)
        check_health(self.health)
        if self.recipe is not None and not isinstance(self.recipe, dict):
            raise TypeError(f"recipe={self.recipe!r} is not a dict; give pieces to change, such as {{'dropout': 0.0}}")
        for name in self.recipe or {}:
            if name not in SWITCHES:
                raise ValueError(unknown_name("recipe", name, SWITCHES))
        if self.encoding not in ENCODINGS:
            raise ValueError(unknown_name("encoding", self.encoding, ENCODINGS))
        drop: Any = self.drop
        if not isinstance(drop, (tuple, list)) or not all(isinstance(each, str) for each in drop):
            raise TypeError(f"drop={self.drop!r} is not a sequence of names of columns; give a tuple such as ('name',)")

    def _seed(self) -> int:
        return seed_of(self.random_state)

    def _rows(self, X: Any, y: np.ndarray, sample_weight: Any) -> tuple[pl.DataFrame, np.ndarray, np.ndarray | None]:
        """Return the table with its columns' kinds, the targets and the weights, without rows whose weight is 0."""
        frame = with_kinds(as_frame(X))
        if frame.height != len(y):
            raise ValueError(
                f"X has {frame.height} rows and y has {len(y)}: inconsistent numbers of samples; give one target a row"
            )
        self.n_features_in_ = frame.width
        self._remember_names(X, frame)
        weights = weights_of(sample_weight, len(y))
        if weights is None or weights.all():
            return frame, y, weights
        if not weights.any():
            raise ValueError("sample_weight is 0 for every row; give some rows a weight above 0")
        kept = weights > 0
        return frame.filter(pl.Series(kept)), y[kept], weights[kept]

    def _remember_names(self, X: Any, frame: pl.DataFrame) -> None:
        if has_names(X):
            self.feature_names_in_ = np.array(frame.columns, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _prepared(self, frame: pl.DataFrame, chosen: ChosenColumns | None = None) -> np.ndarray:
        """Learn the columns and return the rows as the networks read them: float32, (n_rows, n_inputs)."""
        if chosen is None:
            for name in self.drop:
                if name not in frame.columns:
                    meant = nearest(name, frame.columns)
                    hint = f"did you mean {meant!r}?" if meant else f"its columns are: {listed(frame.columns)}"
                    raise TableError(f"drop has {name!r}, which is no column of X; {hint}")
            chosen = choose_columns(frame, None, tuple(self.drop))
        self._learn_columns(fit_preparation(frame, *chosen, self.encoding))
        return self.preparation_.transform(frame)

    def _ready_from(self, frame: pl.DataFrame, y: pl.Series, chosen: ChosenColumns) -> Ready:
        """Learn the columns, of rows whose columns' kinds and targets were checked, as `netlet.data` does."""
        self._check_parameters()
        self.n_features_in_ = frame.width
        self._remember_names(frame, frame)
        self._target_name = y.name
        return self._ready(frame, y.to_numpy(), None, chosen)

    def _recipe(self, n_rows: int, n_classes: int | None, n_targets: int, changes: Mapping[str, Any] = USUAL) -> Recipe:
        """Return the recipe for so many rows to learn from, as a setting of the preset and the parameters change it."""
        settings = PLAIN | pieces_for(n_rows) | dict(changes) | dict(self.recipe or {})
        if self.learning_rate is not None:
            settings["learning_rate"] = self.learning_rate
        batch_size = self.batch_size or batch_size_for(n_rows)
        return recipe(
            **_columns_of(self.preparation_),
            n_classes=n_classes,
            n_targets=n_targets,
            epochs=self.epochs or epochs_for(n_rows, preset_of(self.preset)),
            batch_size=batch_size,
            **settings,
        )

    def _parts(self, ready: Ready, seed: int) -> Iterator[Part]:
        """Yield the networks of the preset, each begun and with the rows that it is to learn from."""
        shape, preset, n_rows = self._shape(), preset_of(self.preset), len(ready.x)
        n_classes, loss = shape.get("n_classes"), shape.get("loss")
        classes = None if n_classes is None else ready.y
        place = 0
        for setting, changes in enumerate(settings_for(n_rows, preset)):
            splits = splits_of(n_rows, networks_for(n_rows, preset), classes, seed)
            for number, (rows, held) in enumerate(splits):
                if classes is not None:
                    rows, held = with_every_class(rows, held, classes)
                turned = {**turn_for(n_rows, preset, number), **changes}
                made = self._recipe(len(rows), n_classes, shape.get("n_targets", 1), turned)
                options = made.training | ({} if loss is None else {"loss": loss})
                yield Part(made.network(ready.x[rows], seed + place), rows, held, options, setting, turned)
                place += 1

    def _n_networks(self, n_rows: int) -> int:
        """Return how many networks the preset has for so many rows."""
        preset = preset_of(self.preset)
        return len(settings_for(n_rows, preset)) * networks_for(n_rows, preset)

    def _train(self, ready: Ready, onlooker: Onlooker | None = None) -> Chosen:
        """Train the networks of the preset, and keep the best of them as `model_`."""
        _check_weights(ready.weights)

        def cost_of(held: np.ndarray) -> Cost:
            return self._cost_of(ready.y[held], counting(ready.weights, held))

        trained = train_parts(
            list(self._parts(ready, self._seed())),
            ready.x,
            ready.y,
            cost_of,
            patience=self.patience,
            sample_weight=ready.weights,
            n_threads=self.n_threads,
            time_limit=self.time_limit,
            progress=onlooker or ("auto" if self.verbose else "none"),
            health=self.health,
        )
        n_settings = len(settings_for(len(ready.x), preset_of(self.preset)))
        groups = [[each for each in trained if each.setting == setting] for setting in range(n_settings)]
        chosen = choose(groups, ready.y, cost_of, selects=len(ready.x) >= SMALL)
        self._keep(chosen.model, chosen.histories)
        if self.health_ is not None:
            warn_of(self.health_)
        return chosen

    @property
    def health_(self) -> Health | None:
        """What was found in the training of the first network; None without ``health=True``."""
        found: Health | None = self.history_.health
        return found

    def _keep(self, model: Ensemble, histories: list[History]) -> None:
        self.model_ = model
        self.histories_ = histories
        self.history_ = histories[0]


def _check_weights(weights: np.ndarray | None) -> None:
    """Raise ValueError if the networks, which count in single precision, cannot hold the weights of rows."""
    if weights is None:
        return
    with np.errstate(over="ignore", under="ignore"):
        single = weights.astype(np.float32)
    if not np.isfinite(single).all() or not single.any():
        raise ValueError(
            f"sample_weight and class_weight make rows weigh {weights.min():g} to {weights.max():g}, which is too "
            f"{'small' if weights.max() < 1 else 'large'} for single precision; give weights of about 1"
        )


def counting(weights: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    """Return the weights of rows held out; None, which is all alike, where none of them counts."""
    return None if weights is None or not weights[rows].any() else weights[rows]


def _columns_of(preparation: Preparation) -> dict[str, Any]:
    """Say to the recipe which inputs there are."""
    n_numbers, embedded = len(preparation.numbers), preparation.embedded
    n_others = len(preparation.names) - n_numbers - len(embedded)
    return {
        "n_numbers": n_numbers,
        "n_others": n_others,
        "categories": [len(each.values) + 1 for each in embedded],
    }
