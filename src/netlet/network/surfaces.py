"""The loss of a network over a plane of parameters, and what its layers give and are given by the gradient."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from netlet.errors import check_number
from netlet.graph.operations import values_by_name
from netlet.insight.layer_histograms import values_and_gradients
from netlet.insight.loss_surface import LossSurface, directions_of, points_of, surface_of
from netlet.insight.record_path import RecordPath
from netlet.network.asking import Asking
from netlet.training.losses import Loss
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, mean_loss


class Surfaces(Asking):
    """The part of a `Network` that looks at its loss from outside."""

    def loss_surface(
        self,
        X: Any,
        y: Any,
        *,
        directions: Literal["random", "path"] | tuple[Any, Any] | None = None,
        span: float | tuple[tuple[float, float], tuple[float, float]] | None = None,
        steps: int = 25,
        around: Any = None,
        path: RecordPath | Any = None,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        seed: int = 0,
        n_threads: int | None = None,
    ) -> LossSurface:
        """Compute the loss over a plane of parameters through the network's own; the network stays as it is.

        The network runs as it predicts, as in `evaluate`: without dropout, with the running statistics of batch
        normalisation as they are now, and without penalties. Costs ``steps**2`` evaluations.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; some hundred samples are often enough.
        directions : {"random", "path"} or pair of array-like, (n_parameters,), optional
            "random": drawn by `seed`, each unit's weights scaled to the length of the network's own; biases stay.
            "path": the two principal directions of `path`, of length 1. Default: "path" where there is one.
        span : float, > 0, or two intervals, optional
            How far to go to both sides, in lengths of the directions: ``0.5``, ``((-1, 1), (0, 2))``. Default: 1, or
            what holds the path.
        steps : int, >= 2, default 25
            Points along each direction; with an odd number and equal sides the middle one is the centre.
        around : array-like, (n_parameters,), optional
            The centre. Default: the network's parameters.
        path : RecordPath or array-like, (n, n_parameters), optional
            Where a training went: see `RecordPath`.
        loss : str or Loss, optional
            Default: that of the last `fit`.
        seed : int, >= 0, default 0
            Of the random directions.
        n_threads : int, optional
            As for `predict`.

        Returns
        -------
        LossSurface
            `losses` and where they were computed; `plot` draws it.

        Raises
        ------
        NotBuilt, ValueError, TypeError
            As `evaluate`, and if the directions span no plane.

        References
        ----------
        Li, Xu, Taylor, Studer, Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018.

        Examples
        --------
        >>> from netlet import Dense, Input, Network
        >>> network = Network([Input(1), Dense(1)], dtype="float64")
        >>> network.theta = [3.0, 0.0]  # of (3 x - y)^2 / 2, along the weight and the bias
        >>> surface = network.loss_surface([[1.0]], [3.0], directions=([1, 0], [0, 1]), span=1, steps=3)
        >>> surface.losses
        array([[2. , 0.5, 0. ],
               [0.5, 0. , 0.5],
               [0. , 0.5, 2. ]])
        """
        learnt = self._built()
        check_number("steps", steps, int, 2)
        check_number("seed", seed, int, 0)
        check_number("n_threads", n_threads, int, 1, optional=True)
        chosen, reads = loss_of(loss or self.loss, self._operations)
        samples = self._samples(X, y, chosen, reads, sample_weight)
        n_parameters = learnt.theta.size
        centre = learnt.theta.astype(np.float64)
        if around is not None:
            centre = points_of(np.atleast_2d(around), n_parameters, "around")[0].copy()
        points = None if path is None else points_of(path, n_parameters)
        vectors, kind = directions_of(directions, centre, self._operations, self.frozen, points, seed)
        predictor = Predictor(self._operations, reads, self.dtype, keeps_arena=True)
        state = learnt.state.copy()

        def evaluate(theta: np.ndarray) -> float:
            logits = predictor.predict(theta.astype(self.dtype), state, samples.x, n_threads)
            return mean_loss(chosen, logits, samples.y, samples.weights)

        # Far from the centre the loss may overflow, which is a fact of the surface.
        with np.errstate(over="ignore", invalid="ignore"):
            return surface_of(evaluate, centre, vectors, kind, span, int(steps), points)

    def _values_and_gradients(
        self, X: Any, y: Any, loss: str | Loss | None
    ) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
        """Compute what each layer gives and the gradient of the mean loss with respect to it, by the layer's name."""
        learnt = self._built()
        chosen, reads = loss_of(loss or self.loss, self._operations)
        samples = self._samples(X, y, chosen, reads, None)
        names = {name: value.operation for name, value in values_by_name(self._graph).items()}
        return values_and_gradients(self._operations, learnt, samples, chosen, reads, names)
