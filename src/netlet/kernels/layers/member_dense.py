"""Dense for members: each member of a shared-weight ensemble has a weight and a bias of its own.

    y_m = x_m W_m + b_m        dx_m = dy_m W_m^T        dW_m = x_m^T dy_m        db_m = sum_i dy_im

| array | shape | |
|---|---|---|
| x, dx | (n, k * d) | the members of a sample, one after another |
| y, dy | (n, k * o) | |
| theta | (k * d * o [+ k * o],) | W member by member, row by row, then b; without b where it is that much shorter |
| derived | (k * d * o,) or (0,) | W_m^T member by member, as in `dense` |

`settings` holds o, whether there is b, and k. The parameters are k * d rows of W and k more of b: the parameter
gradient may be asked for any range of them.

Reference: Gorishniy, Kotelnikov, Babenko, "TabM: advancing tabular deep learning with parameter-efficient ensembling",
ICLR 2025.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, FORWARD, inline, kernel
from netlet.kernels.layers.dense import size_of_transposed
from netlet.kernels.products import AS_IT_IS, TRANSPOSED, product_of_blocks
from netlet.kernels.registry import Block, LayerRow, register

UNITS, BIAS, MEMBERS = 0, 1, 2  # of settings


@inline
def _gradient_of_weights(dy, x, member, d, n_out, first, last, start, dtheta):
    """Set dtheta from `start` on to rows `first` to `last` of the gradient of one member's weight."""
    n, n_in, n_all = x.shape[0], x.shape[1], dy.shape[1]
    if n == 0:
        for place in range((last - first) * n_out):
            dtheta[start + place] = 0
    else:
        product_of_blocks(
            x, member * d + first, n_in, TRANSPOSED, dy, member * n_out, n_all, AS_IT_IS, dtheta, start, n_out,
            last - first, n, n_out,
        )  # fmt: skip


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    members, n_out = settings[MEMBERS], settings[UNITS]
    n, n_in, n_all = x.shape[0], x.shape[1], y.shape[1]
    d = n_in // members
    for member in range(members if n > 0 else 0):
        weight = member * d * n_out
        product_of_blocks(
            x, member * d, n_in, AS_IT_IS, theta, weight, n_out, AS_IT_IS, y, member * n_out, n_all, n, d, n_out
        )
    bias = n_in * n_out
    if theta.size > bias:
        for i in range(n):
            for j in range(n_all):
                y[i, j] += theta[bias + j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    members, n_out = settings[MEMBERS], settings[UNITS]
    n, n_in, n_all = dx.shape[0], dx.shape[1], dy.shape[1]
    d = n_in // members
    for member in range(members if n > 0 else 0):
        weight = member * d * n_out
        if derived.size > 0:
            product_of_blocks(
                dy, member * n_out, n_all, AS_IT_IS, derived, weight, d, AS_IT_IS, dx, member * d, n_in, n, n_out, d
            )
        else:
            product_of_blocks(
                dy, member * n_out, n_all, AS_IT_IS, theta, weight, n_out, TRANSPOSED, dx, member * d, n_in, n, n_out, d
            )


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    members, n_out = settings[MEMBERS], settings[UNITS]
    n_in = x.shape[1]
    d = n_in // members
    for member in range(members):
        begin, end = max(first, member * d), min(last, (member + 1) * d)
        if begin < end:
            own = member * d
            _gradient_of_weights(dy, x, member, d, n_out, begin - own, end - own, (begin - first) * n_out, dtheta)
    begin = max(first, n_in)
    if begin < last:
        source, target, count = (begin - n_in) * n_out, (begin - first) * n_out, (last - begin) * n_out
        for j in range(count):
            dtheta[target + j] = 0
        for i in range(dy.shape[0]):
            for j in range(count):
                dtheta[target + j] += dy[i, source + j]


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    members, n_out = settings[MEMBERS], settings[UNITS]
    n_in = derived.size // n_out
    d = n_in // members
    for row in range(first, min(last, n_in)):
        start, place = row // d * d * n_out, row % d
        for j in range(n_out):
            derived[start + j * d + place] = theta[row * n_out + j]


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return settings["members"] * settings["units"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    members, units = settings["members"], settings["units"]
    weight = Block("weight", n_in[0], units, is_weight=True, fans=(n_in[0] // members, units))
    return (weight, Block("bias", members, units)) if settings["bias"] else (weight,)


def _n_derived(n_in: int, n_out: int, batch_size: int, settings: Mapping[str, int]) -> int:
    members, units = settings["members"], settings["units"]
    return members * size_of_transposed(n_in // members, units, batch_size)


register(
    LayerRow(
        "member_dense", forward, backward_input, backward_parameters,
        derive=derive, n_out=_n_out, parameters=_parameters, n_derived=_n_derived,
        settings=("units", "bias", "members"),
    )
)  # fmt: skip
