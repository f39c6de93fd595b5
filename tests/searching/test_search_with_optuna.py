"""Searches in which Optuna decides, whole, and gone on with."""

from __future__ import annotations

import pytest
from search_samples import SPACE, same_bits, three_classes

from netlet import scales
from netlet.searching.budget import Seconds
from netlet.searching.search import search
from netlet.searching.strategies import OptunaSearch

optuna = pytest.importorskip("optuna", reason="Optuna is not installed")
pytestmark = pytest.mark.plain
X, Y = three_classes()


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 3} | options))


class _Killed(Exception):
    """Ends a search as a kill would, but in this process."""


def killed_after(count):
    seen = []

    def callback(trial):
        seen.append(trial)
        if len(seen) == count:
            raise _Killed

    return seen, callback


def summary(found):
    return [(t.number, t.settings, t.score, t.status) for t in found.trials]


def completed(storage):
    study = optuna.load_study(study_name="netlet", storage=storage)
    return study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))


def test_tpe_finds_the_same_whatever_the_threads():
    one, other = (quiet(X, Y, SPACE, 14, strategy="tpe", n_threads=n, keep=3) for n in (1, 3))
    assert summary(one) == summary(other)
    assert same_bits(one.network, other.network)
    assert len(one.trials) == 14


@pytest.mark.parametrize("count", [3, 8, 13])
def test_tpe_in_memory_is_gone_on_with(count, tmp_path):
    expected, again = quiet(X, Y, SPACE, 14, strategy="tpe"), []
    _, callback = killed_after(count)
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 14, strategy="tpe", folder=tmp_path, callbacks=[callback], n_threads=1)
    found = quiet(X, Y, SPACE, 14, strategy="tpe", folder=tmp_path, callbacks=[again.append])
    assert summary(found) == summary(expected)
    assert same_bits(found.network, expected.network)
    assert len(again) == 14 - count


def storages(tmp_path):
    return optuna.storages.InMemoryStorage(), str(tmp_path / "study.journal")


@pytest.mark.parametrize("kind", [0, 1], ids=["memory", "file"])
@pytest.mark.parametrize("count", [3, 8, 13])
def test_a_folder_beside_a_storage_loses_nothing(count, kind, tmp_path):
    storage = storages(tmp_path)[kind]
    strategy = OptunaSearch(storage=storage, batch=8)
    seen, callback = killed_after(count)
    options = {"strategy": strategy, "folder": tmp_path / "kept", "keep": 4}
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 14, callbacks=[callback], n_threads=1, **options)
    again = []
    found = quiet(X, Y, SPACE, 14, callbacks=[again.append], **options)
    assert len(found.trials) == 14
    assert len(again) == 14 - count
    by_number = {t.number: t for t in found.trials}
    for trial in seen:
        assert (by_number[trial.number].settings, by_number[trial.number].score) == (trial.settings, trial.score)
    assert len({str(t.settings) for t in found.trials}) == 14
    for number, network in found.networks.items():
        assert network.evaluate(*found.task.validation)["loss"] == by_number[number].score
    assert list(found.networks) == [t.number for t in found.ranking()[:4]]
    if kind == 1:
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(storage))
    # The study has every result, once.
    assert sorted(t.value for t in completed(storage)) == sorted(t.cost for t in found.trials)
    third = []
    assert summary(quiet(X, Y, SPACE, 14, callbacks=[third.append], **options)) == summary(found)
    assert third == []
    assert len(quiet(X, Y, SPACE, 16, **options).trials) == 16


def test_a_storage_without_a_folder_is_learnt_from():
    storage = optuna.storages.InMemoryStorage()
    strategy = OptunaSearch(storage=storage)
    one = quiet(X, Y, SPACE, 10, strategy=strategy)
    other = quiet(X, Y, SPACE, 6, strategy=strategy)
    assert len(completed(storage)) == 16
    assert not {str(t.settings) for t in one.trials} & {str(t.settings) for t in other.trials}


def test_a_sampler_of_ones_own_hears_of_what_was_found_before(tmp_path):
    asked = []

    class Sampler(optuna.samplers.RandomSampler):
        def sample_relative(self, study, trial, space):
            complete = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
            asked.append(len(complete))
            return super().sample_relative(study, trial, space)

    options = {"folder": tmp_path, "n_threads": 1}
    seen, callback = killed_after(5)
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 9, strategy=OptunaSearch(Sampler(seed=0), batch=4), callbacks=[callback], **options)
    asked.clear()
    found = quiet(X, Y, SPACE, 9, strategy=OptunaSearch(Sampler(seed=0), batch=4), **options)
    assert asked[-1] == 5
    assert len(found.trials) == 9
    assert {t.score for t in seen} <= {t.score for t in found.trials}


@pytest.mark.parametrize("stored", [False, True])
def test_a_small_space_is_tried_once_over_all_runs(stored, tmp_path):
    space = {"hidden": [(3,), (4,), (5,)], "learning_rate": [0.1, 0.01], "activation": "tanh"}
    storage = optuna.storages.InMemoryStorage() if stored else None
    options = {"strategy": OptunaSearch(storage=storage, batch=2), "folder": tmp_path}
    _, callback = killed_after(3)
    with pytest.raises(_Killed):
        quiet(X, Y, space, 20, callbacks=[callback], n_threads=1, **options)
    found = quiet(X, Y, space, 20, **options)
    assert len(found.trials) == 6
    assert len({(t.settings["hidden"], t.settings["learning_rate"]) for t in found.trials}) == 6


def test_first_is_tried_once(tmp_path):
    first = [{"hidden": (3,), "learning_rate": 0.05}, {"hidden": (2, 2), "learning_rate": 0.05}]
    options = {"strategy": OptunaSearch(storage=optuna.storages.InMemoryStorage(), batch=1), "folder": tmp_path}
    _, callback = killed_after(1)
    with pytest.raises(_Killed):
        quiet(X, Y, SPACE, 4, first=first, callbacks=[callback], **options)
    found = quiet(X, Y, SPACE, 4, first=first, **options)
    assert [t.settings for t in found.trials[:2]] == first
    assert len({str(t.settings) for t in found.trials}) == 4


def test_failed_trials_are_told_as_failed(tmp_path):
    storage = optuna.storages.InMemoryStorage()
    space = {"hidden": [(3,), (0,)], "learning_rate": scales.LogUniform(1e-3, 1e-1)}
    found = quiet(X, Y, space, 8, strategy=OptunaSearch(storage=storage), folder=tmp_path)
    failed = [t for t in found.trials if t.status == "failed"]
    assert failed
    assert len(completed(storage)) == 8 - len(failed)
    assert summary(quiet(X, Y, space, 8, strategy=OptunaSearch(storage=storage), folder=tmp_path)) == summary(found)


@pytest.mark.parametrize("ending", ["callback", "time"])
def test_the_study_hears_of_a_round_that_was_cut_short(ending):
    storage = optuna.storages.InMemoryStorage()
    seen = []

    def third(trial):
        seen.append(trial)
        return ending == "callback" and len(seen) == 3

    budget = 20 if ending == "callback" else Seconds(0.6)
    found = quiet(X, Y, SPACE, budget, strategy=OptunaSearch(storage=storage), callbacks=[third], n_threads=1)
    assert found.stopped == ending
    done = [t for t in found.trials if t.status == "done"]
    assert sorted(t.value for t in completed(storage)) == sorted(t.cost for t in done)
    study = optuna.load_study(study_name="netlet", storage=storage)
    assert not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
