"""The mean over the members of a shared-weight ensemble.

    y_ij = 1 / k sum_m x_imj        dx_imj = dy_ij / k

Shapes: x, dx are (n, k * d), the members of a sample one after another; y, dy are (n, d). `settings` holds k, the
number of members.

Reference: Gorishniy, Kotelnikov, Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling",
ICLR 2025.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.registry import LayerRow, register

MEMBERS = 0  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    d, members = y.shape[1], settings[MEMBERS]
    share = y.dtype.type(1) / y.dtype.type(members)
    for i in range(y.shape[0]):
        for j in range(d):
            y[i, j] = x[i, j]
        for member in range(1, members):
            for j in range(d):
                y[i, j] += x[i, member * d + j]
        for j in range(d):
            y[i, j] *= share


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    d, members = dy.shape[1], settings[MEMBERS]
    share = dy.dtype.type(1) / dy.dtype.type(members)
    for i in range(dy.shape[0]):
        for member in range(members):
            for j in range(d):
                dx[i, member * d + j] = dy[i, j] * share


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] // settings["members"]


register(LayerRow("member_mean", forward, backward_input, n_out=_n_out, settings=("members",)))
