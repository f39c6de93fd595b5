"""A search that compares by cross-validation: each trial is a network for each fold."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import SPACE, numbers, same_bits, three_classes, trained_alone
from sklearn.metrics import accuracy_score

from netlet.population.ensemble import Ensemble
from netlet.searching.budget import Epochs
from netlet.searching.samples import fold_rows
from netlet.searching.search import search
from netlet.searching.strategies import Halving

pytestmark = pytest.mark.plain
X, Y = three_classes()


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 4, "folds": 3} | options))


def folds_alone(trial, epochs, folds=3, seed=0, **options):
    """Return each fold's network, trained by itself, with the rows that it has not seen."""
    pairs = []
    for held in fold_rows(Y, folds, seed):
        rows = np.setdiff1d(np.arange(len(X)), held)
        network, _ = trained_alone(trial, X[rows], Y[rows], epochs, (X[held], Y[held]), seed=seed, **options)
        pairs.append((network, held))
    return pairs


@pytest.mark.parametrize("folds", [2, 5])
@pytest.mark.parametrize("y", [Y, numbers()[1], numbers(n_targets=2)[1]], ids=["classes", "numbers", "two"])
def test_folds_hold_every_sample_once_and_a_share_of_everything(y, folds):
    rows = fold_rows(y, folds, 3)
    assert sorted(np.concatenate(rows)) == list(range(60))
    assert {len(each) for each in rows} == {60 // folds}
    by = y if y.ndim == 1 else y[:, 0]
    means = [by[each].mean() for each in rows]
    assert np.ptp(means) < 0.35 * by.std()
    assert any(not np.array_equal(one, other) for one, other in zip(rows, fold_rows(y, folds, 4), strict=True))


def test_each_fold_is_the_network_trained_alone():
    found = quiet(X, Y, SPACE, 4, n_threads=2, seed=2, metric="accuracy")
    for trial in found.trials:
        together = found.networks[trial.number]
        assert isinstance(together, Ensemble)
        pairs = folds_alone(trial, 4, seed=2)
        assert all(same_bits(one, other) for one, (other, _) in zip(together.networks, pairs, strict=True))
        predicted = np.empty(60, int)
        for network, held in pairs:
            predicted[held] = network.predict(X[held]).argmax(axis=1)
        assert trial.score == pytest.approx(accuracy_score(Y, predicted))


def test_the_loss_is_the_mean_over_all_samples():
    found = quiet(X[:59], Y[:59], SPACE, 2)  # folds of unequal sizes
    for trial in found.trials:
        total = 0.0
        for network, held in zip(found.networks[trial.number].networks, found.task.validation, strict=True):
            total += network.evaluate(X[held], Y[held])["loss"] * len(held)
        assert trial.score == pytest.approx(total / 59)


def test_survivors_are_the_same_as_if_they_had_never_been_paused():
    found = quiet(X, Y, SPACE, 6, epochs=8, strategy=Halving(2, least_epochs=1), keep=6)
    assert {t.epochs for t in found.trials} > {1, 8}
    for trial in found.trials:
        if trial.epochs == 8:
            pairs = folds_alone(trial, 8)
            own = found.networks[trial.number].networks
            assert all(same_bits(one, other) for one, (other, _) in zip(own, pairs, strict=True))


@pytest.mark.parametrize("strategy", ["random", Halving(2, least_epochs=1)], ids=str)
@pytest.mark.parametrize("count", [2, 7])
def test_it_is_gone_on_with(strategy, count, tmp_path):
    options = {"strategy": strategy, "epochs": 8, "patience": 2, "keep": 3}
    seen, again, unbroken = [], [], []

    def killing(trial):
        seen.append(trial)
        if len(seen) == count:
            raise ZeroDivisionError

    expected = quiet(X, Y, SPACE, 9, callbacks=[unbroken.append], **options)
    with pytest.raises(ZeroDivisionError):
        quiet(X, Y, SPACE, 9, folder=tmp_path, callbacks=[killing], n_threads=1, **options)
    found = quiet(X, Y, SPACE, 9, folder=tmp_path, callbacks=[again.append], **options)
    assert [(t.score, t.epochs, t.status, t.curves) for t in found.trials] == [
        (t.score, t.epochs, t.status, t.curves) for t in expected.trials
    ]
    assert list(found.networks) == list(expected.networks)
    for number, network in found.networks.items():
        pairs = zip(network.networks, expected.networks[number].networks, strict=True)
        assert all(same_bits(one, other) for one, other in pairs)
    assert len(seen) + len(again) == len(unbroken)


def test_the_best_are_there_though_their_files_are_not(tmp_path):
    expected = quiet(X, Y, SPACE, 4, folder=tmp_path, keep=2)
    for path in (tmp_path / "networks").iterdir():
        path.unlink()
    found = quiet(X, Y, SPACE, 4, folder=tmp_path, keep=2)
    pairs = zip(found.network.networks, expected.network.networks, strict=True)
    assert all(same_bits(one, other) for one, other in pairs)


def test_other_folds_are_another_search(tmp_path):
    quiet(X, Y, SPACE, 2, folder=tmp_path)
    with pytest.raises(ValueError, match="something else for folds"):
        quiet(X, Y, SPACE, 2, folder=tmp_path, folds=4)


def test_epochs_count_once_for_all_folds():
    found = quiet(X, Y, SPACE, Epochs(17))
    assert sum(t.epochs for t in found.trials) == 16


def test_an_ensemble_of_all_folds():
    found = quiet(*numbers(), SPACE, 4, metric="rmse")
    assert len(found.ensemble(3).networks) % 3 == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "folds=1 is not >= 2"),
        ({"folds": 61}, "folds=61 of 60 samples leaves folds empty; use 60 or fewer"),
        ({"validation_data": (X, Y)}, "folds=3 is given beside validation_data"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        quiet(X, Y, SPACE, 2, **options)


def test_curves_are_the_mean_of_the_folds_of_which_one_that_ended_keeps_its_last_figures():
    found = quiet(X, Y, SPACE, 3, epochs=60, patience=2, n_threads=1)
    lengths = []
    for trial in found.trials:
        rows = [np.setdiff1d(np.arange(len(X)), held) for held in fold_rows(Y, 3, 0)]
        alone = [
            trained_alone(trial, X[mine], Y[mine], 60, (np.delete(X, mine, 0), np.delete(Y, mine)), patience=2)[1]
            for mine in rows
        ]
        losses = [history.column("validation_loss") for history in alone]
        lengths += [len(each) for each in losses]
        longest = max(map(len, losses))
        padded = [[*each, *[each[-1]] * (longest - len(each))] for each in losses]
        assert trial.curves["validation_loss"] == pytest.approx(np.mean(padded, axis=0), rel=1e-6)
    assert len(set(lengths)) > 1
