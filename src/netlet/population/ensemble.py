"""Ensembles: the weighted mean of what several networks predict, and how far they are apart."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.network.network import Network
from netlet.population.agreement import check_agreement, kind_of_outputs
from netlet.population.calibration import fit_temperature, with_temperature
from netlet.population.ensemble_file import altered, read_ensemble, write_ensemble
from netlet.population.probabilities import logits_of
from netlet.population.selection import Selection, greedy_selection
from netlet.population.selection_costs import Cost
from netlet.training.losses import BinaryCrossEntropy, CrossEntropy, Loss, OfMembers, SquaredError
from netlet.training.output import loss_of
from netlet.training.prediction import accuracy, mean_loss
from netlet.training.samples.arrays import as_numbers
from netlet.training.samples.targets import targets_of
from netlet.training.samples.weights import weights_of

_ROUNDING = 1e-12  # weights whose sum is 1 but for rounding are taken as they are


class Ensemble:
    """Several networks that predict together.

    The prediction is the mean of the members' predictions, weighted by their weights. Where the outputs are
    probabilities (the networks end with Softmax or Sigmoid) and the temperature is not 1, the mean p is then replaced
    by softmax(log(p) / temperature), or by sigmoid(log(p / (1 - p)) / temperature) for Sigmoid: first the mean, then
    the temperature. The mean is computed in double precision, and given in the members' dtype.

    Parameters
    ----------
    networks : iterable of Network
        Built, with the same number of inputs, the same shape of output, and the same kind of it: probabilities of
        classes, answers, counts or numbers. All else may differ. They are not copied: what becomes of them reaches
        the ensemble.
    weights : array-like, (n_members,), optional
        Numbers >= 0, not all 0; their sum need not be 1. Default: all alike.
    temperature : float, > 0
        Above 1 the probabilities are drawn together, below 1 apart. Other outputs allow 1 only.

    Attributes
    ----------
    networks : tuple of Network
    weights : float64, (n_members,)
        With the sum 1.
    temperature : float
    dtype : {"float32", "float64"}
        Of predictions: float64 if any member has it.
    n_inputs, n_outputs : int
        Numbers of a sample that are read, and that are predicted.
    notes : dict
        What `save` was given to keep with the ensemble.
    selection : Selection or None
        How `select` found the members; not kept in the file.

    Raises
    ------
    ValueError
        If there are no networks, they do not agree, or the weights or the temperature are not allowed.
    TypeError
        If something is no network, or no number.
    NotBuilt
        If a network has no weights yet.

    References
    ----------
    Lakshminarayanan, Pritzel, Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles",
    2017; for the temperature after the mean, Rahaman, Thiery, "Uncertainty quantification and deep ensembles", 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Input, Network, Softmax
    >>> networks = [Network([Input(2), Dense(3), Softmax()], seed=seed) for seed in range(4)]
    >>> ensemble = Ensemble(networks)
    >>> ensemble
    Ensemble(4 networks; 2 inputs, 3 outputs; 36 parameters)
    >>> ensemble.predict(np.zeros((1, 2))).round(2)
    array([[0.33, 0.33, 0.33]], dtype=float32)
    """

    def __init__(self, networks: Iterable[Network], weights: Any = None, temperature: float = 1.0) -> None:
        members = list(networks) if isinstance(networks, Iterable) and not isinstance(networks, (str, dict)) else None
        if members is None or not all(isinstance(each, Network) for each in members):
            wrong = networks if members is None else next(each for each in members if not isinstance(each, Network))
            raise TypeError(f"networks holds {wrong!r}, which is no Network; give a list of networks")
        if not members:
            raise ValueError("networks is empty; give at least one network")
        check_agreement(members)
        self.networks: tuple[Network, ...] = tuple(members)
        self.weights = _weights_of(weights, len(members))
        self._kind = kind_of_outputs(members[0])
        self.temperature = temperature
        self.dtype = "float64" if any(each.dtype == "float64" for each in members) else "float32"
        self.notes: dict[str, Any] = {}
        self.selection: Selection | None = None

    @property
    def temperature(self) -> float:
        """What the logits of the averaged probabilities are divided by."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        check_number("temperature", value, float, 0, above=True)
        if not math.isfinite(value):
            raise ValueError(f"temperature={value!r} is not finite; use a number > 0, 1 for none")
        if value != 1 and self._kind not in ("classes", "answers"):
            raise ValueError(
                f"temperature={value!r} is for probabilities, which these networks do not predict; use 1, or networks "
                "that end with Softmax() or Sigmoid()"
            )
        self._temperature = float(value)

    @classmethod
    def select(
        cls,
        networks: Iterable[Network],
        X: Any,
        y: Any,
        *,
        size: int = 50,
        temperature: bool = True,
        cost: Cost = "auto",
        n_start: int = 1,
        n_threads: int | None = None,
    ) -> Ensemble:
        """Select the networks that predict best together on validation samples, and a temperature.

        Parameters
        ----------
        networks : iterable of Network
        X, y
            Samples that none of them was trained on, as for `Network.evaluate`.
        size, n_start : int, >= 1
            As for `greedy_selection`.
        temperature : bool
            Whether to fit a temperature to the same samples, where the outputs are probabilities.
        cost : str or callable
            As for `greedy_selection`; "auto" is the loss that the networks were trained with.
        n_threads : int, optional
            As for `Network.predict`.

        Returns
        -------
        Ensemble
            Of the networks that were selected, in the order given; `selection` tells which, and how well.

        Raises
        ------
        ValueError, TypeError, NotBuilt
            As `Ensemble`, `greedy_selection` and `fit_temperature`.
        """
        whole = cls(networks)
        predictions = whole.predict_members(X, n_threads=n_threads)
        if predictions.shape[1] == 0:
            raise ValueError("X has no rows; selecting needs at least one sample")
        parts = [[each] for each in whole.networks]
        return cls.select_parts(
            parts, predictions.reshape(*predictions.shape[:2], -1), y, size=size, temperature=temperature, cost=cost,
            n_start=n_start,
        )  # fmt: skip

    @classmethod
    def select_parts(
        cls, parts: Sequence[Sequence[Network]], predictions: Any, y: Any, *, size: int = 50, temperature: bool = True,
        cost: Cost = "auto", n_start: int = 1, smoothing: float = 0.0,
    ) -> Ensemble:  # fmt: skip
        """Select as `select` does, from predictions that are at hand, such as those of a cross-validation.

        Parameters
        ----------
        parts : sequence of sequence of Network
            Networks that are taken together, such as those of the folds, with equal weights.
        predictions : array-like, (n_parts, n_samples, n_outputs)
            What each part says of samples that it was not trained on.
        y, size, temperature, cost, n_start
            As for `select`.
        smoothing : float in [0, 1)
            As for `fit_temperature`.

        Returns
        -------
        Ensemble
            Of all networks of the parts that were selected; `selection` counts parts.

        Raises
        ------
        ValueError, TypeError, NotBuilt
            As `select`.
        """
        whole = cls([each for networks in parts for each in networks])
        predictions = np.stack([np.asarray(each) for each in predictions])
        chosen = whole._cost() if isinstance(cost, str) and cost == "auto" else cost
        found = greedy_selection(predictions, y, cost=chosen, size=size, n_start=n_start)
        kept = [int(place) for place in np.flatnonzero(found.counts)]
        chosen_networks = [each for place in kept for each in parts[place]]
        shares = [found.counts[place] / len(parts[place]) for place in kept for _ in parts[place]]
        ensemble = cls(chosen_networks, shares)
        ensemble.selection = found
        if temperature and ensemble._kind in ("classes", "answers"):
            average = _weighted(found.weights[kept], predictions[kept])
            logits = logits_of(average, ensemble._kind, ensemble.dtype)
            ensemble.temperature = fit_temperature(logits, y, kind=ensemble._kind, smoothing=smoothing)
        return ensemble

    @property
    def n_inputs(self) -> int:
        """Numbers of a sample that are read."""
        return int(self.networks[0]._graph.n_features or 0)

    @property
    def n_outputs(self) -> int:
        """Numbers of a sample that are predicted."""
        return math.prod(self.networks[0]._output_shape)

    @property
    def loss(self) -> str | Loss:
        """The loss that all members were trained with; "auto", by the last layer, where they differ."""
        found = self.networks[0].loss
        return found if all(each.loss == found for each in self.networks) else "auto"

    def predict(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Compute the weighted mean of the members' predictions, with the temperature.

        Parameters
        ----------
        X, n_threads
            As for `Network.predict`.

        Returns
        -------
        dtype, (n_samples, n_outputs)
            Or (n_samples, ...) where the members' last layer gives a shape. One member alone, with temperature 1,
            gives its own bits.

        Raises
        ------
        ValueError, TypeError
            If X is not as it should be.
        """
        return self._predict(X, n_threads).astype(self.dtype)

    def predict_members(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Compute each member's prediction, without weights and temperature.

        Parameters
        ----------
        X, n_threads
            As for `Network.predict`.

        Returns
        -------
        dtype, (n_members, n_samples, n_outputs)
            Or (n_members, n_samples, ...).

        Raises
        ------
        ValueError, TypeError
            If X is not as it should be.
        """
        return np.stack(list(self._members(X, n_threads))).astype(self.dtype, copy=False)

    def spread(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Measure how far the members are apart: the weighted standard deviation of their predictions.

        Where they disagree they have seen too little of the like; what they all have wrong does not show.

        Parameters
        ----------
        X, n_threads
            As for `Network.predict`.

        Returns
        -------
        dtype, (n_samples, n_outputs)
            sqrt(sum_m w_m (p_m - mean)^2), before the temperature; 0 for one member.

        Raises
        ------
        ValueError, TypeError
            If X is not as it should be.
        """
        members = self.predict_members(X, n_threads=n_threads)
        mean = _weighted(self.weights, members)
        variance = np.zeros(mean.shape)
        for weight, member in zip(self.weights, members, strict=True):
            variance += weight * np.square(member - mean)
        return np.asarray(np.sqrt(variance).astype(self.dtype))

    def evaluate(
        self, X: Any, y: Any, *, loss: str | Loss | None = None, sample_weight: Any = None
    ) -> dict[str, float]:
        """Measure the ensemble on samples.

        Parameters
        ----------
        X, y, loss, sample_weight
            As for `Network.evaluate`; the default is the loss that all members were trained with.

        Returns
        -------
        dict
            "loss", the weighted mean; "accuracy" too for losses of classes. A loss that reads logits is given those of
            the averaged probabilities; of averaged steps (of networks that end with Step) the share of votes less 1/2.

        Raises
        ------
        ValueError, TypeError
            If the data are not as they should be.
        """
        chosen, linked = self._loss_of_average(loss or self.loss)
        outputs = self._predict(X, None)
        n_samples = len(outputs)
        if n_samples == 0:
            raise ValueError("X has no rows; evaluating needs at least one sample")
        outputs = outputs.reshape(n_samples, -1)
        targets = targets_of(y, chosen, outputs.shape[1], self.dtype, n_samples, training=False)
        weights = weights_of(sample_weight, self.dtype, n_samples)
        read = self._unlinked(outputs) if linked else outputs
        logits = np.ascontiguousarray(read, dtype=self.dtype)
        figures = {"loss": mean_loss(chosen, logits, targets, weights)}
        share = accuracy(chosen, logits, targets, weights)
        return figures if share is None else figures | {"accuracy": share}

    def save(self, path: str | os.PathLike[str], *, notes: dict[str, Any] | None = None) -> None:
        """Write the ensemble with all its members to one safetensors file, whole or not at all.

        Parameters
        ----------
        path : str or path
            ``.netlet`` is the usual ending; none is added.
        notes : dict of JSON values, optional
            Kept with the ensemble; default: its `notes`. Each member keeps its own.

        Raises
        ------
        OSError
            If it cannot be written; a file that was there is as it was.
        TypeError, ValueError
            If the notes are not JSON.
        """
        if notes is not None:
            self.notes = dict(notes)
        own = {"weights": self.weights.tolist(), "temperature": self.temperature, "notes": self.notes}
        write_ensemble(path, own, self.networks)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Ensemble:
        """Read an ensemble that `save` wrote. Nothing in the file is executed.

        Raises
        ------
        OSError
            If it cannot be read.
        ModelFileError
            If it is no ensemble of netlet, is cut short, was altered, or needs a newer version.
        """
        description, networks = read_ensemble(path)
        try:
            ensemble = cls(networks, description["weights"], description["temperature"])
            ensemble.notes = dict(description["notes"])
        except (KeyError, TypeError, ValueError) as error:
            raise altered(path, error) from None
        return ensemble

    def _members(self, X: Any, n_threads: int | None) -> Iterator[np.ndarray]:
        """Check X once, for all members that read the same, and compute their predictions one by one."""
        if n_threads is not None:
            check_number("n_threads", n_threads, int, 1)
        first = next(each for each in self.networks if each.dtype == self.dtype)
        x = first._features(X)
        for each in self.networks:
            alike = each.dtype == first.dtype and each._reads() == first._reads()
            yield each._predict_checked(x, n_threads) if alike else each.predict(x, n_threads=n_threads)

    def _predict(self, X: Any, n_threads: int | None) -> np.ndarray:
        """Compute what `predict` gives, in double precision."""
        outputs = _weighted(self.weights, self._members(X, n_threads))
        if self.temperature == 1 or len(outputs) == 0:
            return outputs
        assert self._kind in ("classes", "answers")
        flat = outputs.reshape(len(outputs), -1)
        return with_temperature(flat, self.temperature, self._kind, self.dtype).reshape(outputs.shape)

    def _unlinked(self, outputs: np.ndarray) -> np.ndarray:
        """Return what the last layer would have to read to give these outputs: float64, (n_samples, n_outputs)."""
        if self._kind in ("classes", "answers"):
            return logits_of(outputs, self._kind, self.dtype)
        if self._kind == "counts":
            return np.asarray(np.log(np.maximum(outputs, np.finfo(self.dtype).tiny)))
        return outputs - 0.5

    def _loss_of_average(self, choice: str | Loss) -> tuple[Loss, bool]:
        """Return the loss of averaged outputs, and whether it reads what the last layer would have to read."""
        operations = self.networks[0]._operations
        loss, reads = loss_of(choice, operations)
        if isinstance(loss, OfMembers):
            return loss.of_mean, operations[operations[-1].sources[0]].row == loss.row.output
        return loss, reads != len(operations) - 1

    def _cost(self) -> Cost:
        """Return the cost that the members' loss is: by its name where there is one, which is faster."""
        loss, linked = self._loss_of_average(self.loss)
        if isinstance(loss, CrossEntropy) and self._kind == "classes":
            return "cross_entropy"
        if isinstance(loss, BinaryCrossEntropy) and self._kind == "answers":
            return "binary_cross_entropy"
        if isinstance(loss, SquaredError):
            return "squared_error"
        none = np.empty(0, self.dtype)

        def cost(average: np.ndarray, y: Any) -> float:
            targets = targets_of(y, loss, self.n_outputs, self.dtype, len(average), training=False)
            read = self._unlinked(average) if linked else average
            return mean_loss(loss, np.ascontiguousarray(read, dtype=self.dtype), targets, none)

        return cost

    def __repr__(self) -> str:
        count = len(self.networks)
        words = [
            f"{count} network{'s' if count > 1 else ''}",
            f"{self.n_inputs} inputs, {self.n_outputs} outputs",
            f"{sum(each.theta.size for each in self.networks):,} parameters",
        ]
        if self.temperature != 1:
            words.append(f"temperature {self.temperature:.3g}")
        return f"Ensemble({'; '.join(words)})"


def _weights_of(weights: Any, n_members: int) -> np.ndarray:
    """Check weights: float64, (n_members,), with the sum 1."""
    if weights is None:
        return np.full(n_members, 1 / n_members)
    found = as_numbers("weights", weights).astype(np.float64)
    if found.shape != (n_members,):
        raise ValueError(
            f"weights has shape {found.shape}, not ({n_members},); give one number for each of the {n_members} networks"
        )
    wrong = ~((found >= 0) & (found < np.inf))  # NaN too
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(f"weights[{place}]={found[place]} is not a finite number >= 0; use 0 to leave a member out")
    if not found.any():
        raise ValueError("weights are all 0; at least one member needs a weight > 0")
    scaled = np.ldexp(found, -math.frexp(found.max())[1])  # by a power of 2, so that their sum does not overflow
    total = math.fsum(scaled)
    return found if abs(math.fsum(found / n_members) * n_members - 1) <= _ROUNDING else scaled / total


def _weighted(weights: np.ndarray, members: Iterable[np.ndarray]) -> np.ndarray:
    """Return the weighted sum of arrays in double precision, added in their order."""
    total: np.ndarray | None = None
    for weight, member in zip(weights, members, strict=True):
        share = weight * member.astype(np.float64)
        total = share if total is None else total + share
    assert total is not None
    return total
