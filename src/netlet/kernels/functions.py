"""Element functions for the loops of compiled kernels: exp, log, tanh, sigmoid and log1p_exp (softplus).

They take one number and hold no branch and no call, so LLVM vectorises the loop that calls them. One text serves
float32 and float64, compiled or as plain Python on NumPy scalars (``NUMBA_DISABLE_JIT=1``). The result has the
argument's type.

Method
------
exp        ``x = k ln 2 + r`` with an integer k and ``|r| <= ln(2) / 2``; then ``exp(x) = 2^k (1 + r + r^2 P(r))``.
           Adding and subtracting 1.5 * 2^23 (float64: 2^52) rounds to an integer and leaves k in the low bits. ln 2 is
           the sum of two constants, the first so short that its product with k is exact (Cody and Waite). 2^k is
           applied in two halves, so that the result overflows and turns subnormal exactly where it should.
log        ``x = 2^k (1 + f)`` with ``1 + f`` in ``[sqrt(1/2), sqrt(2))``; then, with ``s = f / (2 + f)``,
           ``log(1 + f) = 2 atanh(s) = f - s (f - s^2 Q(s^2))``.
tanh       ``x + x^3 T(x^2)`` for ``|x| < 0.55``, else ``1 - 2 / (exp(2 |x|) + 1)`` with the sign of x: near 0 that form
           would lose the leading digits.
sigmoid    ``e = exp(-|x|)`` and ``share = e / (1 + e)``; then ``1 - share`` for ``x > 0``, else ``e - e share``.
log1p_exp  ``max(x, 0) + log(1 + e)`` with ``e = exp(-|x|)``; where ``e > sqrt(2) - 1`` it uses
           ``log(1 + e) = log(2) + log(1 + (e - 1) / 2)``, so that the polynomial of log serves.

``P(u) = 1/2 + u p(u)``, and p, Q and T are minimax polynomials, found by Remez' exchange algorithm in 60 digits and
then rounded: each minimises the largest ``|w(u) (g(u) - polynomial(u))|``. The tests measure them against g.

=====  =====================================  =======  ======================  ===============
.      g(u)                                   w(u)     interval                degrees 32 / 64
=====  =====================================  =======  ======================  ===============
p      (exp(u) - 1 - u - u^2 / 2) / u^3       |u|^3    +- ln(2) / 2            3 / 8
Q      2 (atanh(sqrt u) / sqrt u - 1) / u     u        0 .. (3 - sqrt 8)^2     2 / 6
T      (tanh(sqrt u) / sqrt u - 1) / u        u        0 .. (ln(3) / 2)^2      4 / 10
=====  =====================================  =======  ======================  ===============

Accuracy
--------
The largest error found, in units in the last place of the exact result, subnormal ones included: exp 0.91, log 0.98,
tanh 1.44, sigmoid 1.81, log1p_exp 1.77. Searched were, with and without fused multiply-adds, every 17th float32 from
2^-26 to 110 in size (log: every 17th positive one) and, against long double, some 7 million float64 for each function.

References
----------
J.-M. Muller and others, Handbook of Floating-Point Arithmetic, 2nd edition, Birkhaeuser 2018, chapter 10.
J.-M. Muller, Elementary Functions, 3rd edition, Birkhaeuser 2016, chapters 3 (minimax) and 11 (range reduction).
W. J. Cody, W. Waite, Software Manual for the Elementary Functions, Prentice-Hall 1980.
"""

import numpy as np
from numba import types
from numba.extending import overload

from netlet.kernels.compiling import FUSED, inline

# Fused multiply-adds cost no accuracy here and save a quarter of the time; reordering would undo the range reductions.
fused = inline(flags=FUSED)

# Every constant has its own type, because a Python float turns float32 arithmetic into float64 in compiled code.
ZERO_32, ZERO_64 = np.float32(0.0), np.float64(0.0)
ONE_32, ONE_64 = np.float32(1.0), np.float64(1.0)
INF_32, INF_64 = np.float32(np.inf), np.float64(np.inf)
NAN_32, NAN_64 = np.float32(np.nan), np.float64(np.nan)

LN2_HIGH, LN2_LOW = 0.693145751953125, 1.4286068203094172e-06  # sum: ln 2
LN2_HIGH_32, LN2_LOW_32 = np.float32(LN2_HIGH), np.float32(LN2_LOW)  # 15 bits: times a k of 8 bits is exact
LN2_HIGH_64, LN2_LOW_64 = np.float64(0.693147180559663), np.float64(2.8235290563031577e-13)  # 41 bits, k of 11
LOG2_E_32, LOG2_E_64 = np.float32(1.4426950408889634), np.float64(1.4426950408889634)

ROUND_32, ROUND_64 = np.float32(1.5 * 2.0**23), np.float64(1.5 * 2.0**52)
ROUND_BITS_32, ROUND_BITS_64 = ROUND_32.view(np.int32), ROUND_64.view(np.int64)
EXP_LEAST_32, EXP_LEAST_64 = np.float32(-104.0), np.float64(-746.0)  # exp is 0 from here down
EXP_MOST_32, EXP_MOST_64 = np.float32(88.72283172607422), np.float64(709.782712893384)  # inf above
P_32 = tuple(np.float32(c) for c in (0.5, 0.16666521, 0.041666385, 0.008368722, 0.001394205))
P_64 = (
    0.5,
    0.16666666666666685,
    0.041666666666602896,
    0.008333333333313993,
    0.0013888888927221974,
    0.00019841269904762797,
    2.4801508156739176e-05,
    2.7557226207767182e-06,
    2.7625391555069086e-07,
    2.5115056737098723e-08,
)

SQRT_HALF_BITS_32 = np.float32(0.7071067811865476).view(np.int32)
SQRT_HALF_BITS_64 = np.float64(0.7071067811865476).view(np.int64)
LEAST_NORMAL_32, LEAST_NORMAL_64 = np.float32(2.0**-126), np.float64(2.0**-1022)
LIFT_32, LIFT_64 = np.float32(2.0**24), np.float64(2.0**54)  # makes a subnormal number normal
LIFT_POWER_32, LIFT_POWER_64 = np.float32(24.0), np.float64(54.0)
Q_32 = tuple(np.float32(c) for c in (0.66666776, 0.39977542, 0.29871714))
Q_64 = (
    0.6666666666666734,
    0.39999999999414704,
    0.28571428742383914,
    0.22222198573451618,
    0.18183564317587508,
    0.15314050642962143,
    0.14795949969430372,
)

TANH_EDGE = 0.55  # a polynomial below, exp above
TANH_REACH = 25.0  # tanh rounds to 1 from 9.02 (float64: 19.07) on
T_32 = tuple(np.float32(c) for c in (-0.3333332, 0.13332608, -0.053854628, 0.021081189, -0.006287669))
T_64 = (
    -0.333333333333333,
    0.13333333333326983,
    -0.053968253963969426,
    0.02186948839179626,
    -0.008863232698434136,
    0.00359209300890737,
    -0.0014555491494846263,
    0.0005884704743406751,
    -0.00023344790591649272,
    8.341194162645661e-05,
    -1.9553942805896895e-05,
)


@fused
def _power_of_two32(k):
    return np.int32((k + 127) << 23).view(np.float32)


@fused
def _power_of_two64(k):
    return np.int64((k + 1023) << 52).view(np.float64)


@fused
def _exp32(x):
    clipped = EXP_LEAST_32 if x < EXP_LEAST_32 else (EXP_MOST_32 if x > EXP_MOST_32 else x)
    shifted = clipped * LOG2_E_32 + ROUND_32
    k = shifted - ROUND_32
    high, low = clipped - k * LN2_HIGH_32, k * LN2_LOW_32
    r = high - low
    p = P_32[0] + r * (P_32[1] + r * (P_32[2] + r * (P_32[3] + r * P_32[4])))
    # `high` is exact: adding it last spares the rounding error of r.
    y = ONE_32 + (high + (r * r * p - low))
    # Compiled int32 arithmetic is int64; the conversion back keeps the vector as wide as that of the floats.
    power = np.int32(np.float32(shifted).view(np.int32) - ROUND_BITS_32)
    half = power >> 1
    y = y * _power_of_two32(half) * _power_of_two32(power - half)
    return INF_32 if x > EXP_MOST_32 else y


@fused
def _exp64(x):
    clipped = EXP_LEAST_64 if x < EXP_LEAST_64 else (EXP_MOST_64 if x > EXP_MOST_64 else x)
    shifted = clipped * LOG2_E_64 + ROUND_64
    k = shifted - ROUND_64
    high, low = clipped - k * LN2_HIGH_64, k * LN2_LOW_64
    r = high - low
    p = P_64[5] + r * (P_64[6] + r * (P_64[7] + r * (P_64[8] + r * P_64[9])))
    p = P_64[0] + r * (P_64[1] + r * (P_64[2] + r * (P_64[3] + r * (P_64[4] + r * p))))
    y = ONE_64 + (high + (r * r * p - low))
    power = np.float64(shifted).view(np.int64) - ROUND_BITS_64
    half = power >> 1
    y = y * _power_of_two64(half) * _power_of_two64(power - half)
    return INF_64 if x > EXP_MOST_64 else y


@fused
def _log1p_gap32(f):
    s = f / (f + ONE_32 + ONE_32)
    z = s * s
    return s * (f - z * (Q_32[0] + z * (Q_32[1] + z * Q_32[2])))


@fused
def _log1p_gap64(f):
    s = f / (f + ONE_64 + ONE_64)
    z = s * s
    q = Q_64[0] + z * (Q_64[1] + z * (Q_64[2] + z * (Q_64[3] + z * (Q_64[4] + z * (Q_64[5] + z * Q_64[6])))))
    return s * (f - z * q)


@fused
def _log32(x):
    subnormal = x < LEAST_NORMAL_32
    normal = (x * LIFT_32 if subnormal else x) if x > ZERO_32 else ONE_32
    bits = np.float32(normal).view(np.int32)
    power = np.int32(np.int32(bits - SQRT_HALF_BITS_32) >> 23)
    f = np.int32(bits - (power << 23)).view(np.float32) - ONE_32
    k = np.float32(power) - (LIFT_POWER_32 if subnormal else ZERO_32)
    y = k * LN2_HIGH_32 + (f - (_log1p_gap32(f) - k * LN2_LOW_32))
    return (y if x < INF_32 else x) if x > ZERO_32 else (-INF_32 if x == ZERO_32 else NAN_32)


@fused
def _log64(x):
    subnormal = x < LEAST_NORMAL_64
    normal = (x * LIFT_64 if subnormal else x) if x > ZERO_64 else ONE_64
    bits = np.float64(normal).view(np.int64)
    power = (bits - SQRT_HALF_BITS_64) >> 52
    f = np.int64(bits - (power << 52)).view(np.float64) - ONE_64
    k = np.float64(power) - (LIFT_POWER_64 if subnormal else ZERO_64)
    y = k * LN2_HIGH_64 + (f - (_log1p_gap64(f) - k * LN2_LOW_64))
    return (y if x < INF_64 else x) if x > ZERO_64 else (-INF_64 if x == ZERO_64 else NAN_64)


@fused
def _tanh_near32(x):
    z = x * x
    return x + x * (z * (T_32[0] + z * (T_32[1] + z * (T_32[2] + z * (T_32[3] + z * T_32[4])))))


@fused
def _tanh_near64(x):
    z = x * x
    t = T_64[5] + z * (T_64[6] + z * (T_64[7] + z * (T_64[8] + z * (T_64[9] + z * T_64[10]))))
    t = T_64[0] + z * (T_64[1] + z * (T_64[2] + z * (T_64[3] + z * (T_64[4] + z * t))))
    return x + x * (z * t)


def exp(x):
    """Return e to the power x: 0 at -inf, inf above 88.7228 (float64: 709.7827), nan at nan."""
    return _exp32(x) if isinstance(x, np.float32) else _exp64(np.float64(x))


def log(x):
    """Return the natural logarithm of x: -inf at 0, nan below 0, inf at inf, nan at nan."""
    return _log32(x) if isinstance(x, np.float32) else _log64(np.float64(x))


def _log1p_gap(f):
    """Return ``f - log(1 + f)`` for 1 + f from sqrt(1/2) to sqrt(2)."""
    return _log1p_gap32(f) if isinstance(f, np.float32) else _log1p_gap64(np.float64(f))


def _tanh_near(x):
    """Return tanh(x) for x from 0 to `TANH_EDGE`."""
    return _tanh_near32(x) if isinstance(x, np.float32) else _tanh_near64(np.float64(x))


def _choose_when_compiled(function, single, double):
    """Give compiled code the choice that `function` makes in plain Python, at compile time."""

    @overload(function)
    def choose(x):
        if x == types.float32:
            return lambda x: single(x)
        return lambda x: double(x)


_choose_when_compiled(exp, _exp32, _exp64)
_choose_when_compiled(log, _log32, _log64)
_choose_when_compiled(_log1p_gap, _log1p_gap32, _log1p_gap64)
_choose_when_compiled(_tanh_near, _tanh_near32, _tanh_near64)


@fused
def tanh(x):
    """Return the hyperbolic tangent of x: keeps the sign of a zero, -1 and 1 at the infinities, nan at nan."""
    one, two, edge = type(x)(1.0), type(x)(2.0), type(x)(TANH_EDGE)
    size = abs(x)
    near = _tanh_near(size if size < edge else edge)
    reach = type(x)(TANH_REACH)
    doubled = two * (reach if size > reach else size)
    far = one - two / (exp(doubled) + one)
    return np.copysign(near if size < edge else far, x)


@fused
def sigmoid(x):
    """Return the logistic function ``1 / (1 + exp(-x))``: 0 and 1 at the infinities, nan at nan."""
    one, zero = type(x)(1.0), type(x)(0.0)
    e = exp(-abs(x))
    share = e / (one + e)
    return one - share if x > zero else e - e * share


@fused
def log1p_exp(x):
    """Return the softplus function ``log(1 + exp(x))`` without overflow: 0 at -inf, inf at inf, nan at nan."""
    one, half, zero = type(x)(1.0), type(x)(0.5), type(x)(0.0)
    e = exp(-abs(x))
    large = e > type(x)(0.41421356)
    f = (e - one) * half if large else e
    high = type(x)(LN2_HIGH) if large else zero
    low = type(x)(LN2_LOW) if large else zero
    return (f - (_log1p_gap(f) - low)) + high + (x if x > zero else zero)
