"""The program: a network as tables of numbers, which the compiled loop runs.

`nodes` has one row per operation, in the order of the forward pass; row 0 is the input. The columns are named below.
Places are counted in numbers from the start of the arena (VALUE, GRADIENT, SAVED, DX, DX2, SECOND_GRADIENT), of theta
or of the state; every value has `batch_size` rows. `slices` cuts the parameters into pieces that threads share; `rates`
says how each piece is changed beside the optimizer's rule; `plan` holds what concerns the whole run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet.kernels.memory import aligned_zeros

# Columns of `nodes`.
FORWARD, BACKWARD_INPUT, BACKWARD_PARAMETERS = 0, 1, 2  # addresses; 0 where there is no kernel to call
SOURCE, SOURCE2 = 3, 4  # the nodes that it reads; SOURCE2 is -1 for one input
SIZE = 5  # numbers per sample
VALUE, GRADIENT = 6, 7  # -1 where there is none
SAVED, SAVED_SIZE = 8, 9
THETA, THETA_SIZE = 10, 11
STATE, STATE_SIZE = 12, 13
DX, DX2 = 14, 15  # where backward writes; -1 where nobody needs it
ADD_DX, ADD_DX2 = 16, 17  # 1 where that is scratch, to be added to the source's gradient
DERIVE, DERIVED, DERIVED_SIZE = 18, 19, 20  # the kernel's address, 0 where backward needs nothing derived
DROPS = 21  # 1 where the first of its factors is a dropout rate, which a schedule may change; the last keeps it
N_COLUMNS = 22

# Columns of `slices`: a node, its range of parameter rows, and the range of theta that they are; a second node that
# uses the same parameters, or -1, and room in the arena for its gradient.
NODE, FIRST, LAST, START, STOP_AT, SECOND_NODE, SECOND_GRADIENT = 0, 1, 2, 3, 4, 5, 6
N_SLICE_COLUMNS = 7

# Columns of `rates`: a factor of the learning rate, the two penalties, the decay of the weights, and what the proximal
# step of the first penalty takes, in units of the learning rate.
RATE_FACTOR, L1, L2, WEIGHT_DECAY, SHRINKAGE = 0, 1, 2, 3, 4
N_RATE_COLUMNS = 5

# Columns of a course: by what a step's weight decay and its dropout rates are multiplied.
COURSE_OF_DECAY, COURSE_OF_DROPOUT = 0, 1
N_COURSE_COLUMNS = 2

# Places of `limits`: of each number of the gradient, and of the length of the whole; infinite where there is none.
MOST_VALUE, MOST_NORM = 0, 1
N_LIMITS = 2

# Places of `plan`.
BATCH_SIZE, CUT_ROWS, TARGETS, N_TARGETS, WEIGHTS, GATHER, KEY_LOW, KEY_HIGH = range(8)
FIRST_STEP, FIRST_UPDATE = 8, 9  # steps and updates done before this run
LOSS, UPDATE = 10, 11  # addresses; without an update only gradients are computed
ADD_L2, CLIP, SCALE, DECAY, SHRINK = 12, 13, 14, 15, 16  # addresses of adjustments; 0 where there is nothing to adjust
L2_OF_BATCH = 17  # 1 where the L2 term is divided by the weight of the batch
PLAN_SIZE = 18

N_SETTINGS = 16


@dataclass(frozen=True, eq=False)
class Program:
    """A network lowered for one batch size, one dtype and one purpose.

    Parameters
    ----------
    nodes : int64, (n_nodes, 22)
    settings : int64, (n_nodes, 16)
        Each node's integer settings.
    factors : dtype, (n_nodes, 16)
        Each node's float settings.
    slices : int64, (n_slices, 7)
    rates : float64, (n_slices, 5)
    limits : float64, (2,)
    plan : int64, (18,)
    arena_size : int
        How many numbers the arena needs.
    state_size : int
    dtype : str
    """

    nodes: np.ndarray
    settings: np.ndarray
    factors: np.ndarray
    slices: np.ndarray
    rates: np.ndarray
    limits: np.ndarray
    plan: np.ndarray
    arena_size: int
    state_size: int
    dtype: str

    @property
    def batch_size(self) -> int:
        """Rows for which the arena has room."""
        return int(self.plan[BATCH_SIZE])

    @property
    def n_cuts(self) -> int:
        """Into how many pieces the rows of a whole batch are cut: more threads than that are of no use."""
        return -(-self.batch_size // int(self.plan[CUT_ROWS]))

    def new_arena(self) -> np.ndarray:
        """Allocate the arena: zeros, shape (arena_size,)."""
        return aligned_zeros((self.arena_size,), self.dtype)
