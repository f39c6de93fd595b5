"""Learned positions: every number of a sample is shifted by one of its own place, which is learnt.

    y_i = x_i + p        dx_i = dy_i        dp = sum_i dy_i

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, steps * n_features) | |
| theta | (steps * n_features,) | p, step by step |

`settings` holds n_features. The parameter gradient may be asked for any range of the steps of p.

Reference: Gehring, Auli, Grangier, Yarats, Dauphin, "Convolutional sequence to sequence learning", ICML 2017.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import Block, LayerRow, register

FEATURES = 0  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] + theta[j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, dx = flat(dy), flat(dx)
    for j in range(dy.size):
        dx[j] = dy[j]


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    start = first * settings[FEATURES]
    for j in range(dtheta.size):
        dtheta[j] = 0
    for i in range(dy.shape[0]):
        for j in range(dtheta.size):
            dtheta[j] += dy[i, start + j]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("position", n_in[0] // settings["features"], settings["features"]),)


register(
    LayerRow(
        "learned_positions", forward, backward_input, backward_parameters,
        parameters=_parameters, settings=("features",),
    )
)  # fmt: skip
