"""The pictures that a network draws of itself, by `netlet.plots`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet import errors, plots
from netlet.graph.building import Operation
from netlet.network.streaming import Streaming
from netlet.training.output import loss_of

_PER_UNIT = ("batch_normalisation", "layer_normalisation")  # scale units, which a drawing of weights leaves out
_CLASSES = ("cross_entropy", "binary_cross_entropy", "hinge", "perceptron")


class Picturing(Streaming):
    """The part of a `Network` that draws itself. Each method returns Matplotlib's Axes, and shows nothing."""

    def plot_decision_boundary(
        self, X: Any, y: Any, features: Sequence[int | str] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw what the network answers over the plane of two features, with samples.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,)
            Class numbers, or for other losses numbers.
        features : two of int or str, optional
            Needed if X has more than two; the others are fixed at their medians.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.decision_boundary`: `fixed`, `names`, `classes`, `resolution`.

        Returns
        -------
        Axes

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict` and `netlet.plots.decision_boundary`.
        """
        self._built()
        if not self._is_of_classes:
            return plots.decision_boundary(self.predict, X, y, features, ax, **({"kind": "numbers"} | options))
        y = y if "classes" in options else _class_numbers(y)
        return plots.decision_boundary(self._beliefs, X, y, features, ax, **({"kind": "classes"} | options))

    def plot_hidden_units(
        self,
        X: Any,
        y: Any = None,
        layer: str | None = None,
        features: Sequence[int | str] | None = None,
        ax: Any = None,
        **options: Any,
    ) -> np.ndarray:
        """Draw what each unit of a layer gives over the plane of two features, with samples.

        Parameters
        ----------
        X : array-like or data frame, (n_samples, n_features)
        y : array-like, (n_samples,), optional
        layer : str, optional
            A name as `summary` shows it; default: the first layer with weights.
        features : two of int or str, optional
            Needed if X has more than two; the others are fixed at their medians.
        ax : matplotlib Axes, optional
            They are divided.
        **options
            As for `netlet.plots.hidden_units`: `units`, `scale`, `fixed`, `names`, `resolution`.

        Returns
        -------
        array of Axes, (n_units,)

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `activations` and `netlet.plots.hidden_units`.
        """
        self._built()
        chosen = layer if layer is not None else self._weighted()[0].layer
        self._value_of(chosen)
        return plots.hidden_units(lambda rows: self.activations(rows, chosen), X, y, features, ax, **options)

    def plot_weight_images(
        self, layer: str | None = None, shape: Sequence[int] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw the weights of each unit, or filter, of a layer as a picture.

        Parameters
        ----------
        layer : str, optional
            A dense or convolutional layer, named as `summary` shows it; default: the first with weights.
        shape : (height, width) or (height, width, channels), optional
            Of what one unit reads. Default: a convolution's window; for a dense layer that reads the input, the
            input's shape.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.weight_images`: `names`, `columns`.

        Returns
        -------
        Axes

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If there is no such layer, or the shape is needed or does not fit.
        """
        self._built()
        known = self._weighted()
        chosen = known[:1] if layer is None else [each for each in known if each.layer == layer]
        if not chosen:
            raise ValueError(errors.unknown_name("layer", layer, [each.layer for each in known], "which have weights"))
        operation = chosen[0]
        shape = shape if shape is not None else self._shape_read_by(operation)
        return plots.weight_images(self.parameters[f"{operation.layer}.weight"], shape, ax, **options)

    def plot_confusion_matrix(
        self, X: Any, y: Any, names: Sequence[Any] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw how many samples of each class the network takes for which.

        Parameters
        ----------
        X, y
            As for `evaluate`, with one class for each sample.
        names : sequence, (n_classes,), optional
            What to call the classes.
        ax : matplotlib Axes, optional
        **options
            As for `netlet.plots.confusion_matrix`.

        Returns
        -------
        Axes

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict`, and if the network predicts no classes.
        """
        self._built()
        if not self._is_of_classes:
            raise ValueError("the network predicts numbers, not classes; use plot_residuals")
        beliefs = self._beliefs(X)
        if beliefs.ndim != 2:
            raise ValueError(f"the network gives {beliefs.shape[1:]} for each sample; one class is drawn, not a shape")
        single = beliefs.shape[1] == 1
        predicted = (beliefs[:, 0] > 0.5).astype(int) if single else beliefs.argmax(axis=1)
        options = {"classes": range(2 if single else beliefs.shape[1])} | options
        return plots.confusion_matrix(_class_numbers(y), predicted, names, ax, **options)

    def plot_residuals(
        self, X: Any, y: Any, ax: Any = None, *, output: int | None = None, unit: str = ""
    ) -> np.ndarray:
        """Draw predicted numbers against true ones, and the residuals.

        Parameters
        ----------
        X : array-like
            As for `predict`.
        y : array-like, (n_samples,) or (n_samples, n_outputs)
        ax : matplotlib Axes, optional
            They are divided.
        output : int, optional
            Which output; needed if there are several.
        unit : str, optional
            Of the numbers, such as "kg".

        Returns
        -------
        array of Axes, (2,)

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict`, and if the network predicts classes, or there is no such output.
        """
        self._built()
        if self._is_of_classes:
            raise ValueError("the network predicts classes, not numbers; use plot_confusion_matrix")
        predicted = self.predict(X)
        n_outputs = int(np.prod(predicted.shape[1:]))
        if output is None and n_outputs > 1:
            raise ValueError(f"output=None, and the network gives {n_outputs} numbers; choose one, such as output=0")
        errors.check_number("output", output or 0, int, 0, below=n_outputs)
        true = np.asarray(y)
        if true.ndim > 1 and true.shape[1:] == predicted.shape[1:]:
            true = true.reshape(len(true), -1)[:, output or 0]
        return plots.residuals(true, predicted.reshape(len(predicted), -1)[:, output or 0], ax, unit=unit)

    def draw(self, ax: Any = None, *, biases: bool = True, **options: Any) -> Any:
        """Draw the units as circles and the weights as lines, the wider the larger, red above 0 and blue below.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        biases : bool, default True
            Colour the circles by their biases.
        **options
            As for `netlet.plots.network_diagram`: `inputs`, `outputs`, `layers`, `max_units`.

        Returns
        -------
        Axes

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError
            If it is no chain of dense layers. Layers without weights, and normalisation, are left out.
        """
        self._built()
        for place, operation in enumerate(self._operations[1:]):
            if operation.sources != (place,) or (
                operation.n_theta and operation.row != "dense" and operation.row not in _PER_UNIT
            ):
                raise ValueError(
                    f"draw is of chains of dense layers, which {operation.layer} ({operation.row}) is no part of; see "
                    "summary() or plot_weight_images()"
                )
        names = [each.layer for each in self._weighted()]
        if not names:
            raise ValueError("the network has no weights to draw; give it a Dense layer")
        own = self.parameters
        weights = [own[f"{name}.weight"] for name in names]
        offsets = [own.get(f"{name}.bias") for name in names] if biases else None
        return plots.network_diagram(weights, offsets, ax, **({"layers": ["input", *names]} | options))

    @property
    def _is_of_classes(self) -> bool:
        """Whether its outputs speak for classes: by its last layer, or by the loss of the last `fit`."""
        return loss_of(self.loss, self._operations)[0].row.name in _CLASSES

    def _beliefs(self, X: Any) -> np.ndarray:
        """Return the probability of each class, or the decision where the loss has none: (n, 1) or (n, n_classes)."""
        outputs = self.predict(X).astype(np.float64)
        loss, last = loss_of(self.loss, self._operations)[0], self._operations[-1].row
        link = loss.row.output
        if link == last or last in ("softmax", "sigmoid", "step"):
            return outputs
        if link == "softmax":
            powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
            shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
            return shares
        if link == "sigmoid":
            yes: np.ndarray = np.exp(-np.logaddexp(0.0, -outputs))
            return yes
        if outputs.shape[1] == 1:
            return (outputs > 0).astype(float)
        return np.asarray(np.eye(outputs.shape[1])[outputs.argmax(axis=1)])

    def _weighted(self) -> list[Operation]:
        """Return the operations with a matrix of weights of dense layers and convolutions."""
        own = self.parameters
        return [each for each in self._operations if each.n_theta and f"{each.layer}.weight" in own]

    def _shape_read_by(self, operation: Operation) -> tuple[int, ...]:
        settings = operation.settings
        if "kernel_height" in settings:
            return (
                settings["kernel_height"],
                settings["kernel_width"],
                settings["channels"] // settings.get("groups", 1),
            )
        dimensions = self._graph.inputs[0].dimensions
        if operation.sources == (0,) and len(dimensions) in (2, 3) and len(self._graph.inputs) == 1:
            return tuple(dimensions)
        raise ValueError(
            f"shape=None, and {operation.layer} reads {self._operations[operation.sources[0]].size} numbers; say what "
            "picture they are, such as shape=(28, 28)"
        )


def _class_numbers(y: Any) -> np.ndarray:
    """Return y with whole numbers as ints."""
    found: np.ndarray = np.asarray(y)
    if found.dtype.kind in "fb" and np.isfinite(found).all() and (found == np.floor(found)).all():
        return found.astype(np.int64)
    return found
