"""A search finds what training each network alone would find, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import SPACE, numbers, same_bits, seed_of, split, three_classes, trained_alone

from netlet import Add, BatchNorm, Dense, Input, Momentum, Network, ReLU, Softmax, scales
from netlet.population.ensemble import Ensemble
from netlet.searching.search import search
from netlet.searching.strategies import CoarseToFine, Halving, Hyperband
from netlet.training.optimizers import Adam
from netlet.training.trainer import Training

pytestmark = pytest.mark.plain
X, Y = three_classes()
MIXED = SPACE | {
    "activation": ["relu", "tanh"], "batch_size": [16, 32], "dropout": [0.0, 0.2], "normalisation": [None, "batch"],
    "l2": scales.LogUniform(1e-5, 1e-2),
}  # fmt: skip


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 4} | options))


def assert_same(one, other):
    """Two searches found the same, but for their times."""
    assert [t.number for t in one.trials] == [t.number for t in other.trials]
    for a, b in zip(one.trials, other.trials, strict=True):
        assert (a.settings, a.score, a.cost, a.epochs, a.status, a.curves, a.n_parameters, a.reason) == (
            b.settings, b.score, b.cost, b.epochs, b.status, b.curves, b.n_parameters, b.reason,
        )  # fmt: skip
    assert list(one.networks) == list(other.networks)
    assert all(same_bits(one.networks[number], other.networks[number]) for number in one.networks)


def test_each_network_is_the_one_trained_alone():
    found = quiet(X, Y, MIXED, 8, n_threads=2, seed=5)
    x, y, *validation, _ = split(X, Y, seed=5)
    assert len(found.networks) == len(found.trials) == 8
    for trial in found.trials:
        network, history = trained_alone(trial, x, y, 4, tuple(validation), seed=5)
        assert same_bits(found.networks[trial.number], network)
        assert trial.score == network.evaluate(*validation)["loss"] == trial.cost
        assert trial.curves["loss"] == history.column("loss")
        assert trial.curves["validation_loss"][-1] == pytest.approx(trial.score, rel=1e-6)
        assert (trial.epochs, trial.status, trial.reason) == (4, "done", "")
        assert trial.n_parameters == network.theta.size
        assert 0 <= trial.started <= found.seconds
        assert 0 < trial.seconds <= found.seconds


@pytest.mark.parametrize("strategy", ["random", "coarse_to_fine", "halving", "hyperband"])
def test_the_number_of_threads_changes_nothing(strategy):
    one = quiet(X, Y, MIXED, 9, strategy=strategy, n_threads=1)
    for n_threads in (2, 3):
        assert_same(one, quiet(X, Y, MIXED, 9, strategy=strategy, n_threads=n_threads))


def test_another_seed_finds_others():
    one, other = quiet(X, Y, SPACE, 3), quiet(X, Y, SPACE, 3, seed=1)
    assert all(a.settings != b.settings for a, b in zip(one.trials, other.trials, strict=True))


@pytest.mark.parametrize(
    "strategy", [Halving(factor=3, least_epochs=1), Halving(factor=2, least_epochs=2), Hyperband(factor=3)]
)
def test_survivors_are_the_same_as_if_they_had_never_been_paused(strategy):
    found = quiet(X, Y, MIXED, 12, epochs=9, strategy=strategy, seed=3, keep=12)
    x, y, *validation, _ = split(X, Y, seed=3)
    survivors = [trial for trial in found.trials if trial.status == "done"]
    assert 1 <= len(survivors) < len(found.trials)
    assert {trial.epochs for trial in survivors} == {9}
    for trial in survivors:
        network, history = trained_alone(trial, x, y, 9, tuple(validation), seed=3)
        assert same_bits(found.networks[trial.number], network)
        assert trial.curves["validation_loss"] == history.column("validation_loss")
    for trial in found.trials:
        if trial.status == "paused":
            assert trial.epochs < 9
            network, _ = trained_alone(trial, x, y, trial.epochs, tuple(validation), seed=3)
            assert same_bits(found.networks[trial.number], network)


def test_survivors_are_gone_on_with_not_trained_again(monkeypatch):
    steps, before = [], Training.advance

    def counted(training, epochs, deadline=None):
        start = training._snapshot.values["epoch"] if training._snapshot is not None else 0
        history = before(training, epochs, deadline)
        steps.append(len(history) - start)
        return history

    monkeypatch.setattr(Training, "advance", counted)
    found = quiet(X, Y, MIXED, 12, epochs=8, strategy=Halving(2, least_epochs=1), keep=12)
    assert sum(steps) == sum(t.epochs for t in found.trials)


def test_halving_with_a_schedule_patience_and_dropout():
    options = {"schedule": "cosine", "optimizer": "momentum"}
    found = quiet(X, Y, SPACE | {"dropout": 0.3}, 9, epochs=9, strategy="halving", patience=2, **options)
    x, y, *validation, _ = split(X, Y)
    for trial in found.ranking()[:3]:
        if trial.status == "done":
            network, history = trained_alone(trial, x, y, 9, tuple(validation), patience=2, **options)
            assert same_bits(found.networks[trial.number], network)
            assert trial.epochs == len(history)


def test_a_network_that_ended_by_itself_is_not_trained_again_for_more_epochs():
    told = []
    found = quiet(X, Y, {"hidden": [(4,), (5,), (6,)], "learning_rate": 0.3}, strategy=Halving(2, least_epochs=8),
                  epochs=32, patience=1, callbacks=[told.append])  # fmt: skip
    assert found.best.epochs < 8
    assert sorted(trial.number for trial in told) == [0, 1, 2]


def test_patience_gives_the_best_weights():
    found = quiet(X, Y, SPACE | {"learning_rate": 0.3}, 4, epochs=30, patience=3)
    for trial in found.trials:
        assert trial.score == pytest.approx(min(trial.curves["validation_loss"]), rel=1e-5)
        assert trial.epochs < 30
        assert trial.score < trial.curves["validation_loss"][-1]


def test_sample_weights_reach_the_training():
    weight = np.random.default_rng(0).random(len(X))
    found = quiet(X, Y, SPACE, 2, sample_weight=list(weight))
    x, y, *validation, rows = split(X, Y)
    for trial in found.trials:
        network, _ = trained_alone(trial, x, y, 4, tuple(validation), sample_weight=weight[rows])
        assert same_bits(found.networks[trial.number], network)
    assert not same_bits(found.network, quiet(X, Y, SPACE, 2).networks[found.best.number])


def test_options_of_the_training_hold_for_all():
    options = {"optimizer": "sgd", "l2": 0.01, "class_weight": "balanced", "batch_size": 8, "shuffle": False}
    found = quiet(X, Y, SPACE, 2, **options)
    x, y, *validation, _ = split(X, Y)
    for trial in found.trials:
        assert same_bits(found.networks[trial.number], trained_alone(trial, x, y, 4, tuple(validation), **options)[0])


def test_settings_of_optimizers():
    space = {"optimizer": ["adam", "momentum"], "learning_rate": scales.LogUniform(1e-3, 1e-1),
             "momentum": scales.OneMinusLog(0.5, 0.99), "beta1": scales.OneMinusLog(0.5, 0.99)}  # fmt: skip
    found = quiet(X, Y, space, 6, seed=1)
    names = {trial.settings["optimizer"] for trial in found.trials}
    assert names == {"adam", "momentum"}
    x, y, *validation, _ = split(X, Y, seed=1)
    for trial in found.trials:
        s = trial.settings
        chosen = (
            Adam(s["learning_rate"], beta1=s["beta1"])
            if s["optimizer"] == "adam"
            else Momentum(s["learning_rate"], momentum=s["momentum"])
        )
        network = Network([Input(4), Dense(64, activation="relu"), Dense(64, activation="relu"), Dense(3),
                           Softmax()], seed=seed_of(trial.number, 1))  # fmt: skip
        network.fit(x, y, optimizer=chosen, epochs=4, validation_data=tuple(validation), progress=False)
        assert same_bits(found.networks[trial.number], network)


def test_settings_vary_about_an_optimizer_that_has_its_own():
    space = {"hidden": (4,), "beta1": [0.5, 0.9], "learning_rate": [0.01, 0.02]}
    found = quiet(X, Y, space, optimizer=Adam(0.3, beta2=0.9))
    x, y, *validation, _ = split(X, Y)
    assert len(found.trials) == 4
    for trial in found.trials:
        network = Network([Input(4), Dense(4, activation="relu"), Dense(3), Softmax()],
                          seed=seed_of(trial.number))  # fmt: skip
        own = Adam(trial.settings["learning_rate"], beta1=trial.settings["beta1"], beta2=0.9)
        network.fit(x, y, optimizer=own, epochs=4, validation_data=tuple(validation), progress=False)
        assert same_bits(found.networks[trial.number], network)


def test_the_seed_of_the_network_may_vary():
    found = quiet(X, Y, {"hidden": (4,), "learning_rate": 0.01, "seed": [1, 2]})
    assert {network.seed for network in found.networks.values()} == {1, 2}


def test_the_best_are_kept_in_their_order():
    found = quiet(X, Y, SPACE, 10, keep=3)
    assert len(found.trials) == 10
    ranking = found.ranking()
    assert [t.cost for t in ranking] == sorted(t.cost for t in found.trials)
    assert list(found.networks) == [t.number for t in ranking[:3]]
    assert found.best is ranking[0]
    assert found.network is found.networks[found.best.number]
    more = quiet(X, Y, SPACE, 3, metric="accuracy")
    assert more.best.score == max(t.score for t in more.trials)
    assert more.best.cost == -more.best.score


@pytest.mark.parametrize("keep", [1, 2])
def test_the_best_networks_are_there_though_others_were_better_for_a_while(keep):
    # The rates are so high that networks become worse, or fail, in their later epochs.
    space = {"hidden": scales.Sizes((1, 1), (2, 6)), "learning_rate": scales.LogUniform(0.05, 30.0)}
    for seed in range(6):
        found = quiet(X, Y, space, 12, epochs=16, strategy=Halving(2, least_epochs=1), keep=keep, seed=seed,
                      optimizer="momentum")  # fmt: skip
        _, _, *validation, _ = split(X, Y, seed=seed)
        assert list(found.networks) == [t.number for t in found.ranking()[:keep]]
        for number, network in found.networks.items():
            assert network.evaluate(*validation)["loss"] == found.trials[number].score


def test_what_is_to_be_tried_first():
    wanted = [{"hidden": (3,), "learning_rate": 0.05}, {"hidden": [2, 2], "learning_rate": 0.01}]
    for first in (wanted, iter(wanted), tuple(wanted)):
        found = quiet(X, Y, SPACE, 4, first=first)
        assert [t.settings for t in found.trials[:2]] == [wanted[0], {"hidden": (2, 2), "learning_rate": 0.01}]
    assert len(quiet(X, Y, SPACE, 1, first=wanted).trials) == 1


def residual(width, depth, seed):
    y = Dense(width)(Input(4)())
    for _ in range(depth):
        inner = Dense(width)(ReLU()(BatchNorm()(y)))
        y = Add()(y, inner)
    return Network(Dense(2)(y), seed=seed, dtype="float64")


def test_a_network_of_ones_own_for_numbers():
    x, y = numbers(n_targets=2)
    space = {"width": scales.Integer(2, 6), "depth": [1, 2], "learning_rate": scales.LogUniform(1e-3, 1e-1)}
    found = quiet(x, y, space, 5, build=residual, metric="r2")
    train_x, train_y, *validation, _ = split(x, y)
    for trial in found.trials:
        s = trial.settings
        network = residual(s["width"], s["depth"], seed_of(trial.number))
        network.fit(train_x, train_y, learning_rate=s["learning_rate"], epochs=4, validation_data=tuple(validation),
                    progress=False)  # fmt: skip
        assert network.theta.dtype == np.float64
        assert same_bits(found.networks[trial.number], network)


def test_a_build_without_a_seed_and_one_that_takes_anything():
    def fixed(units):
        return Network([Input(4), Dense(units), Dense(1)], seed=7)

    x, y = numbers()
    found = quiet(x, y, {"units": [2, 3]}, build=fixed)
    assert {network.seed for network in found.networks.values()} == {7}

    def anything(**settings):
        assert set(settings) == {"units", "colour", "seed"}
        return Network([Input(4), Dense(settings["units"]), Dense(1)], seed=settings["seed"])

    found = quiet(x, y, {"units": [2, 3], "colour": "red", "learning_rate": 0.01}, build=anything)
    assert [network.seed for network in found.networks.values()] == [seed_of(number) for number in found.networks]


@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "list"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision(dtype, kind):
    # 1e-9 beside 1 is lost in single precision.
    rng = np.random.default_rng(0)
    x = 1 + 1e-9 * rng.normal(size=(40, 3))
    y = x.sum(axis=1)
    given = {
        "numpy": lambda: x, "list": x.tolist, "polars": lambda: pytest.importorskip("polars").DataFrame(x),
        "pandas": lambda: pytest.importorskip("pandas").DataFrame(x),
    }[kind]()  # fmt: skip
    found = quiet(given, y, {"hidden": (3,), "dtype": dtype, "learning_rate": 0.01}, 1)
    train_x, train_y, *validation, _ = split(x, y)
    network, _ = trained_alone(found.best, train_x, train_y, 4, tuple(validation))
    assert network.theta.dtype == np.dtype(dtype)
    assert same_bits(found.network, network)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_and_series(kind):
    library = pytest.importorskip(kind)
    frame, series = library.DataFrame(X), library.Series(Y)
    assert_same(quiet(X, Y, SPACE, 3), quiet(frame, series, SPACE, 3))


def test_labels_of_other_kinds():
    plain = quiet(X, Y, SPACE, 3)
    assert_same(plain, quiet(X, Y.reshape(-1, 1), SPACE, 3))
    assert_same(plain, quiet(X, Y.astype(np.uint8), SPACE, 3))
    assert_same(quiet(X, (Y > 0).astype(int), SPACE, 3), quiet(X, Y > 0, SPACE, 3))


def test_classes_with_gaps():
    found = quiet(X, Y * 2, SPACE, 2, metric="roc_auc")
    assert found.network.predict(X).shape == (60, 5)
    assert found.best.score > 0


def test_several_targets():
    x, y = numbers(n_targets=3)
    found = quiet(x, y, SPACE, 3, metric="rmse")
    assert found.network.predict(x).shape == (60, 3)


def test_methods_over_all_samples():
    found = quiet(X, Y, {"hidden": [(3,), (4,)], "optimizer": "lbfgs", "l2": 0.01}, epochs=6)
    x, y, *validation, _ = split(X, Y)
    for trial in found.trials:
        assert same_bits(found.networks[trial.number], trained_alone(trial, x, y, 6, tuple(validation))[0])
    with pytest.raises(ValueError, match="cannot be paused after 1 epochs"):
        quiet(X, Y, {"hidden": [(3,), (4,), (5,)], "optimizer": "lbfgs"}, 3, strategy=Halving(3, least_epochs=1))


def test_a_fixed_space_is_one_network_and_a_small_one_is_tried_once():
    assert len(quiet(X, Y, {"hidden": (3,)}, 5).trials) == 1
    found = quiet(X, Y, {"hidden": [(3,), (4,)], "learning_rate": [0.1, 0.01]}, 50)
    assert len(found.trials) == 4
    assert found.stopped == "done"


def test_the_table():
    space = {"hidden": [3, (3, 2)], "learning_rate": 0.01, "activation": ["relu", "tanh"], "normalisation": None,
             "shuffle": [True, False]}  # fmt: skip
    found = quiet(X, Y, space, 8, first=[{"hidden": 3, "activation": "relu", "shuffle": True}])
    table = found.table()
    assert table.columns == ["number", "status", "loss", "epochs", "seconds", "n_parameters", *space, "reason"]
    assert table["loss"].to_list() == [t.score for t in found.trials]
    assert set(table["hidden"]) == {"3", "(3, 2)"}
    assert table["shuffle"].to_list() == [t.settings["shuffle"] for t in found.trials]


def test_a_setting_whose_name_is_a_column_of_the_table():
    def build(seconds, seed):
        return Network([Input(4), Dense(seconds), Dense(1)], seed=seed)

    found = quiet(*numbers(), {"seconds": [2, 3]}, build=build)
    table = found.table()
    assert sorted(table["setting seconds"]) == [2, 3]
    assert table["seconds"].to_list() == [t.seconds for t in found.trials]


def test_an_ensemble_from_the_search():
    found = quiet(X, Y, SPACE, 6, epochs=8)
    chosen = found.ensemble(size=4)
    assert isinstance(chosen, Ensemble)
    assert chosen.predict(X).shape[0] == 60
    values = quiet(*numbers(), SPACE, 4).ensemble(3)
    assert values.predict(numbers()[0]).shape[0] == 60


def test_the_repr_tells_the_best():
    found = quiet(X, Y, SPACE, 2)
    assert repr(found).startswith("SearchResult(2 trials, ")
    assert f"best loss {found.best.score:.4g}: hidden=" in repr(found)


def test_a_callback_that_has_seen_enough():
    seen = []

    def third(trial):
        seen.append(trial.number)
        return len(seen) == 3

    found = quiet(X, Y, SPACE, 20, callbacks=[third], n_threads=1)
    assert found.stopped == "callback"
    assert len(found.trials) in (3, 4)  # a network more may have been finished meanwhile
    assert seen == seen[:3]
    assert found.networks


def test_a_callback_that_raises_ends_the_search():
    def broken(trial):
        raise ZeroDivisionError("of the callback")

    with pytest.raises(ZeroDivisionError, match="of the callback"):
        quiet(X, Y, SPACE, 20, callbacks=[broken])


def test_layers_may_be_choices():
    from netlet import LeakyReLU

    found = quiet(X, Y, SPACE | {"activation": [LeakyReLU(0.2), "tanh"], "normalisation": "layer"}, 4)
    x, y, *validation, _ = split(X, Y)
    for trial in found.trials:
        assert same_bits(found.networks[trial.number], trained_alone(trial, x, y, 4, tuple(validation))[0])


def test_strategies_by_name_and_by_object_are_the_same():
    assert_same(quiet(X, Y, SPACE, 6, strategy="coarse_to_fine"), quiet(X, Y, SPACE, 6, strategy=CoarseToFine()))
