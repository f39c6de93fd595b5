"""The figures of a training that findings are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet.errors import unknown_name

_LEAST_STEPS = 50
_SHRUNK = 1e-2  # dead units and long updates then come of that, and say nothing of the learning rate


@dataclass(frozen=True)
class LayerLook:
    """One operation of the network at one moment, over the samples that are looked at.

    Attributes
    ----------
    layer : str
        The name of its layer.
    row : str
        Its row of the registry, such as "dense" or "relu".
    mean, spread : float
        Mean and standard deviation of its values.
    gradient : float
        Root mean square over samples of the length of the loss's gradient with respect to its values.
    dead : float or None
        Of ReLU: the share of units that are 0 for every sample.
    saturated : float or None
        Of sigmoid and tanh: the share of values where the function is flat.
    update : float or None
        Of operations with weights: the length of a typical update divided by that of the weights, from the way that the
        weights went in the epoch, over the square root of its steps (steps that agree are rated too long by that).
    size : float or None
        Of operations with weights: their length.
    alike : bool
        Whether all its units (filters, cells) have the same weights.
    has_weights : bool
    """

    layer: str
    row: str
    mean: float
    spread: float
    gradient: float
    dead: float | None
    saturated: float | None
    update: float | None
    size: float | None
    alike: bool
    has_weights: bool


@dataclass(frozen=True)
class Look:
    """The network after an epoch; 0 is before the training, and the last is with the weights that are kept.

    Attributes
    ----------
    epoch : int
    loss : float
        Over the samples that are looked at.
    layers : tuple of LayerLook
        In the order of the forward pass; what the loss reads is last.
    output_spread : float
        The largest standard deviation, over samples, of an output.
    """

    epoch: int
    loss: float
    layers: tuple[LayerLook, ...]
    output_spread: float

    @property
    def weighted(self) -> tuple[LayerLook, ...]:
        """Those with weights."""
        return tuple(layer for layer in self.layers if layer.has_weights)


SERIES = ("mean", "spread", "gradient", "dead", "saturated", "update", "size")
_HEADS = ("values", "spread", "gradient", "dead", "saturated", "update / weight")


@dataclass(frozen=True, eq=False)
class Figures:
    """All that is kept of a training; prints as the table of its last look.

    Attributes
    ----------
    losses, validation_losses : tuple of float
        Of each epoch; the second is empty where nothing is held out.
    looks : tuple of Look
    baseline : float or None
        The loss of the best constant prediction: of classes their entropy. None where it is not known for the loss.
    target_spread : float
        The standard deviation of targets that are numbers, 1 for those of classes, whose outputs are logits.
    centres, spreads : float64, (n_features,)
        Mean and standard deviation of the input's columns; empty where the network scales them or they are categories.
    n_samples, batch_size : int
    learning_rate : float or None
        None for methods that need none.
    has_hidden : bool
        Whether anything lies between input and output that is not linear.
    failed : bool
        Whether the training broke off with numbers that are not finite.
    keeps_best : bool
        Whether the weights of the best validation were put back at the end.
    """

    losses: tuple[float, ...]
    validation_losses: tuple[float, ...]
    looks: tuple[Look, ...]
    baseline: float | None
    target_spread: float
    centres: np.ndarray
    spreads: np.ndarray
    n_samples: int
    batch_size: int
    learning_rate: float | None
    has_hidden: bool
    failed: bool
    keeps_best: bool

    @property
    def epochs(self) -> np.ndarray:
        """After which epochs the network was looked at: int64, (n_looks,)."""
        return np.array([look.epoch for look in self.looks], dtype=np.int64)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """What was looked at, in the order of the forward pass: "dense_1", "dense_1 relu", ..."""
        names: list[str] = []
        for layer in self.looks[0].layers:
            own = layer.layer.split(".")[-1].rstrip("_0123456789")
            name = layer.layer if layer.has_weights or own == layer.row else f"{layer.layer} {layer.row}"
            names.append(name if name not in names else f"{name} {len(names) + 1}")
        return tuple(names)

    def series(self, name: str) -> dict[str, np.ndarray]:
        """Return one figure of every layer over the looks, whose epochs are `epochs`.

        Parameters
        ----------
        name : {"mean", "spread", "gradient", "dead", "saturated", "update", "size"}
            As `LayerLook` has them.

        Returns
        -------
        dict of str to float64, (n_looks,)
            By the layer's name; NaN where it is not known. Layers that never have it are left out.

        Raises
        ------
        ValueError
            If there is no such figure.
        """
        if name not in SERIES:
            raise ValueError(unknown_name("figure", name, SERIES))
        rows = [[getattr(layer, name) for layer in look.layers] for look in self.looks]
        table = np.array(rows, dtype=np.float64)  # None becomes NaN
        return {
            layer: column for layer, column in zip(self.layer_names, table.T, strict=True) if not np.isnan(column).all()
        }

    def table(self, look: int = -1) -> str:
        """Return the figures of all layers at one look as text: a line for each layer.

        Parameters
        ----------
        look : int, default -1
            Its place among `looks`; the last.
        """
        chosen = self.looks[look]
        rows: list[tuple[str, ...]] = [("", *_HEADS)]
        for name, layer in zip(self.layer_names, chosen.layers, strict=True):
            numbers = (layer.mean, layer.spread, layer.gradient)
            shares = (layer.dead, layer.saturated)
            rows.append((
                name,
                *(f"{number:.3g}" for number in numbers),
                *("" if share is None else f"{share:.0%}" for share in shares),
                "" if layer.update is None else f"{layer.update:.1e}",
            ))  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]
        return "\n".join([f"after epoch {chosen.epoch}, loss {chosen.loss:.4g}", *lines])

    def __str__(self) -> str:
        return self.table()

    def has_shrunk(self, name: str) -> bool:
        """Tell whether a layer's weights are next to nothing beside those at the start, as penalties make them."""
        sizes = [[layer.size for layer in look.layers if layer.layer == name] for look in self.looks]
        return any(
            before is not None and after is not None and after < _SHRUNK * before
            for before, after in zip(sizes[0], sizes[-1], strict=True)
        )

    @property
    def start(self) -> float:
        """The loss before the training."""
        return self.looks[0].loss

    @property
    def scale(self) -> float:
        """The loss of a network that knows nothing: at the start, or of the best constant if it began with more."""
        return max(self.start, self.baseline or 0.0)

    @property
    def end(self) -> float:
        """The loss of the last epoch."""
        return self.losses[-1] if self.losses else self.start

    @property
    def has_only_begun(self) -> bool:
        """Whether there were so few steps that a poor fit says nothing yet."""
        n_steps = -(-self.n_samples // self.batch_size) * len(self.losses)
        return not self.losses or (self.learning_rate is not None and n_steps < _LEAST_STEPS)

    @property
    def share_left(self) -> float | None:
        """The loss of the last epoch, divided by that of the best constant prediction."""
        return self.end / self.baseline if self.baseline else None

    def fall(self, part: float) -> float:
        """Return by what share the loss fell in the last part of the epochs, from medians of a few of them."""
        count = len(self.losses)
        few = max(1, count // 10)
        first = max(0, min(count - 1 - few, int(count * (1 - part))))
        if count < 2:
            return 0.0
        before, after = np.median(self.losses[first : first + few]), np.median(self.losses[-few:])
        return float((before - after) / before) if before > 0 else 0.0
