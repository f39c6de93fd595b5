"""Members that are trained and validated on some rows of the samples, such as folds of a cross-validation.

A member with `rows` learns the very bits that a network learns which is given a copy of these rows: row numbers are
drawn as the rows of the copy would be, and batches are laid side by side before they are read, so that nothing depends
on where a sample lies. The same holds for `validation_rows` and a copy given as `validation_data`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from mixes import EPOCHS, MIX, classes, dropped, result_of, small
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold

from netlet import Add, Dense, Input, Network, Population, Softmax
from netlet.network.options import FitOptions
from netlet.population.member import Member

pytestmark = pytest.mark.plain
X, Y = classes()
HOW = {"epochs": EPOCHS, "batch_size": 16}
OF_ROWS = [name for name in MIX if name != "share held out"]


def results(population):
    return [result_of(outcome.network, outcome.history) for outcome in population.outcomes]


def on_copies(make, splits, weights=None, **options):
    """Train a network made anew on a copy of each fold."""
    found = []
    for rows, held in splits:
        network = make()
        validation = (X[held], Y[held]) if weights is None else (X[held], Y[held], weights[held])
        history = network.fit(
            X[rows], Y[rows], validation_data=validation, progress=False, **HOW | options,
            sample_weight=None if weights is None else weights[rows],
        )  # fmt: skip
        found.append(result_of(network, history))
    return found


@pytest.mark.parametrize("name", OF_ROWS)
def test_a_fold_is_trained_as_a_copy_of_its_rows(name):
    make, options = MIX[name]
    splits = list(KFold(3).split(X))
    population = Population.of_folds(make(seed=5), splits, **HOW | options)
    population.fit(X, Y, n_threads=2, progress=False)
    assert results(population) == on_copies(lambda: make(seed=5), splits, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": "all"},
        {"batch_size": 1000},
        {"batch_size": "all", "shuffle": False},
        {"batch_size": 7, "shuffle": False},
        {"patience": 2, "learning_rate": 0.1, "epochs": 30},
        {"loss": "cross_entropy", "class_weight": "balanced"},
    ],
    ids=str,
)
@pytest.mark.parametrize("weighted", [False, True])
def test_whatever_the_batches(options, weighted):
    weights = np.random.default_rng(0).uniform(0.5, 2, len(X)) if weighted else None
    splits = list(ShuffleSplit(2, test_size=0.3, random_state=0).split(X))  # rows in no order
    population = Population.of_folds(dropped(5), splits, **HOW | options)
    population.fit(X, Y, sample_weight=weights, progress=False)
    assert results(population) == on_copies(lambda: dropped(5), splits, weights, **options)


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compiled_code_does_not_see_where_a_sample_lies(dtype):
    """Several threads, and batches large enough for BLAS."""
    x, y = classes(n=1003, n_features=37)

    def make():
        return Network([Dense(61, activation="relu"), Dense(3), Softmax()], seed=1, dtype=dtype)

    splits = list(KFold(4, shuffle=True, random_state=0).split(x))
    for batch_size in (64, "all"):
        population = Population.of_folds(make(), splits, epochs=3, batch_size=batch_size)
        population.fit(x, y, n_threads=3, progress=False)
        for (rows, held), found in zip(splits, results(population), strict=True):
            network = make()
            history = network.fit(
                x[rows], y[rows], validation_data=(x[held], y[held]), epochs=3, batch_size=batch_size, progress=False
            )
            assert found == result_of(network, history)


def test_the_network_that_is_copied_stays_as_it_is():
    network = small(0).build(6)
    before = network.theta.copy()
    population = Population.of_folds(network, KFold(3).split(X), **HOW)
    population.fit(X, Y, progress=False)
    np.testing.assert_array_equal(network.theta, before)
    assert len({outcome.network.theta.tobytes() for outcome in population.outcomes}) == 3


def test_rows_may_come_twice_and_in_any_order():
    """As in a bootstrap."""
    rows = np.random.default_rng(0).integers(0, len(X), 45)
    population = Population([Member(dropped(2), rows=rows)], **HOW)
    population.fit(X, Y, progress=False)
    network = dropped(2)
    assert results(population) == [result_of(network, network.fit(X[rows], Y[rows], progress=False, **HOW))]


@pytest.mark.parametrize("kind", [list, tuple, np.uint16, np.int32, "mask", range])
def test_kinds_of_row_numbers(kind):
    rows = range(10, 50)
    given = {
        "mask": np.isin(np.arange(len(X)), rows),
        np.uint16: np.array(rows, np.uint16),
        np.int32: np.array(rows, np.int32),
        range: rows,
    }
    member = Member(small(0), rows=given[kind] if kind in given else kind(rows), validation_rows=[1])
    np.testing.assert_array_equal(member.rows, np.arange(10, 50))
    assert member.rows.dtype == np.int64
    Population([member], **HOW).fit(X, Y, progress=False)
    network = small(0)
    network.fit(X[10:50], Y[10:50], progress=False, **HOW)
    np.testing.assert_array_equal(member.network.theta, network.theta)


def test_the_rows_of_tables_are_meant_whatever_their_index_says():
    """Not the columns of a DataFrame, and not the labels of its index."""
    splits = list(KFold(3).split(X))
    expected = on_copies(lambda: small(0), splits)
    shuffled = np.random.default_rng(0).permutation(len(X))
    frame, series = pd.DataFrame(X, index=shuffled), pd.Series(Y, index=shuffled)
    for x, y in ((frame, series), (X.tolist(), Y.tolist())):
        population = Population.of_folds(small(0), splits, **HOW)
        population.fit(x, y, progress=False)
        assert results(population) == expected


def test_sparse_samples_are_refused_as_by_fit():
    population = Population.of_folds(small(0), KFold(3).split(X), **HOW)
    with pytest.raises(TypeError, match=r"member 0: X is a sparse matrix, which is not supported; use X.toarray\(\)"):
        population.fit(scipy.sparse.csr_matrix(X), Y, progress=False)


def test_folds_of_several_inputs():
    def make():
        first, second = Input(2)(), Input(4)()
        return Network(Softmax()(Dense(3)(Add()(Dense(5)(first), Dense(5)(second)))), seed=1)

    inputs, splits = (X[:, :2], X[:, 2:]), list(KFold(2).split(X))
    population = Population.of_folds(make(), splits, **HOW)
    population.fit(inputs, Y, progress=False)
    for (rows, held), found in zip(splits, results(population), strict=True):
        network = make()
        x, validation = tuple(each[rows] for each in inputs), tuple(each[held] for each in inputs)
        history = network.fit(x, Y[rows], validation_data=(validation, Y[held]), progress=False, **HOW)
        assert found == result_of(network, history)


def test_balanced_weights_count_the_rows_to_train_on_and_not_those_held_out():
    """And the loss on those held out is the plain one, so that members with other weights can be compared."""
    rows, held = next(iter(StratifiedKFold(3).split(X, Y)))
    rows = np.concatenate([rows[Y[rows] != 0], rows[Y[rows] == 0][:3]])  # far from the balance of all samples
    members = [Member(small(0), rows=rows, validation_rows=held, class_weight=each) for each in ("balanced", None)]
    outcomes = Population(members, **HOW).fit(X, Y, progress=False)
    network = small(0)
    history = network.fit(X[rows], Y[rows], class_weight="balanced", progress=False, **HOW)
    np.testing.assert_array_equal(outcomes[0].network.theta, network.theta)
    assert outcomes[0].history.column("loss") == history.column("loss")
    for outcome in outcomes:
        plain = outcome.network.evaluate(X[held], Y[held])["loss"]
        assert outcome.validation_loss == pytest.approx(plain, rel=1e-6)


def test_samples_are_converted_once_for_members_of_one_type(monkeypatch):
    import netlet.network.beginning as beginning

    made = []
    convert = beginning.inputs_of

    def count(given, dtype, *others):
        made.append(dtype)
        return convert(given, dtype, *others)

    monkeypatch.setattr(beginning, "inputs_of", count)
    networks = [small(seed, dtype=dtype) for seed, dtype in enumerate(["float32", "float64"] * 3)]
    population = Population([Member(each, validation_rows=[1, 2, 3]) for each in networks], **HOW)
    population.fit(X.astype(np.float16), Y, progress=False)
    assert sorted(made) == ["float32", "float64"]


def test_what_waits_holds_views_of_the_samples():
    shared = {}
    x = X.copy()
    trainings = [
        small(seed)._begin(x, Y, FitOptions(shared=shared, progress=False, **options))
        for seed, options in enumerate(
            [
                {"rows": np.arange(9), "validation_rows": np.arange(30, 40)},
                {"validation_share": 0.5},
                {"optimizer": "lbfgs", "rows": np.arange(9), "validation_rows": np.arange(30, 40)},
                {"optimizer": "lbfgs", "validation_share": 0.5},
            ]
        )
    ]
    for training in trainings:
        assert np.shares_memory(training.samples.x, x)
        assert np.shares_memory(training.validation.x, x)
        assert training.samples.y is trainings[0].samples.y
