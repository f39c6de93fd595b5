"""`Network`: layers with weights, that can be trained, asked and saved."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from netlet import errors
from netlet.errors import check_number
from netlet.network.description import describe_network, network_from
from netlet.network.model_file import read_model, write_model
from netlet.network.picturing import Picturing
from netlet.training.data_initialisation import scale_to_unit_variance
from netlet.training.learning_rate_range import RangeTest, range_test
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer, optimizer_of


class Network(Picturing):
    """A feed-forward network.

    Parameters
    ----------
    layers : list of layers, or node
        A list in which each layer reads the one before, or the output node of a graph built by calling layers. The
        input size is taken from the data at the first `fit`, unless an ``Input(size)`` says it. Several inputs stand
        in the order in which their nodes were made.
    seed : int, optional
        Decides weights, batches and dropout: the same seed gives the same weights bit for bit, whatever the number of
        threads. Default: drawn at random, and kept in `seed`.
    dtype : {"float32", "float64"}

    Attributes
    ----------
    theta : dtype, (n_parameters,)
        All parameters, layer by layer: each weight row by row, then its bias.
    parameters : dict of str to array
        The same by name, as views: ``network.parameters["dense_1.weight"]``.
    state : dtype, (n_state,)
        What layers keep beside them: the running means and variances of batch normalisation.
    loss : Loss or "auto"
        The loss of the last `fit`, "auto" before.
    frozen : frozenset of str
        Names of the layers that stay as they are: see `freeze`.
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

    def find_learning_rate(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss = "auto",
        optimizer: str | Optimizer = "adam",
        low: float = 1e-6,
        high: float = 10.0,
        steps: int = 200,
        batch_size: int = 32,
        sample_weight: Any = None,
        plot: str | os.PathLike[str] | None = None,
        n_threads: int | None = None,
    ) -> RangeTest:
        """Train a copy for a few steps with a learning rate that grows, to see which rates learn.

        Parameters
        ----------
        X, y, loss, optimizer, sample_weight, n_threads
            As for `fit`; the optimizer's own learning rate is not used.
        low, high : float, > 0
            The first and the last learning rate.
        steps : int, >= 10
        batch_size : int, >= 1
        plot : path, optional
            Where to draw the losses over the learning rates: a file ending in .png, .svg or .pdf.

        Returns
        -------
        RangeTest
            `suggestion` is a learning rate to begin with.

        Raises
        ------
        ValueError, TypeError
            As `fit`.
        """
        check_number("low", low, float, 0, above=True)
        check_number("high", high, float, low, above=True)
        check_number("steps", steps, int, 10)
        check_number("batch_size", batch_size, int, 1)
        check_number("n_threads", n_threads, int, 1, optional=True)
        chosen, reads, samples = self._learning_samples(X, y, loss, sample_weight, None)
        with self._built_for(samples.x.shape[1]):
            rule = self._rule(chosen, reads, optimizer_of(optimizer), 0.0, 0.0, False, None, None, None)
        rates = np.geomspace(low, high, steps)
        found = range_test(self._operations, self._built(), samples, rule, batch_size, rates, n_threads)
        if plot is not None:
            _draw(found, plot)
        return found

    def initialise_from_data(self, X: Any, **options: Any) -> Network:
        """Scale the weights so that each dense layer's outputs, before the activation, have variance 1 on a batch.

        The edges of a `PiecewiseLinearEmbedding` become quantiles of the batch.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
            Some hundred samples are enough.
        **options
            As for `netlet.training.data_initialisation.scale_to_unit_variance`; the seed is the network's.

        Returns
        -------
        Network
            Itself.
        """
        if not self._operations:
            self.build(self._features(X).shape[1])
        learnt = self._built()
        arguments = self._operations, learnt.theta, learnt.state, self._features(X)
        scale_to_unit_variance(*arguments, **({"seed": self.seed} | options))
        return self

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
        learnt = self._built()
        if notes is not None:
            self.notes = dict(notes)
        write_model(path, describe_network(self), learnt.theta, learnt.state)

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
        description, theta, state = read_model(path)
        try:
            return network_from(cls, description, theta, state)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise errors.ModelFileError(f"{path} was altered: {error}; train or copy the model again") from None


def _draw(test: RangeTest, path: str | os.PathLike[str]) -> None:
    """Draw a range test into a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    test.plot(figure.subplots()).set_title("Learning-rate range test")
    figure.savefig(path, dpi=150)
