"""A single-shot detector: one pass over a picture says of each cell of a grid if there is a thing, where and what."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from netlet.errors import check_number
from netlet.estimators.shaped.base import ShapedEstimator
from netlet.graph.convolution import Conv2D
from netlet.graph.graph import graph_of
from netlet.graph.operations import bound
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node
from netlet.pictures.average_precision import mean_average_precision
from netlet.pictures.boxes import check_overlap, suppressed
from netlet.pictures.cells import Grid
from netlet.pictures.objects import Detections, Objects, objects_of
from netlet.training.losses import Detection

_NUMBERS_BEFORE_CLASSES = 5
_STRIDE = 8
_UNSURE = 0.02  # the least score that counts in average precision: fewer boxes, and nearly the same figure


class Detector(ShapedEstimator):
    """Find things in pictures: where each is (a box), what it is (its class) and how sure that is.

    The network divides a picture into cells; each cell learns the box and the class of the thing whose centre lies in
    it. Of two things with their centres in one cell the smaller is learnt.

    Parameters
    ----------
    layers : None, list of layers, or callable, default None
        None: a preset of six convolutions whose cells are 8 pixels wide. A list stands between the pictures and a
        last ``Conv2D(5 + n_classes, 1)``, and must keep the shape (rows, columns, channels). A callable gets the shape
        of a picture and 5 + n_classes and returns the whole network, from its `Input` on.
    width : int, >= 1, default 64
        Channels of the preset's later convolutions, the first has a quarter of them; multiples of 32 are fast.
    nms_iou : float in [0, 1], default 0.5
        Of two boxes of one class that overlap by more (intersection over union) only the surer is kept.
    epochs : int, >= 1, default 20
    batch_size : int, >= 1, default 32
    learning_rate : float, > 0, default 0.003
        The greatest of a cycle of rates.
    weight_decay : float, >= 0, default 0.01
    validation_fraction : float in [0, 1), default 0.05
        The share of the pictures held out; the weights that are best on them are kept.
    patience : int, >= 1, optional
        After so many epochs without a gain training ends early; None: never.
    time_limit : float, > 0, optional
        Seconds.
    random_state : int, RandomState or None
    n_threads : int, >= 1, optional
        Default: all cores.
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the network from learning: `health_` then has findings, and each of them is a
        `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    classes_ : array, (n_classes,)
        Sorted.
    grid_ : Grid
        The cells, and the typical size of a box.
    n_hidden_ : int
        How many boxes were not learnt because a smaller one has its centre in the same cell.
    picture_shape_ : tuple (height, width, channels)
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found, with ``health=True``.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet.pictures.detector import Detector
    >>> rng = np.random.default_rng(0)
    >>> pictures, y = np.zeros((8, 16, 16)), []
    >>> for picture, (left, top) in zip(pictures, rng.integers(0, 12, (8, 2))):
    ...     picture[top : top + 4, left : left + 4] = 1
    ...     y.append(([[left, top, left + 4, top + 4]], ["square"]))
    >>> found = Detector(epochs=1, random_state=0).fit(pictures, y).predict(pictures)
    >>> len(found)
    8

    Notes
    -----
    Redmon, Divvala, Girshick, Farhadi, "You only look once", CVPR 2016 (a grid); Lin, Goyal, Girshick, He, Dollar,
    "Focal loss for dense object detection", ICCV 2017 (the loss of cells without an object).
    """

    def __init__(
        self,
        layers: Any = None,
        *,
        width: int = 64,
        nms_iou: float = 0.5,
        epochs: int = 20,
        batch_size: int = 32,
        learning_rate: float = 3e-3,
        weight_decay: float = 0.01,
        validation_fraction: float = 0.05,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        self.layers = layers
        self.width = width
        self.nms_iou = nms_iou
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose
        self.health = health

    def fit(self, X: Any, y: Any, validation_data: tuple[Any, Any] | None = None) -> Self:
        """Learn to find things.

        Parameters
        ----------
        X : array-like, (n, height, width) or (n, height, width, channels)
            Pictures, all of one size.
        y : sequence of (boxes, labels), n of them
            Of each picture its boxes, (k, 4): x0, y0, x1, y1 in pixels, within the picture; and the label of each,
            (k,). A picture with nothing in it has ``([], [])``.
        validation_data : tuple (X, y), optional
            Takes the place of pictures held out.

        Returns
        -------
        Detector
            Itself.

        Raises
        ------
        ValueError
            If pictures or boxes are not so, or there is no box in any picture.
        """
        self._check_parameters()
        pictures, objects = _pictures("X", X), self._objects("y", X, y)
        if len(objects.labels) == 0:
            raise ValueError("y has no box in any picture; a detector learns from boxes of what it is to find")
        self.picture_shape_ = pictures.shape[1:]
        self.classes_, codes = np.unique(objects.labels, return_inverse=True)
        axes = tuple(range(pictures.ndim - 1))
        spread = pictures.std(axis=axes, dtype=np.float64)
        self._mean = pictures.mean(axis=axes, dtype=np.float64)
        self._spread = np.where(spread > 0, spread, 1.0)
        n_outputs = _NUMBERS_BEFORE_CLASSES + len(self.classes_)
        body = self._body(self.picture_shape_, n_outputs)
        self.grid_ = self._grid(body, n_outputs, objects)
        targets, self.n_hidden_ = self.grid_.targets(objects, codes)
        held_out = None
        if validation_data is not None:
            own = self._objects("validation y", *validation_data)
            held_out = self._samples(validation_data[0]), self.grid_.targets(own, self._codes(own))[0]
        self._train(self._scaled(pictures), targets, body, loss=Detection(len(self.classes_)), validation_data=held_out)
        return self

    def predict(self, X: Any, min_score: float = 0.35) -> list[Detections]:
        """Find things in pictures.

        Parameters
        ----------
        X : array-like
            Pictures as `fit` takes them, of the same size.
        min_score : float in [0, 1], default 0.35
            The least score of what counts as found. Focal loss keeps scores low: those of 0.35 are mostly right.

        Returns
        -------
        list of Detections
            For each picture the boxes, labels and scores, the surest first.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError
            If pictures have another shape.
        """
        check_is_fitted(self, "network_")
        check_overlap("min_score", min_score)
        outputs = self.network_.predict(self._samples(X), n_threads=self.n_threads)
        return [self._detections(each, min_score) for each in outputs.reshape(len(outputs), -1)]

    def _detections(self, outputs: np.ndarray, min_score: float) -> Detections:
        boxes, codes, scores = self.grid_.found(outputs, min_score)
        kept = suppressed(boxes, scores, codes, self.nms_iou)
        return Detections(boxes[kept], self.classes_[codes[kept]], scores[kept])

    def score(self, X: Any, y: Any, iou: float = 0.5) -> float:
        """Return the mean average precision.

        Parameters
        ----------
        X, y
            Pictures, and of each its boxes and labels, as `fit` takes them.
        iou : float in [0, 1], default 0.5
            From which intersection over union on a box counts as found.

        Returns
        -------
        float
            From 0 to 1.
        """
        return mean_average_precision(y, self.predict(X, _UNSURE), iou)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number("width", self.width, int, 1)
        check_overlap("nms_iou", self.nms_iou)

    def _body(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        if isinstance(self.layers, (list, tuple)):
            return [Input(shape), *self.layers, Conv2D(n_outputs, 1)]
        return super()._body(shape, n_outputs)

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        few, some, many = max(1, self.width // 4), max(1, self.width // 2), self.width
        how: dict[str, Any] = {"padding": "same", "activation": "relu"}
        return [
            Input(shape),
            Conv2D(few, 3, stride=2, **how),
            Conv2D(some, 3, stride=2, **how),
            Conv2D(many, 3, stride=2, **how),
            Conv2D(many, 3, **how),
            Conv2D(many, 3, dilation=2, **how),  # so that a cell sees things of some 60 pixels whole
            Conv2D(many, 3, **how),
            Conv2D(n_outputs, 1),
        ]

    def _grid(self, body: list[Layer] | Node, n_outputs: int, objects: Objects) -> Grid:
        """Return the cells that the network's output has."""
        height, width, _ = self.picture_shape_
        if self.layers is None and min(height, width) < _STRIDE:
            raise ValueError(f"X has pictures of {height}x{width}, smaller than a cell of {_STRIDE}; give layers")
        found = bound(graph_of(body))[1]
        if len(found) != 3 or found[2] != n_outputs:
            raise ValueError(
                f"layers make an output of shape {found}, a detector needs (rows, columns, {n_outputs}); "
                "leave out Flatten and Dense"
            )
        sizes = objects.boxes[:, 2:] - objects.boxes[:, :2]
        across, down = np.exp(np.log(sizes).mean(axis=0)).tolist()
        return Grid(found[0], found[1], height, width, (across, down))

    def _objects(self, name: str, X: Any, y: Any) -> Objects:
        """Check what is to be found in pictures: as many, and boxes that lie within them."""
        height, width = np.shape(X)[1:3]
        objects = objects_of(y, name)
        if objects.n_pictures != len(X):
            raise ValueError(
                f"{name} is of {objects.n_pictures} pictures, X has {len(X)}; give (boxes, labels) for each picture"
            )
        outside = (objects.boxes[:, :2] < 0).any(axis=1) | (objects.boxes[:, 2:] > (width, height)).any(axis=1)
        if outside.any():
            place = int(np.flatnonzero(outside)[0])
            raise ValueError(
                f"{name}[{objects.pictures[place]}] has the box {objects.boxes[place].tolist()}, which is not within "
                f"the picture of width {width} and height {height}; cut it off at the edge, or leave it out"
            )
        return objects

    def _codes(self, objects: Objects) -> np.ndarray:
        """Return the class numbers of objects to validate on."""
        unknown = ~np.isin(objects.labels, self.classes_)
        if unknown.any():
            raise ValueError(
                f"validation y holds {objects.labels[unknown][0]!r}, which is not among the classes "
                f"{self.classes_.tolist()}"
            )
        codes: np.ndarray = np.searchsorted(self.classes_, objects.labels)
        return codes

    def _samples(self, X: Any) -> np.ndarray:
        pictures = _pictures("X", X)
        if pictures.shape[1:] != self.picture_shape_:
            raise ValueError(
                f"X has pictures of shape {pictures.shape[1:]}, the detector learnt {self.picture_shape_}; resize them"
            )
        return self._scaled(pictures)

    def _scaled(self, pictures: np.ndarray) -> np.ndarray:
        result: np.ndarray = pictures.astype(np.float32)
        result -= self._mean.astype(np.float32)
        result /= self._spread.astype(np.float32)
        return result

    def _fitted(self) -> dict[str, Any]:
        return {
            "classes": self.classes_.tolist(),
            "grid": [self.grid_.rows, self.grid_.columns, *self.grid_.typical],
            "picture_shape": list(self.picture_shape_),
            "n_hidden": self.n_hidden_,
            "mean": self._mean.tolist(),
            "spread": self._spread.tolist(),
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        height, width, channels = (int(size) for size in fitted["picture_shape"])
        rows, columns, across, down = fitted["grid"]
        self.classes_ = np.array(fitted["classes"])
        self.picture_shape_ = height, width, channels
        self.grid_ = Grid(int(rows), int(columns), height, width, (float(across), float(down)))
        self.n_hidden_ = int(fitted["n_hidden"])
        self._mean, self._spread = np.array(fitted["mean"]), np.array(fitted["spread"])


def _pictures(name: str, X: Any) -> np.ndarray:
    """Check pictures: (n, height, width, channels)."""
    array = np.asarray(X)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.size == 0:
        raise ValueError(
            f"{name} has shape {np.shape(X)}, not (n, height, width) or (n, height, width, channels) with n >= 1; "
            "give pictures of one size"
        )
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} has the dtype {array.dtype}; give pictures as numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; give pictures of finite numbers")
    return array
