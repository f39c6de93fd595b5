"""exp, expm1 and sigmoid.

Method
------
exp      ``x = k ln 2 + r`` with an integer k and ``|r| <= ln(2) / 2``; then ``exp(x) = 2^k (1 + r + r^2 P(r))``.
         Adding and subtracting 1.5 * 2^23 (float64: 2^52) rounds to an integer and leaves k in the low bits. ln 2 is
         the sum of two constants, the first so short that its product with k is exact (Cody and Waite). 2^k is
         applied in two halves, so that the result overflows and turns subnormal exactly where it should.
expm1    the same reduction: ``2^k (r + r^2 P(r) + (1 - 2^-k))``; near 0, where k is 0, the bracket is exact.
sigmoid  ``e = exp(-|x|)`` and ``share = e / (1 + e)``; then ``1 - share`` for ``x > 0``, else ``e - e share``.

``P(u) = 1/2 + u p(u)``; p is the minimax polynomial of degree 3 (float64: 8) for ``(exp(u) - 1 - u - u^2 / 2) / u^3``,
weighted by ``|u|^3``, on +- ln(2) / 2.
"""

import numpy as np

from netlet.kernels.functions.precision import (
    INF_32,
    INF_64,
    LN2_HIGH_32,
    LN2_HIGH_64,
    LN2_LOW_32,
    LN2_LOW_64,
    LOG2_E_32,
    LOG2_E_64,
    ONE_32,
    ONE_64,
    choose_when_compiled,
    fused,
)

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

EXPM1_LEAST_32, EXPM1_LEAST_64 = np.float32(-40.0), np.float64(-40.0)  # expm1 rounds to -1 from -17.4 (-37.5) down
LARGE_POWER = 100  # 2^-100 is nothing beside 1, and its exponent still fits


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
def _expm1_32(x):
    clipped = EXPM1_LEAST_32 if x < EXPM1_LEAST_32 else (EXP_MOST_32 if x > EXP_MOST_32 else x)
    shifted = clipped * LOG2_E_32 + ROUND_32
    k = shifted - ROUND_32
    high, low = clipped - k * LN2_HIGH_32, k * LN2_LOW_32
    r = high - low
    p = P_32[0] + r * (P_32[1] + r * (P_32[2] + r * (P_32[3] + r * P_32[4])))
    power = np.int32(np.float32(shifted).view(np.int32) - ROUND_BITS_32)
    offset = ONE_32 - _power_of_two32(-np.int32(min(power, LARGE_POWER)))
    y = (high + (r * r * p - low)) + offset
    half = power >> 1
    y = y * _power_of_two32(half) * _power_of_two32(power - half)
    return INF_32 if x > EXP_MOST_32 else np.copysign(y, x)


@fused
def _expm1_64(x):
    clipped = EXPM1_LEAST_64 if x < EXPM1_LEAST_64 else (EXP_MOST_64 if x > EXP_MOST_64 else x)
    shifted = clipped * LOG2_E_64 + ROUND_64
    k = shifted - ROUND_64
    high, low = clipped - k * LN2_HIGH_64, k * LN2_LOW_64
    r = high - low
    p = P_64[5] + r * (P_64[6] + r * (P_64[7] + r * (P_64[8] + r * P_64[9])))
    p = P_64[0] + r * (P_64[1] + r * (P_64[2] + r * (P_64[3] + r * (P_64[4] + r * p))))
    power = np.float64(shifted).view(np.int64) - ROUND_BITS_64
    offset = ONE_64 - _power_of_two64(-min(power, LARGE_POWER))
    y = (high + (r * r * p - low)) + offset
    half = power >> 1
    y = y * _power_of_two64(half) * _power_of_two64(power - half)
    return INF_64 if x > EXP_MOST_64 else np.copysign(y, x)


def exp(x):
    """Return e to the power x: 0 at -inf, inf above 88.7228 (float64: 709.7827), nan at nan."""
    return _exp32(x) if isinstance(x, np.float32) else _exp64(np.float64(x))


def expm1(x):
    """Return ``exp(x) - 1`` without losing digits near 0: keeps the sign of a zero, -1 at -inf, inf at inf."""
    return _expm1_32(x) if isinstance(x, np.float32) else _expm1_64(np.float64(x))


choose_when_compiled(exp, _exp32, _exp64)
choose_when_compiled(expm1, _expm1_32, _expm1_64)


@fused
def sigmoid(x):
    """Return the logistic function ``1 / (1 + exp(-x))``: 0 and 1 at the infinities, nan at nan."""
    one, zero = type(x)(1.0), type(x)(0.0)
    e = exp(-abs(x))
    share = e / (one + e)
    return one - share if x > zero else e - e * share
