"""Nesterov's accelerated gradient, in the form whose parameters are the point looked ahead to.

    v <- momentum v - learning_rate dtheta        theta <- theta + momentum v - learning_rate dtheta

Nesterov takes the gradient at theta + momentum v. Here theta stands for that point already, so that a step needs one
gradient, at theta. At a constant learning rate the parameters are those of the form v <- momentum v + dtheta, theta <-
theta - learning_rate (dtheta + momentum v); with the learning rate inside the velocity, as here, a change of it works
on later gradients alone.

Arrays are slices (n,) of the flat vectors; `velocity` starts at 0. `number` counts updates from 1.

References: Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)", 1983;
Sutskever et al., ICML 2013; this form: Bengio, Boulanger-Lewandowski, Pascanu, "Advances in optimizing recurrent
networks", ICASSP 2013.
"""

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

MOMENTUM = 0


@kernel(UPDATE)
def nesterov(theta, dtheta, velocity, slot2, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    kept = settings[MOMENTUM]
    for i in range(theta.size):
        step = rate * dtheta[i]
        velocity[i] = kept * velocity[i] - step
        theta[i] += kept * velocity[i] - step


register(UpdateRow("nesterov", nesterov, n_slots=1, settings=("momentum",)))
