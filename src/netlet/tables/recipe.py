"""The recipe of RealMLP-TD: layers, and how to begin and train them, each piece of it to be switched off.

    columns -> periodic or piecewise-linear embedding (numbers), embedding (categories) -> scaling -> hidden layers
    -> outputs

| piece | what | rate factor | decay factor |
|---|---|---|---|
| periodic embedding | 16 waves a number, mapped to 3, beside the number | 0.1 | 0.1 |
| piecewise-linear embedding | 16 bins a number, mapped to 3, beside the number | 0.1 | 0.1 |
| scaling | a factor of each column | 6 | 6 |
| weight | NTK form: y = x W / sqrt(n_in) + b with W of variance 1 | 1 / sqrt(n_in) | sqrt(n_in) |
| bias | | 0.1 | 0 |
| slope | of the parametric activation | 0.1 | 0.1 |

Under Adam the NTK form is what these two factors make of a weight in the usual form, but for eps. The decay factors of
scales, slopes and waves are those of the published code, whose decay has the rate factor twice.

Reference: Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
data", NeurIPS 2024 (arXiv 2407.04491), RealMLP-TD; for the piecewise-linear embedding Gorishniy, Rubachev, Babenko, "On
embeddings for numerical features in tabular deep learning", NeurIPS 2022 (arXiv 2203.05556).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from netlet.errors import check_number
from netlet.graph.activations import Softmax
from netlet.graph.embedding import Embedding
from netlet.graph.initialisers import Normal
from netlet.graph.joining import Concatenate
from netlet.graph.layers import Dense, Dropout
from netlet.graph.members import MemberDense, MemberMean, MemberScaling
from netlet.graph.normalisation import Scaling
from netlet.graph.periodic_embedding import PeriodicEmbedding
from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding
from netlet.graph.shaping import Columns, Flatten, Input
from netlet.graph.specification import Layer, Node
from netlet.graph.time_dense import TimeDense
from netlet.network.network import Network
from netlet.training.losses import CrossEntropy
from netlet.training.optimizers import Adam
from netlet.training.schedules import Schedule

_MOST_TO_BEGIN = 200_000  # rows of all members: each has the values of a layer
_RATES = {"classes": 0.04, "numbers": 0.2}
_NUMERIC = ("periodic", "piecewise_linear", None)
_EMBEDDED = {"PeriodicEmbedding": ("frequency", "phase", "weight"), "PiecewiseLinearEmbedding": ("weight",)}
_ACTIVATIONS = {"classes": "parametric_selu", "numbers": "parametric_mish"}


@dataclass(frozen=True)
class Recipe:
    """A network to be, and how it is begun and trained.

    Attributes
    ----------
    output : Node
        For `Network`.
    beginning : dict or None
        Options of `Network.initialise_from_data`; None where the weights stay as they were drawn.
    training : dict
        Options of `Network.fit`, without those of validation: the published recipe keeps the best epoch there,
        ``patience=recipe.training["epochs"]``, which ends no training early.
    members : int
        Of the shared ensemble; 1 where it is none.
    """

    output: Node
    beginning: dict[str, Any] | None
    training: dict[str, Any]
    members: int = 1

    def network(self, X: Any, seed: int | None = None, dtype: Literal["float32", "float64"] = "float32") -> Network:
        """Build the network and begin it.

        Parameters
        ----------
        X : array-like, (n_samples, n_columns)
            The samples to train on, which decide how the weights begin.
        seed, dtype
            As for `Network`.

        Returns
        -------
        Network
        """
        network = Network(self.output, seed=seed, dtype=dtype)
        if self.beginning is not None:
            step = max(1, len(X) * self.members // _MOST_TO_BEGIN) if self.members > 1 else 1
            network.initialise_from_data(X[::step], **self.beginning)
        return network


def recipe(
    n_numbers: int,
    n_classes: int | None,
    *,
    n_others: int = 0,
    categories: Sequence[int] = (),
    n_targets: int = 1,
    hidden: Sequence[int] = (256, 256, 256),
    activation: str | Layer | None = None,
    numeric: Literal["periodic", "piecewise_linear"] | None = "periodic",
    frequencies: int = 16,
    frequency_scale: float = 0.1,
    bins: int = 16,
    embedding_size: int = 4,
    category_size: int = 8,
    scaling: bool = True,
    ntk: bool = True,
    from_data: bool = True,
    factors: bool = True,
    dropout: float = 0.15,
    weight_decay: float = 0.02,
    course: str | Schedule | None = "flat_cosine",
    learning_rate: float | None = None,
    beta2: float = 0.95,
    schedule: str | Schedule | None = "cos_log",
    label_smoothing: float = 0.1,
    members: int | None = None,
    epochs: int = 256,
    batch_size: int = 256,
) -> Recipe:
    """Return the published recipe for a table, each piece of it to be changed by a keyword.

    The columns of X are the numbers, then what is taken as it is (one-hot columns, indicators), then a column for each
    category that is embedded. Numbers should have median 0 and quartiles about 1 apart, clipped to some -3 to 3.
    Targets that are numbers should have mean 0 and variance 1.

    Parameters
    ----------
    n_numbers : int, >= 0
        Numeric columns.
    n_classes : int, >= 2, or None
        None for targets that are numbers.
    n_others : int, >= 0, default 0
        Columns that are taken as they are.
    categories : sequence of int, default ()
        How many values each further column has, which holds numbers from 0.
    n_targets : int, >= 1, default 1
        Numbers of a sample's target, where there are no classes.
    hidden : sequence of int
        Units of each hidden layer.
    activation : str or layer, optional
        Default: "parametric_selu" for classes, "parametric_mish" for numbers.
    numeric : {"periodic", "piecewise_linear"} or None
        What numbers go through: a `PeriodicEmbedding` of `frequencies` and `frequency_scale`, or a
        `PiecewiseLinearEmbedding` of `bins`, either of `embedding_size`; None: nothing.
    category_size : int, >= 1
        The length of an embedded category's vector.
    scaling : bool
        Whether each column has a factor that is learnt, before the first hidden layer.
    ntk : bool
        Whether the weights are trained in NTK form; else in the usual form, with decay of the weights alone.
    from_data : bool
        Whether the data decide how the weights and biases begin.
    factors : bool
        Whether scales, biases, slopes and waves have learning rates of their own.
    dropout : float in [0, 1)
        After each hidden layer.
    weight_decay : float, >= 0
    course : str or Schedule, optional
        Of dropout and weight decay.
    learning_rate : float, > 0, optional
        Default: 0.04 for classes, 0.2 for numbers.
    beta2 : float
        Of Adam.
    schedule : str or Schedule, optional
        Of the learning rate.
    label_smoothing : float in [0, 1)
        For classes: 0.1 where what counts is the share that is right, 0 where probabilities count.
    members : int >= 2, optional
        Members of a shared-weight ensemble (TabM-mini): they read the columns with factors of their own, share all
        hidden layers but for the slopes of their activations, and have an output layer each. Each is trained on its
        own loss, and their outputs are averaged. None: a plain network.
    epochs, batch_size : int

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError, TypeError
        If a value is not as it should be.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 3)).clip(-3, 3)
    >>> first = recipe(3, 2, hidden=(16,), epochs=30)
    >>> network = first.network(X, seed=0)
    >>> history = network.fit(X, (X[:, 0] > 0.5).astype(int), **first.training, progress=False)
    >>> history.records[-1]["loss"] < history.records[0]["loss"]
    True
    """
    check_number("n_numbers", n_numbers, int, 0)
    check_number("n_others", n_others, int, 0)
    check_number("n_classes", n_classes, int, 2, optional=True)
    check_number("n_targets", n_targets, int, 1)
    check_number("members", members, int, 2, optional=True)
    if n_numbers + n_others + len(categories) == 0:
        raise ValueError("n_numbers=0, n_others=0 and no categories leave no column; give at least one")
    kind = "numbers" if n_classes is None else "classes"
    activation = _ACTIVATIONS[kind] if activation is None else activation
    embedding = _embedding(numeric, frequencies, frequency_scale, bins, embedding_size) if n_numbers else None
    node = _columns(n_numbers, n_others, categories, embedding, category_size)
    rates, decays = _Factors(), _Factors()
    if factors and embedding is not None:
        for name in _EMBEDDED[type(embedding).__name__]:
            place = f"{type(embedding).__name__.lower()}_1", name
            rates[place] = decays[place] = 0.1
    width = n_numbers * (embedding_size if embedding is not None else 1) + n_others + len(categories) * category_size
    if scaling:
        node = Scaling()(node)
        if factors:
            rates["scaling_1", "scale"] = decays["scaling_1", "scale"] = 6.0
    if members is not None:
        node = MemberScaling(members)(node)
    n_outputs = n_targets if n_classes is None else n_classes
    if not hasattr(hidden, "__len__"):
        raise TypeError(f"hidden={hidden!r} is not a sequence of ints; give each layer's units, such as (128, 128)")
    for number, units in enumerate((*hidden, n_outputs), start=1):
        is_last = number > len(hidden)
        dense: type[Dense | TimeDense | MemberDense] = Dense
        if members is not None:
            dense = MemberDense if is_last else TimeDense
        name = f"{dense.__name__.lower()}_{1 if dense is MemberDense else number}"
        node = dense(units, "identity" if is_last else activation, initialiser="lecun_normal")(node)
        if ntk:
            rates[name, "weight"], decays[name, "weight"] = width**-0.5, width**0.5
        if factors:
            rates[name, "bias"] = 0.1
            if not is_last and activation in ("parametric_selu", "parametric_mish"):
                rates[name, "slope"] = decays[name, "slope"] = 0.1
        if dropout and not is_last:
            node = Dropout(dropout)(node)
        width = units
    training = {
        "optimizer": Adam(learning_rate or _RATES[kind], beta2=beta2, weight_decay=weight_decay),
        "schedule": schedule,
        "weight_decay_schedule": course,
        "dropout_schedule": course,
        "rate_factors": rates.by_name(),
        "decay_factors": decays.by_name(),
        "loss": "squared_error" if n_classes is None else CrossEntropy(label_smoothing=label_smoothing),
        "epochs": epochs,
        "batch_size": batch_size,
    }
    beginning = {"per_unit": True, "bias_points": 5} if from_data else None
    if beginning is None and isinstance(embedding, PiecewiseLinearEmbedding):
        beginning = {"only_edges": True}
    node = node if n_classes is None else Softmax()(node)
    return Recipe(node if members is None else MemberMean()(node), beginning, training, members or 1)


class _Factors(dict[tuple[str, str], float]):
    """Factors by a layer's name and that of its parameter."""

    def by_name(self) -> dict[str, float]:
        """Return them as `Network.fit` takes them."""
        return {f"{layer}.{parameter}": factor for (layer, parameter), factor in self.items()}


def _embedding(
    numeric: str | None, frequencies: int, frequency_scale: float, bins: int, size: int
) -> PeriodicEmbedding | PiecewiseLinearEmbedding | None:
    if numeric not in _NUMERIC:
        raise ValueError(f"numeric={numeric!r} is none of 'periodic', 'piecewise_linear', None; 'periodic' is usual")
    if numeric is None:
        return None
    if numeric == "periodic":
        return PeriodicEmbedding(frequencies, frequency_scale, size)
    return PiecewiseLinearEmbedding(bins, size)


def _columns(
    n_numbers: int, n_others: int, categories: Sequence[int], embedding: Layer | None, category_size: int
) -> Node:
    """Return what the hidden layers read: numbers, what is taken as it is, the vectors of categories."""
    n_plain = n_numbers + n_others
    x = Input(n_plain + len(categories))()
    parts = []
    if embedding is None and n_plain:
        parts.append(Columns(0, n_plain)(x) if categories else x)
    elif embedding is not None:
        parts.append(embedding(Columns(0, n_numbers)(x) if n_others or categories else x))
        if n_others:
            parts.append(Columns(n_numbers, n_others)(x))
    for place, count in enumerate(categories):
        vectors = Embedding(int(count), category_size, initialiser=Normal(1.0))(Columns(n_plain + place, 1)(x))
        parts.append(Flatten()(vectors))
    return Concatenate()(*parts) if len(parts) > 1 else parts[0]
