"""What parametric activations share: ``y = x + a d`` with ``d = f(x) - x``, and ``da_j = sum_i dy_ij d_ij``."""

from collections.abc import Mapping

from netlet.kernels.compiling import REORDERED, inline
from netlet.kernels.registry import Block


@inline(flags=REORDERED)
def slopes_of_differences(dy, differences, dtheta):
    """Set `dtheta` (m,) to the sums over the rows of dy (n, m) times `differences` (n, m)."""
    for j in range(dtheta.size):
        dtheta[j] = 0
    for i in range(dy.shape[0]):
        for j in range(dtheta.size):
            dtheta[j] += dy[i, j] * differences[i, j]


def one_slope(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    """Return the parameters of an activation with a slope for each feature."""
    return (Block("slope", 1, n_in[0]),)


def same_as_input(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    """Return the size of the input, for what keeps a number for each of its numbers."""
    return n_in
