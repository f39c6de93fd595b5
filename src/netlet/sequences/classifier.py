"""`SequenceClassifier`: from sequences to classes."""

from __future__ import annotations

from typing import Any, Self

from netlet.estimators.shaped.classifier import ShapedClassifier
from netlet.sequences.base import SequenceEstimator


class SequenceClassifier(SequenceEstimator, ShapedClassifier):
    """Classify sequences of one length or of many.

    Features are standardised by the training's steps. Sequences are padded to the longest of the training, and no
    layer of a preset reads padding; a longer one at prediction is cut to its last steps, with a warning.

    Parameters
    ----------
    kind : {"gru", "lstm", "rnn", "convolution", "transformer"}, default "gru"
        The network: recurrent layers, whose last state goes on; convolutions over 7 steps each, or blocks of a
        Transformer, whose mean over the steps goes on. Convolutions are quickest where a short pattern decides.
    units : int, >= 1, default 64
        Width of the layers.
    n_layers : int, >= 1, optional
        Default: 1 recurrent layer, 3 convolutions, 2 blocks.
    bidirectional : bool, default False
        Whether recurrent layers read the sequence from its end, too.
    dropout : float, 0 <= dropout < 1, default 0.1
        The fraction dropped after each layer.
    heads : int, >= 1, default 4
        Of a Transformer; must divide `units`.
    layers : list of layers or callable, optional
        Another network: what stands between the input (time, features) and the output, or a callable
        ``layers(shape, n_outputs)``. Recurrent layers of a list are given the lengths; other layers see zeros as
        padding.
    epochs : int, >= 1, default 30
    batch_size : int, >= 1, default 32
    learning_rate : float, > 0, default 0.003
        The highest of the cycle.
    weight_decay : float, >= 0, default 0.01
    validation_fraction : float, 0 <= validation_fraction < 1, default 0.1
        Of the samples; the weights that are best on them are kept.
    patience : int, optional
        Stop after so many epochs without a gain in validation; default: never.
    time_limit : float, > 0, optional
        Seconds.
    label_smoothing : float, 0 <= label_smoothing < 1, default 0
    class_weight : dict, "balanced" or None, default None
    random_state : int, RandomState or None, default None
    n_threads : int, optional
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the network from learning: `health_` then has findings, and each of them is a
        `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    classes_ : array, (n_classes,)
    max_length_ : int
        Steps of the longest sequence of the training.
    n_features_ : int
    feature_mean_, feature_scale_ : float64, (n_features,)
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found, with ``health=True``.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet.sequences import SequenceClassifier
    >>> t, up = np.arange(12), np.arange(40) % 2
    >>> X = [np.sin(t[: 6 + i % 7]) + (1 if up[i] else -1) * t[: 6 + i % 7] for i in range(40)]
    >>> model = SequenceClassifier("rnn", units=8, epochs=20, random_state=0).fit(X, up)
    >>> float(model.score(X, up))
    1.0
    """

    def __init__(
        self,
        kind: str = "gru",
        *,
        units: int = 64,
        n_layers: int | None = None,
        bidirectional: bool = False,
        dropout: float = 0.1,
        heads: int = 4,
        layers: Any = None,
        epochs: int = 30,
        batch_size: int = 32,
        learning_rate: float = 0.003,
        weight_decay: float = 0.01,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        time_limit: float | None = None,
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        self.kind, self.units, self.n_layers, self.bidirectional = kind, units, n_layers, bidirectional
        self.dropout, self.heads, self.layers = dropout, heads, layers
        self.epochs, self.batch_size, self.learning_rate = epochs, batch_size, learning_rate
        self.weight_decay, self.validation_fraction = weight_decay, validation_fraction
        self.patience, self.time_limit = patience, time_limit
        self.label_smoothing, self.class_weight = label_smoothing, class_weight
        self.random_state, self.n_threads, self.verbose, self.health = random_state, n_threads, verbose, health

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: tuple[Any, Any] | None = None) -> Self:
        """Learn from sequences.

        Parameters
        ----------
        X : array, (n_samples, time) or (n_samples, time, features), or list of arrays (time_i,) or (time_i, features)
            Finite numbers; at least one step each, the same features everywhere.
        y : array-like, (n_samples,)
            Labels.
        sample_weight : array-like, (n_samples,), optional
        validation_data : tuple (X, y), optional
            Takes the place of the samples held out.

        Returns
        -------
        SequenceClassifier
            Itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter, X or y is not as it should be.
        """
        x, targets = self._checked(X, y, self._coded)
        held = None
        if validation_data is not None:
            held = self._samples(validation_data[0]), self._known(validation_data[1])
        self._learn(x, targets, sample_weight, held)
        return self
