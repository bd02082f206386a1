"""`OptunaOracle` proposes, records and resumes as a Keras Tuner oracle should, and better."""

from __future__ import annotations

import json
import math
import threading

import keras_tuner
import pytest

from hpsearch.errors import InputError
from hpsearch.interop import OptunaOracle
from hpsearch.search import make_sampler

pytestmark = pytest.mark.slow  # Keras Tuner loads TensorFlow


def declared():
    hp = keras_tuner.HyperParameters()
    hp.Choice("optimizer", ["adam", "sgd"])
    with hp.conditional_scope("optimizer", ["sgd"]):
        hp.Float("momentum", 0.0, 0.9)
    hp.Float("rate", 1e-4, 1.0, sampling="log")
    return hp


def one_float():
    hp = keras_tuner.HyperParameters()
    hp.Float("x", 0.0, 1.0)
    return hp


@pytest.fixture
def make(tmp_path):
    def make_oracle(objective="val_accuracy", max_trials=20, directory="run", **settings):
        settings = {"hyperparameters": declared(), "seed": 0, **settings}
        oracle = OptunaOracle(objective, max_trials, **settings)
        oracle.verbose = 0
        oracle._set_project_dir(str(tmp_path), directory)
        return oracle

    return make_oracle


def run(oracle, evaluate, *, most=1000, tuner="tuner0"):
    """What a tuner does with an oracle, without a model."""
    trials = []
    while len(trials) < most:
        trial = oracle.create_trial(tuner)
        if trial.status == "STOPPED":
            break
        try:
            value = evaluate(trial.hyperparameters)
            oracle.update_trial(trial.trial_id, {oracle.objective.name: value})
            trial.status = "COMPLETED"
        except ArithmeticError as error:
            trial.status, trial.message = "INVALID", str(error)
        oracle.end_trial(trial)
        trials.append(trial)
    return trials


def params(trials):
    return [dict(trial.hyperparameters.values) for trial in trials]


def test_conditional_hyperparameters_are_recorded_exactly_when_active(make, tmp_path):
    oracle = make(algorithm="random")
    run(oracle, lambda hp: hp["rate"])
    stored = [json.loads(path.read_text()) for path in tmp_path.glob("run/trial_*/trial.json")]
    assert len(stored) == 20
    values = [entry["hyperparameters"]["values"] for entry in stored]
    assert {entry["optimizer"] for entry in values} == {"adam", "sgd"}
    for entry in values:
        assert ("momentum" in entry) == (entry["optimizer"] == "sgd")


def test_random_search_is_that_of_the_library(make):
    oracle = make(algorithm="random", seed=7)
    sampler = make_sampler("random", oracle.space, seed=7)
    assert params(run(oracle, lambda hp: 1.0, most=5)) == [
        proposal.params for i in range(5) if (proposal := sampler.propose(i))
    ]


@pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
def test_bayesian_search_moves_to_where_it_is_good(make, objective):
    sign = 1 if objective == "val_accuracy" else -1
    oracle = make(objective, 60, hyperparameters=one_float())
    trials = run(oracle, lambda hp: -sign * (hp["x"] - 0.8) ** 2)
    late = [p["x"] for p in params(trials)[30:]]
    # By chance 20 of 100 lie so near.
    assert sum(abs(x - 0.8) < 0.1 for x in late) > 15


@pytest.mark.filterwarnings("ignore:All-NaN axis:RuntimeWarning")  # Keras Tuner's own
@pytest.mark.parametrize("failure", ["error", "nan", "infinite"])
def test_bayesian_search_keeps_away_from_where_trials_fail(make, failure):
    def evaluate(hp):
        if hp["x"] > 0.5 and failure == "error":
            raise ArithmeticError("too large")
        bad = math.nan if failure == "nan" else math.inf
        return bad if hp["x"] > 0.5 else hp["x"]

    oracle = make(max_trials=100, hyperparameters=one_float(), max_consecutive_failed_trials=100)
    trials = run(oracle, evaluate)
    late = [p["x"] for p in params(trials)[60:]]
    # engine.md: a failure that the sampler does not see draws every late proposal there.
    assert sum(x > 0.5 for x in late) < len(late) * 0.7
    expected = "COMPLETED" if failure == "infinite" else "FAILED"
    assert {t.status for t in trials if t.hyperparameters["x"] > 0.5} == {expected}


def test_a_grid_has_both_ends_and_ends_when_all_is_tried(make):
    hp = keras_tuner.HyperParameters()
    hp.Float("x", 0.0, 0.5, step=0.1)
    hp.Boolean("b")
    oracle = make(max_trials=None, algorithm="grid", grid_points=6, hyperparameters=hp)
    trials = run(oracle, lambda hp: hp["x"])
    expected = [(i, b) for b in (False, True) for i in range(6)]  # fractions change fastest
    assert [(round(10 * p["x"], 6), p["b"]) for p in params(trials)] == expected


def test_a_grid_takes_as_many_points_as_the_budget_pays(make):
    # Adam needs a grid over rate alone, SGD one over momentum × rate: n + n·m of at most 20.
    trials = run(make(algorithm="grid"), lambda hp: hp["rate"])
    assert 12 <= len(trials) <= 20
    ends = {p["rate"] for p in params(trials)}
    assert {min(ends), max(ends)} == {1e-4, 1.0}


def test_a_grid_that_the_budget_cannot_pay_is_refused_unless_told(make):
    # Two rates with Adam, 2 × 2 with SGD.
    oracle = make(algorithm="grid", max_trials=5)
    with pytest.raises(InputError, match="smallest grid has 6 points and max_trials is 5"):
        oracle.create_trial("tuner0")
    trial = make(algorithm="grid", max_trials=5, grid_points=2).create_trial("tuner0")
    assert trial.hyperparameters.values == {"optimizer": "adam", "rate": 1e-4}


def test_an_oracle_that_refused_can_still_be_used_by_another_thread(make):
    oracle = make(algorithm="grid", max_trials=5)
    with pytest.raises(InputError):
        oracle.create_trial("tuner0")
    oracle.max_trials = 6
    other = threading.Thread(target=oracle.create_trial, args=("tuner1",), daemon=True)
    other.start()
    other.join(10)
    assert not other.is_alive()
    assert len(oracle.trials) == 1


def test_a_finite_space_is_exhausted_without_repeats(make):
    hp = keras_tuner.HyperParameters()
    hp.Int("layers", 1, 3)
    hp.Boolean("b")
    trials = run(make(hyperparameters=hp), lambda hp: hp["layers"])
    assert sorted((p["layers"], p["b"]) for p in params(trials)) == [
        (layers, b) for layers in (1, 2, 3) for b in (False, True)
    ]


def test_a_name_first_met_in_a_build_is_searched_in_that_very_trial(make, tmp_path):
    def build(hp):
        layers = hp.Int("layers", 1, 3)
        return sum(hp.Float(f"units_{i}", 0.0, 1.0) for i in range(layers))

    hp = keras_tuner.HyperParameters()
    hp.Int("layers", 1, 3)
    trials = run(make(algorithm="random", hyperparameters=hp), build)
    first = params(trials)[0]
    assert {f"units_{i}" for i in range(first["layers"])} <= set(first)
    # The default is 0.0, the low end; a value from the sampler is 0.0 with probability 0.
    assert all(value > 0 for p in params(trials) for n, value in p.items() if n != "layers")
    # What the builder got is what is on the record and on the disk.
    for trial in trials:
        used = sum(
            trial.hyperparameters[f"units_{i}"] for i in range(trial.hyperparameters["layers"])
        )
        assert trial.score == pytest.approx(used)
        path = tmp_path / "run" / f"trial_{trial.trial_id}" / "trial.json"
        assert (
            json.loads(path.read_text())["hyperparameters"]["values"]
            == trial.hyperparameters.values
        )


def test_new_names_that_are_not_to_be_tuned_keep_their_default(make):
    oracle = make(algorithm="random", tune_new_entries=False)
    trials = run(oracle, lambda hp: hp.Float("new", 0.0, 1.0, default=0.5), most=3)
    assert [p["new"] for p in params(trials)] == [0.5] * 3
    assert "new" not in oracle.space.names


def test_one_name_under_two_scopes_is_recorded_as_it_was_used(make):
    hp = keras_tuner.HyperParameters()
    hp.Choice("optimizer", ["adam", "sgd"])
    for optimizer, low in (("adam", 0.0), ("sgd", 5.0)):
        with hp.conditional_scope("optimizer", [optimizer]):
            hp.Float("rate", low, low + 1)
    trials = run(make(hyperparameters=hp, algorithm="random"), lambda hp: hp["rate"])
    assert {p["optimizer"] for p in params(trials)} == {"adam", "sgd"}
    for trial in trials:
        assert trial.score == trial.hyperparameters["rate"]
        assert (trial.score >= 5) == (trial.hyperparameters["optimizer"] == "sgd")


@pytest.mark.parametrize("algorithm", ["bayesian", "random", "grid"])
def test_a_search_stopped_and_resumed_makes_the_trials_of_an_unbroken_one(make, algorithm):
    def evaluate(hp):
        return hp["rate"] + (hp.Float("late", 0.0, 1.0) if hp["rate"] > 0.5 else 0)

    settings = {"algorithm": algorithm, "max_trials": 24}
    whole = run(make(directory="whole", **settings), evaluate)
    first = run(make(directory="parts", **settings), evaluate, most=13)
    second = make(directory="parts", **settings)
    second.reload()
    rest = run(second, evaluate)
    assert len(rest) == len(whole) - 13
    assert params(first) + params(rest) == params(whole)


def test_a_search_killed_right_after_a_trial_ended_does_not_run_it_again(make):
    before = make(max_retries_per_trial=1)
    run(before, lambda hp: hp["rate"], most=2)  # a tuner would save once more here
    failed = before.create_trial("tuner0")
    failed.status = "INVALID"
    before.end_trial(failed)
    after = make(max_retries_per_trial=1)
    after.reload()
    assert [after.create_trial(f"tuner{i}").trial_id for i in range(2)] == ["02", "03"]


def test_a_trial_cut_off_is_run_again_with_the_values_it_had(make):
    def late(hp):
        return hp.Float("late", 0.0, 1.0)

    before = make()
    run(before, late, most=2)
    cut = before.create_trial("tuner0")
    wanted, drawn = dict(cut.hyperparameters.values), late(cut.hyperparameters)
    after = make()
    after.reload()
    again = after.create_trial("tuner0")
    assert again.trial_id == cut.trial_id
    assert {**wanted, "late": drawn} == {
        **again.hyperparameters.values,
        "late": late(again.hyperparameters),
    }
    assert len(after.trials) == 3


def test_the_state_is_plain_json(make):
    oracle = make()
    run(oracle, lambda hp: hp["rate"], most=3)
    assert json.loads(json.dumps(oracle.get_state())) == oracle.get_state()
    assert oracle.get_state()["algorithm"] == "bayesian"


def test_continuing_with_another_algorithm_is_said(make, caplog):
    run(make(algorithm="random"), lambda hp: hp["rate"], most=2)
    oracle = make(algorithm="bayesian")
    oracle.reload()
    assert "Continuing random search with bayesian" in caplog.text
    assert oracle.algorithm == "bayesian"


def test_seed_0_is_a_seed(make):
    first, second = (run(make(directory=d, seed=0), lambda hp: 1.0, most=3) for d in "ab")
    assert params(first) == params(second)
    assert params(run(make(directory="c", seed=1), lambda hp: 1.0, most=3)) != params(first)


def test_threads_get_trials_of_their_own_and_the_budget_is_exact(make):
    oracle = make(algorithm="random", max_trials=40)
    results = {}

    def work(name):
        results[name] = run(oracle, lambda hp: hp["rate"], tuner=name)

    threads = [
        threading.Thread(target=work, args=(f"tuner{i}",), name=f"t{i}", daemon=True)
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    trials = [trial for part in results.values() for trial in part]
    assert sorted(int(trial.trial_id) for trial in trials) == list(range(40))
    assert len({str(sorted(p.items())) for p in params(trials)}) == 40


def test_a_search_where_everything_fails_is_stopped(make):
    def fail(hp):
        raise ArithmeticError("no such file")

    oracle = make(max_trials=30)
    with pytest.raises(RuntimeError, match=r"limit of 10(?s:.)*no such file"):
        run(oracle, fail)


@pytest.mark.parametrize("wrong", [{"algorithm": "genetic"}, {"grid_points": 1}])
def test_wrong_settings_are_refused(make, wrong):
    with pytest.raises(InputError):
        make(**wrong)
