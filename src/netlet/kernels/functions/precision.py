"""What every element function needs: the choice between float32 and float64, and constants of each type."""

import numpy as np
from numba import types
from numba.extending import overload

from netlet.kernels.compiling import FUSED, inline

# Fused multiply-adds cost no accuracy here and save a quarter of the time; reordering would undo the range reductions.
fused = inline(flags=FUSED, always=True)

# Every constant has its own type, because a Python float turns float32 arithmetic into float64 in compiled code.
ZERO_32, ZERO_64 = np.float32(0.0), np.float64(0.0)
ONE_32, ONE_64 = np.float32(1.0), np.float64(1.0)
INF_32, INF_64 = np.float32(np.inf), np.float64(np.inf)
NAN_32, NAN_64 = np.float32(np.nan), np.float64(np.nan)

LN2_HIGH, LN2_LOW = 0.693145751953125, 1.4286068203094172e-06  # sum: ln 2
LN2_HIGH_32, LN2_LOW_32 = np.float32(LN2_HIGH), np.float32(LN2_LOW)  # 15 bits: times a k of 8 bits is exact
LN2_HIGH_64, LN2_LOW_64 = np.float64(0.693147180559663), np.float64(2.8235290563031577e-13)  # 41 bits, k of 11
LOG2_E_32, LOG2_E_64 = np.float32(1.4426950408889634), np.float64(1.4426950408889634)


def choose_when_compiled(function, single, double):
    """Give compiled code the choice that `function` makes in plain Python, at compile time."""

    @overload(function)
    def choose(x):
        if x == types.float32:
            return lambda x: single(x)
        return lambda x: double(x)
