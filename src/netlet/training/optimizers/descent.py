"""Descent along the gradient itself, or along an average of the gradients so far."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.training.optimizers.base import Optimizer


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent: ``theta -= learning_rate * dtheta``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.1
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.1
    rule = "sgd"


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum: ``v = momentum * v - learning_rate * dtheta; theta += v``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.01
    momentum : float in [0, 1), default 0.9
    nesterov : bool, default False
        Nesterov's accelerated gradient in the form of Bengio, Boulanger-Lewandowski and Pascanu, 2013, whose parameters
        are the point looked ahead to: ``theta += momentum * v - learning_rate * dtheta``.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    @property
    def rule(self) -> str:
        return "nesterov" if self.nesterov else "momentum"

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)


@dataclass(frozen=True)
class AveragedMomentum(Optimizer):
    """Gradient descent along an average of the gradients, the first of the two averages of Adam (Kingma and Ba, 2015).

    ``v = beta * v + (1 - beta) * dtheta; theta -= learning_rate * v / (1 - beta**t)``, t the number of the update.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.1
    beta : float in [0, 1), default 0.9
    bias_correction : bool, default True
        Whether to divide by ``1 - beta**t``, without which the first steps are small.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.1
    beta: float = 0.9
    bias_correction: bool = True
    rule = "averaged_momentum"
