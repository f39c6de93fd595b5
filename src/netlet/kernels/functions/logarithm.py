"""log and log1p_exp (softplus).

Method
------
log        ``x = 2^k (1 + f)`` with ``1 + f`` in ``[sqrt(1/2), sqrt(2))``; then, with ``s = f / (2 + f)``,
           ``log(1 + f) = 2 atanh(s) = f - s (f - s^2 Q(s^2))``.
log1p_exp  ``max(x, 0) + log(1 + e)`` with ``e = exp(-|x|)``; where ``e > sqrt(2) - 1`` it uses
           ``log(1 + e) = log(2) + log(1 + (e - 1) / 2)``, so that the polynomial of log serves.

Q is the minimax polynomial of degree 2 (float64: 6) for ``2 (atanh(sqrt u) / sqrt u - 1) / u``, weighted by u, from 0
to ``(3 - sqrt 8)^2``.
"""

import numpy as np

from netlet.kernels.functions.exponential import exp
from netlet.kernels.functions.precision import (
    INF_32,
    INF_64,
    LN2_HIGH,
    LN2_HIGH_32,
    LN2_HIGH_64,
    LN2_LOW,
    LN2_LOW_32,
    LN2_LOW_64,
    NAN_32,
    NAN_64,
    ONE_32,
    ONE_64,
    ZERO_32,
    ZERO_64,
    choose_when_compiled,
    fused,
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


def log(x):
    """Return the natural logarithm of x: -inf at 0, nan below 0, inf at inf, nan at nan."""
    return _log32(x) if isinstance(x, np.float32) else _log64(np.float64(x))


def _log1p_gap(f):
    """Return ``f - log(1 + f)`` for 1 + f from sqrt(1/2) to sqrt(2)."""
    return _log1p_gap32(f) if isinstance(f, np.float32) else _log1p_gap64(np.float64(f))


choose_when_compiled(log, _log32, _log64)
choose_when_compiled(_log1p_gap, _log1p_gap32, _log1p_gap64)


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
