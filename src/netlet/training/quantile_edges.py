"""Edges of piecewise-linear embeddings: quantiles of what the layers read.

    b_jt = the (t / bins) quantile of feature j over the samples, one of their values, t = 0 ... bins

Quantiles that are equal become one edge, and the last stands again at the end for those that are gone: a bin between
equal edges is empty.

Reference: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022,
section 3.2.1.
"""

from __future__ import annotations

import warnings

import numpy as np

from netlet.graph.building import Operation

ROW = "piecewise_linear_embedding"


def set_edges(operation: Operation, x: np.ndarray, state: np.ndarray) -> None:
    """Set the edges of a piecewise-linear embedding, in place.

    Parameters
    ----------
    operation : Operation
        Of the row `ROW`.
    x : dtype, (n_samples, n_features)
        What it reads.
    state : dtype, (n_state,)
        That of the whole network; the operation's part is changed.

    Warns
    -----
    RuntimeWarning
        If a feature is not finite; its edges are then left as they were.
    """
    n_bins = operation.settings["bins"]
    edges = state[operation.state : operation.state + operation.n_state].reshape(-1, n_bins + 1)
    finite = np.isfinite(x).all(axis=0)
    levels = np.linspace(0, 1, n_bins + 1)
    for j in np.flatnonzero(finite):
        own = np.unique(np.quantile(x[:, j], levels, method="inverted_cdf"))
        edges[j] = own[-1]
        edges[j, : len(own)] = own
    if not finite.all():
        warnings.warn(
            f"{operation.layer} keeps the edges of {(~finite).sum()} of its {len(finite)} features: they are not "
            "finite over these samples; look at the layers before it and at the data",
            RuntimeWarning,
            stacklevel=3,
        )
