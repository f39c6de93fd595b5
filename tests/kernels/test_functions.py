"""Element functions: error against long double in units in the last place, special values, types, vector code."""

import os
import re
import subprocess
import sys

import numba
import numpy as np
import pytest
from scipy import special

from netlet.kernels import functions
from netlet.kernels.functions import error_function, exponential, hyperbolic, logarithm, turns

PLAIN = bool(numba.config.DISABLE_JIT)
DTYPES = ("float32", "float64")
LONG = np.longdouble
INF, NAN = np.inf, np.nan


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1 / (1 + e), e / (1 + e))


def _log1p_exp(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _erf_by_series(x):
    """Return erf(x) for |x| < 3.5 from a series whose terms have one sign."""
    term = total = 2 * x / np.sqrt(LONG(np.pi) + LONG("1.2246467991473532e-16"))
    for n in range(1, 120):
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return np.exp(-x * x) * total


def _upper_tail_by_fraction(z):
    """Return 1 - the normal distribution function for z > 2.5, from Laplace's continued fraction."""
    tail = z
    for n in range(400, 0, -1):
        tail = z + n / tail
    return _normal_density(z) / tail


def _normal_density(x):
    return np.exp(-x * x / 2) / np.sqrt(2 * (LONG(np.pi) + LONG("1.2246467991473532e-16")))


def _normal_cdf(x):
    z = np.abs(x)
    far = _upper_tail_by_fraction(np.clip(z, 2.5, 60))
    near = (1 - _erf_by_series(np.minimum(z, 2.5) / np.sqrt(LONG(2)))) / 2
    q = np.where(z > 2.5, far, near)
    return np.where(x > 0, 1 - q, q)


def _erf(x):
    size = np.abs(x)
    far = 1 - 2 * _upper_tail_by_fraction(np.clip(size, 2, 30) * np.sqrt(LONG(2)))
    return np.copysign(np.where(size > 2, far, _erf_by_series(np.minimum(size, 2))), x)


def _cos_of_turns(t):
    return _sine_of_turns(LONG(0.25) - np.abs(t - np.rint(t)))


def _sin_of_turns(t):
    r = t - np.rint(t)
    return _sine_of_turns(np.where(np.abs(r) > 0.25, np.copysign(LONG(0.5), r) - r, r))


def _sine_of_turns(v):
    """Return sin(2 pi v) for v from -1/4 to 1/4: a turn in long double is off by its rounding alone."""
    return np.sin(2 * (LONG(np.pi) + LONG("1.2246467991473532e-16")) * v)


REFERENCES = {
    "cos_of_turns": _cos_of_turns,
    "sin_of_turns": _sin_of_turns,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "log1p_exp": _log1p_exp,
    "erf": _erf,
    "normal_cdf": _normal_cdf,
    "normal_density": _normal_density,
}
# The worst that was found stands in the functions' docstring. The normal distribution function loses digits to the
# rounding of its polynomial's argument; the activations that use it need it to some 1e-15.
BOUNDS = {
    "exp": 1.0, "expm1": 2.0, "log": 1.0, "tanh": 1.5, "sigmoid": 2.0, "log1p_exp": 2.0,
    "erf": 1.5, "normal_cdf": 5.0, "normal_density": 3.0, "cos_of_turns": 3.0, "sin_of_turns": 3.0,
}  # fmt: skip


@pytest.mark.plain
def test_the_references_agree_with_scipy():
    x = np.linspace(-6, 6, 401)
    for name, scipys in (("erf", special.erf), ("normal_cdf", special.ndtr)):
        found = REFERENCES[name](x.astype(LONG)).astype(float)
        np.testing.assert_allclose(found, scipys(x), rtol=2e-14 if name == "normal_cdf" else 4e-16)


_loops = {}


def _loop(name):
    """Return a loop over `name`, compiled as a kernel would be, one for the whole file."""
    if name not in _loops:
        function = getattr(functions, name)

        def loop(x, y):
            for i in range(x.size):
                y[i] = function(x[i])

        _loops[name] = numba.njit(error_model="numpy")(loop)
    return _loops[name]


def _apply(name, x):
    y = np.empty_like(x)
    _loop(name)(x, y)
    return y


def _error_in_ulp(y, exact):
    """Return ``|y - exact|`` in units in the last place of `exact`; a subnormal number has the smallest unit."""
    info = np.finfo(y.dtype)
    exponent = np.frexp(np.maximum(np.abs(exact), LONG(info.smallest_normal)))[1] - 1
    return np.abs(y.astype(LONG) - exact) / np.ldexp(LONG(1), exponent - info.nmant)


def _grid(name, dtype):
    """Return finite numbers of both signs, dense where the function bends and spread over all magnitudes."""
    count = 300 if PLAIN else 20_000
    rng = np.random.default_rng(1)
    least, most = (-104.5, 89.5) if dtype == "float32" else (-746.5, 710.5)
    info = np.finfo(dtype)
    magnitudes = np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp - 0.01, count))
    parts = [
        np.linspace(least, most, count),
        np.linspace(-4.0, 4.0, count),
        np.linspace(0.5, 2.0, count),
        np.linspace(0.5499, 0.5501, count // 10),
        magnitudes,
        -magnitudes,
    ]
    x = np.concatenate(parts).astype(dtype)
    return x[x > 0] if name == "log" else x


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REFERENCES)
def test_error_stays_within_its_bound(name, dtype):
    if np.finfo(LONG).nmant < 63 and dtype == "float64":
        pytest.skip("long double is no wider than float64 here")
    x = _grid(name, dtype)
    y = _apply(name, x)
    with np.errstate(over="ignore", under="ignore"):
        exact = REFERENCES[name](x.astype(LONG))
        # what rounds to infinity is at least half a unit above the largest number
        infinite = exact >= np.ldexp(LONG(2) - np.finfo(dtype).eps / LONG(2), np.finfo(dtype).maxexp - 1)
    np.testing.assert_array_equal(np.isinf(y), infinite)
    error = _error_in_ulp(y[~infinite], exact[~infinite])
    worst = int(error.argmax())
    assert error[worst] <= BOUNDS[name], f"{error[worst]} ulp at x = {x[~infinite][worst]!r}"


SPECIAL = {
    "cos_of_turns": [(0.25, 0.0), (-0.75, 0.0), (INF, NAN), (-INF, NAN), (NAN, NAN), (-NAN, NAN)],
    "sin_of_turns": [(0.0, 0.0), (-0.0, -0.0), (3.0, 0.0), (1e30, 0.0), (INF, NAN), (-INF, NAN), (NAN, NAN)],
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (-NAN, NAN), (1e30, INF), (-1e30, 0.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (NAN, NAN), (-NAN, NAN), (1e30, INF), (-1e30, -1.0)],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (3e38, 1.0), (-3e38, -1.0), (NAN, NAN), (-NAN, NAN)],
    "normal_cdf": [(INF, 1.0), (-INF, 0.0), (3e38, 1.0), (-3e38, 0.0), (NAN, NAN), (-NAN, NAN)],
    "normal_density": [(INF, 0.0), (-INF, 0.0), (3e38, 0.0), (-3e38, 0.0), (NAN, NAN), (-NAN, NAN)],
    "log": [(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-1.0, NAN), (-1e-45, NAN), (NAN, NAN)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (3e38, 1.0), (-3e38, -1.0), (NAN, NAN), (-NAN, NAN)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (3e38, 1.0), (-3e38, 0.0), (NAN, NAN)],
    "log1p_exp": [(INF, INF), (-INF, 0.0), (1e30, 1e30), (-1e30, 0.0), (NAN, NAN), (-NAN, NAN)],
}


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SPECIAL)
def test_special_values_are_exact(name, dtype):
    x, expected = np.array(SPECIAL[name], dtype).T.copy()
    y = _apply(name, x)
    np.testing.assert_array_equal(y, expected)
    defined = ~np.isnan(y)
    np.testing.assert_array_equal(np.signbit(y[defined]), np.signbit(expected[defined]))


@pytest.mark.plain
@pytest.mark.parametrize(("dtype", "most"), [("float32", 88.72283172607422), ("float64", 709.782712893384)])
def test_exp_overflows_at_the_right_number(dtype, most):
    last = np.array([most], dtype)
    first = np.nextafter(last, np.array([INF], dtype))
    assert np.isfinite(_apply("exp", last))[0]
    assert np.isposinf(_apply("exp", first))[0]


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["tanh", "expm1"])
def test_of_the_smallest_numbers_is_the_number(name, dtype):
    x = np.finfo(dtype).smallest_subnormal * np.array([1, -1, 2, -3, 1000], dtype)
    np.testing.assert_array_equal(_apply(name, x), x)


@pytest.mark.plain
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REFERENCES)
def test_result_has_the_type_of_the_argument(name, dtype):
    function = getattr(functions, name)
    if PLAIN:
        assert type(function(np.dtype(dtype).type(0.5))) is np.dtype(dtype).type
        return
    one = numba.njit(error_model="numpy")(lambda x: function(x[0]))
    one(np.ones(1, dtype))
    assert one.nopython_signatures[0].return_type == numba.from_dtype(np.dtype(dtype))


@pytest.mark.plain
@pytest.mark.parametrize(
    ("p", "q", "t", "bound"),
    [
        (exponential.P_32, logarithm.Q_32, hyperbolic.T_32, 2.0**-27),
        (exponential.P_64, logarithm.Q_64, hyperbolic.T_64, 2.0**-56),
    ],
    ids=DTYPES,
)
def test_polynomials_match_their_functions(p, q, t, bound):
    """The error of each polynomial, relative to its function, is an eighth of half a unit at most."""

    def polynomial(coefficients, u):
        return sum(LONG(c) * u**n for n, c in enumerate(coefficients))

    if np.finfo(LONG).nmant < 63 and bound < 2.0**-50:
        pytest.skip("long double is no wider than float64 here")
    r = np.linspace(-0.5, 0.5, 1001, dtype=LONG) * np.log(LONG(2))
    assert np.abs(1 + r + r * r * polynomial(p, r) - np.exp(r)).max() < bound
    s = np.linspace(1e-3, 3 - np.sqrt(LONG(8)), 1000, dtype=LONG)
    assert np.abs(s * s * polynomial(q, s * s) / 2 - (np.arctanh(s) / s - 1)).max() < bound
    x = np.linspace(1e-3, hyperbolic.TANH_EDGE, 1000, dtype=LONG)
    assert np.abs((x + x**3 * polynomial(t, x * x)) / np.tanh(x) - 1).max() < bound


@pytest.mark.plain
@pytest.mark.parametrize(("p", "bound"), [(turns.P_32, 2.0**-24), (turns.P_64, 2.0**-53)], ids=DTYPES)
def test_polynomial_of_the_sine_matches_it(p, bound):
    """Half a unit in the last place at most, from the rounding of its coefficients."""
    if np.finfo(LONG).nmant < 63 and bound < 2.0**-50:
        pytest.skip("long double is no wider than float64 here")
    v = np.linspace(1e-3, 0.25, 1000, dtype=LONG)
    turn = 2 * (LONG(np.pi) + LONG("1.2246467991473532e-16"))
    own = turn * v + v**3 * sum(LONG(c) * v ** (2 * n) for n, c in enumerate(p))
    assert np.abs(own / np.sin(turn * v) - 1).max() < bound


@pytest.mark.plain
@pytest.mark.parametrize(
    ("v", "w", "scale", "centre", "reach", "bound"),
    [
        (error_function.V_32, error_function.W_32, error_function.SCALE_32, error_function.CENTRE_32, 14.5, 2.0**-24),
        (error_function.V_64, error_function.W_64, error_function.SCALE_64, error_function.CENTRE_64, 38.7, 2.0**-53),
    ],
    ids=["float32", "float64"],
)
def test_polynomials_of_the_error_function_match_it(v, w, scale, centre, reach, bound):
    """Relative to the result: half a unit in the last place is left to the roundings."""
    if np.finfo(LONG).nmant < 63 and bound < 2.0**-50:
        pytest.skip("long double is no wider than float64 here")
    x = np.linspace(1e-3, 1, 1000, dtype=LONG)
    near = sum(LONG(c) * x ** (2 * n) for n, c in enumerate(w))
    assert np.abs((x + x * near) / _erf(x) - 1).max() < bound
    z, c = np.linspace(0, reach, 1000, dtype=LONG), LONG(scale)
    t = z / (z + c) - LONG(centre)
    ratio = sum(LONG(a) * t**n for n, a in enumerate(v)) / (z + c)
    assert np.abs(ratio * np.exp(-z * z / 2) / _normal_cdf(-z) - 1).max() < bound


@pytest.mark.compiled
@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REFERENCES)
def test_loops_become_vector_code(name, dtype):
    x = np.linspace(0.1, 2.0, 9).astype(dtype)
    _apply(name, x)
    loop = _loop(name)
    signature = next(s for s in loop.signatures if s[0].dtype == numba.from_dtype(x.dtype))
    code = loop.inspect_llvm(signature)
    element = "float" if dtype == "float32" else "double"
    assert re.search(rf"fmul [a-z ]*<\d+ x {element}>", code)
    if dtype == "float32":
        assert not re.search(r"<\d+ x double>", code), "a float32 loop computes in float64"


@pytest.mark.compiled
@pytest.mark.skipif(PLAIN, reason="this is the plain run")
@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_text_gives_the_compiled_numbers(dtype):
    """The same text without Numba, warnings being errors, differs by the rounding of fused multiply-adds at most."""
    x = np.concatenate([np.linspace(-110, 95, 211), np.linspace(-2, 2, 101), [INF, -INF, NAN, 0.0, -0.0]]).astype(dtype)
    program = (
        "import sys, numpy as np\n"
        "from netlet.kernels import functions\n"
        f"x = np.frombuffer(sys.stdin.buffer.read(), '{dtype}')\n"
        f"for name in {list(REFERENCES)}:\n"
        "    function = getattr(functions, name)\n"
        "    sys.stdout.buffer.write(np.array([function(number) for number in x]).tobytes())\n"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        input=x.tobytes(),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    for name, plain in zip(REFERENCES, np.frombuffer(run.stdout, dtype).reshape(-1, x.size), strict=True):
        compiled = _apply(name, x)
        finite = np.isfinite(compiled)
        np.testing.assert_array_equal(plain[~finite], compiled[~finite])
        np.testing.assert_array_max_ulp(plain[finite], compiled[finite], maxulp=2)
