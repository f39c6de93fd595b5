"""Classifying pictures: a convolutional network that is good untuned, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from netlet.errors import check_number
from netlet.estimators.shaped.classifier import ShapedClassifier
from netlet.estimators.shaped.samples import check_counts
from netlet.graph.augmentation import Augment
from netlet.graph.layers import layer_from
from netlet.graph.specification import Layer, Node
from netlet.pictures.arrays import as_pictures, channel_scales, standardised
from netlet.pictures.preset import preset

# epochs="auto": so many pictures are seen in all, in so many epochs at least and at most; where that is but few steps,
# as many more epochs as give these.
_PICTURES_SEEN = 400_000
_FEWEST_EPOCHS, _MOST_EPOCHS = 8, 60
_FEWEST_STEPS = 400
# augment="auto": no flips, which change what digits and letters mean.
_MILD = Augment(shift=0.08, rotation=10, zoom=0.1)
_SMALLEST_AUGMENTED = 8  # places of the shorter side: of smaller pictures interpolation leaves too little


class ImageClassifier(ShapedClassifier):
    """A classifier of pictures: a convolutional network whose blocks follow from the size of the pictures.

    The channels are brought to mean 0 and deviation 1, as they are in the training pictures. Training is AdamW with one
    cycle of learning rates; the weights of the epoch that was best on pictures held out are kept.

    Parameters
    ----------
    layers : list of layers, callable or None, default None
        What stands between the input and the output, such as ``[Conv2D(8, 3, activation="relu"), MaxPool2D(),
        Flatten()]``, or a callable ``layers(shape, n_classes)`` that returns the network without its softmax. None: a
        block of a 3 x 3 convolution and max pooling for each time that the size can be halved, with 16, 32, 64 ...
        filters, then dropout and a dense layer of 128.
    augment : "auto", None or Augment, default "auto"
        How pictures are changed by chance while training. "auto": moved by up to 8 %, turned by up to 10 degrees and
        enlarged by 0.9 to 1.1, where both sides have 8 places or more; never flipped: for photographs
        ``Augment(shift=0.1, zoom=0.1, flip="horizontal")`` is usual. None: not at all. Where `layers` is a callable,
        "auto" is None; put an `Augment` into the network that it returns.
    epochs : "auto" or int >= 1, default "auto"
        Passes over the pictures; "auto": as many as show 400,000, from 8 to 60, and more where they make fewer than 400
        steps.
    batch_size : int >= 1, default 64
    learning_rate : float > 0, default 2e-3
        The highest of the cycle.
    weight_decay : float >= 0, default 0.01
    label_smoothing : float in [0, 1), default 0.0
    class_weight : "balanced", dict or None, default None
    validation_fraction : float in [0, 1), default 0.1
        Share of the pictures of each class that is held out; 0: none, and the weights of the last epoch are kept.
    patience : int >= 1 or None, default None
        Epochs without improvement after which training ends; None: it never ends early.
    time_limit : float > 0 or None, default None
        Seconds.
    random_state : int, RandomState or None, default None
    n_threads : int >= 1 or None, default None
        The result does not depend on it.
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the network from learning: `health_` then has findings, and each of them is a
        `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    classes_ : array, (n_classes,)
    shape_ : tuple of int
        Of a picture: (height, width, channels).
    channel_mean_, channel_scale_ : float32, (channels,)
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found, with ``health=True``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from netlet.pictures import ImageClassifier
    >>> digits = load_digits()
    >>> model = ImageClassifier(epochs=2, random_state=0).fit(digits.images[:300], digits.target[:300])
    >>> model.predict(digits.images[300:]).shape
    (1497,)
    """

    epochs: Any  # an int, or "auto"

    def __init__(
        self,
        layers: Any = None,
        *,
        augment: Any = "auto",
        epochs: Any = "auto",
        batch_size: int = 64,
        learning_rate: float = 2e-3,
        weight_decay: float = 0.01,
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        self.layers = layers
        self.augment = augment
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose
        self.health = health

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like, (n_samples, height, width) or (n_samples, height, width, channels)
            Of type uint8 its numbers are divided by 255; others are taken as they are.
        y : array-like, (n_samples,)
            Classes of any type.
        sample_weight : array-like, (n_samples,), optional
        validation_data : tuple (X, y), optional
            Takes the place of pictures held out.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If there are no numbers in X.
        ValueError
            If X has other axes, pictures of several sizes or numbers that are not finite, if y has not a class for each
            picture and two at least, or a parameter is out of its range.
        TrainingFailed
            If the loss is no longer finite.
        """
        self._check_parameters()
        pictures = as_pictures(X)
        self._check_given(y)
        check_counts(len(pictures), len(y))
        codes = self._coded(y)
        self.shape_ = tuple(pictures.shape[1:])
        self.channel_mean_, self.channel_scale_ = channel_scales(pictures)
        x = standardised(pictures, self.channel_mean_, self.channel_scale_)
        del pictures  # as large as x
        self._learn(x, codes, sample_weight, self._validation(validation_data))
        return self

    def _check_parameters(self) -> None:
        if not (self.augment is None or isinstance(self.augment, Augment) or _is_auto(self.augment)):
            raise ValueError(
                f"augment={self.augment!r} is not 'auto', None or an Augment, such as Augment(shift=0.1, rotation=10)"
            )
        super()._check_parameters()

    def _check_epochs(self) -> None:
        if isinstance(self.epochs, str) and self.epochs != "auto":
            raise ValueError(f"epochs={self.epochs!r} is not 'auto' or an int >= 1")
        if self.epochs != "auto":
            check_number("epochs", self.epochs, int, 1)

    def _n_epochs(self, n_samples: int) -> int:
        if self.epochs != "auto":
            return int(self.epochs)
        steps = -(-n_samples // self.batch_size)
        usual = min(max(round(_PICTURES_SEEN / n_samples), _FEWEST_EPOCHS), _MOST_EPOCHS)
        return max(usual, -(-_FEWEST_STEPS // steps))

    def _validation(self, given: Any) -> tuple[np.ndarray, np.ndarray] | None:
        if given is None:
            return None
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ValueError("validation_data is not a tuple (X, y)")
        x, codes = self._samples(given[0], "validation X"), self._known(given[1])
        check_counts(len(x), len(codes))
        return x, codes

    def _samples(self, X: Any, name: str = "X") -> np.ndarray:
        pictures = as_pictures(X, name)
        if pictures.shape[1:] != self.shape_:
            height, width, channels = self.shape_
            raise ValueError(
                f"{name} has pictures of {' x '.join(map(str, pictures.shape[1:]))}, the model was fitted on "
                f"{height} x {width} x {channels} (height, width, channels); bring them to that size first"
            )
        return standardised(pictures, self.channel_mean_, self.channel_scale_)

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer]:
        return preset(shape, n_outputs)

    def _body(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        body = super()._body(shape, n_outputs)
        is_auto = _is_auto(self.augment)
        if callable(self.layers):
            if self.augment is not None and not is_auto:
                raise ValueError(
                    f"augment={self.augment!r} goes with a list of layers; where layers is a callable, put it behind "
                    "the Input of the network that it returns"
                )
            return body
        augment = _mild_for(shape) if is_auto else self.augment
        if augment is None or isinstance(body, Node):
            return body
        return [*body[:1], augment, *body[1:]]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags

    def _fitted(self) -> dict[str, Any]:
        return super()._fitted() | {
            "shape": list(self.shape_),
            "channel_mean": self.channel_mean_.tolist(),
            "channel_scale": self.channel_scale_.tolist(),
            "augment": self.augment.describe() if isinstance(self.augment, Augment) else None,
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        super()._restore(fitted)
        height, width, channels = (int(size) for size in fitted["shape"])
        self.shape_ = (height, width, channels)
        self.channel_mean_ = np.array(fitted["channel_mean"], dtype=np.float32)
        self.channel_scale_ = np.array(fitted["channel_scale"], dtype=np.float32)
        if self.channel_mean_.shape != (channels,) or self.channel_scale_.shape != (channels,):
            raise ValueError(f"there are not {channels} means and deviations of channels")
        if fitted["augment"] is not None:
            self.augment = layer_from(fitted["augment"])


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value == "auto"


def _mild_for(shape: tuple[int, ...]) -> Augment | None:
    """Return what "auto" stands for, for pictures of a shape."""
    return _MILD if min(shape[:2]) >= _SMALLEST_AUGMENTED else None
