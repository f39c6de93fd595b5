"""`Network`: layers with weights, that can be trained, asked and saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from netlet import errors
from netlet.errors import check_number
from netlet.graph.graph import Graph, graph_from, graph_of
from netlet.graph.operations import Operation, initial_parameters, initial_state, operations_of
from netlet.graph.specification import Layer, Node
from netlet.graph.summary import summary_of
from netlet.kernels.memory import aligned_zeros
from netlet.kernels.random import STREAM_SPLIT, new_generator, shuffle
from netlet.network.model_file import read_model, write_model
from netlet.training.arrays import features_of
from netlet.training.history import History
from netlet.training.losses import Loss, loss_from
from netlet.training.optimizers import Optimizer, optimizer_of
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, accuracy, mean_loss
from netlet.training.progress import progress_of
from netlet.training.targets import targets_of
from netlet.training.trainer import EpochEnd, Samples, Settings, train
from netlet.training.weights import weights_of
from netlet.version import __version__

_DTYPES = ("float32", "float64")


class Network:
    """A feed-forward network.

    Parameters
    ----------
    layers : list of layers, or node
        A list in which each layer reads the one before, or the output node of a graph built by calling layers. The
        input size is taken from the data at the first `fit`, unless an ``Input(size)`` says it.
    seed : int, optional
        Decides weights, batches and dropout: the same seed gives the same weights bit for bit, whatever the number of
        threads. Default: drawn at random, and kept in `seed`.
    dtype : {"float32", "float64"}

    Attributes
    ----------
    theta : dtype, (n_parameters,)
        All parameters, layer by layer: each weight row by row, then its bias.
    loss : Loss or "auto"
        The loss of the last `fit`, "auto" before.
    notes : dict
        What `save` was given to keep with the network.

    Raises
    ------
    ValueError, TypeError
        If the layers do not form a network.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Network, Sigmoid
    >>> X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([1, 0, 0, 1])
    >>> network = Network([Dense(8, activation="tanh"), Dense(1), Sigmoid()], seed=1)
    >>> _ = network.fit(X, y, epochs=500, batch_size="all", learning_rate=0.05, progress=False)
    >>> network.predict(X).round().ravel()
    array([1., 0., 0., 1.], dtype=float32)
    """

    def __init__(
        self,
        layers: Sequence[Layer] | Node,
        *,
        seed: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:
        if dtype not in _DTYPES:
            raise ValueError(errors.unknown_name("dtype", dtype, _DTYPES))
        if seed is None:
            seed = int.from_bytes(os.urandom(4), "little")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise ValueError(f"seed={seed!r} is not an int from 0 to 2**64 - 1")
        self._graph: Graph = graph_of(layers)
        self.seed = int(seed)
        self.dtype: str = dtype
        self.loss: str | Loss = "auto"
        self.notes: dict[str, Any] = {}
        self._operations: tuple[Operation, ...] = ()
        self._theta: np.ndarray | None = None
        self._predictor: Predictor | None = None
        if self._graph.n_features is not None:
            self.build(self._graph.n_features)

    def build(self, n_features: int) -> Network:
        """Set the input size and draw the weights anew.

        Parameters
        ----------
        n_features : int, >= 1

        Returns
        -------
        Network
            Itself.
        """
        self._graph = self._graph.with_input(n_features)
        self._operations = operations_of(self._graph)
        self._theta = initial_parameters(self._operations, self.seed, self.dtype)
        self.state = initial_state(self._operations, self.dtype)
        self._predictor = None
        return self

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, each after those that it reads."""
        return self._graph.layers

    @property
    def theta(self) -> np.ndarray:
        return self._built()

    @theta.setter
    def theta(self, values: np.ndarray) -> None:
        theta = self._built()
        values = np.asarray(values)
        if values.shape != theta.shape:
            raise ValueError(f"theta has shape {values.shape}, the network has {theta.shape}; give all its parameters")
        theta[:] = values

    def _built(self) -> np.ndarray:
        if self._theta is None:
            raise errors.NotBuilt(
                "the network has no weights yet: its input size is not known; call fit(X, y), "
                "or begin the layers with Input(n_features)"
            )
        return self._theta

    def summary(self) -> str:
        """Return a table of the layers: name, what it reads, numbers per sample, parameters."""
        return summary_of(self._graph, self._operations, self.dtype)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what holds machine addresses: they mean nothing in another process."""
        return self.__dict__ | {"_predictor": None}

    def __repr__(self) -> str:
        count = f"{self._theta.size:,} parameters" if self._theta is not None else "not built"
        return f"Network({', '.join(self._graph.names())}; {count})"

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss = "auto",
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        epochs: int = 20,
        batch_size: int | Literal["all"] = 32,
        shuffle: bool = True,
        validation_data: tuple[Any, ...] | None = None,
        validation_share: float = 0.0,
        patience: int | None = None,
        time_limit: float | None = None,
        sample_weight: Any = None,
        callbacks: Sequence[Callable[[EpochEnd], Any]] = (),
        progress: bool | str = "auto",
        n_threads: int | None = None,
    ) -> History:
        """Train, going on from the weights as they are.

        Ctrl-C ends the training at the next step and keeps the weights; a second one breaks it off.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
            Not copied where it is contiguous and of the network's dtype.
        y : array-like, (n_samples,) or (n_samples, n_outputs)
            Labels 0 to n_outputs - 1 for cross-entropy, 0 and 1 for binary cross-entropy, hinge and perceptron, numbers
            >= 0 for Poisson, any numbers for the others.
        loss : str or Loss
            "auto" follows the last layer: softmax gives "cross_entropy", sigmoid "binary_cross_entropy", exponential
            "poisson", step "perceptron", anything else "squared_error". Others: "absolute_error", "huber", "log_cosh",
            "quantile", "hinge". A loss such as ``Huber(delta=0.5)`` brings its settings.
        optimizer : {"adam", "momentum", "sgd"} or Optimizer
        learning_rate : float, optional
            For an optimizer given by name; default: its own.
        epochs : int, >= 0
        batch_size : int, >= 1, or "all"
            Samples per step; the last batch of an epoch may be smaller.
        shuffle : bool
            Whether each epoch draws the samples in a new order.
        validation_data : tuple (X, y) or (X, y, sample_weight), optional
        validation_share : float in [0, 1)
            The share of the samples held out, at random, for validation where no `validation_data` is given.
        patience : int, >= 1, optional
            Stop when the validation loss has not fallen for so many epochs, and put the best weights back.
        time_limit : float, > 0, optional
            Seconds of training; compiling, which is done once on a machine, is not counted.
        sample_weight : array-like, (n_samples,), optional
            A batch's loss is the weighted mean over its samples.
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
        TrainingFailed
            If a loss or a gradient is not finite; the last good weights are kept.
        """
        check_number("epochs", epochs, int, 0)
        check_number("time_limit", time_limit, float, 0, optional=True, above=True)
        check_number("n_threads", n_threads, int, 1, optional=True)
        check_number("patience", patience, int, 1, optional=True)
        check_number("validation_share", validation_share, float, 0, below=1)
        if batch_size != "all":
            check_number("batch_size", batch_size, int, 1, hint="use 'all' or an int")
        if learning_rate is not None and isinstance(optimizer, Optimizer):
            raise ValueError(
                f"learning_rate={learning_rate!r} is given beside an optimizer that has its own; give one of them"
            )
        if patience is not None and validation_data is None and not validation_share:
            raise ValueError(
                f"patience={patience} needs validation samples; give validation_data or validation_share=0.1"
            )
        chosen = optimizer_of(optimizer, learning_rate)
        display = progress_of(progress, epochs)

        x = features_of(X, self.dtype, self._graph.n_features)
        if len(x) == 0:
            raise ValueError("X has no rows; training needs at least one sample")
        operations = self._operations or operations_of(self._graph.with_input(x.shape[1]))
        chosen_loss, reads = loss_of(loss, operations)
        n_outputs = operations[reads].size
        samples = Samples(
            x, targets_of(y, chosen_loss, n_outputs, self.dtype, len(x)), weights_of(sample_weight, self.dtype, len(x))
        )
        rows, validation = None, None
        if validation_data is not None:
            validation = self._validation(validation_data, chosen_loss, n_outputs, x.shape[1])
        elif validation_share:
            rows, validation = self._hold_out(samples, validation_share)

        if not self._operations:
            self.build(x.shape[1])
        n_samples = len(x) if rows is None else len(rows)
        self.loss = chosen_loss
        settings = Settings(
            loss=chosen_loss,
            reads=reads,
            optimizer=chosen,
            epochs=epochs,
            batch_size=n_samples if batch_size == "all" else batch_size,
            shuffle=shuffle,
            rows=rows,
            patience=patience,
            time_limit=time_limit,
            seed=self.seed,
            n_threads=n_threads,
            callbacks=tuple(callbacks),
        )
        return train(self._operations, self.theta, self.state, samples, validation, settings, display, self)

    def _validation(self, given: Any, loss: Any, n_outputs: int, n_features: int) -> Samples:
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            raise TypeError("validation_data is not a tuple (X, y) or (X, y, sample_weight)")
        x = features_of(given[0], self.dtype, n_features, "validation X")
        if len(x) == 0:
            raise ValueError("validation X has no rows; leave validation_data out or give samples")
        y = targets_of(given[1], loss, n_outputs, self.dtype, len(x), "validation y", training=False)
        return Samples(x, y, weights_of(given[2] if len(given) == 3 else None, self.dtype, len(x)))

    def _hold_out(self, samples: Samples, share: float) -> tuple[np.ndarray, Samples]:
        """Choose the rows to train on, and copy the others out for validation."""
        from netlet.kernels.compiling import prepare

        held = round(len(samples) * share)
        if not 0 < held < len(samples):
            raise ValueError(
                f"validation_share={share} of {len(samples)} samples leaves {len(samples) - held} to train "
                f"and {held} to validate; both need at least one"
            )
        order = np.arange(len(samples))
        prepare(shuffle, self.dtype)(order, new_generator(self.seed, STREAM_SPLIT))
        out, rows = np.sort(order[:held]), np.sort(order[held:])
        weights = samples.weights[out] if samples.weights.size else samples.weights
        return rows, Samples(samples.x[out], samples.y[out], weights)

    def predict(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Compute the outputs: probabilities where the last layer is Softmax or Sigmoid.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
        n_threads : int, optional
            Default: as many as are worth it. The result does not depend on it.

        Returns
        -------
        dtype, (n_samples, n_outputs)

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If X is not as it should be.
        """
        theta = self._built()
        check_number("n_threads", n_threads, int, 1, optional=True)
        x = features_of(X, self.dtype, self._graph.n_features)
        if self._predictor is None:
            self._predictor = Predictor(self._operations, len(self._operations) - 1, self.dtype)
        return self._predictor.predict(theta, self.state, x, n_threads)

    def evaluate(
        self, X: Any, y: Any, *, loss: str | Loss | None = None, sample_weight: Any = None
    ) -> dict[str, float]:
        """Measure the network on samples.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        loss : str or Loss, optional
            Default: that of the last `fit`.

        Returns
        -------
        dict
            "loss", the weighted mean; "accuracy" too for losses of classes (of yes-or-no outputs, all must be right).

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If the data are not as they should be.
        """
        theta = self._built()
        x = features_of(X, self.dtype, self._graph.n_features)
        if len(x) == 0:
            raise ValueError("X has no rows; evaluating needs at least one sample")
        measured, reads = loss_of(loss or self.loss, self._operations)
        targets = targets_of(y, measured, self._operations[reads].size, self.dtype, len(x), training=False)
        weights = weights_of(sample_weight, self.dtype, len(x))
        logits = Predictor(self._operations, reads, self.dtype).predict(theta, self.state, x)
        figures = {"loss": mean_loss(measured, logits, targets, weights)}
        share = accuracy(measured, logits, targets, weights)
        return figures if share is None else figures | {"accuracy": share}

    def save(self, path: str | os.PathLike[str], *, notes: dict[str, Any] | None = None) -> None:
        """Write the network to one safetensors file, whole or not at all.

        Parameters
        ----------
        path : str or path
            ``.netlet`` is the usual ending; none is added.
        notes : dict of JSON values, optional
            Kept with the network; default: its `notes`.

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        OSError
            If it cannot be written; a file that was there is as it was.
        """
        theta = self._built()
        if notes is not None:
            self.notes = dict(notes)
        description = {
            "version": __version__,
            "dtype": self.dtype,
            "seed": self.seed,
            "loss": self.loss.describe() if isinstance(self.loss, Loss) else self.loss,
            "layers": self._graph.describe(),
            "notes": self.notes,
        }
        write_model(path, description, theta)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Network:
        """Read a network that `save` wrote. Nothing in the file is executed.

        Raises
        ------
        OSError
            If it cannot be read.
        ModelFileError
            If it is no model of netlet, is cut short, was altered, or needs a newer version.
        """
        description, theta = read_model(path)
        try:
            graph = graph_from(description["layers"])
            network = cls.__new__(cls)
            network._graph = graph
            network.seed, network.dtype = int(description["seed"]), description["dtype"]
            network.loss = "auto" if description["loss"] == "auto" else loss_from(description["loss"])
            network.notes, network._predictor = description["notes"], None
            network._operations = operations_of(graph)
            expected = sum(operation.n_theta for operation in network._operations)
            if theta.shape != (expected,) or str(theta.dtype) != network.dtype:
                raise ValueError(f"{theta.size} weights of {theta.dtype} do not fit its layers, which have {expected}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise errors.ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None
        network.state = initial_state(network._operations, network.dtype)
        network._theta = aligned_zeros(theta.shape, network.dtype)
        network._theta[:] = theta
        return network
