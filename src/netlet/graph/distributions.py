"""The distributions from which parameters are drawn before training."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np

from netlet.errors import unknown_name


@dataclass(frozen=True)
class Initialiser:
    """Base of the initialisers."""

    def describe(self) -> dict[str, Any]:
        """Return the initialiser as a dict of plain values, for the model file."""
        return {"initialiser": type(self).__name__} | {each.name: getattr(self, each.name) for each in fields(self)}

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        """Fill a block of parameters.

        Parameters
        ----------
        values : float32 or float64, (n_in, n_out), contiguous
            Filled in place.
        generator : int64, (4,)
            State array of `netlet.kernels.random.new_generator`.
        """
        raise NotImplementedError

    def fill_block(self, values: np.ndarray, generator: np.ndarray, fans: tuple[int, int]) -> None:  # noqa: ARG002
        """Fill a block of parameters whose outputs have `fans`: the inputs of one, and the outputs of an input.

        By default these do not matter.
        """
        self.fill(values, generator)


def _check(initialiser: Initialiser, parameter: str, above: float, remedy: str) -> None:
    """Raise unless a parameter is a finite number above a bound; make it a float of Python, for the model file."""
    value = getattr(initialiser, parameter)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value <= above:
        wanted = "a finite number" if above == -math.inf else f"a finite number > {above:g}"
        raise ValueError(f"{parameter}={value!r} of {type(initialiser).__name__} is not {wanted}; {remedy}")
    object.__setattr__(initialiser, parameter, float(value))


def _fill_uniform(values: np.ndarray, generator: np.ndarray, limit: float) -> None:
    from netlet.kernels.compiling import prepare
    from netlet.kernels.random import fill_uniform

    prepare(fill_uniform, str(values.dtype))(values.reshape(-1), generator, -limit, limit)


def _fill_normal(values: np.ndarray, generator: np.ndarray, deviation: float) -> None:
    from netlet.kernels.compiling import prepare
    from netlet.kernels.random import fill_normal

    prepare(fill_normal, str(values.dtype))(values.reshape(-1), generator, 0.0, deviation)


@dataclass(frozen=True)
class Zeros(Initialiser):
    """Every number 0. Units that begin alike stay alike, so this is for biases and for output layers."""

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:  # noqa: ARG002
        values[:] = 0


@dataclass(frozen=True)
class Constant(Initialiser):
    """Every number the same.

    Parameters
    ----------
    value : float, default 0
    """

    value: float = 0.0

    def __post_init__(self) -> None:
        _check(self, "value", -math.inf, "give the number that every parameter begins with")

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:  # noqa: ARG002
        values[:] = self.value


@dataclass(frozen=True)
class Uniform(Initialiser):
    """Uniform over [-eps, eps), whatever the sizes.

    Parameters
    ----------
    eps : float, > 0, default 0.05
    """

    eps: float = 0.05

    def __post_init__(self) -> None:
        _check(self, "eps", 0.0, "weights begin between -eps and eps; 0.05 is usual")

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        _fill_uniform(values, generator, self.eps)


@dataclass(frozen=True)
class Normal(Initialiser):
    """Normal with mean 0, whatever the sizes.

    Parameters
    ----------
    deviation : float, > 0, default 0.01
        The standard deviation.
    """

    deviation: float = 0.01

    def __post_init__(self) -> None:
        _check(self, "deviation", 0.0, "it is the standard deviation; 0.01 is usual")

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        _fill_normal(values, generator, self.deviation)


@dataclass(frozen=True)
class VarianceScaling(Initialiser):
    """Mean 0 and variance ``scale / n``, so that signals or gradients keep their size from layer to layer.

    Parameters
    ----------
    distribution : {"normal", "uniform"}
        Neither is cut off: the variance is that of the formula.
    fan : {"in", "out", "average"}
        Which n: the inputs of a unit, the units that an input goes to, or the mean of both.
    """

    distribution: Literal["normal", "uniform"] = "normal"
    fan: Literal["in", "out", "average"] = "in"
    scale: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        for parameter, allowed in (("distribution", ("normal", "uniform")), ("fan", ("in", "out", "average"))):
            if getattr(self, parameter) not in allowed:
                name = f"{parameter} of {type(self).__name__}"
                raise ValueError(unknown_name(name, getattr(self, parameter), allowed))

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        self.fill_block(values, generator, (values.shape[0], values.shape[1]))

    def fill_block(self, values: np.ndarray, generator: np.ndarray, fans: tuple[int, int]) -> None:
        n_in, n_out = fans
        n = {"in": n_in, "out": n_out, "average": (n_in + n_out) / 2}[self.fan]
        if self.distribution == "uniform":
            _fill_uniform(values, generator, math.sqrt(3 * self.scale / n))  # U(-a, a) has the variance a^2 / 3
        else:
            _fill_normal(values, generator, math.sqrt(self.scale / n))


@dataclass(frozen=True)
class Glorot(VarianceScaling):
    """Variance ``1 / n``, n the mean of inputs and outputs, for layers before tanh or sigmoid or none.

    Parameters
    ----------
    distribution : {"uniform", "normal"}, default "uniform"
    fan : {"average", "in", "out"}, default "average"

    References
    ----------
    Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """

    distribution: Literal["normal", "uniform"] = "uniform"
    fan: Literal["in", "out", "average"] = "average"


@dataclass(frozen=True)
class He(VarianceScaling):
    """Variance ``2 / n``, for layers before a rectifier, which takes away half of the signal.

    Parameters
    ----------
    distribution : {"normal", "uniform"}, default "normal"
    fan : {"in", "out", "average"}, default "in"
        "in" keeps the size of the signals, "out" that of the gradients.

    References
    ----------
    He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
    """

    scale: ClassVar[float] = 2.0


@dataclass(frozen=True)
class LeCun(VarianceScaling):
    """Variance ``1 / n``, for layers before SELU, or whose inputs are of mean 0.

    Parameters
    ----------
    distribution : {"normal", "uniform"}, default "normal"
    fan : {"in", "out", "average"}, default "in"

    References
    ----------
    LeCun, Bottou, Orr, Mueller, "Efficient BackProp", 1998.
    """


@dataclass(frozen=True)
class Orthogonal(Initialiser):
    """A matrix drawn uniformly from the orthogonal ones, times `gain`.

    ``W^T W = gain^2 I`` where n_in >= n_out, and ``W W^T = gain^2 I`` where n_out >= n_in. Costs one QR decomposition
    in float64.

    Parameters
    ----------
    gain : float, > 0, default 1
        sqrt(2) is usual before a rectifier.

    References
    ----------
    Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    ICLR 2014; the sign: Mezzadri, "How to generate random matrices from the classical compact groups", 2007.
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        _check(self, "gain", 0.0, "1 keeps the size of a signal, sqrt(2) is usual before a rectifier")

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        from netlet.kernels.blas import single_threaded_blas

        drawn = np.empty((max(values.shape), min(values.shape)))
        _fill_normal(drawn, generator, 1.0)
        with single_threaded_blas():  # several threads round otherwise, and the seed alone is to decide
            q, r = np.linalg.qr(drawn)
        # R's diagonal made positive: the decomposition is unique then, and Q as evenly distributed as the draw.
        q *= np.where(np.diag(r) < 0, -self.gain, self.gain)
        values[:] = q if q.shape == values.shape else q.T
