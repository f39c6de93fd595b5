"""What a network can be asked: predictions, figures, the gradient and whether it is right."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.insight.gradient_check import GradientCheck, check_gradients
from netlet.network.compiled_predictor import CompiledPredictor
from netlet.network.core import DTYPES, Core
from netlet.network.inputs import inputs_of
from netlet.network.penalties import terms_of
from netlet.training.learnt import Learnt
from netlet.training.losses import Loss
from netlet.training.objective import Objective
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, accuracy, mean_loss
from netlet.training.samples.arrays import few_features_of
from netlet.training.samples.integers import check_integers
from netlet.training.samples.targets import targets_of
from netlet.training.samples.weights import weights_of
from netlet.training.stepper import Rule, Samples


class Asking(Core):
    """The part of a `Network` that predicts and measures."""

    def _features(self, X: Any, name: str = "X") -> np.ndarray:
        """Check X: dtype, (n_samples, n_features)."""
        x = few_features_of(X, self.dtype, self._operations[0].size) if self._operations else None
        if x is None:
            x = inputs_of(X, self.dtype, self._graph, name)
        if self._operations and self._integers:
            check_integers(x, self._integers, name)
        return x

    def _reads(self) -> tuple[int, list[tuple[int, int, int]]]:
        """Return what decides, beside the dtype, which features are right: how many, and which are categories."""
        return self._operations[0].size, self._integers

    def _samples(self, X: Any, y: Any, loss: Loss, reads: int, sample_weight: Any, dtype: str | None = None) -> Samples:
        """Check samples to measure the network on; at least one."""
        x = self._features(X)
        if len(x) == 0:
            raise ValueError("X has no rows; evaluating needs at least one sample")
        n_outputs = self._operations[reads].size
        targets = targets_of(y, loss, n_outputs, self.dtype, len(x), training=False)
        arrays = x, targets, weights_of(sample_weight, self.dtype, len(x))
        return Samples(*(np.ascontiguousarray(each, dtype=dtype or self.dtype) for each in arrays))

    def predict(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Compute the outputs: probabilities where the last layer is Softmax or Sigmoid.

        Parameters
        ----------
        X : array-like, (n_samples, n_features)
            For several inputs a tuple of arrays, in the order in which the inputs were made.
        n_threads : int, optional
            Default: as many as are worth it. The result does not depend on it.

        Returns
        -------
        dtype, (n_samples, n_outputs)
            Or (n_samples, ...) where the last layer gives a shape.

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError, TypeError
            If X is not as it should be.

        Notes
        -----
        The same rows give the same bits. A row by itself and the same row among others may differ in the last bit.
        """
        self._built()  # first: it says so where there is nothing to predict with
        if n_threads is not None:
            check_number("n_threads", n_threads, int, 1)
        return self._predict_checked(self._features(X), n_threads)

    def _predict_checked(self, x: np.ndarray, n_threads: int | None) -> np.ndarray:
        """Compute the outputs of features that `_features`, or that of a network that reads the same, has checked."""
        learnt = self._built()
        if self._predictor is None:
            self._predictor = Predictor(self._operations, len(self._operations) - 1, self.dtype)
        outputs = self._predictor.predict(learnt.theta, learnt.state, x, n_threads)
        return outputs if len(self._output_shape) == 1 else outputs.reshape(len(x), *self._output_shape)

    def compile_predictor(self, *, dtype: Literal["float32", "float64"] | None = None) -> CompiledPredictor:
        """Make a function of the network as it is now, for predictions of one row or a few with the least delay.

        Parameters
        ----------
        dtype : {"float32", "float64"}, optional
            In which it computes, and which it takes; default: the network's. In another one the numbers are those of
            the network but for rounding.

        Returns
        -------
        CompiledPredictor
            Called with an array of its dtype it returns what `predict` returns, bit for bit. It keeps copies
            of the weights: training, loading or changing the network afterwards does not reach it.

        Raises
        ------
        NotBuilt
            If the network has no weights yet.
        ValueError
            If `dtype` is unknown.

        Examples
        --------
        >>> import numpy as np
        >>> from netlet import Dense, Input, Network, Softmax
        >>> predictor = Network([Input(3), Dense(2), Softmax()], seed=0).compile_predictor()
        >>> predictor(np.zeros(3, np.float32))
        array([0.5, 0.5], dtype=float32)
        """
        learnt, chosen = self._built(), dtype or self.dtype
        if chosen not in DTYPES:
            raise ValueError(unknown_name("dtype", chosen, DTYPES))
        arrays = learnt.theta.astype(chosen), learnt.state.astype(chosen)
        return CompiledPredictor(self._operations, self._output_shape, *arrays)

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
        learnt = self._built()
        chosen, reads = loss_of(loss or self.loss, self._operations)
        samples = self._samples(X, y, chosen, reads, sample_weight)
        logits = Predictor(self._operations, reads, self.dtype).predict(learnt.theta, learnt.state, samples.x)
        figures = {"loss": mean_loss(chosen, logits, samples.y, samples.weights)}
        share = accuracy(chosen, logits, samples.y, samples.weights)
        return figures if share is None else figures | {"accuracy": share}

    def loss_and_gradient(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        l1: float | dict[str, float] = 0.0,
        l2: float | dict[str, float] = 0.0,
        penalise_biases: bool = False,
    ) -> tuple[float, np.ndarray]:
        """Compute what training minimises, over all samples, and its gradient; nothing is changed.

        Layers behave as in training: batch normalisation uses the batch's own statistics, dropout draws one mask.

        Parameters
        ----------
        X, y, loss, sample_weight, l1, l2, penalise_biases
            As for `fit`.

        Returns
        -------
        loss : float
            The weighted mean over the samples, plus the penalties.
        gradient : float64, (n_parameters,)
            Laid out as `theta`; 0 for frozen layers.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `evaluate`.
        """
        learnt = self._built().copy()
        objective = self._objective(X, y, loss, sample_weight, terms_of(self, l1, l2), penalise_biases, learnt)
        with objective.stepper.team(None, 1) as (team, _):
            return objective(learnt.theta.copy(), team)

    def check_gradients(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        l2: float | dict[str, float] = 0.0,
        method: Literal["auto", "full", "projection"] = "auto",
        sides: Literal[1, 2] = 2,
        step: float | None = None,
    ) -> GradientCheck:
        """Compare the gradient of back-propagation with differences of the loss, in double precision.

        Parameters
        ----------
        X, y, loss, sample_weight, l2
            As for `fit`. A few samples are enough.
        method : {"auto", "full", "projection"}
            "full" moves each parameter by itself, "projection" moves each layer along random directions; "auto" is full
            up to 2,000 parameters.
        sides : {2, 1}
            Differences to both sides, whose error falls with the square of the step, or to one.
        step : float, > 0, optional
            How far parameters are moved; default: 1e-5 for two sides, 1e-7 for one.

        Returns
        -------
        GradientCheck
            Prints as a table of the layers; `ok` tells whether all are right.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `evaluate`.
        """
        own = self._built()
        double = Learnt(own.theta.astype(np.float64), own.state.astype(np.float64))
        objective = self._objective(X, y, loss, sample_weight, terms_of(self, 0.0, l2), False, double)
        return check_gradients(
            objective, self._operations, own.theta.astype(np.float64), self.seed, method=method, sides=sides, step=step
        )

    def _objective(
        self, X: Any, y: Any, loss: Any, sample_weight: Any, terms: Any, penalise_biases: bool, learnt: Learnt
    ) -> Objective:
        chosen, reads = loss_of(loss or self.loss, self._operations)
        samples = self._samples(X, y, chosen, reads, sample_weight, learnt.dtype)
        rule = Rule(chosen, reads, seed=self.seed, frozen=self.frozen, terms=terms, penalises_biases=penalise_biases)
        return Objective(self._operations, learnt, samples, rule)
