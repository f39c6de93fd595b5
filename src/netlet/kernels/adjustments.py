"""What may be done to gradients and weights beside the optimizer's rule: penalties, limits, decay.

| kernel | formula | |
|---|---|---|
| add_l2 | g <- g + amount w | gradient of ``amount / 2 sum w^2`` |
| clip | g <- min(max(g, -amount), amount) | NaN stays NaN |
| scale | g <- amount g | the whole gradient, so that its length is no more than allowed |
| decay | w <- w - amount w | decoupled weight decay; `amount` is learning rate times decay |
| shrink | w <- sign(w) max(abs(w) - amount, 0) | proximal step of ``l1 sum abs(w)``; `amount`: learning rate times l1 |

Arrays are slices (n,) of theta and of its gradient.

References: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019; Pascanu, Mikolov, Bengio, "On the
difficulty of training recurrent neural networks", ICML 2013; Parikh, Boyd, "Proximal algorithms", 2014, section 6.5.2.
"""

from netlet.kernels.compiling import ADJUST, kernel


@kernel(ADJUST)
def add_l2(theta, dtheta, amount):
    l2 = theta.dtype.type(amount)
    for i in range(theta.size):
        dtheta[i] += l2 * theta[i]


@kernel(ADJUST)
def clip(theta, dtheta, amount):
    most = theta.dtype.type(amount)
    for i in range(dtheta.size):
        if dtheta[i] > most:
            dtheta[i] = most
        elif dtheta[i] < -most:
            dtheta[i] = -most


@kernel(ADJUST)
def scale(theta, dtheta, amount):
    factor = theta.dtype.type(amount)
    for i in range(dtheta.size):
        dtheta[i] *= factor


@kernel(ADJUST)
def decay(theta, dtheta, amount):
    share = theta.dtype.type(amount)
    for i in range(theta.size):
        theta[i] -= share * theta[i]


@kernel(ADJUST)
def shrink(theta, dtheta, amount):
    threshold, zero = theta.dtype.type(amount), theta.dtype.type(0)
    for i in range(theta.size):
        if theta[i] > threshold:
            theta[i] -= threshold
        elif theta[i] < -threshold:
            theta[i] += threshold
        elif theta[i] == theta[i]:
            theta[i] = zero
