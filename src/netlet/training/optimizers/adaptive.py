"""Optimizers whose step sizes follow each weight's own gradients."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlet.training.optimizers.base import Optimizer


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad with diagonal matrices (Duchi, Hazan and Singer, 2011): the sum of squares begins at 0.

    ``s += dtheta**2; theta -= learning_rate * dtheta / (sqrt(s) + eps)``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.01
    eps : float, > 0, default 1e-10
        Added outside the root.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.01
    eps: float = 1e-10
    rule = "adagrad"


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Adadelta as in algorithm 1 of Zeiler, 2012, with its `rho` and `eps`, `eps` inside both roots.

    Parameters
    ----------
    learning_rate : float, > 0, default 1
        A factor of each step; 1 is the paper's rule, which has none.
    rho : float in [0, 1), default 0.95
        How much of the averages is kept; PyTorch's default is 0.9.
    eps : float, > 0, default 1e-6
        Decides the first steps: the larger, the longer.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 1.0
    rho: float = 0.95
    eps: float = 1e-6
    rule = "adadelta"


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop as in lecture 6.5 of Tieleman and Hinton, 2012, without bias correction; `eps` is outside the root.

    ``s = rho * s + (1 - rho) * dtheta**2; theta -= learning_rate * dtheta / (sqrt(s) + eps)``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    rho : float in [0, 1), default 0.9
        The lecture's; PyTorch's default is 0.99.
    eps : float, > 0, default 1e-8
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.001
    rho: float = 0.9
    eps: float = 1e-8
    rule = "rmsprop"


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam as in algorithm 1 of Kingma and Ba, 2015: both averages corrected for their bias, `eps` outside the root.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    rule = "adam"


@dataclass(frozen=True)
class AdamEpsHat(Adam):
    """Adam in the form at the end of section 2 of Kingma and Ba, 2015: `eps` beside a root that is not corrected.

    That `eps` counts ``1 / sqrt(1 - beta2**t)`` times as much as in `Adam`, in the first updates about 30 times; it is
    felt by parameters with gradients as small as `eps`. Scikit-learn's perceptrons are trained in this form.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
    weight_decay : float, >= 0, default 0
    """

    rule = "adam_eps_hat"


@dataclass(frozen=True)
class AMSGrad(Adam):
    """Adam with the largest average of squares so far (Reddi, Kale and Kumar, 2018), both corrected for their bias.

    The paper corrects neither average. The maximum is taken before the correction.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
        Added outside the root.
    weight_decay : float, >= 0, default 0
    """

    rule = "amsgrad"


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019); the decay is multiplied by the learning rate.

    The same as `Adam` with a `weight_decay`; only the default is another. In the paper the decay is multiplied by the
    schedule alone, so that its value there is this one's times the learning rate.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
    weight_decay : float, >= 0, default 0.01
    """

    weight_decay: float = field(default=0.01, kw_only=True)


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam with Nesterov's momentum (Dozat, 2016), at a constant `beta1`.

    The paper lets `beta1` grow with the updates and multiplies the average of squares by `beta2` once more.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
        Added outside the root.
    weight_decay : float, >= 0, default 0
    """

    rule = "nadam"


@dataclass(frozen=True)
class Lion(Optimizer):
    """Lion as in algorithm 2 of Chen and others, 2023: steps of one size, along the signs of an average of gradients.

    ``theta -= learning_rate * sign(beta1 * m + (1 - beta1) * dtheta); m = beta2 * m + (1 - beta2) * dtheta``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.0001
        The paper advises a third to a tenth of Adam's, and as many times its weight decay.
    beta1, beta2 : float in [0, 1), default 0.9 and 0.99
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.99
    rule = "lion"


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Rprop in the form iRprop- (Igel and Huesken, 2003): a step size for each weight, led by its gradient's sign.

    It suits ``batch_size="all"``: over small batches signs change by chance.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.01
        The first step; it has no other effect, but that weight decay is multiplied by it.
    eta_minus : float in (0, 1), default 0.5
        By which a step size is multiplied when the sign changes. The gradient counts as 0 then.
    eta_plus : float, > 1, default 1.2
        By which a step size is multiplied while the sign stays.
    least_step, most_step : float, > 0, default 1e-6 and 50
        Bounds of the step sizes.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.01
    eta_minus: float = 0.5
    eta_plus: float = 1.2
    least_step: float = 1e-6
    most_step: float = 50.0
    rule = "rprop"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.least_step > self.most_step:
            raise ValueError(
                f"least_step={self.least_step!r} is more than most_step={self.most_step!r}; "
                "choose least_step <= most_step"
            )
