"""Histograms of what layers give, and of the loss's gradient with respect to it, epoch after epoch.

Where the gradients' histograms grow narrower from the last layer to the first, the gradient vanishes; a layer whose
values gather at the ends of its activation is saturated.

Reference: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from netlet import plots
from netlet.errors import check_number
from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.insight.recorder import Recorder
from netlet.insight.walk import Walk
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import LOSS, address
from netlet.training.learnt import Learnt
from netlet.training.losses import Loss
from netlet.training.stepper import Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pairs = dict[str, tuple[np.ndarray, "np.ndarray | None"]]


@dataclass(frozen=True, eq=False)
class LayerHistograms:
    """The histograms of one layer.

    Attributes
    ----------
    counts : int64, (n_epochs, bins)
        How many numbers fell into each bin; those that are not finite are left out.
    edges : float64, (n_epochs, bins + 1)
        From the least to the largest number of that epoch.
    """

    counts: np.ndarray
    edges: np.ndarray


class Histograms(Recorder):
    """A callback that counts what each layer gives on some samples, and the gradients that reach it.

    It counts before the first epoch and after every few. The network runs as it predicts: without dropout. The
    gradients are those of the mean loss over the samples, without penalties, with respect to what the layer gives.

    Parameters
    ----------
    X, y
        As for `Network.evaluate`; one or two hundred samples are enough.
    every : int, >= 1, default 1
        Epochs from one histogram to the next.
    bins : int, >= 2, default 40
    loss : str or Loss, optional
        Default: that of the `fit`.

    Attributes
    ----------
    epochs : int64, (n_epochs,)
        0 is before the first.
    activations, gradients : dict of str to LayerHistograms
        By the layer's name, in the order of the network. Left out are layers that the loss does not see, such as the
        Softmax, which is part of it, and those that only reshape; of a last ``Dense(1, "sigmoid")`` the values before
        the sigmoid are counted. `gradients` lacks layers that no derivative reaches.

    Raises
    ------
    ValueError, TypeError
        If `every` or `bins` is not as it should be; when the training begins, if the samples are not.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Histograms, Network
    >>> X, y = np.eye(4), [0.0, 1.0, 2.0, 3.0]
    >>> seen = Histograms(X, y, every=5)
    >>> network = Network([Dense(3, "tanh"), Dense(1)], seed=0)
    >>> _ = network.fit(X, y, epochs=10, callbacks=[seen], progress=False)
    >>> seen.epochs, list(seen.activations), seen.activations["dense_1"].counts.sum(axis=1)
    (array([ 0,  5, 10]), ['dense_1', 'dense_2'], array([12, 12, 12]))
    """

    def __init__(self, X: Any, y: Any, *, every: int = 1, bins: int = 40, loss: str | Loss | None = None) -> None:
        super().__init__(every)
        check_number("bins", bins, int, 2)
        self.X, self.y, self.bins, self.loss = X, y, int(bins), loss
        self._clear()

    @property
    def activations(self) -> dict[str, LayerHistograms]:
        return _stacked(self._activations)

    @property
    def gradients(self) -> dict[str, LayerHistograms]:
        return _stacked(self._gradients)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        of: Literal["activations", "gradients"] = "activations",
        layer: str | Sequence[str] | None = None,
        style: Literal["heat map", "ridges"] = "heat map",
    ) -> Any:
        """Draw the histograms over the epochs.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure. For several layers it is divided.
        of : {"activations", "gradients"}
        layer : str or sequence of str, optional
            A layer's name; of several, or of all layers, which is the default, each has a panel.
        style : {"heat map", "ridges"}
            Colours over the epochs, or a curve for each of some epochs, one above the other.

        Returns
        -------
        matplotlib Axes, or array of Axes, (n_layers,)
        """
        return plots.histograms(self, ax, of=of, layer=layer, style=style)

    def __repr__(self) -> str:
        return f"Histograms(every={self.every}, bins={self.bins}; {len(self._epochs)} epochs)"

    def _keep(self, network: Any) -> None:
        for name, (values, gradients) in network._values_and_gradients(self.X, self.y, self.loss).items():
            self._activations.setdefault(name, []).append(histogram(values, self.bins))
            if gradients is not None:
                self._gradients.setdefault(name, []).append(histogram(gradients, self.bins))

    def _clear(self) -> None:
        self._activations: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        self._gradients: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}


def histogram(values: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Count the finite numbers between the least and the largest: counts (bins,) and edges (bins + 1,)."""
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    largest = max(abs(low), abs(high))
    if not (high - low) / bins > 4 * np.spacing(largest):
        # All numbers are one, or too close for edges between them.
        half = max(0.5, 1e-6 * largest)
        low, high = low - half, high + half
    counts, edges = np.histogram(finite, bins=bins, range=(low, high))
    return counts.astype(np.int64), edges


def values_and_gradients(
    operations: Sequence[Operation],
    learnt: Learnt,
    samples: Samples,
    loss: Loss,
    reads: int,
    places: Mapping[str, int],
) -> Pairs:
    """Compute what layers give on samples, and the gradient of the mean loss with respect to it.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
        Not changed.
    samples : Samples
        Their weights are not used.
    loss : Loss
    reads : int
        The operation that it reads.
    places : mapping of str to int
        By a layer's name, the operation that computes what it gives.

    Returns
    -------
    dict of str to pair of array, (n_samples, size)
        Where the loss reads a layer before its last operation, that is what counts. The gradient is None for layers
        that no derivative reaches.
    """
    walk = Walk(operations, reads, learnt.theta, learnt.state)
    wanted: dict[str, int] = {}
    for name, own in places.items():
        place = own if own in walk.kept else reads
        belongs = place == own or name in operations[place].names
        if place and belongs and place not in wanted.values():  # what is only reshaped is counted once
            wanted[name] = place
    address(loss.row.kernel, LOSS, learnt.dtype)
    factors = np.zeros(table.N_SETTINGS, learnt.dtype)
    factors[: len(loss.factors())] = loss.factors()
    scale, none = np.dtype(learnt.dtype).type(1 / len(samples)), np.empty(0, learnt.dtype)
    blocks = []
    for start in range(0, len(samples), walk.block):
        part = samples.rows(slice(start, start + walk.block))
        with single_threaded_blas():
            logits = walk.forward(part.x)
            slope = np.zeros_like(logits)
            loss.row.kernel(logits, part.y, none, scale, factors, slope)
            gradients = walk.backward(slope)
        blocks.append({name: (walk.values[place], gradients.get(place)) for name, place in wanted.items()})
    return {name: _joined([block[name] for block in blocks]) for name in wanted}


def _joined(parts: list[tuple[np.ndarray, np.ndarray | None]]) -> tuple[np.ndarray, np.ndarray | None]:
    gradients = [gradient for _, gradient in parts if gradient is not None]
    return np.concatenate([values for values, _ in parts]), np.concatenate(gradients) if gradients else None


def _stacked(kept: dict[str, list[tuple[np.ndarray, np.ndarray]]]) -> dict[str, LayerHistograms]:
    return {
        name: LayerHistograms(np.array([counts for counts, _ in parts]), np.array([edges for _, edges in parts]))
        for name, parts in kept.items()
    }
