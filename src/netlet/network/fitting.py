"""Training a network: what is asked is checked, and handed to the trainer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from netlet.errors import check_number
from netlet.graph.embedding import integer_columns
from netlet.graph.operations import operations_of
from netlet.kernels.compiling import prepare
from netlet.kernels.random import STREAM_SPLIT, new_generator, shuffle
from netlet.network.asking import Asking
from netlet.network.checkpoints import checkpoint_of
from netlet.network.inputs import inputs_of
from netlet.network.penalties import terms_of
from netlet.training.full_batch import FULL_BATCH, FullBatch, check_operations, minimise
from netlet.training.history import History
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer, optimizer_of
from netlet.training.output import loss_of
from netlet.training.progress import progress_of
from netlet.training.samples.integers import check_integers
from netlet.training.samples.targets import targets_of
from netlet.training.samples.weights import class_weights_of, combine, weights_of
from netlet.training.schedules import Schedule, schedule_of
from netlet.training.settings import EpochEnd, Settings
from netlet.training.stepper import Rule, Samples
from netlet.training.trainer import train

_BATCH_SIZE = 32


class Fitting(Asking):
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
        clip_value: float | None = None,
        clip_norm: float | None = None,
        validation_data: tuple[Any, ...] | None = None,
        validation_share: float = 0.0,
        patience: int | None = None,
        time_limit: float | None = None,
        sample_weight: Any = None,
        class_weight: str | dict[int, float] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_epochs: int | None = None,
        checkpoint_seconds: float | None = None,
        callbacks: Sequence[Callable[[EpochEnd], Any]] = (),
        progress: bool | str = "auto",
        n_threads: int | None = None,
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
        rate_factors : dict of layer's name to float >= 0, optional
            By which the learning rate of a layer is multiplied.
        clip_value, clip_norm : float, > 0, optional
            The most that each number of the gradient, and the length of the whole gradient, may be.
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
        validation_share : float in [0, 1)
            The share of the samples held out, at random, for validation where no `validation_data` is given.
        patience : int, >= 1, optional
            Stop when the validation loss has not fallen for so many epochs, and put the best weights back.
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
            Each is called after every epoch with an `EpochEnd`; a true answer stops the training.
        progress : {"auto", "bar", "lines", "none"} or bool
        n_threads : int, >= 1, optional
            Default: as many processors as are free to use and worth it. The result does not depend on it.

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

        Warns
        -----
        CheckpointNotWritten
            If the disk is full, say; the training goes on, and it is tried again.
        """
        check_number("epochs", epochs, int, 0)
        check_number("time_limit", time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", n_threads, int, 1, optional=True)
        check_number("patience", patience, int, 1, optional=True)
        check_number("validation_share", validation_share, float, 0, below=1)
        if patience is not None and validation_data is None and not validation_share:
            raise ValueError(
                f"patience={patience} needs validation samples; give validation_data or validation_share=0.1"
            )
        method = method_of(optimizer, learning_rate)
        chosen_schedule = schedule_of(schedule)
        _check_batch_size(batch_size)
        display = progress_of(progress, epochs)
        if isinstance(method, FullBatch):
            _refuse_beside(method, batch_size, schedule, l1, rate_factors, clip_value, clip_norm, checkpoint)

        loss, reads, samples = self._learning_samples(X, y, loss, sample_weight, class_weight)
        with self._built_for(samples.x.shape[1]):
            rows, validation = None, None
            if validation_data is not None:
                validation = self._validation(validation_data, loss, self._operations[reads].size)
            elif validation_share:
                rows, validation = self._hold_out(samples, validation_share)
            rule = self._rule(loss, reads, method, l1, l2, penalise_biases, rate_factors, clip_value, clip_norm)
            if isinstance(method, FullBatch):
                check_operations(method, self._operations)
            n_samples = len(samples) if rows is None else len(rows)
            settings = Settings(
                epochs=epochs,
                batch_size=n_samples if batch_size == "all" else int(batch_size or _BATCH_SIZE),
                shuffle=shuffle,
                schedule=chosen_schedule,
                rows=rows,
                patience=patience,
                time_limit=time_limit,
                n_threads=n_threads,
                callbacks=tuple(callbacks),
            )
            kept = checkpoint_of(
                self, checkpoint, checkpoint_epochs, checkpoint_seconds, rule, settings, samples, validation
            )
        self.loss, self._stream = loss, None
        learnt = self._built()
        if isinstance(method, FullBatch):
            return minimise(method, self._operations, learnt, samples, validation, rule, settings, display, self)
        return train(self._operations, learnt, samples, validation, rule, settings, display, self, kept)

    def _learning_samples(
        self, X: Any, y: Any, loss: str | Loss, sample_weight: Any, class_weight: Any, one_class: bool = False
    ) -> tuple[Loss, int, Samples]:
        """Check the samples to learn from; return the loss, the operation that it reads and the samples."""
        x = inputs_of(X, self.dtype, self._graph)
        if len(x) == 0:
            raise ValueError("X has no rows; training needs at least one sample")
        operations = self._operations or operations_of(self._graph.with_input(x.shape[1]))
        check_integers(x, integer_columns(operations), "X")
        chosen, reads = loss_of(loss, operations)
        targets = targets_of(y, chosen, operations[reads].size, self.dtype, len(x), training=not one_class)
        n_classes = operations[reads].size
        weights = combine(
            weights_of(sample_weight, self.dtype, len(x)),
            class_weights_of(class_weight, targets, chosen, self.dtype, n_classes),
        )
        return chosen, reads, Samples(x, targets, weights)

    @contextmanager
    def _built_for(self, n_features: int) -> Iterator[None]:
        """Build the network if need be; forget the weights again if the call is refused within the block."""
        graph, built = self._graph, self._operations != ()
        if not built:
            self.build(n_features)
        try:
            yield
        except BaseException:
            if not built:
                self._graph, self._operations, self._learnt = graph, (), None
            raise

    def _rule(
        self,
        loss: Loss,
        reads: int,
        method: Optimizer | FullBatch,
        l1: Any,
        l2: Any,
        penalise_biases: bool,
        rate_factors: Any,
        clip_value: float | None,
        clip_norm: float | None,
    ) -> Rule:
        """Check what training minimises beside the loss, and how the gradient is limited."""
        check_number("clip_value", clip_value, float, 0, optional=True, above=True)
        check_number("clip_norm", clip_norm, float, 0, optional=True, above=True)
        decay, gain = (method.weight_decay, method.gain) if isinstance(method, Optimizer) else (0.0, 1.0)
        own = [operation for operation in self._operations if operation.n_theta]
        if all(self.frozen.intersection(operation.names) for operation in own):
            why = "all its layers are frozen; call unfreeze()" if own else "no layer has parameters; add Dense"
            raise ValueError(f"the network has nothing to train: {why}")
        return Rule(
            loss=loss,
            reads=reads,
            optimizer=method if isinstance(method, Optimizer) else None,
            seed=self.seed,
            frozen=self.frozen,
            terms=terms_of(self, l1, l2, rate_factors, decay, gain),
            penalises_biases=penalise_biases,
            clip_value=np.inf if clip_value is None else float(clip_value),
            clip_norm=np.inf if clip_norm is None else float(clip_norm),
        )

    def _validation(self, given: Any, loss: Loss, n_outputs: int) -> Samples:
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            raise TypeError("validation_data is not a tuple (X, y) or (X, y, sample_weight)")
        x = self._features(given[0], "validation X")
        if len(x) == 0:
            raise ValueError("validation X has no rows; leave validation_data out or give samples")
        y = targets_of(given[1], loss, n_outputs, self.dtype, len(x), "validation y", training=False)
        return Samples(x, y, weights_of(given[2] if len(given) == 3 else None, self.dtype, len(x)))

    def _hold_out(self, samples: Samples, share: float) -> tuple[np.ndarray, Samples]:
        """Choose the rows to train on, and copy the others out for validation."""
        held = round(len(samples) * share)
        if not 0 < held < len(samples):
            raise ValueError(
                f"validation_share={share} of {len(samples)} samples leaves {len(samples) - held} to train "
                f"and {held} to validate; both need at least one"
            )
        order = np.arange(len(samples))
        prepare(shuffle, self.dtype)(order, new_generator(self.seed, STREAM_SPLIT))
        out, rows = np.sort(order[:held]), np.sort(order[held:])
        return rows, samples.rows(out)


def method_of(choice: Any, learning_rate: float | None) -> Optimizer | FullBatch:
    """Return the update rule or the full-batch method that a choice stands for."""
    if learning_rate is not None and isinstance(choice, (Optimizer, FullBatch)):
        raise ValueError(
            f"learning_rate={learning_rate!r} is given beside an optimizer that has its own; give one of them"
        )
    if isinstance(choice, FullBatch):
        return choice
    if isinstance(choice, str) and choice in FULL_BATCH:
        if learning_rate is not None:
            raise ValueError(
                f"learning_rate={learning_rate!r} is given for optimizer={choice!r}, which chooses its own steps; "
                "leave it out"
            )
        return FULL_BATCH[choice]()
    return optimizer_of(choice, learning_rate, FULL_BATCH)


def _check_batch_size(batch_size: Any) -> None:
    if batch_size is not None and batch_size != "all":
        check_number("batch_size", batch_size, int, 1, hint="use 'all' or an int")


def _refuse_beside(
    method: FullBatch,
    batch_size: Any,
    schedule: Any,
    l1: Any,
    rate_factors: Any,
    clip_value: Any,
    clip_norm: Any,
    checkpoint: Any,
) -> None:
    """Raise ValueError for what has no meaning, or no support, beside a full-batch method."""
    name = type(method).__name__
    given = {
        "schedule": schedule,
        "rate_factors": rate_factors,
        "clip_value": clip_value,
        "clip_norm": clip_norm,
        "checkpoint": checkpoint,
        "l1": l1 or None,
        "batch_size": None if batch_size == "all" else batch_size,
    }
    for parameter, value in given.items():
        if value is not None:
            reason = {
                "batch_size": "it looks at all samples for each step: leave batch_size out or say 'all'",
                "l1": "its kink at 0 is no place for a method that needs smooth losses: use l2, or optimizer='adam'",
                "checkpoint": "its memory cannot be kept: call fit again with the weights that it has, or use 'adam'",
            }.get(parameter, "it chooses its own steps: leave it out, or use an optimizer such as 'adam'")
            raise ValueError(f"{parameter}={value!r} is not possible with {name}; {reason}")
