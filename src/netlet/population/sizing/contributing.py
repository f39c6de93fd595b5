"""How much each hidden unit contributes: by how much the loss grows where the unit gives its mean instead.

    c_j = mean_i L(y_i, f(x_i; a_j := mean(a_j))) - mean_i L(y_i, f(x_i))

This is measured, unit by unit, not estimated. The first-order estimate ``mean_i dL/da_ij (a_ij - mean(a_j))`` of
Molchanov et al. (2017), who call the measured one the oracle, costs one backward pass, but says nothing of a network
that is trained to the end: with w_j the outgoing weights and b the bias after them it is

    w_j . (dL/dw_j - mean(a_j) dL/db)

and both gradients are 0 there. For small networks the measured one is cheap: replacing a unit changes the next layer's
product by a term of rank one,

    z - (a_j - mean(a_j)) w_j^T

and only what comes after it is computed again, for many units in one pass. It is in the loss's unit, so that units of
different layers can be compared.

References: Mozer, Smolensky, "Skeletonization: a technique for trimming the fat from a network via relevance
assessment", NIPS 1988; Molchanov, Tyree, Karras, Aila, Kautz, "Pruning convolutional neural networks for resource
efficient inference", ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netlet.graph.building import Operation
from netlet.network.network import Network
from netlet.population.sizing.chain import Hidden, hidden_layers
from netlet.population.sizing.outputs import reading, values_of
from netlet.training.losses import Loss
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, mean_loss
from netlet.training.stepper import Samples

_NUMBERS_AT_ONCE = 1 << 21  # of the variants of the next layer's product that are computed together: 8 MiB of float32


def contributions(
    network: Network, X: Any, y: Any, *, loss: str | Loss | None = None, sample_weight: Any = None
) -> dict[str, np.ndarray]:
    """Measure how much each hidden unit contributes to the loss being as low as it is.

    Parameters
    ----------
    network : Network
        A chain of layers, trained; it is left as it is.
    X, y, loss, sample_weight
        As for `Network.evaluate`; some hundred samples are enough for an order.

    Returns
    -------
    dict of str to float64, (n_units,)
        For each hidden layer by how much the mean loss grows where a unit's output is replaced by its mean over the
        samples; below 0 where the unit does harm.

    Raises
    ------
    NotBuilt, ValueError, TypeError
        As `remove_units` and `Network.evaluate`.

    Notes
    -----
    It costs, for each unit, a prediction by the layers after it.
    """
    layers = hidden_layers(network)
    network._built()
    chosen, reads = loss_of(loss or network.loss, network._operations)
    samples = network._samples(X, y, chosen, reads, sample_weight)
    base = mean_loss(chosen, values_of(network, reads, samples.x), samples.y, samples.weights)
    return {hidden.name: _losses_without(network, hidden, samples, chosen, reads) - base for hidden in layers}


def _losses_without(network: Network, hidden: Hidden, samples: Samples, loss: Loss, reads: int) -> np.ndarray:
    """Return the loss with each unit of a layer replaced by its mean: float64, (n_units,)."""
    product = reading(network, hidden)
    outputs = values_of(network, network._operations[product].sources[0], samples.x)
    before = values_of(network, product, samples.x)
    weight = network.parameters[f"{hidden.reader}.weight"]
    deviations = outputs - outputs.mean(axis=0, dtype=np.float64).astype(outputs.dtype)
    tail = _after(network._operations, product)
    predictor = Predictor(tail, reads - product, network.dtype) if reads > product else None
    n_samples, result = len(before), np.empty(hidden.units)
    together = max(1, _NUMBERS_AT_ONCE // before.size)
    for first in range(0, hidden.units, together):
        units = range(first, min(first + together, hidden.units))
        variants = np.concatenate([before - deviations[:, unit, None] * weight[unit] for unit in units])
        if predictor is not None:
            variants = predictor.predict(network.theta, network.state, variants)
        for place, unit in enumerate(units):
            logits = variants[place * n_samples : (place + 1) * n_samples]
            result[unit] = mean_loss(loss, logits, samples.y, samples.weights)
    return result


def _after(operations: Sequence[Operation], product: int) -> list[Operation]:
    """Return the operations after one as a chain of their own, which reads its value; parameters keep their places."""
    first = Operation("input", "input", (), operations[product].size)
    later = (
        replace(operation, sources=tuple(source - product for source in operation.sources))
        for operation in operations[product + 1 :]
    )
    return [first, *later]
