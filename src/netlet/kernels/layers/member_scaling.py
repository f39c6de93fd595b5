"""Scaling for members: each member of a shared-weight ensemble reads the features with factors of its own.

    y_imj = x_ij s_mj        dx_ij = sum_m dy_imj s_mj        ds_mj = sum_i dy_imj x_ij

| array | shape | |
|---|---|---|
| x, dx | (n, d) | what all members read |
| y, dy | (n, k * d) | the members of a sample, one after another |
| theta | (k * d,) | s, member by member |

`settings` holds k, the number of members. The parameter gradient may be asked for any range of members.

Reference: Gorishniy, Kotelnikov, Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling",
ICLR 2025; after Wen, Tran, Ba, "BatchEnsemble", ICLR 2020.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.registry import Block, LayerRow, register

MEMBERS = 0  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    d = x.shape[1]
    for i in range(x.shape[0]):
        for member in range(settings[MEMBERS]):
            first = member * d
            for j in range(d):
                y[i, first + j] = x[i, j] * theta[first + j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    d = dx.shape[1]
    for i in range(dx.shape[0]):
        for j in range(d):
            dx[i, j] = dy[i, j] * theta[j]
        for member in range(1, settings[MEMBERS]):
            first = member * d
            for j in range(d):
                dx[i, j] += dy[i, first + j] * theta[first + j]


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    d = x.shape[1]
    for place in range((last - first) * d):
        dtheta[place] = 0
    for i in range(x.shape[0]):
        for member in range(first, last):
            source, target = member * d, (member - first) * d
            for j in range(d):
                dtheta[target + j] += dy[i, source + j] * x[i, j]


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["members"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("scale", settings["members"], n_in[0]),)


register(
    LayerRow(
        "member_scaling", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, settings=("members",),
    )
)  # fmt: skip
