"""Layers of a shared-weight ensemble: one network of several members, which differ in a few parameters of their own.

A value of members has the shape (members, features). `TimeDense`, activations and `Dropout` between these layers treat
the members alike: they share its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from netlet.graph.activations import activated, check_activation
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Initialiser, Normal, check_initialiser
from netlet.graph.specification import Layer, check_positive

_STANDARD_NORMAL = Normal(1.0)


def _check_members(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"{name} reads members with features, (members, features), not the shape {shape}; "
            "put MemberScaling(members) before it"
        )


@dataclass(frozen=True)
class MemberScaling(Layer):
    """Multiply each feature by a factor of each member: ``y_m = x * s_m``.

    A row of features becomes a row for each member, (members, features), which is where a shared-weight ensemble
    begins. Where members with features are read already, each is scaled by itself.

    Parameters
    ----------
    members : int, >= 1
    initialiser : str or Initialiser, default Normal(1.0)
        How the factors begin. Members are different by these alone, and by their heads. ``Constant(1.0)`` is usual for
        what reads members.

    Raises
    ------
    ValueError
        If `members` is no positive int, or a name is unknown.

    Notes
    -----
    Gorishniy, Kotelnikov, Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling", ICLR
    2025 (arXiv 2410.24210); the scaling before the first layer alone, with the heads, is its TabM-mini. The scaling is
    that of Wen, Tran, Ba, "BatchEnsemble: an alternative approach to efficient ensemble and lifelong learning", ICLR
    2020.

    Examples
    --------
    Eight members that share a hidden layer; each is trained on its own loss, and their probabilities are averaged:

    >>> import numpy as np
    >>> from netlet import Input, Network, Softmax, TimeDense
    >>> from netlet.graph.layers import MemberDense, MemberMean, MemberScaling
    >>> layers = [Input(5), MemberScaling(8), TimeDense(16, "relu"), MemberDense(3), Softmax(), MemberMean()]
    >>> Network(layers, seed=0).predict(np.zeros((4, 5))).shape
    (4, 3)
    """

    members: int
    initialiser: str | Initialiser = _STANDARD_NORMAL

    def __post_init__(self) -> None:
        check_positive(self, "members", "8 to 32 are usual")
        check_initialiser(self.initialiser)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        initialisers = {"scale": self.initialiser}
        if len(source.shape) == 1:
            kernel = Kernel("member_scaling", {"members": self.members}, initialisers=initialisers)
            return builder.add(kernel, sources, (self.members, source.size))
        if len(source.shape) != 2 or source.shape[0] != self.members:
            raise ValueError(
                f"{builder.layer} reads a row of features, or {self.members} members with features, not the shape "
                f"{source.shape}; put Flatten() before it, or give it as many members"
            )
        return builder.add(Kernel("scaling", {"features": source.size}, initialisers=initialisers), sources)


@dataclass(frozen=True)
class MemberDense(Layer):
    """Dense with a weight and a bias for each member: ``y_m = activation(x_m W_m + b_m)``; as the last one, the heads.

    Parameters
    ----------
    units : int, >= 1
        Outputs of each member: (members, features) becomes (members, units).
    activation : str or layer, default "identity"
    bias : bool, default True
    initialiser : str or Initialiser, default "auto"
        As in `Dense`.

    Raises
    ------
    ValueError
        If `units` is no positive int, or a name is unknown.

    Notes
    -----
    The weight is (members * features, units), member by member; the bias (members, units). Reference: as of
    `MemberScaling`.
    """

    units: int
    activation: str | Layer = "identity"
    bias: bool = True
    initialiser: str | Initialiser = "auto"

    def __post_init__(self) -> None:
        check_positive(self, "units")
        check_initialiser(self.initialiser)
        check_activation(self.activation)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        _check_members(builder.layer, sources[0].shape)
        members = sources[0].shape[0]
        settings = {"units": self.units, "bias": int(self.bias), "members": members}
        kernel = Kernel("member_dense", settings, initialisers={"weight": self.initialiser})
        return activated(builder, builder.add(kernel, sources, (members, self.units)), self.activation)


@dataclass(frozen=True)
class MemberMean(Layer):
    """The mean over the members: (members, features) becomes a row of features.

    As the last layer it makes the network an ensemble: in training each member has its own loss, against the sample's
    one target, and the mean of these is minimised (the loss is read before the mean); predictions are averaged. Losses
    of classes and those that are averaged over the outputs allow it: cross-entropy, squared and absolute error, Huber,
    log-cosh, quantiles, Poisson.

    Notes
    -----
    `Network.evaluate` then gives the mean of the members' losses, and of their accuracies; the predictions, which are
    averages, are as good or better. Reference: as of `MemberScaling`.
    """

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        _check_members(builder.layer, sources[0].shape)
        members, features = sources[0].shape
        return builder.add(Kernel("member_mean", {"members": members}), sources, (features,))
