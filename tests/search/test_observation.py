"""What samplers learn from earlier trials, and how models see values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.search import Observation, expected_ends, identify, observe
from hpsearch.search.codes import Codes
from hpsearch.search.encoding import is_continuous, sampled_distribution, stored_distribution
from hpsearch.search.memory import memory_study, memory_trials
from hpsearch.search.observation import Tried
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Parameter, Space
from hpsearch.storage import TrialRecord

# --- observations ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "failure", "outcome"),
    [
        ("waiting", None, "running"),
        ("running", None, "running"),
        ("complete", None, "complete"),
        ("pruned", None, "pruned"),
        ("failed", "diverged", "avoid"),
        ("failed", "oom", "avoid"),
        ("failed", "infeasible", "avoid"),
        ("failed", "timeout", "unknown"),
        ("failed", "crash", "unknown"),
        ("failed", "error", "unknown"),
        ("failed", "lost", "unknown"),
        ("failed", None, "unknown"),
    ],
)
def test_what_is_learned_from_a_trial(state: Any, failure: Any, outcome: str) -> None:
    """Only what the configuration itself causes is to be avoided."""
    record = TrialRecord(0, state, params={"a": 1}, value=0.5, failure=failure)
    assert observe(record) == Observation({"a": 1}, 0.5, outcome)  # type: ignore[arg-type]


def test_configurations_are_the_same_whatever_the_order() -> None:
    assert identify({"a": 1, "b": "x"}) == identify({"b": "x", "a": 1})
    different = [{"a": 1}, {"a": True}, {"a": "1"}, {"a": 1.5}, {"b": 1}, {"a": 1, "b": 1}, {}]
    assert len({identify(params) for params in different}) == len(different)


def test_tried_compares_what_both_name() -> None:
    """A finished trial lacks what its model did not use; names that do not count are ignored."""
    tried = Tried([Observation({"layers": 1, "other": 5}, 0.5, "complete")], {"layers", "units"})
    assert {"layers": 1, "units": 3} in tried
    assert {"layers": 2, "units": 3} not in tried
    assert {"units": 3} not in tried
    assert {} not in Tried([], ())
    assert {} in Tried([Observation({}, None, "running")], ())


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 1)), max_size=5),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 1)),
    st.frozensets(st.sampled_from("abc")),
)
def test_tried_agrees_with_comparing_one_by_one(
    tried: list[dict[str, Any]], params: dict[str, Any], names: frozenset[str]
) -> None:
    def repeats(known: dict[str, Any]) -> bool:
        compared = {name: value for name, value in known.items() if name in names}
        return bool(compared or not names) and compared.items() <= params.items()

    seen = Tried((), names)
    for entry in tried:
        seen.add(Observation(entry, None, "complete"))
    assert (params in seen) == any(repeats(entry) for entry in tried)


def of(outcome: Any, value: float | None, number: int) -> Observation:
    return Observation({"n": number}, value, outcome)


def test_a_pruned_trial_counts_as_what_it_would_have_come_to() -> None:
    """Stopped at rung 3 with 0.5; others gained 0.1, 0.2 and 0.4 from there: the median is 0.2."""
    records = [
        TrialRecord(0, "complete", value=0.7, rungs={3: 0.6}),
        TrialRecord(1, "complete", value=0.8, rungs={3: 0.6, 9: 0.7}),
        TrialRecord(2, "complete", value=0.9, rungs={3: 0.5}),
        TrialRecord(3, "pruned", value=0.5, rungs={3: 0.5}),
        TrialRecord(4, "pruned", value=0.4, rungs={5: 0.4}),
        TrialRecord(5, "failed"),
    ]
    assert expected_ends(records) == pytest.approx({3: 0.7, 4: 0.4})


# --- encoding --------------------------------------------------------------------


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    sampling: Any = draw(st.sampled_from(["linear", "log", "reverse_log"]))
    step = draw(st.sampled_from([None, 2, 3]))
    high = draw(st.integers(1, 200))
    kinds = [
        Float("x", 1, high, step=step, sampling=sampling),
        Int("x", 1, high, step=step, sampling=sampling),
        Choice("x", tuple(range(high))),
        Choice("x", ("relu", "elu", "tanh")),
        Boolean("x"),
        Fixed("x", high),
    ]
    return draw(st.sampled_from(kinds))


@given(parameters(), st.floats(0, 1))
def test_what_a_model_sees_lies_in_its_distribution(parameter: Parameter, unit: float) -> None:
    """And means the value it came from."""
    value = parameter.from_unit(unit)
    codes = Codes(Space((parameter,)))
    row = codes.encode({"x": value})
    code = row[0] if is_continuous(parameter) else int(row[0])
    decoded = codes.decode(row)["x"]
    assert decoded == pytest.approx(value)
    assert isinstance(decoded, type(value))
    distribution = sampled_distribution(parameter)
    assert distribution._contains(distribution.to_internal_repr(code))


@given(parameters(), st.floats(0, 1))
def test_every_value_can_be_stored(parameter: Parameter, unit: float) -> None:
    """In natural units, so that Optuna's own tools show them."""
    value = parameter.from_unit(unit)
    distribution = stored_distribution(parameter)
    internal = distribution.to_internal_repr(value)
    assert distribution._contains(internal)
    assert distribution.to_external_repr(internal) == value


def test_only_what_can_vary_is_searched() -> None:
    space = Space((Fixed("a", 1), Int("b", 2, 2), Choice("c", ("x",)), Boolean("d")))
    assert [p.name for p in space.searched()] == ["d"]


# --- the study in memory ---------------------------------------------------------

SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0, 1, conditions=(Condition("optimizer", ("sgd",)),)),
        Int("layers", 1, 4),
        Fixed("epochs", 3),
    )
)


def test_observations_become_optuna_trials() -> None:
    """By position among the choices; what was out of range or not searched is left out."""
    adam = {"optimizer": "adam", "layers": 2, "epochs": 3}
    sgd = {"optimizer": "sgd", "momentum": 0.5, "layers": 9, "epochs": 3, "gone": 1}
    seen = [Observation(adam, 0.8, "complete"), Observation(sgd, 0.2, "complete")]
    study = memory_study(memory_trials(SPACE, seen), "minimize")
    assert study.direction.name == "MINIMIZE"
    assert [trial.value for trial in study.trials] == [0.8, 0.2]
    assert study.trials[0].params == {"optimizer": 0, "layers": 1}
    assert study.trials[1].params == {"optimizer": 1, "momentum": 0.5}
