"""Looking inside a network: what its inputs do to its outputs, what its layers give, what its attention looks at."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet import errors
from netlet.graph.building import Value
from netlet.graph.operations import values_by_name
from netlet.insight.attention_weights import ATTENTION, attention_weights
from netlet.insight.gradient_over_time import GradientOverTime, over_time
from netlet.insight.input_gradients import gradient_of_losses, gradient_of_output
from netlet.insight.trace import Trace, trace_of
from netlet.network.penalties import terms_of
from netlet.network.surfaces import Surfaces
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer, optimizer_of
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor
from netlet.training.step_memory import StepMemory, memory_of
from netlet.training.stepper import Rule, lowered, slots_of

_LINKS = ("softmax", "sigmoid")


class Looking(Surfaces):
    """The part of a `Network` that shows how it comes to its outputs."""

    def input_gradient(self, X: Any, y: Any, *, loss: str | Loss | None = None) -> Any:
        """Compute the gradient of each sample's loss with respect to its own input.

        The network runs as it predicts: without dropout, and with the running statistics of batch normalisation.

        Parameters
        ----------
        X, y
            As for `fit`.
        loss : str or Loss, optional
            Default: that of the last `fit`.

        Returns
        -------
        dtype, (n_samples, ...), of the input's shape
            For several inputs a tuple of arrays, in their order. A category's number, which an `Embedding` reads, has
            no derivative: in its place stands the length of the gradient with respect to the category's vector.

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If the data are not as they should be.

        Examples
        --------
        >>> from netlet import Dense, Input, Network
        >>> network = Network([Input(2), Dense(1)], dtype="float64")
        >>> network.theta = [3.0, -1.0, 0.5]
        >>> network.input_gradient([[1.0, 1.0]], [2.0])  # of (3 a - b + 0.5 - 2)^2 / 2
        array([[ 1.5, -0.5]])
        """
        learnt = self._built()
        chosen, reads = loss_of(loss or self.loss, self._operations)
        samples = self._samples(X, y, chosen, reads, None)
        return self._as_inputs(gradient_of_losses(self._operations, learnt, chosen, reads, samples))

    def gradient_over_time(self, X: Any, y: Any, *, loss: str | Loss | None = None) -> GradientOverTime:
        """Measure how much of the gradient reaches each step of a sequence, before or after training.

        Parameters
        ----------
        X, y, loss
            As for `input_gradient`; a few dozen samples are enough.

        Returns
        -------
        GradientOverTime
            `norms`, one a step; `share`, of the first steps over the last; `finding`, in words, or None.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `input_gradient`, and if the network does not read one sequence, (time, features) or (time,).

        References
        ----------
        Bengio, Simard, Frasconi, "Learning long-term dependencies with gradient descent is difficult", 1994.
        """
        shapes = [each.dimensions for each in self._graph.inputs]
        if len(shapes) != 1 or len(shapes[0]) not in (1, 2):
            raise ValueError(
                f"gradient_over_time is of networks that read one sequence, (time, features), not {shapes}; use "
                "input_gradient"
            )
        return over_time(self.input_gradient(X, y, loss=loss))

    def trace(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss | None = None,
        optimizer: str | Optimizer = "sgd",
        learning_rate: float | None = None,
    ) -> Trace:
        """Take one step of a training and keep every value of it; the network stays as it is.

        All samples are one batch, and layers behave as in training. The new parameters are those that ``fit`` with
        ``epochs=1, batch_size="all", shuffle=False`` and this optimizer would give.

        Parameters
        ----------
        X, y
            As for `fit`; one sample or a few. Every value of every sample is kept.
        loss : str or Loss, optional
            Default: that of the last `fit`.
        optimizer : str or Optimizer, default "sgd"
            An update rule.
        learning_rate : float, optional
            For an update rule given by name; default: its own.

        Returns
        -------
        Trace
            A mapping from names ("Z1", "A1", "L", "dW2", "new b1") to arrays; prints as a table. `explain` prints
            formulas with the numbers put in, `to_html` draws the computational graph.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `evaluate`, and if the optimizer is none.
        TrainingFailed
            If the loss or a gradient is not finite.

        Examples
        --------
        >>> from netlet import Dense, Input, Network
        >>> network = Network([Input(2), Dense(1)], dtype="float64")
        >>> network.theta = [3.0, -1.0, 0.5]
        >>> trace = network.trace([[1.0, 1.0]], [2.0], learning_rate=0.5)  # of (3 a - b + 0.5 - 2)^2 / 2
        >>> trace["Z1"], trace["dW1"].ravel(), trace["new W1"].ravel()
        (array([[2.5]]), array([0.5, 0.5]), array([ 2.75, -1.25]))
        """
        learnt = self._built()
        chosen, reads = loss_of(loss or self.loss, self._operations)
        if learning_rate is not None and not isinstance(optimizer, str):
            raise ValueError(
                f"learning_rate={learning_rate!r} is given beside optimizer={optimizer!r}; give one of them"
            )
        method = optimizer_of(optimizer, learning_rate)
        rule = Rule(
            chosen, reads, method, self.seed, self.frozen, terms=terms_of(self, weight_decay=method.weight_decay)
        )
        samples = self._samples(X, y, chosen, reads, None)
        return trace_of(self._operations, learnt, samples, rule, method)

    def saliency(self, X: Any, output: Any = None) -> Any:
        """Compute the gradient of one output with respect to the input: to which numbers it is sensitive, and how.

        The network runs as it predicts. A last Softmax or Sigmoid is left out: the output is the logit, whose gradient
        does not vanish where the network is sure.

        Parameters
        ----------
        X : array-like
            As for `predict`.
        output : int, tuple of int or array of int, (n_samples,), optional
            Which output, the same for all samples; its place in a shape such as (time, classes); or one for each
            sample, such as its class. Default: for each sample the largest, which is that of the predicted class.

        Returns
        -------
        dtype, (n_samples, ...), of the input's shape
            As `input_gradient`.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict`, and if there is no such output.

        References
        ----------
        Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks: visualising image classification models and
        saliency maps", 2013.
        """
        learnt, x = self._built(), self._features(X)
        last = len(self._operations) - 1
        operation = self._operations[last]
        reads = operation.sources[0] if operation.row in _LINKS and operation.sources[0] > 0 else last
        chosen = None if output is None else self._outputs(output, len(x))
        return self._as_inputs(gradient_of_output(self._operations, learnt, reads, x, chosen))

    def activations(self, X: Any, layer: str, *, n_threads: int | None = None) -> np.ndarray:
        """Compute what one layer gives; the network runs as it predicts.

        Parameters
        ----------
        X : array-like
            As for `predict`.
        layer : str
            A name as `summary` shows it, such as "conv2d_1", or that of a layer within one:
            "transformerblock_1.attention".
        n_threads : int, optional
            As for `predict`.

        Returns
        -------
        dtype, (n_samples, ...), of the shape that the layer gives

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict`, and if there is no such layer.

        Examples
        --------
        >>> from netlet import Dense, Input, Network
        >>> network = Network([Input(2), Dense(1, "relu"), Dense(3)], dtype="float64")
        >>> network.parameters["dense_1.weight"][:] = [[1.0], [-1.0]]
        >>> network.activations([[3.0, 1.0], [1.0, 3.0]], "dense_1")
        array([[2.],
               [0.]])
        """
        learnt, value = self._built(), self._value_of(layer)
        if n_threads is not None:
            errors.check_number("n_threads", n_threads, int, 1)
        x = self._features(X)
        if value.operation == 0:
            return x.reshape(len(x), *value.shape).copy()
        predictor = Predictor(self._operations, value.operation, self.dtype)
        return predictor.predict(learnt.theta, learnt.state, x, n_threads).reshape(len(x), *value.shape)

    def attention_weights(self, X: Any, layer: str | None = None) -> np.ndarray:
        """Compute how much each step of a sequence takes from each other one; the network runs as it predicts.

        Parameters
        ----------
        X : array-like
            As for `predict`.
        layer : str, optional
            A `MultiHeadAttention` or `TransformerBlock`, named as `summary` shows it. Default: the only one.

        Returns
        -------
        dtype, (n_samples, heads, time, time)
            In row i the weights with which step i takes the values of all steps: they sum to 1, or are 0 where a step
            sees none because all are padding.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `predict`, and if there is no such layer, none with attention, or several and none is named.
        """
        learnt = self._built()
        found = {self._operations[place].names: place for place in self._attention_places()}
        names = [each[-1] for each in found]
        if not names:
            raise ValueError("the network has no attention; this is for MultiHeadAttention and TransformerBlock")
        if layer is None and len(names) > 1:
            raise ValueError(f"layer=None, and the network has {len(names)} with attention; give one of {names}")
        chosen = [place for own, place in found.items() if layer is None or layer in own]
        if not chosen:
            raise ValueError(errors.unknown_name("layer", layer, names))
        return attention_weights(self._operations, chosen[-1], learnt, self._features(X))

    def memory(
        self,
        batch_size: int = 32,
        *,
        n_threads: int | None = None,
        optimizer: str | Optimizer = "adam",
        n_samples: int = 0,
        n_validation: int = 0,
        loss: str | Loss | None = None,
    ) -> StepMemory:
        """Work out the memory that `fit` would need, before anything of it is allocated.

        Parameters
        ----------
        batch_size : int, >= 1
        n_threads : int, >= 1, optional
            As for `fit`. Threads share the values of a batch; only what measures held-out samples grows with them.
        optimizer : str or Optimizer
        n_samples, n_validation : int, >= 0
            Samples to train on and held-out ones, as far as they are to be counted.
        loss : str or Loss, optional
            Default: that of the last `fit`.

        Returns
        -------
        StepMemory
            Figures in bytes; prints as a table. `fit` refuses, with `NotEnoughMemory`, what does not fit.

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If a parameter is not as it should be.

        Examples
        --------
        >>> from netlet import Dense, Input, Network, Softmax
        >>> network = Network([Input(784), Dense(100, "relu"), Dense(10), Softmax()], seed=0)
        >>> memory = network.memory(batch_size=64, n_samples=60_000)
        >>> memory.parameters, memory.samples  # 79,510 and 60,000 * 785 numbers of 4 bytes
        (318040, 188400000)
        """
        learnt = self._built()
        errors.check_number("batch_size", batch_size, int, 1)
        errors.check_number("n_threads", n_threads, int, 1, optional=True)
        errors.check_number("n_samples", n_samples, int, 0)
        errors.check_number("n_validation", n_validation, int, 0)
        chosen, reads = loss_of(loss or self.loss, self._operations)
        rule = Rule(chosen, reads, optimizer_of(optimizer), self.seed, self.frozen)
        batch_size = min(batch_size, n_samples) if n_samples else batch_size
        gather = n_samples == 0 or n_samples > batch_size
        program = lowered(self._operations, rule, batch_size, gather, False, self.dtype)
        numbers = self._operations[0].size + chosen.n_targets(self._operations[reads].size)
        samples = (n_samples + n_validation) * numbers * learnt.theta.itemsize
        measuring = Predictor(self._operations, reads, self.dtype).memory(n_validation, n_threads)
        return memory_of(program, self._operations, reads, learnt, slots_of(rule), samples, measuring)

    def _attention_places(self) -> list[int]:
        return [place for place, operation in enumerate(self._operations) if operation.row in ATTENTION]

    def _value_of(self, layer: str) -> Value:
        """Return the value that a layer gives, by its name or that of a layer within one."""
        values = values_by_name(self._graph)
        if layer not in values:
            for place, operation in enumerate(self._operations):
                if layer in operation.names:
                    values[layer] = Value(place, operation.shape)
        if layer not in values:
            inner = {name for operation in self._operations for name in operation.names}
            raise ValueError(errors.unknown_name("layer", layer, inner | set(values)))
        return values[layer]

    def _outputs(self, output: Any, n_samples: int) -> np.ndarray:
        """Return the place of the chosen output for each sample, counted row by row: int64, (n_samples,)."""
        shape, size = self._output_shape, self._operations[-1].size
        allowed = f"the network gives {size} outputs" + (f" of shape {shape}" if len(shape) > 1 else "")
        if isinstance(output, tuple):
            fits = len(output) == len(shape) and all(
                _is_place(each, stop) for each, stop in zip(output, shape, strict=True)
            )
            if not fits:
                raise ValueError(f"output={output!r} is no place in the shape {shape}; each int counts from 0")
            return np.full(n_samples, np.ravel_multi_index(output, shape))
        if np.ndim(output) == 0:
            if not _is_place(output, size):
                raise ValueError(f"output={output!r} is not an int from 0 to {size - 1}: {allowed}")
            return np.full(n_samples, int(output))
        places = np.asarray(output)
        if places.shape != (n_samples,) or not all(_is_place(each, size) for each in places.tolist()):
            raise ValueError(
                f"output holds {places.dtype} of shape {places.shape}, not an int from 0 to {size - 1} for each of the "
                f"{n_samples} samples: {allowed}"
            )
        return places.astype(np.int64)

    def _as_inputs(self, columns: np.ndarray) -> Any:
        """Give columns the shapes of the inputs that they are of."""
        parts, start = [], 0
        for each in self._graph.inputs:
            parts.append(columns[:, start : start + each.size].reshape(len(columns), *each.dimensions))
            start += each.size
        return parts[0] if len(parts) == 1 else tuple(parts)


def _is_place(value: Any, stop: int) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(0 <= value < stop)
