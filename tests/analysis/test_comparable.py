"""Comparable trials: no comparison of survivors, no comparison across epochs."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis.comparable import ENOUGH_TRIALS, comparable
from hpsearch.analysis.importance import importance
from hpsearch.search.pruning import Peer, make_pruner
from hpsearch.spaces import Boolean, Float, Space
from hpsearch.storage import TrialRecord


def complete(number: int, value: float, **facts: object) -> TrialRecord:
    """A trial that was trained to its end."""
    return TrialRecord(number, "complete", {"x": number}, value, **facts)  # type: ignore[arg-type]


def pruned(number: int, rungs: dict[int, float], judged_from: int = 2) -> TrialRecord:
    """A trial that was stopped at its last rung."""
    value = rungs[max(rungs)]
    return TrialRecord(number, "pruned", {"x": number}, value, rungs=rungs, judged_from=judged_from)


def test_without_stopped_trials_the_final_objectives_are_compared() -> None:
    """Failed and running trials are left out; there is nothing to explain."""
    records = [
        complete(0, 0.5, rungs={2: 0.1}),
        TrialRecord(1, "failed"),
        TrialRecord(2, "running"),
    ]
    found = comparable(records)
    assert (found.epoch, found.note) == (None, "")
    assert [o.value for o in found.observations] == [0.5]


def test_all_are_compared_at_the_latest_epoch_that_every_one_reached() -> None:
    """Trial 1 came to epoch 2 only, so the others count with what they had shown there."""
    records = [
        complete(0, 0.9, rungs={2: 0.3, 6: 0.8}, judged_from=2),
        pruned(1, {2: 0.1}),
        pruned(2, {2: 0.4, 6: 0.5}),
        complete(3, 0.6, judged_from=2),  # it ended by itself before epoch 2
        TrialRecord(4, "failed", {"x": 4}, rungs={2: 0.7}),
    ]
    found = comparable(records)
    assert found.epoch == 2
    assert [(o.params["x"], o.value) for o in found.observations] == [
        (0, 0.3),
        (1, 0.1),
        (2, 0.4),
        (3, 0.6),
    ]
    assert {o.outcome for o in found.observations} == {"complete"}
    assert "epoch 2" in found.note


def test_enough_trials_that_nobody_could_stop_allow_a_later_epoch() -> None:
    """With 50 spared ones up to epoch 6 those are compared there; survivors are not among them."""
    spared = [complete(i, 0.9, rungs={2: 0.1, 6: 0.5}, judged_from=6) for i in range(ENOUGH_TRIALS)]
    survivors = [complete(100 + i, 1.0, rungs={2: 0.2, 6: 0.7}, judged_from=2) for i in range(60)]
    found = comparable([*spared, *survivors, pruned(200, {2: 0.0})])
    assert found.epoch == 6
    assert {o.params["x"] for o in found.observations} == set(range(ENOUGH_TRIALS))
    assert {o.value for o in found.observations} == {0.5}
    fewer = comparable([*spared[1:], *survivors, pruned(200, {2: 0.0})])
    assert fewer.epoch == 2
    assert len(fewer.observations) == ENOUGH_TRIALS - 1 + 60 + 1


def test_trials_that_could_never_be_stopped_show_their_whole_training() -> None:
    """Enough of the last bracket of hyperband: final objectives; replicates do not count."""
    never = [complete(i, 0.9, rungs={2: 0.1}) for i in range(ENOUGH_TRIALS)]
    others = [pruned(100, {2: 0.0})]
    assert comparable([*never, *others]).epoch is None
    replicates = [complete(i, 0.9, rungs={2: 0.1}, replicate_of=0) for i in range(60)]
    assert comparable([*never[1:], *replicates, *others]).epoch == 2


def test_a_ruinous_hyperparameter_shows_though_its_trials_were_stopped() -> None:
    """Half of the trials cannot learn. Among survivors that has no trace; compared, it has."""
    generator = np.random.default_rng(0)
    pruner = make_pruner("asha", (2, 6), direction="maximize")
    peers: list[Peer] = []
    records = []
    for number in range(60):
        ruined = bool(generator.integers(2))
        curve = [(0.05 if ruined else 0.1 * e) + generator.normal(0, 0.01) for e in range(1, 13)]
        rungs = {rung: max(curve[:rung]) for rung in (2, 6)}
        stopped = next((r for r in rungs if pruner.is_pruned(number, r, rungs[r], peers)), None)
        known = {r: v for r, v in rungs.items() if stopped is None or r <= stopped}
        peers.append(Peer(number, known))
        state = "complete" if stopped is None else "pruned"
        value = max(curve) if stopped is None else known[stopped]
        records.append(
            TrialRecord(
                number,
                state,
                {"ruined": ruined, "nothing": float(generator.uniform())},
                value,
                rungs=known,
                judged_from=2,  # type: ignore[arg-type]
            )
        )
    space = Space((Boolean("ruined"), Float("nothing", 0.0, 1.0)))
    assert next(iter(importance(space, records, "maximize"))) == "ruined"
    survivors = {r.params["ruined"] for r in records[10:] if r.state == "complete"}
    assert survivors == {False}
    found = comparable(records)
    assert (found.epoch, len(found.observations)) == (2, 60)
    by_kind = {
        kind: np.mean([o.value or 0.0 for o in found.observations if o.params["ruined"] is kind])
        for kind in (True, False)
    }
    assert by_kind[False] - by_kind[True] > 0.1
