"""Element functions for the loops of compiled kernels, beside the basic operations of arithmetic.

They take one number and hold no branch and no call, so LLVM vectorises the loop that calls them. One text serves
float32 and float64, compiled or as plain Python on NumPy scalars (``NUMBA_DISABLE_JIT=1``). The result has the
argument's type.

Their polynomials are minimax: found by Remez' exchange algorithm in 45 to 60 digits and then rounded, each minimises
the largest ``|w(u) (g(u) - polynomial(u))|`` for the function g and the weight w that its file names. The tests measure
them against g.

Accuracy
--------
The largest error found, in units in the last place of the exact result, subnormal ones included:

==============  ====  ==============  ====
exp             0.91  log             0.98
expm1           1.65  log1p_exp       1.77
sigmoid         1.81  tanh            1.44
erf             1.39  normal_cdf      4.03
normal_density  2.76  cos_of_turns    2.60
sin_of_turns    2.51
==============  ====  ==============  ====

Searched were, with and without fused multiply-adds, every 17th float32 from 2^-26 to 110 in size (log: every 17th
positive one) and, against long double, some 7 million float64 for each function; for expm1, erf and the two of the
normal distribution, which no activation needs to the last digit, 1.8 million of each type, with fused multiply-adds.

References
----------
J.-M. Muller and others, Handbook of Floating-Point Arithmetic, 2nd edition, Birkhaeuser 2018, chapter 10.
J.-M. Muller, Elementary Functions, 3rd edition, Birkhaeuser 2016, chapters 3 (minimax) and 11 (range reduction).
W. J. Cody, W. Waite, Software Manual for the Elementary Functions, Prentice-Hall 1980.
"""

from netlet.kernels.functions.error_function import erf, normal_cdf, normal_density
from netlet.kernels.functions.exponential import exp, expm1, sigmoid
from netlet.kernels.functions.hyperbolic import tanh
from netlet.kernels.functions.logarithm import log, log1p_exp
from netlet.kernels.functions.turns import cos_of_turns, sin_of_turns

__all__ = [
    "cos_of_turns",
    "erf",
    "exp",
    "expm1",
    "log",
    "log1p_exp",
    "normal_cdf",
    "normal_density",
    "sigmoid",
    "sin_of_turns",
    "tanh",
]
