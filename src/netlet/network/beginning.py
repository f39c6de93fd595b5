"""The beginning of a training: what is asked is checked, and handed to the trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.graph.embedding import integer_columns
from netlet.graph.graph import Graph
from netlet.graph.operations import operations_of
from netlet.kernels.compiling import prepare
from netlet.kernels.random import STREAM_SPLIT, new_generator, shuffle
from netlet.network.checkpoints import checkpoint_of
from netlet.network.inputs import inputs_of
from netlet.network.looking import Looking
from netlet.network.options import FitOptions, Shared
from netlet.network.penalties import terms_of
from netlet.training.full_batch import FULL_BATCH, FullBatch, Minimisation, check_operations
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer, optimizer_of
from netlet.training.output import loss_of
from netlet.training.progress import progress_of
from netlet.training.samples.integers import check_integers
from netlet.training.samples.targets import targets_of
from netlet.training.samples.weights import class_weights_of, combine, weights_of
from netlet.training.schedules import Schedule, schedule_of
from netlet.training.settings import Settings
from netlet.training.stepper import Rule, Samples
from netlet.training.trainer import Training

_BATCH_SIZE = 32


class Beginning(Looking):
    """The part of a `Network` that begins a training."""

    def _begin(self, X: Any, y: Any, options: FitOptions) -> Training | Minimisation:
        """Check what `fit` is asked for, and return the training, not yet begun.

        Raises
        ------
        ValueError, TypeError, CheckpointMismatch, ModelFileError, OSError
            As `fit`; nothing has been changed then.
        """
        check_number("epochs", options.epochs, int, 0)
        check_number("time_limit", options.time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", options.n_threads, int, 1, optional=True)
        if not isinstance(options.health, bool):
            raise TypeError(f"health={options.health!r} is not a bool; give True to look at the training, False not to")
        check_number("patience", options.patience, int, 1, optional=True)
        if options.best_by not in ("loss", "accuracy"):
            raise ValueError(unknown_name("best_by", options.best_by, ("loss", "accuracy")))
        check_number("validation_share", options.validation_share, float, 0, below=1)
        validates = options.validation_data is not None or options.validation_rows is not None
        if options.patience is not None and not validates and not options.validation_share:
            raise ValueError(
                f"patience={options.patience} needs validation samples; give validation_data or validation_share=0.1"
            )
        method = method_of(options.optimizer, options.learning_rate)
        chosen_schedule = schedule_of(options.schedule)
        courses = {
            name: _course_of(name, getattr(options, name)) for name in ("weight_decay_schedule", "dropout_schedule")
        }
        _check_batch_size(options.batch_size)
        display = progress_of(options.progress, options.epochs)
        if isinstance(method, FullBatch):
            _refuse_beside(method, options)
        if options.validation_share and (options.rows is not None or options.validation_rows is not None):
            raise ValueError("validation_share is given beside rows; hold rows out, and give validation_rows")
        if options.validation_data is not None and options.validation_rows is not None:
            raise ValueError("validation_rows is given beside validation_data; give one of them")

        loss, reads, samples = self._learning_samples(
            X, y, options.loss, options.sample_weight, options.class_weight, rows=options.rows, shared=options.shared
        )
        if options.best_by == "accuracy" and not (loss.row.labels or loss.row.answers):
            raise ValueError(
                f"best_by='accuracy' needs classes, which loss={loss.rule!r} has none of; leave it out, or use 'loss'"
            )
        with self._built_for(samples.x.shape[1]):
            rows, validation, validation_rows = options.rows, None, options.validation_rows
            check_rows("validation_rows", validation_rows, len(samples))
            if validation_rows is not None:
                weights = self._weights(options.sample_weight, len(samples), options.shared)
                validation = Samples(samples.x, samples.y, weights)
            elif options.validation_data is not None:
                n_outputs = self._operations[reads].size
                validation = self._validation(options.validation_data, loss, n_outputs, options.shared)
            elif options.validation_share:
                rows, validation_rows = self._hold_out(len(samples), options.validation_share)
                validation = samples
            rule = self._rule(
                loss, reads, method, options.l1, options.l2, options.penalise_biases, options.rate_factors,
                options.clip_value, options.clip_norm, options.decay_factors,
            )  # fmt: skip
            if isinstance(method, FullBatch):
                check_operations(method, self._operations)
            n_samples = len(samples) if rows is None else len(rows)
            settings = Settings(
                epochs=options.epochs,
                batch_size=n_samples if options.batch_size == "all" else int(options.batch_size or _BATCH_SIZE),
                shuffle=options.shuffle,
                schedule=chosen_schedule,
                **courses,
                rows=rows,
                validation_rows=validation_rows,
                patience=options.patience,
                best_by=options.best_by,
                time_limit=options.time_limit,
                n_threads=options.n_threads,
                callbacks=tuple(options.callbacks),
            )
            kept = checkpoint_of(
                self, options.checkpoint, options.checkpoint_epochs, options.checkpoint_seconds, rule, settings,
                samples, validation,
            )  # fmt: skip
        self.loss, self._stream = loss, None
        learnt = self._built()
        if isinstance(method, FullBatch):
            return Minimisation(method, self._operations, learnt, samples, validation, rule, settings, display, self)
        return Training(self._operations, learnt, samples, validation, rule, settings, display, self, kept)

    def _learning_samples(
        self,
        X: Any,
        y: Any,
        loss: str | Loss,
        sample_weight: Any,
        class_weight: Any,
        one_class: bool = False,
        rows: np.ndarray | None = None,
        shared: Shared | None = None,
    ) -> tuple[Loss, int, Samples]:
        """Check the samples, some rows of which are to be learnt from; return the loss, what it reads, all samples."""
        x = self._inputs(X, "X", shared)
        if len(x) == 0:
            raise ValueError("X has no rows; training needs at least one sample")
        check_rows("rows", rows, len(x))
        operations = self._operations or operations_of(self._graph.with_input(x.shape[1]))
        check_integers(x, integer_columns(operations), "X")
        chosen, reads = loss_of(loss, operations)
        n_outputs = operations[reads].size

        def answers() -> tuple[np.ndarray, np.ndarray]:
            targets = targets_of(y, chosen, n_outputs, self.dtype, len(x), training=not one_class)
            weights = combine(
                self._weights(sample_weight, len(x), shared),
                class_weights_of(class_weight, targets, chosen, self.dtype, chosen.classes(n_outputs), rows),
            )
            return targets, weights

        counted = rows.tobytes() if rows is not None and isinstance(class_weight, str) else None
        key = "learn", self.dtype, repr(chosen), n_outputs, repr(class_weight), counted
        return chosen, reads, Samples(x, *_once(shared, key, answers))

    def _weights(self, sample_weight: Any, n_samples: int, shared: Shared | None) -> np.ndarray:
        weights: np.ndarray = _once(
            shared, ("weights", self.dtype), lambda: weights_of(sample_weight, self.dtype, n_samples)
        )
        return weights

    def _inputs(self, X: Any, name: str, shared: Shared | None) -> np.ndarray:
        """Check X: dtype, (n_samples, n_features)."""
        key = name, self.dtype, tuple(each.dimensions for each in self._graph.inputs), self._graph.n_features
        x: np.ndarray = _once(shared, key, lambda: inputs_of(X, self.dtype, self._graph, name))
        return x

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
                self._forget(graph)
            raise

    def _forget(self, graph: Graph) -> None:
        """Be not built, with the graph that had no input size yet."""
        self._graph, self._operations, self._learnt = graph, (), None

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
        decay_factors: Any = None,
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
            terms=terms_of(self, l1, l2, rate_factors, decay, gain, decay_factors, penalise_biases),
            penalises_biases=penalise_biases,
            clip_value=np.inf if clip_value is None else float(clip_value),
            clip_norm=np.inf if clip_norm is None else float(clip_norm),
        )

    def _validation(self, given: Any, loss: Loss, n_outputs: int, shared: Shared | None) -> Samples:
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            raise TypeError("validation_data is not a tuple (X, y) or (X, y, sample_weight)")
        # The data of a population's folds differ from member to member.
        name = f"validation {id(given)}"
        x = _once(shared, (name, self.dtype, self._graph.n_features), lambda: self._features(given[0], "validation X"))
        if len(x) == 0:
            raise ValueError("validation X has no rows; leave validation_data out or give samples")

        def answers() -> tuple[np.ndarray, np.ndarray]:
            y = targets_of(given[1], loss, n_outputs, self.dtype, len(x), "validation y", training=False)
            return y, weights_of(given[2] if len(given) == 3 else None, self.dtype, len(x))

        return Samples(x, *_once(shared, (name, self.dtype, repr(loss), n_outputs), answers))

    def _hold_out(self, n_samples: int, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Choose the rows to train on, and those for validation."""
        held = round(n_samples * share)
        if not 0 < held < n_samples:
            raise ValueError(
                f"validation_share={share} of {n_samples} samples leaves {n_samples - held} to train "
                f"and {held} to validate; both need at least one"
            )
        order = np.arange(n_samples)
        prepare(shuffle, self.dtype)(order, new_generator(self.seed, STREAM_SPLIT))
        return np.sort(order[held:]), np.sort(order[:held])


def _once(shared: Shared | None, key: Any, make: Callable[[], Any]) -> Any:
    """Return what is made, which networks that train on the same samples share."""
    if shared is None:
        return make()
    if key not in shared:
        shared[key] = make()
    return shared[key]


def check_rows(name: str, rows: np.ndarray | None, n_samples: int) -> None:
    """Raise ValueError if a number is no row of the samples."""
    if rows is not None and (rows.min() < 0 or rows.max() >= n_samples):
        wrong = int(rows.min() if rows.min() < 0 else rows.max())
        raise ValueError(f"{name} holds {wrong}, the samples have the rows 0 to {n_samples - 1}")


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


def _course_of(parameter: str, choice: Any) -> Schedule:
    """Return the schedule of what is not the learning rate."""
    schedule = schedule_of(choice, parameter)
    if schedule.watch() is not None:
        raise ValueError(
            f"{parameter}={choice!r} follows the loss, which only the learning rate's schedule can; "
            "use one that is a function of the step, such as 'flat_cosine'"
        )
    return schedule


def _check_batch_size(batch_size: Any) -> None:
    if batch_size is not None and batch_size != "all":
        check_number("batch_size", batch_size, int, 1, hint="use 'all' or an int")


def _refuse_beside(method: FullBatch, options: FitOptions) -> None:
    """Raise ValueError for what has no meaning, or no support, beside a full-batch method."""
    name = type(method).__name__
    given = {
        "schedule": options.schedule,
        "rate_factors": options.rate_factors,
        "decay_factors": options.decay_factors,
        "weight_decay_schedule": options.weight_decay_schedule,
        "dropout_schedule": options.dropout_schedule,
        "clip_value": options.clip_value,
        "clip_norm": options.clip_norm,
        "checkpoint": options.checkpoint,
        "l1": options.l1 or None,
        "batch_size": None if options.batch_size == "all" else options.batch_size,
    }
    for parameter, value in given.items():
        if value is not None:
            reason = {
                "batch_size": "it looks at all samples for each step: leave batch_size out or say 'all'",
                "l1": "its kink at 0 is no place for a method that needs smooth losses: use l2, or optimizer='adam'",
                "checkpoint": "its memory cannot be kept: call fit again with the weights that it has, or use 'adam'",
            }.get(parameter, "it chooses its own steps: leave it out, or use an optimizer such as 'adam'")
            raise ValueError(f"{parameter}={value!r} is not possible with {name}; {reason}")
