"""The error function, and the normal distribution: erf, normal_cdf, normal_density.

    erf(x) = 2 / sqrt(pi) integral of e^(-t^2) from 0 to x
    normal_density(x) = e^(-x^2 / 2) / sqrt(2 pi)
    normal_cdf(x) = integral of normal_density from -inf to x = (1 + erf(x / sqrt 2)) / 2

Method
------
``e^(-x^2 / 2)``   x^2 is rounded, and for large x the exponential would turn that into many wrong digits. So x is cut
                   into a head of few bits and the rest, which give what rounding took away, exactly enough:
                   ``e^(-s / 2) (1 - (x^2 - s) / 2)`` with the rounded square s.
normal_cdf         ``q`` for ``x < 0``, else ``1 - q``, with ``q = e^(-z^2 / 2) M(z)`` and ``z = |x|``. Mills' ratio is
                   ``M(z) = V(t) / (z + c)`` with ``t = z / (z + c) - d``: a variable in which it is smooth from 0 to
                   infinity (Schonfelder).
erf                ``x + x W(x^2)`` for ``|x| < 1``, else ``1 - 2 q(sqrt(2) |x|)`` with the sign of x.

V and W are minimax polynomials for the relative error of the result: V of degree 9 with c = 4 (float64: 22, c = 5), for
z up to 14.5 (38.7), where q has underflowed; W of degree 6 (11) for ``erf(sqrt u) / sqrt u - 1``, u from 0 to 1.

Reference: J. L. Schonfelder, "Chebyshev expansions for the error and related functions", Mathematics of Computation 32,
1978.
"""

import numpy as np

from netlet.kernels.compiling import inline
from netlet.kernels.functions.exponential import exp
from netlet.kernels.functions.precision import choose_when_compiled, fused

SQRT_HALF_PER_PI = 0.3989422804014327  # 1 / sqrt(2 pi)
SQRT_TWO = 1.4142135623730951
NORMAL_REACH = 39.0  # the density underflows from 14.4 (float64: 38.6) on
# Adding and subtracting these leaves multiples of 2^-6 and of 2^-20: 12 and 26 bits up to NORMAL_REACH.
HEAD_32, HEAD_64 = np.float32(1.5 * 2.0**17), np.float64(1.5 * 2.0**32)

SCALE_32, SCALE_64 = np.float32(4.0), np.float64(5.0)  # c
CENTRE_32, CENTRE_64 = np.float32(0.375), np.float64(0.4375)  # d: about the middle of z / (z + c)
V_32 = tuple(
    np.float32(c)
    for c in (
        0.9346121,
        -1.6806744,
        2.202481,
        -2.0026462,
        1.051586,
        -0.013369735,
        -0.36946154,
        0.117027394,
        0.12193019,
        -0.06756886,
    )
)
V_64 = (
    0.8607598605188377,
    -1.6105665056657954,
    2.519116639683848,
    -3.2614357719129363,
    3.4125154323966664,
    -2.7389679549572534,
    1.4703051913506135,
    -0.24057183153434764,
    -0.3672994186999236,
    0.29186125585782713,
    0.023955071429066478,
    -0.13953271152113522,
    0.02766515711337665,
    0.06424142564226093,
    -0.02339158093123739,
    -0.033440020063109435,
    0.013911520499473543,
    0.01990842127981627,
    -0.0070636240530228215,
    -0.011815651791506324,
    0.0032120355817072148,
    0.004747781963633671,
    -0.0012435874310615868,
)
W_32 = tuple(
    np.float32(c)
    for c in (0.12837917, -0.37612626, 0.112835854, -0.026853815, 0.0051883305, -0.00080102024, 7.85385e-05)
)
W_64 = (
    0.12837916709551256,
    -0.3761263890318352,
    0.112837916709442,
    -0.026866170643113415,
    0.005223977606130842,
    -0.0008548325929766244,
    0.0001205529358693695,
    -1.4924712439534814e-05,
    1.6447132699786621e-06,
    -1.6206318752969208e-07,
    1.3710988704190523e-08,
    -7.779462971761597e-10,
)


@fused
def _mills_ratio32(z):
    size = z + SCALE_32
    t = z / size - CENTRE_32
    v = V_32[5] + t * (V_32[6] + t * (V_32[7] + t * (V_32[8] + t * V_32[9])))
    v = V_32[0] + t * (V_32[1] + t * (V_32[2] + t * (V_32[3] + t * (V_32[4] + t * v))))
    return v / size


@fused
def _mills_ratio64(z):
    size = z + SCALE_64
    t = z / size - CENTRE_64
    v = V_64[18] + t * (V_64[19] + t * (V_64[20] + t * (V_64[21] + t * V_64[22])))
    v = V_64[12] + t * (V_64[13] + t * (V_64[14] + t * (V_64[15] + t * (V_64[16] + t * (V_64[17] + t * v)))))
    v = V_64[6] + t * (V_64[7] + t * (V_64[8] + t * (V_64[9] + t * (V_64[10] + t * (V_64[11] + t * v)))))
    v = V_64[0] + t * (V_64[1] + t * (V_64[2] + t * (V_64[3] + t * (V_64[4] + t * (V_64[5] + t * v)))))
    return v / size


@fused
def _erf_near32(x):
    u = x * x
    w = W_32[3] + u * (W_32[4] + u * (W_32[5] + u * W_32[6]))
    return x + x * (W_32[0] + u * (W_32[1] + u * (W_32[2] + u * w)))


@fused
def _erf_near64(x):
    u = x * x
    w = W_64[6] + u * (W_64[7] + u * (W_64[8] + u * (W_64[9] + u * (W_64[10] + u * W_64[11]))))
    w = W_64[0] + u * (W_64[1] + u * (W_64[2] + u * (W_64[3] + u * (W_64[4] + u * (W_64[5] + u * w)))))
    return x + x * w


@inline(always=True)
def _head32(z):
    return (z + HEAD_32) - HEAD_32


@inline(always=True)
def _head64(z):
    return (z + HEAD_64) - HEAD_64


def _mills_ratio(z):
    """Return the normal distribution's upper tail over its density times 1 / sqrt(2 pi), for z >= 0."""
    return _mills_ratio32(z) if isinstance(z, np.float32) else _mills_ratio64(np.float64(z))


def _erf_near(x):
    """Return erf(x) for x from 0 to 1."""
    return _erf_near32(x) if isinstance(x, np.float32) else _erf_near64(np.float64(x))


def _head(z):
    """Return z, which is at most `NORMAL_REACH`, rounded to so few bits that its square is exact."""
    return _head32(z) if isinstance(z, np.float32) else _head64(np.float64(z))


choose_when_compiled(_mills_ratio, _mills_ratio32, _mills_ratio64)
choose_when_compiled(_erf_near, _erf_near32, _erf_near64)
choose_when_compiled(_head, _head32, _head64)


@inline(always=True)  # as written: a fused multiply-add would put the exact square where the rounded one is meant
def _bell(x):
    """Return ``exp(-x^2 / 2)``."""
    half, two, reach = type(x)(0.5), type(x)(2.0), type(x)(NORMAL_REACH)
    size = abs(x)
    z = reach if size > reach else size
    square, head = z * z, _head(z)
    rest = z - head
    lost = ((head * head - square) + two * head * rest) + rest * rest
    e = exp(-half * square)
    return e - e * (half * lost)


@fused
def _upper_tail(z):
    """Return ``1 - normal_cdf(z)`` for z >= 0."""
    reach = type(z)(NORMAL_REACH)
    return _bell(z) * _mills_ratio(reach if z > reach else z)


@fused
def normal_density(x):
    """Return the normal distribution's density, ``exp(-x^2 / 2) / sqrt(2 pi)``: 0 at the infinities, nan at nan."""
    return _bell(x) * type(x)(SQRT_HALF_PER_PI)


@fused
def normal_cdf(x):
    """Return the normal distribution function: 0 at -inf with all digits on the way there, 1 at inf, nan at nan."""
    one, zero = type(x)(1.0), type(x)(0.0)
    q = _upper_tail(abs(x))
    return one - q if x > zero else q


@fused
def erf(x):
    """Return the error function of x: keeps the sign of a zero, -1 and 1 at the infinities, nan at nan."""
    one, two, reach = type(x)(1.0), type(x)(2.0), type(x)(NORMAL_REACH)
    size = abs(x)
    near = _erf_near(size if size < one else one)
    far = one - two * _upper_tail(type(x)(SQRT_TWO) * (reach if size > reach else size))
    return np.copysign(near if size < one else far, x)
