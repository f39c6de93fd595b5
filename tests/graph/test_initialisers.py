"""How weights begin."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from scipy import stats

from netlet import Add, Constant, Dense, Input, LeakyReLU, Network, ReLU, Tanh
from netlet.graph.graph import graph_of
from netlet.graph.initialisers import (
    INITIALISERS,
    NAMED,
    Glorot,
    He,
    LeCun,
    Normal,
    Orthogonal,
    Uniform,
    VarianceScaling,
    Zeros,
    check_initialiser,
    initialise,
    initialiser_from,
    resolve,
)
from netlet.graph.operations import initial_parameters, operations_of
from netlet.kernels.random import new_generator

N_IN, N_OUT = 60, 40


def normal(variance):
    return stats.norm(0, np.sqrt(variance))


def uniform(limit):
    return stats.uniform(-limit, 2 * limit)


# What each is to follow, from the papers' formulas.
DISTRIBUTIONS = {
    "normal": stats.norm(0, 0.01),
    "uniform": uniform(0.05),
    "glorot": uniform(np.sqrt(6 / (N_IN + N_OUT))),
    "glorot_uniform": uniform(np.sqrt(6 / (N_IN + N_OUT))),
    "glorot_normal": normal(2 / (N_IN + N_OUT)),
    "he": normal(2 / N_IN),
    "he_normal": normal(2 / N_IN),
    "he_uniform": uniform(np.sqrt(6 / N_IN)),
    "lecun": normal(1 / N_IN),
    "lecun_normal": normal(1 / N_IN),
    "lecun_uniform": uniform(np.sqrt(3 / N_IN)),
    Normal(0.3): stats.norm(0, 0.3),
    Uniform(2): uniform(2),
    Glorot(fan="in"): uniform(np.sqrt(3 / N_IN)),
    Glorot("normal", "out"): normal(1 / N_OUT),
    He(fan="out"): normal(2 / N_OUT),
    He("uniform", "average"): uniform(np.sqrt(6 / 50)),
    LeCun("uniform", "out"): uniform(np.sqrt(3 / N_OUT)),
    VarianceScaling("uniform", "average"): uniform(np.sqrt(3 / 50)),
}
EVERY_CLASS = (
    Zeros(), Constant(0.5), Normal(0.2), Uniform(0.1), VarianceScaling("uniform", "out"), Glorot("normal", "in"),
    He("uniform", "out"), LeCun("uniform", "average"), Orthogonal(1.5),
)  # fmt: skip
pytestmark = pytest.mark.plain


def begin(initialiser, seed=0, dtype="float64", **settings):
    theta = Network([Dense(N_OUT, initialiser=initialiser, **settings)], seed=seed, dtype=dtype).build(N_IN).theta
    return theta[: N_IN * N_OUT], theta[N_IN * N_OUT :]


def filled(initialiser, n_in, n_out, seed=0, dtype="float64"):
    values = np.full((n_in, n_out), np.nan, dtype)
    initialise(initialiser, values, new_generator(seed, 0))
    return values


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("choice", DISTRIBUTIONS, ids=str)
def test_weights_follow_their_distribution_and_biases_begin_at_0(choice, dtype):
    weight, bias = begin(choice, dtype=dtype)
    assert weight.dtype == dtype
    assert stats.kstest(weight, DISTRIBUTIONS[choice].cdf).pvalue > 1e-3
    assert not bias.any()
    assert bias.shape == (N_OUT,)


@pytest.mark.parametrize("choice", DISTRIBUTIONS, ids=str)
def test_mean_and_variance_are_within_4_standard_errors(choice):
    expected, n = DISTRIBUTIONS[choice], N_IN * N_OUT
    weight = begin(choice)[0]
    variance = expected.var()
    fourth = (expected.stats(moments="k") + 3) * variance**2
    assert abs(weight.mean()) < 4 * np.sqrt(variance / n)
    assert abs((weight**2).mean() - variance) < 4 * np.sqrt((fourth - variance**2) / n)


@pytest.mark.parametrize(
    "choice", [each for each in DISTRIBUTIONS if DISTRIBUTIONS[each].dist.name == "uniform"], ids=str
)
def test_uniform_weights_keep_within_their_bounds_and_reach_them(choice):
    low, high = DISTRIBUTIONS[choice].support()
    weight = begin(choice)[0]
    assert low <= weight.min() < 0.99 * low
    assert 0.99 * high < weight.max() <= high


def test_zeros_and_constants():
    for choice, value in (("zeros", 0), (Zeros(), 0), (Constant(), 0), (Constant(-1.5), -1.5)):
        weight, bias = begin(choice)
        assert (weight == value).all()
        assert not bias.any()


def test_every_initialiser_is_tested_here():
    assert set(INITIALISERS) == {
        *(name for name in DISTRIBUTIONS if isinstance(name, str)),
        "zeros",
        "orthogonal",
        "auto",
    }
    assert {type(each) for each in EVERY_CLASS} == {
        type(each) for each in (*NAMED.values(), Constant(), VarianceScaling())
    }
    with pytest.raises(ValueError, match="initialiser=None is not one of"):
        check_initialiser(None)


@pytest.mark.parametrize(
    ("name", "first", "eighth", "last"),
    [
        ("normal", "0x1.50fff93d5656cp-6", "0x1.41f2dddbfc648p-9", "-0x1.6b99fcd630ee6p-6"),
        ("uniform", "0x1.4471466666666p-5", "-0x1.0995800000000p-7", "0x1.6415b9999999ap-5"),
        ("glorot", "0x1.5f38233cf51f0p-1", "-0x1.1f80caf0e4e54p-3", "0x1.817921cad9970p-1"),
        ("he", "0x1.adefb4965038ap+0", "0x1.9abc0120231dbp-3", "-0x1.cfdfc1dcd8d63p+0"),
    ],
)
def test_the_first_names_give_the_numbers_they_always_gave(name, first, eighth, last):
    """Uniform draws to the last bit; normal ones to a rounding, for logarithm and cosine are the platform's."""
    pinned = [float.fromhex(number) for number in (first, eighth, last)]
    drawn = filled(name, 3, 5, seed=11).ravel()[[0, 7, 14]]
    tolerance = 0 if name in ("uniform", "glorot") else 4e-16
    np.testing.assert_allclose(drawn, pinned, rtol=tolerance, atol=0)


@pytest.mark.parametrize("shape", [(30, 30), (50, 20), (20, 50), (1, 7), (7, 1), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_weights_are_orthogonal(shape, gain):
    weight = filled(Orthogonal(gain), *shape)
    product = weight.T @ weight if shape[0] >= shape[1] else weight @ weight.T
    np.testing.assert_allclose(product, gain**2 * np.eye(min(shape)), atol=2e-14)


def test_orthogonal_weights_in_float32_are_those_of_float64_rounded():
    np.testing.assert_array_equal(
        filled("orthogonal", 20, 30, dtype="float32"), filled("orthogonal", 20, 30).astype(np.float32)
    )


def test_orthogonal_weights_favour_no_direction():
    """Without the sign of R, QR gives a first entry that is never positive; uniform ones have mean 0 and square 1/n.

    Each entry of a uniform orthogonal 3 x 3 matrix is a coordinate of a uniform point on the sphere, which is uniform
    on [-1, 1] (Archimedes); a determinant is 1 or -1, as often.
    """
    drawn = np.array([filled("orthogonal", 3, 3, seed=seed) for seed in range(400)])
    for i in range(3):
        for j in range(3):
            assert stats.kstest(drawn[:, i, j], uniform(1).cdf).pvalue > 1e-4, (i, j)
    assert abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(400)


def test_orthogonal_weights_do_not_depend_on_the_threads_of_blas():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        single = filled("orthogonal", 300, 200)
    np.testing.assert_array_equal(filled("orthogonal", 300, 200), single)


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        ("relu", "he"),
        ("leaky_relu", "he"),
        *((name, "he") for name in ("prelu", "elu", "gelu", "gelu_tanh", "silu", "softplus", "mish")),
        ("selu", "lecun_normal"),
        ("tanh", "glorot"),
        ("sigmoid", "glorot"),
        ("identity", "glorot"),
        (None, "glorot"),
    ],
)
def test_auto_follows_the_activation(activation, name):
    assert resolve("auto", activation) == name
    assert resolve("normal", activation) == "normal"


def test_auto_follows_the_layer_that_reads_the_value():
    x = Input(3)()
    chosen = [
        operations_of(graph_of(output))[1].initialisers["weight"]
        for output in (
            ReLU()(Dense(3)(x)), LeakyReLU()(Dense(3)(x)), Tanh()(Dense(3)(x)), Dense(3)(x), Add()(x, Dense(3)(x)),
        )
    ]  # fmt: skip
    assert chosen == ["he", "he", "glorot", "glorot", "glorot"]


def test_the_seed_decides():
    for name in ("he", "orthogonal"):
        np.testing.assert_array_equal(begin(name, seed=4)[0], begin(name, seed=4)[0])
        assert (begin(name, seed=4)[0] != begin(name, seed=5)[0]).any()
        single, double = begin(name, dtype="float32")[0], begin(name)[0]
        np.testing.assert_array_equal(single, double.astype(np.float32))


@pytest.mark.parametrize("name", ["auto", "orthogonal"])
def test_no_two_layers_begin_alike(name):
    operations = operations_of(graph_of([Input(8), Dense(8, initialiser=name), Dense(8, initialiser=name)]))
    theta = initial_parameters(operations, 0, "float64")
    first, second = theta[:64], theta[72:136]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.4
    assert len(np.unique(np.concatenate([first, second]))) == 128


@pytest.mark.parametrize(
    ("name", "alike"),
    [("glorot", False), ("orthogonal", False), ("lecun_uniform", False), ("zeros", True), (Constant(0.3), True)],
    ids=str,
)
def test_units_that_begin_alike_stay_alike(name, alike):
    """Why weights begin at random: symmetry is broken by nothing else."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    network = Network(
        [Dense(4, activation="sigmoid", initialiser=name), Dense(1, initialiser=name)], seed=0, dtype="float64"
    )
    network.fit(X, X[:, 0] > 0, epochs=5, loss="binary_cross_entropy", progress=False)
    weight = network.theta[:12].reshape(3, 4)
    assert (np.ptp(weight, axis=1).max() < 1e-12) == alike


@pytest.mark.parametrize("initialiser", EVERY_CLASS, ids=str)
def test_a_layer_with_any_initialiser_survives_its_description_a_file_and_a_pickle(initialiser, tmp_path):
    assert initialiser_from(json.loads(json.dumps(initialiser.describe()))) == initialiser
    network = Network([Input(3), Dense(4, activation="tanh", initialiser=initialiser), Dense(1)], seed=2)
    network.save(tmp_path / "network.netlet")
    for again in (Network.load(tmp_path / "network.netlet"), pickle.loads(pickle.dumps(network))):
        assert again.layers == network.layers
        assert again.layers[1].initialiser == initialiser
        np.testing.assert_array_equal(again.theta, network.theta)


def test_numpys_numbers_can_be_written_to_a_file():
    description = Normal(np.float32(0.5)).describe()
    assert json.loads(json.dumps(description)) == {"initialiser": "Normal", "deviation": 0.5}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Normal(0), r"^deviation=0 of Normal is not a finite number > 0; it is the standard deviation; 0.01"),
        (lambda: Normal(float("nan")), "deviation=nan of Normal"),
        (lambda: Uniform(-0.1), "eps=-0.1 of Uniform is not a finite number > 0"),
        (lambda: Uniform("wide"), "eps='wide' of Uniform"),
        (lambda: Constant(float("inf")), "value=inf of Constant is not a finite number; give the number"),
        (lambda: Constant(True), "value=True of Constant"),
        (lambda: Orthogonal(0.0), "gain=0.0 of Orthogonal is not a finite number > 0; 1 keeps"),
        (lambda: He("gaussian"), r"distribution of He='gaussian' is not one of 'normal', 'uniform'"),
        (lambda: Glorot(fan="avg"), r"fan of Glorot='avg' is not one of 'average', 'in', 'out'"),
        (lambda: check_initialiser("orthogonl"), r"did you mean 'orthogonal'\?$"),
        (lambda: initialiser_from({"initialiser": "Xavier"}), "initialiser='Xavier' is not one of .*'VarianceScaling'"),
        (
            lambda: initialiser_from({"initialiser": "He", "mode": "in"}),
            "parameter of He='mode' is not one of 'distribution', 'fan'",
        ),
    ],
)
def test_what_is_wrong_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
