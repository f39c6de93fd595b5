"""Optuna decides: batches, failures, finite spaces, and a storage that is gone on with and shared."""

from __future__ import annotations

import itertools
import logging
import math
import multiprocessing
import sys

import numpy as np
import pytest
from driving import FEW, MIXED, costs_like, driven, flat, told

from netlet.scales import Choice, Integer, LogUniform, OneMinusLog, Sizes, Uniform
from netlet.searching.space import Space
from netlet.searching.strategies import OptunaSearch, RandomSearch

optuna = pytest.importorskip("optuna")
pytestmark = pytest.mark.plain

SQUARE = Space({"a": Uniform(0, 1), "b": Uniform(0, 1)})


def bowl(settings, epochs):
    return (settings["a"] - 0.3) ** 2 + (settings["b"] - 0.8) ** 2


def loaded(path, name="netlet"):
    journal = optuna.storages.journal
    backend = journal.JournalFileBackend(str(path), lock_obj=journal.JournalFileOpenLock(str(path)))
    return optuna.load_study(study_name=name, storage=journal.JournalStorage(backend))


@pytest.mark.parametrize("sampler", ["tpe", "nsgaii"])
def test_it_goes_in_batches_and_ends(sampler):
    rounds = driven(OptunaSearch(sampler=sampler).begin(MIXED, 0, 20, 20), costs_like(0))
    assert [len(asks) for asks in rounds] == [8, 8, 4]
    assert [ask.number for ask in flat(rounds)] == list(range(20))
    assert all(ask.settings in MIXED for ask in flat(rounds))
    assert {ask.epochs for ask in flat(rounds)} == {None}


def test_it_learns():
    best = {"tpe": [], "random": []}
    for seed in range(10):
        for name, strategy in (("tpe", OptunaSearch(batch=4)), ("random", RandomSearch())):
            asks = flat(driven(strategy.begin(SQUARE, seed, 48), bowl))
            best[name].append(min(bowl(ask.settings, None) for ask in asks))
    assert np.median(best["tpe"]) < 0.5 * np.median(best["random"])


def test_a_batch_does_not_hold_a_network_twice():
    rounds = driven(OptunaSearch(batch=8).begin(SQUARE, 0, 40), bowl)
    for asks in rounds:
        points = np.array([list(ask.settings.values()) for ask in asks])
        assert min(np.abs(one - other).max() for one, other in itertools.combinations(points, 2)) > 1e-4


def test_failed_and_stopped_networks_are_told_as_failed(tmp_path):
    run = OptunaSearch(storage=tmp_path / "journal").begin(SQUARE, 0, 4)
    asks = run.next_round()
    run.tell(told(asks[0], math.inf))
    run.tell(told(asks[1], math.nan))
    run.tell(type(told(asks[2], 1.0))(2, asks[2].settings, cost=0.5, epochs=3, status="stopped", reason="Ctrl-C"))
    run.tell(told(asks[3], 0.25))
    assert run.next_round() == []
    states = [trial.state.name for trial in loaded(tmp_path / "journal").trials]
    assert states == ["FAIL", "FAIL", "FAIL", "COMPLETE"]
    assert loaded(tmp_path / "journal").trials[2].user_attrs == {"epochs": 3, "reason": "Ctrl-C"}
    assert loaded(tmp_path / "journal").best_value == 0.25


@pytest.mark.parametrize("batch", [1, 4, 8])
def test_a_finite_space_is_tried_once_each_and_then_ends(batch):
    asks = flat(driven(OptunaSearch(batch=batch).begin(FEW, 1, 64), costs_like(0, failing=0.3)))
    assert sorted(FEW.key(ask.settings) for ask in asks) == sorted(FEW.key(each) for each in FEW.all_settings())
    assert len(flat(driven(OptunaSearch().begin({"a": 1}, 1), costs_like(0)))) == 1


def test_the_first_settings_are_tried_first():
    first = [{"a": 0.25, "b": 0.75}, {"a": 0.5, "b": 0.5}]
    asks = flat(driven(OptunaSearch().begin(SQUARE, 1, 10, first=first), bowl))
    assert [ask.settings for ask in asks[:2]] == first
    few = [{"activation": "elu", "layers": 2}] * 2
    asks = flat(driven(OptunaSearch().begin(FEW, 1, first=few), costs_like(0)))
    assert asks[0].settings == {**few[0], "seed": 0}
    assert len({FEW.key(ask.settings) for ask in asks}) == len(asks) == 6
    for seed in range(5):
        settings = MIXED.sample(np.random.default_rng(seed))
        asked = OptunaSearch().begin(MIXED, 1, first=[settings]).next_round()[0].settings
        numbers = ("learning_rate", "momentum", "dropout")
        assert [asked[name] for name in numbers] == pytest.approx([settings[name] for name in numbers], rel=1e-14)
        assert [asked[name] for name in ("hidden", "activation", "batch_size", "epochs")] == [
            settings[name] for name in ("hidden", "activation", "batch_size", "epochs")
        ]


def test_a_second_run_on_the_same_storage_sees_the_trials_of_the_first(tmp_path):
    path = tmp_path / "study.journal"
    strategy = OptunaSearch(storage=path)
    first = flat(driven(strategy.begin(SQUARE, 0, 24), bowl))
    second = flat(driven(strategy.begin(SQUARE, 0, 24), bowl))
    assert [ask.number for ask in second] == [ask.number for ask in first] == list(range(24))
    study = loaded(path)
    assert len(study.trials) == 48
    assert [trial.number for trial in study.trials] == list(range(48))
    # It goes on where the first one was, instead of drawing its beginning again.
    cost = {name: np.median([bowl(ask.settings, None) for ask in asks[:8]]) for name, asks in
            (("first", first), ("second", second))}  # fmt: skip
    assert cost["second"] < 0.5 * cost["first"]
    assert first[0].settings != second[0].settings
    assert not strategy.replays


def test_a_second_run_does_not_draw_the_beginning_of_the_first_again(tmp_path):
    strategy = OptunaSearch(storage=tmp_path / "journal", batch=3)  # so few that the sampler still draws at random
    first, second = (flat(driven(strategy.begin(SQUARE, 0, 3), bowl)) for _ in range(2))
    assert not {ask.settings["a"] for ask in first} & {ask.settings["a"] for ask in second}


def test_a_killed_run_loses_no_finished_trial(tmp_path):
    run = OptunaSearch(storage=tmp_path / "journal").begin(SQUARE, 0, 8)
    asks = run.next_round()
    for ask in asks[:3]:
        run.tell(told(ask, bowl(ask.settings, None)))
    del run
    states = [trial.state.name for trial in loaded(tmp_path / "journal").trials]
    assert states == ["COMPLETE"] * 3 + ["RUNNING"] * 5


def test_what_a_killed_run_has_left_is_tried_again_in_a_finite_space(tmp_path):
    strategy = OptunaSearch(storage=tmp_path / "journal")
    run = strategy.begin(FEW, 0)
    asks = run.next_round()
    assert len(asks) == 6
    for ask in asks[:2]:
        run.tell(told(ask, 0.5))
    del run
    again = flat(driven(strategy.begin(FEW, 0), costs_like(0)))
    assert sorted(FEW.key(ask.settings) for ask in again) == sorted(FEW.key(ask.settings) for ask in asks[2:])


def test_a_finite_space_is_shared_without_repeats(tmp_path):
    space = Space({"n": Integer(1, 12), "of": Choice(["a", "b"])})
    strategy = OptunaSearch(storage=tmp_path / "journal", batch=3)
    runs = [strategy.begin(space, seed) for seed in (1, 2)]
    settings = []
    while rounds := [asks for run in runs if (asks := told_round(run))]:
        settings += [ask.settings for asks in rounds for ask in asks]
    assert len(settings) == len({space.key(each) for each in settings}) == 24


def told_round(run):
    asks = run.next_round()
    for ask in asks:
        run.tell(told(ask, costs_like(0)(ask.settings, None)))
    return asks


def search_in_a_process(path, seed):
    driven(OptunaSearch(storage=path, batch=2).begin(SQUARE, seed, 10), bowl)


@pytest.mark.slow
def test_two_processes_share_a_study(tmp_path):
    path = str(tmp_path / "journal")
    search_in_a_process(path, 0)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=search_in_a_process, args=(path, seed)) for seed in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    trials = loaded(path).trials
    assert [trial.number for trial in trials] == list(range(30))
    assert {trial.state.name for trial in trials} == {"COMPLETE"}
    assert len({tuple(trial.params.values()) for trial in trials}) == 30


def test_storages_of_every_kind(tmp_path):
    storage = optuna.storages.InMemoryStorage()
    for given in (storage, str(tmp_path / "a.journal")):
        driven(OptunaSearch(storage=given, study_name="mine").begin(SQUARE, 0, 3), bowl)
    assert len(optuna.load_study(study_name="mine", storage=storage).trials) == 3
    assert len(loaded(tmp_path / "a.journal", "mine").trials) == 3


def test_another_space_or_direction_in_the_storage_is_refused(tmp_path):
    strategy = OptunaSearch(storage=tmp_path / "journal")
    strategy.begin(SQUARE, 0)
    with pytest.raises(ValueError, match="study_name='netlet' of the storage searches another space"):
        strategy.begin(FEW, 0)
    OptunaSearch(storage=tmp_path / "journal", study_name="other").begin(FEW, 0)
    storage = optuna.storages.InMemoryStorage()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        optuna.create_study(study_name="netlet", storage=storage, direction="maximize")
    finally:
        optuna.logging.set_verbosity(optuna.logging.INFO)
    with pytest.raises(ValueError, match="does not minimize one value"):
        OptunaSearch(storage=storage).begin(SQUARE, 0)


def test_its_logging_is_left_as_it_was_and_says_nothing(capfd):
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.INFO)
    try:
        driven(OptunaSearch().begin(MIXED, 0, 12), costs_like(0))
        assert optuna.logging.get_verbosity() == logging.INFO
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_a_sampler_of_optuna_is_copied():
    sampler = optuna.samplers.RandomSampler(seed=3)
    strategy = OptunaSearch(sampler=sampler)
    first, second = (driven(strategy.begin(SQUARE, seed, 10), bowl) for seed in (0, 1))
    assert first == second
    assert not strategy.replays
    assert strategy.describe()["sampler"] == "<optuna.samplers._random.RandomSampler object>"


def test_suggestions_are_what_suggest_takes():
    awkward = Space(
        MIXED.scales
        | {
            "alike": Choice([1, True, 1.0, "1"]),
            "tuples": Choice([(64,), (64, 32)]),
            "fixed_depth": Sizes(2, (3, 9), log=False),
            "beta": OneMinusLog(0.0, 0.9999),
            "rate": LogUniform(1e-12, 1e-3),
        }
    )
    for seed in range(100):
        settings = awkward.sample(np.random.default_rng(seed))
        back = awkward.suggest(optuna.trial.FixedTrial(awkward.suggestion(settings)))
        for name, value in settings.items():
            assert back[name] == pytest.approx(value, rel=1e-12) if isinstance(value, float) else back[name] == value
        assert type(back["alike"]) is type(settings["alike"])


def test_what_optuna_suggests_is_in_the_space():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    assert all(MIXED.suggest(study.ask()) in MIXED for _ in range(300))


def test_a_password_is_not_written_down():
    strategy = OptunaSearch(storage="mysql://me:secret@host/studies")
    assert "secret" not in repr(strategy) + str(strategy.describe())
    assert strategy.describe()["storage"] == "mysql://host/studies"


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r'pip install "netlet\[optuna\]"'):
        OptunaSearch().begin(SQUARE, 0)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"sampler": "tpa"}, ValueError, "sampler='tpa' is not one of 'nsgaii', 'tpe'; did you mean 'tpe'"),
        ({"sampler": 3}, TypeError, "neither a name nor a sampler of Optuna"),
        ({"sampler": optuna.samplers.TPESampler}, TypeError, "neither a name nor a sampler of Optuna"),
        ({"batch": 0}, ValueError, "batch=0 is not >= 1"),
        ({"study_name": ""}, TypeError, "study_name='' is no name"),
    ],
)
def test_bad_parameters_are_explained(given, error, message):
    with pytest.raises(error, match=message):
        OptunaSearch(**given)
