"""The figures of a training that findings are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
        Whether all its units have the same weights.
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
    """The network after an epoch; 0 is before the training.

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


@dataclass(frozen=True, eq=False)
class Figures:
    """All that is kept of a training.

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
    stopped_early : bool
        Whether it ended for want of better validation, with the best weights put back.
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
    stopped_early: bool

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
