"""Training a network: what is asked is handed to the trainer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Literal

from netlet.insight.health.watching import watching
from netlet.network.beginning import Beginning
from netlet.network.options import FitOptions
from netlet.training.full_batch import FullBatch
from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.schedules import Schedule
from netlet.training.settings import EpochEnd


class Fitting(Beginning):
    """The part of a `Network` that trains on arrays."""

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss = "auto",
        optimizer: str | Optimizer | FullBatch = "adam",
        learning_rate: float | None = None,
        schedule: str | Schedule | None = None,
        epochs: int = 20,
        batch_size: int | Literal["all"] | None = None,
        shuffle: bool = True,
        l1: float | dict[str, float] = 0.0,
        l2: float | dict[str, float] = 0.0,
        penalise_biases: bool = False,
        rate_factors: dict[str, float] | None = None,
        decay_factors: dict[str, float] | None = None,
        weight_decay_schedule: str | Schedule | None = None,
        dropout_schedule: str | Schedule | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        validation_data: tuple[Any, ...] | None = None,
        validation_share: float = 0.0,
        patience: int | None = None,
        best_by: Literal["loss", "accuracy"] = "loss",
        time_limit: float | None = None,
        sample_weight: Any = None,
        class_weight: str | dict[int, float] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_epochs: int | None = None,
        checkpoint_seconds: float | None = None,
        callbacks: Sequence[Callable[[EpochEnd], Any]] = (),
        progress: bool | str = "auto",
        n_threads: int | None = None,
        health: bool = False,
    ) -> History:
        """Train, going on from the weights as they are.

        Ctrl-C ends the training at the next step and keeps the weights; a second one breaks it off.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
            Not copied where it is contiguous and of the network's dtype. For several inputs a tuple of arrays, in the
            order in which the inputs were made.
        y : array-like, (n_samples,) or (n_samples, n_outputs)
            Labels 0 to n_outputs - 1 for cross-entropy, 0 and 1 for losses of yes-or-no questions, else numbers.
        loss : str or Loss, default "auto"
            "cross_entropy", "binary_cross_entropy", "squared_error", "absolute_error", "huber", "log_cosh", "quantile",
            "poisson", "hinge", "perceptron", or one with settings: ``Huber(delta=2.0)``. "auto" follows the last layer:
            Softmax, Sigmoid, Exponential and Step have their own, anything else squared error.
        optimizer : str, Optimizer or FullBatch, default "adam"
            An update rule ("sgd", "momentum", "adamw" ...) or a method over all samples at once ("lbfgs", "cg",
            "newton_cg", "tnc"), for which an epoch is one iteration.
        learning_rate : float, optional
            For an update rule given by name; default: its own.
        schedule : str or Schedule, optional
            How the learning rate changes: ``CosineDecay()``, ``WarmUp(5)`` ...; default: not at all.
        epochs : int, >= 0
        batch_size : int, >= 1, or "all"
            Samples per step, 32 by default; the last batch of an epoch may be smaller.
        shuffle : bool
            Whether each epoch draws the samples in a new order.
        l1, l2 : float >= 0, or dict of layer's name to float
            Penalties added to the loss: ``l1 * sum |w| + l2 / 2 * sum w^2``. L1 is taken as a proximal step after each
            update, which shrinks weights by ``learning_rate * l1`` (by ``1 / (1 - momentum)`` times that beside
            `Momentum`), so that they become exactly zero. (Decoupled weight decay is the optimizer's:
            ``AdamW(weight_decay=0.01)``.)
        penalise_biases : bool
            Whether penalties and weight decay apply to biases, scales and shifts too.
        rate_factors : dict of layer's or parameter's name to float >= 0, optional
            By which the learning rate is multiplied: of a layer (``"dense_1"``), or of one of its parameters
            (``"dense_1.bias"``), which then has that factor instead of its layer's.
        decay_factors : dict of layer's or parameter's name to float >= 0, optional
            By which the optimizer's weight decay is multiplied, likewise. What an update takes from a weight is its
            own learning rate times that. A bias or a scale that is named itself decays, too.
        weight_decay_schedule, dropout_schedule : str or Schedule, optional
            By what the weight decay, and the rate of all dropout, are multiplied from step to step; `schedule` does the
            same for the learning rate, with which weights decay, too. Default: not at all.
        clip_value, clip_norm : float, > 0, optional
            The most that each number of the gradient, and the length of the whole gradient, may be.
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
        validation_share : float in [0, 1)
            The share of the samples held out, at random, for validation where no `validation_data` is given.
        patience : int, >= 1, optional
            Stop when the validation loss has not fallen for so many epochs, and put the best weights back. With as many
            as `epochs` none ends early, and the best weights are put back all the same.
        best_by : {"loss", "accuracy"}, default "loss"
            The validation figure that tells which epoch is the best; of those as accurate the loss decides.
        time_limit : float, > 0, optional
            Seconds of training; compiling, which is done once on a machine, is not counted.
        sample_weight : array-like, (n_samples,), optional
            A batch's loss is the weighted mean over its samples.
        class_weight : "balanced" or dict of class to weight, optional
            Multiplied with the samples' weights; "balanced" gives every class the same total.
        checkpoint : path, optional
            A folder in which the training is kept while it runs. The same call on a network made anew, in a new process
            too, goes on from there, and ends with the weights that an unbroken training would have had, bit for bit.
            Each training needs a folder of its own.
        checkpoint_epochs : int, >= 1, optional
        checkpoint_seconds : float, > 0, optional
            How often to keep it, at ends of epochs; default: every 10 seconds.
        callbacks : sequence of callable
            Each is called after every epoch with an `EpochEnd`; a true answer stops the training. `RecordPath` and
            `Histograms` are such.
        progress : {"auto", "bar", "lines", "none"} or bool
        n_threads : int, >= 1, optional
            Default: as many processors as are free to use and worth it. The result does not depend on it.
        health : bool
            Whether to look for what keeps the network from learning: `History.health` then has findings, each with
            evidence, cause and remedy. The result does not depend on it.

        Returns
        -------
        History

        Raises
        ------
        ValueError, TypeError
            If a parameter or the data are not as they should be; nothing has been changed then.
        CheckpointMismatch
            If `checkpoint` holds a training that was given something else.
        ModelFileError, OSError
            If the file in `checkpoint` is damaged; if the folder cannot be written to, or another training uses it.
        TrainingFailed
            If a loss or a gradient is not finite; the last good weights are kept.
        NotEnoughMemory
            If a step needs more memory than is free: see `memory`; the weights are as they were.

        Warns
        -----
        CheckpointNotWritten
            If the disk is full, say; the training goes on, and it is tried again.
        """
        options = FitOptions(
            loss=loss,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            epochs=epochs,
            batch_size=batch_size,
            shuffle=shuffle,
            l1=l1,
            l2=l2,
            penalise_biases=penalise_biases,
            rate_factors=rate_factors,
            decay_factors=decay_factors,
            weight_decay_schedule=weight_decay_schedule,
            dropout_schedule=dropout_schedule,
            clip_value=clip_value,
            clip_norm=clip_norm,
            validation_data=validation_data,
            validation_share=validation_share,
            patience=patience,
            best_by=best_by,
            time_limit=time_limit,
            sample_weight=sample_weight,
            class_weight=class_weight,
            checkpoint=checkpoint,
            checkpoint_epochs=checkpoint_epochs,
            checkpoint_seconds=checkpoint_seconds,
            callbacks=callbacks,
            progress=progress,
            n_threads=n_threads,
            health=health,
        )
        training = self._begin(X, y, options)
        with watching(training) if health else nullcontext():
            return training.run()
