"""Learning from tables that do not fit into memory: blocks of rows, gone through several times.

1. One pass over all blocks counts the rows, the classes or the numbers' mean and spread, and draws a sample of the
   rows, every row with the same chance.
2. Of the sample one part is held out for good; from the other the columns are learnt, and how the weights begin.
3. Each epoch is a pass of `Network.fit_stream` over all rows but those held out, with a learning rate that falls along
   a cosine from epoch to epoch. The best epoch on the rows held out is kept.

Which rows are drawn depends on the seed and on the rows' places in the blocks alone, so that they are known again in
every pass without being remembered.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import is_regressor

from netlet.data.errors import TableError
from netlet.errors import TrainingFailed, check_number
from netlet.estimators.shaped.samples import weights_of
from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.tables.base import TableEstimator, counting
from netlet.tables.best_epoch import BestEpoch
from netlet.tables.file_blocks import file_blocks
from netlet.tables.first_pass import Sample, Summary, keys_of
from netlet.tables.frame import as_frame, with_kinds
from netlet.tables.presets import batch_size_for
from netlet.tables.recipe import Recipe
from netlet.tables.undoing import undone_if_it_fails
from netlet.training.history import History

Blocks = Callable[[], Iterable[tuple[Any, ...]]]
HELD_OUT = 0.1
MOST_HELD_OUT = 10_000
ROWS_SHOWN = 4_000_000  # in all epochs together, where `epochs` is None
FEWEST_EPOCHS, MOST_EPOCHS = 2, 32


class Streamed(TableEstimator):
    """The part of an estimator of tables that learns from blocks of rows; a subclass writes what is marked below."""

    def _checked(self, y: Any) -> np.ndarray:
        """Return a block's targets, checked: labels or numbers."""
        raise NotImplementedError

    def _begin(self, summary: Summary) -> dict[str, Any]:
        """Take the targets' summary; return the networks' `n_classes`, or `n_targets` and `loss`."""
        raise NotImplementedError

    def _as_learnt(self, y: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Return targets as a network learns them, and the weights with those of the classes."""
        raise NotImplementedError

    def _end(self, y: np.ndarray, outputs: np.ndarray, weights: np.ndarray | None) -> None:
        """Take what the model says of the rows held out."""

    def fit_file(self, path: str | Path, target: str, *, rows: int = 65_536, sample_rows: int = 100_000) -> Self:
        """Learn from a Parquet or CSV file that may be larger than the memory.

        Parameters
        ----------
        path : str or path
            Of a CSV file the first line names the columns, which are separated by commas (.tsv: by tabs).
        target : str
            The column to predict.
        rows : int, >= 1
            Of a block. Rows are mixed within a block alone: a file that is sorted by the target should be mixed first.
        sample_rows : int, >= 1
            As for `fit_stream`.

        Returns
        -------
        self

        Raises
        ------
        TableError
            If the file cannot be read or has no such column.
        ValueError, TypeError, TrainingFailed
            As `fit_stream`.
        """
        self.fit_stream(file_blocks(path, target, rows), sample_rows=sample_rows)
        self._target_name = target
        return self

    @undone_if_it_fails
    def fit_stream(self, blocks: Blocks, *, sample_rows: int = 100_000) -> Self:
        """Learn from blocks of rows; memory holds one of them, the sample and one network.

        The columns, the beginning weights and the rows held out (a tenth, at most 10,000) come from a sample that is
        drawn from all rows in a first pass; then there is a pass for each epoch. One network is trained, whatever the
        preset; `patience` and `time_limit` are looked at after each epoch. Where `epochs` is None, there are as many as
        show four million rows, from 2 to 32.

        Parameters
        ----------
        blocks : callable
            Without parameters; each call begins anew and gives the same blocks ``(X, y)`` or ``(X, y, sample_weight)``,
            each as for `fit`, of any size and with the same columns.
        sample_rows : int, >= 2
            How many rows are drawn. A category that is not among them counts as unknown.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If a parameter or a block is not as it should be; the message names the block.
        TrainingFailed
            If a loss is no longer finite, or the first epoch was interrupted.
        """
        self._check_parameters()
        if self.health:
            raise ValueError(
                "health=True is not for a training on blocks, which has no fixed samples to look at; leave it out, or "
                "look at a fit on some of the rows"
            )
        check_number("sample_rows", sample_rows, int, 2)
        if not callable(blocks):
            raise TypeError(
                f"blocks={blocks!r} is no function; give one that begins anew each time, such as lambda: list_of_blocks"
            )
        seed = self._seed()
        self._target_name = None
        sample, summary = self._first_pass(blocks, seed, sample_rows)
        assert sample.frame is not None
        assert sample.y is not None
        shape = self._begin(summary)
        n_held = min(summary.n_rows // round(1 / HELD_OUT), MOST_HELD_OUT, len(sample.y) // 2)
        limit = np.sort(sample.keys)[n_held - 1] if n_held else -1.0
        held = sample.keys <= limit
        learnt = ~held
        frame = with_kinds(sample.frame)
        x = self._prepared(frame.filter(pl.Series(learnt)))
        made = self._recipe(summary.n_rows, shape.get("n_classes"), shape.get("n_targets", 1))
        network = made.network(x, seed)
        if not n_held:
            held = learnt
        weights = None if sample.weights is None else sample.weights[held]
        y_held, weights = self._as_learnt(sample.y[held], weights)
        x_held = self.preparation_.transform(frame.filter(pl.Series(held)))
        del x, frame, sample
        keeper = BestEpoch(x_held, self._cost_of(y_held, counting(weights, np.arange(len(y_held)))), self.patience)
        history = self._epochs(network, made, shape, blocks, seed, float(limit), summary.n_rows, keeper)
        if keeper.outputs is None:
            raise TrainingFailed("no network was trained: the first epoch was interrupted", history)
        keeper.put_back(network)
        history.best_epoch = keeper.epoch
        self._keep(Ensemble([network]), [history])
        self._end(y_held, keeper.outputs, weights)
        return self

    def _first_pass(self, blocks: Blocks, seed: int, sample_rows: int) -> tuple[Sample, Summary]:
        sample, summary = Sample(sample_rows), Summary()
        columns: list[str] | None = None
        for place, frame, y, weights in self._checked_blocks(blocks):
            if columns is None:
                columns = frame.columns
            if set(columns) != set(frame.columns):
                odd = sorted(set(columns) ^ set(frame.columns))
                raise TableError(f"block {place} has other columns than block 0: {odd}; give all blocks the same")
            if sample.frame is not None and (weights is None) != (sample.weights is None):
                raise ValueError(
                    f"block {place}: some blocks have sample weights and others have none; give all or none"
                )
            summary.add(y, is_regressor(self))
            sample.add(keys_of(seed, place, len(y)), frame, y, weights)
        if columns is None:
            raise ValueError("blocks gives no rows; training needs some")
        self.n_features_in_ = len(columns)
        return sample, summary

    def _checked_blocks(self, blocks: Blocks) -> Iterator[tuple[int, pl.DataFrame, np.ndarray, np.ndarray | None]]:
        """Yield the place, table, targets and weights of each block."""
        for place, block in enumerate(blocks()):
            if not isinstance(block, (tuple, list)) or len(block) not in (2, 3):
                raise TypeError(f"block {place} is not a tuple (X, y) or (X, y, sample_weight)")
            if hasattr(block[1], "__len__") and len(block[1]) == 0:
                continue
            try:
                frame = as_frame(block[0])
                y = self._checked(block[1])
                weights = weights_of(block[2] if len(block) == 3 else None, len(y))
            except (ValueError, TypeError) as error:
                raise type(error)(f"block {place}: {error}") from None
            if frame.height != len(y):
                raise ValueError(f"block {place}: X has {frame.height} rows and y has {len(y)}; give one target a row")
            if place == 0:
                self._remember_names(block[0], frame)
            yield place, frame, y, weights

    def _epochs(
        self, network: Network, made: Recipe, shape: dict[str, Any], blocks: Blocks, seed: int, limit: float,
        n_rows: int, keeper: BestEpoch,
    ) -> History:  # fmt: skip
        epochs = self.epochs or min(max(round(ROWS_SHOWN / n_rows), FEWEST_EPOCHS), MOST_EPOCHS)
        options, history, begin = made.training, History(), time.perf_counter()
        for epoch in range(1, epochs + 1):
            rate = 0.5 * (1 + math.cos(math.pi * (epoch - 0.5) / epochs))
            optimizer = replace(options["optimizer"], learning_rate=options["optimizer"].learning_rate * rate)
            done = network.fit_stream(
                self._learning(blocks, seed, limit, n_rows),
                loss=shape.get("loss", options["loss"]),
                optimizer=optimizer,
                batch_size=self.batch_size or batch_size_for(n_rows),
                rate_factors=options["rate_factors"],
                decay_factors=options["decay_factors"],
                progress="auto" if self.verbose else "none",
                n_threads=self.n_threads,
            )
            if done.stopped == "interrupted":
                history.stopped = "interrupted"
                break
            ends = keeper(SimpleNamespace(network=network, epoch=epoch))
            seconds = time.perf_counter() - begin
            history.records.append(
                {
                    "epoch": epoch,
                    "loss": done.records[-1]["loss"],
                    "validation_loss": keeper.costs[-1],
                    "seconds": seconds,
                }
            )
            if ends or (self.time_limit is not None and seconds >= self.time_limit):
                history.stopped = "early" if ends else "time"
                break
        return history

    def _learning(self, blocks: Blocks, seed: int, limit: float, n_rows: int) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield the blocks as the network reads them, without the rows held out."""
        seen = 0
        for place, frame, y, weights in self._checked_blocks(blocks):
            seen += len(y)
            kept = keys_of(seed, place, len(y)) > limit
            try:
                x = self.preparation_.transform(frame.filter(pl.Series(kept)))
            except TableError as error:
                raise TableError(f"block {place}: {error}") from None
            targets, counts = self._as_learnt(y[kept], None if weights is None else weights[kept])
            yield (x, targets) if counts is None else (x, targets, counts)
        if seen != n_rows:
            raise ValueError(f"blocks gave {n_rows:,} rows at first and then {seen:,}; give the same blocks each time")
