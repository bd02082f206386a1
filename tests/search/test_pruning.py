"""Pruners: decisions against values worked out by hand, and the laws they keep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import InputError
from hpsearch.search.pruning import PRUNERS, HyperbandPruner, Peer, make_pruner, peers_of, rungs_of
from hpsearch.storage import TrialRecord

SEARCHING = [name for name in PRUNERS if name != "none"]


def at_rung(values: list[float], rung: int = 4) -> list[Peer]:
    """Peers with constant curves, so that the best and the average so far are the same."""
    return [Peer(i, {rung: value}, [value] * rung) for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("name", "epochs", "rungs"),
    [
        ("none", 40, ()),
        ("asha", 12, (2, 6)),
        ("hyperband", 12, (2, 6)),
        ("median", 12, (2, 4, 6, 8)),
        ("asha", 5, (2,)),
        ("asha", 3, (2,)),
        ("asha", 2, ()),
        ("median", 1, ()),
    ],
)
def test_rungs_are_parts_of_the_epochs(name: str, epochs: int, rungs: tuple[int, ...]) -> None:
    """Sixths and halves, never before epoch 2 and never the last epoch."""
    assert rungs_of(name, epochs) == rungs


@given(st.sampled_from(list(PRUNERS)), st.integers(1, 500))
def test_no_rung_is_the_last_epoch_or_later(name: str, epochs: int) -> None:
    rungs = rungs_of(name, epochs)
    assert list(rungs) == sorted(set(rungs))
    assert all(2 <= rung < epochs for rung in rungs)


@pytest.mark.parametrize(
    ("value", "pruned"),
    [(0.81, False), (0.71, False), (0.7, False), (0.69, True), (0.1, True)],
)
def test_asha_lets_the_best_third_of_a_rung_go_on(value: float, pruned: bool) -> None:
    """With eight peers three of nine go on: those whom at most two have beaten; a tie is none."""
    peers = at_rung([0.8, 0.75, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1])
    pruner = make_pruner("asha", (4,), direction="maximize")
    assert pruner.is_pruned(99, 4, value, peers) is pruned


def test_asha_minimizes_a_loss() -> None:
    """With five peers two of six go on: the lowest."""
    peers = at_rung([1.0, 2.0, 3.0, 4.0, 5.0])
    pruner = make_pruner("asha", (4,), direction="minimize")
    assert not pruner.is_pruned(99, 4, 1.5, peers)
    assert pruner.is_pruned(99, 4, 2.5, peers)


def test_median_compares_the_best_so_far_with_the_median_of_running_averages() -> None:
    """Averages to epoch 2 are 1, 2, 3, 4, 5 eighths; the bests twice as high do not count."""
    peers = [Peer(i, {2: i / 4}, [0.0, i / 4, 1.0]) for i in range(1, 6)]
    pruner = make_pruner("median", (2,), direction="maximize")
    assert not pruner.is_pruned(99, 2, 0.375, peers)
    assert pruner.is_pruned(99, 2, 0.374, peers)


def test_median_does_not_wait_for_trials_that_still_train() -> None:
    """Peers without a curve have not ended; the rule knows only those that have."""
    peers = [Peer(i, {2: 0.9}) for i in range(20)]
    assert not make_pruner("median", (2,), direction="maximize").is_pruned(99, 2, 0.1, peers)


@pytest.mark.parametrize("name", SEARCHING)
def test_too_few_peers_stop_nothing(name: str) -> None:
    """Four peers are no sample, and NaN or another rung makes no peer."""
    pruner = make_pruner(name, (2, 4), direction="maximize")
    peers = [*at_rung([0.9] * 4), *at_rung([math.nan] * 30), *at_rung([0.9] * 30, rung=2)]
    assert not any(pruner.is_pruned(index, 4, 0.1, peers) for index in range(99, 140))


@pytest.mark.parametrize("name", SEARCHING)
def test_between_rungs_nothing_is_stopped(name: str) -> None:
    pruner = make_pruner(name, (4,), direction="maximize")
    assert not pruner.is_pruned(99, 3, 0.0, at_rung([0.9] * 40, rung=3))


VALUES = st.floats(-10, 10) | st.just(math.nan)


@given(
    name=st.sampled_from(SEARCHING),
    direction=st.sampled_from(["maximize", "minimize"]),
    curves=st.lists(st.lists(VALUES, min_size=4, max_size=4), max_size=40),
    index=st.integers(0, 200),
)
def test_whom_nobody_has_beaten_is_never_stopped(
    name: str, direction: str, curves: list[list[float]], index: int
) -> None:
    """The best so far goes on, whatever the others did, NaN included."""
    best = max if direction == "maximize" else min
    peers = [
        Peer(i + 1000, {r: best(curve[:r]) for r in (2, 4)}, curve)
        for i, curve in enumerate(curves)
    ]
    pruner = make_pruner(name, (2, 4), direction=direction)
    for rung in (2, 4):
        known = [v for curve in curves for v in curve[:rung] if math.isfinite(v)]
        assert not pruner.is_pruned(index, rung, best(known, default=0.0), peers)


@given(
    name=st.sampled_from(SEARCHING),
    values=st.lists(st.floats(0, 1), min_size=5, max_size=30),
    value=st.floats(0, 1),
)
def test_a_loss_is_judged_as_its_negative(name: str, values: list[float], value: float) -> None:
    """Minimizing x decides as maximizing -x."""
    up = make_pruner(name, (4,), direction="maximize")
    down = make_pruner(name, (4,), direction="minimize")
    mirrored = at_rung([-v for v in values])
    for index in (7, 8, 9):
        decided = up.is_pruned(index, 4, value, at_rung(values))
        assert down.is_pruned(index, 4, -value, mirrored) is decided


def test_hyperband_gives_each_bracket_the_share_of_the_paper() -> None:
    """For two halvings and factor 3 the paper starts 9, 5 and 3 configurations."""
    pruner = HyperbandPruner((2, 6), "maximize", seed=3)
    brackets = [pruner.bracket(index) for index in range(17_000)]
    for bracket, share in enumerate((9, 5, 3)):
        assert brackets.count(bracket) == pytest.approx(1000 * share, rel=0.05)
    assert {pruner.judged_at(i) for i in range(100)} == {(2, 6), (6,), ()}


def test_hyperband_compares_within_a_bracket_and_spares_the_last() -> None:
    """A trial of the last bracket is never stopped; one of the first only by its own bracket."""
    pruner = HyperbandPruner((2, 6), "maximize", seed=0)
    by_bracket = {b: [i for i in range(300) if pruner.bracket(i) == b] for b in (0, 1, 2)}
    everyone = [Peer(i, {2: 0.9, 6: 0.9}) for i in range(300)]
    assert not pruner.is_pruned(by_bracket[2][0], 6, 0.0, everyone)
    assert not pruner.is_pruned(by_bracket[1][0], 2, 0.0, everyone)
    assert pruner.is_pruned(by_bracket[0][0], 2, 0.0, everyone)
    others = [peer for peer in everyone if pruner.bracket(peer.index) != 0]
    assert not pruner.is_pruned(by_bracket[0][0], 2, 0.0, others)


def test_peers_are_what_can_be_compared() -> None:
    """Not the trial itself, nor failed, waiting or replicated ones; curves only of the ended."""
    curve = {"val_accuracy": [0.2, 0.5, 0.4]}
    records = [
        TrialRecord(0, "running", index=0, rungs={2: 0.3}),
        TrialRecord(1, "pruned", index=1, rungs={2: 0.5}, value=0.5, history=curve),
        TrialRecord(2, "failed", index=2, failure="lost", rungs={2: 0.9}),
        TrialRecord(3, "waiting", index=3, rungs={2: 0.9}),
        TrialRecord(4, "complete", index=4, replicate_of=1, rungs={2: 0.9}),
        TrialRecord(5, "running", index=5, rungs={2: 0.9}),
    ]
    running, pruned = peers_of(records, index=5, objective="val_accuracy")
    assert (running.index, running.best_at(2), running.curve) == (0, 0.3, [])
    assert (pruned.index, pruned.best_at(2)) == (1, 0.5)
    assert pruned.average_at(2) == pytest.approx(0.35)
    assert math.isnan(pruned.average_at(4)), "it was stopped before"


def test_a_trial_that_ended_by_itself_keeps_its_objective_at_later_rungs() -> None:
    """It no longer improved, so that its best so far is known for good."""
    history = {"val_accuracy": [0.6, 0.5]}
    record = TrialRecord(0, "complete", index=0, value=0.6, rungs={2: 0.6}, history=history)
    (peer,) = peers_of([record], index=1, objective="val_accuracy")
    assert peer.best_at(8) == 0.6
    assert peer.average_at(8) == pytest.approx(0.55)


def test_an_unknown_pruner_is_wrong_input() -> None:
    with pytest.raises(InputError, match="No pruner 'luck'"):
        make_pruner("luck", (), direction="maximize")
