"""In which order workers take proposals that do not depend on each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hpsearch.execution.trial_order import AHEAD, TrialOrder
from hpsearch.search import ALGORITHMS, Kinds, Sampler, make_sampler
from hpsearch.spaces import Choice, Float, Int, Space, Value
from hpsearch.storage import TrialRecord

SPACE = Space(
    (
        Int("layers", 2, 3),
        Choice("filters", (6, 12, 24)),
        Float("dropout", 0.0, 0.6),
        Choice("initializer", ("he_normal", "glorot_uniform")),
    )
)
SECONDS = {6: 1.0, 12: 2.0, 24: 5.0}


def trial(index: int, params: Mapping[str, Value], **facts: Any) -> TrialRecord:
    known = {"number": index, "index": index, "params": dict(params), "state": "running"}
    return TrialRecord(**known | facts)


def taken_by(
    order: TrialOrder, sampler: Sampler, number: int, others: Sequence[TrialOrder] = ()
) -> list[int]:
    """What a worker takes that trains alone for a while, and others hear of."""
    found = []
    for _ in range(number):
        index = order.next_index(sampler, left=1000)
        params = sampler.foreseen(index)
        order.took(params, SPACE)
        for each in (order, *others):
            each.enter(trial(index, params), SPACE)
        found.append(index)
    return found


def kind(sampler: Sampler, index: int) -> Any:
    return Kinds(SPACE).of(sampler.foreseen(index))


def test_fractions_and_initializers_make_no_kind_of_their_own() -> None:
    kinds = Kinds(SPACE)
    one = {"layers": 2, "filters": 6, "dropout": 0.1, "initializer": "he_normal"}
    assert kinds.of(one) == kinds.of({**one, "dropout": 0.2, "initializer": "glorot_uniform"})
    assert kinds.of(one) != kinds.of({**one, "filters": 12})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_only_proposals_that_need_no_others_may_be_taken_in_any_order(algorithm: str) -> None:
    """Those of the other algorithms are taken as they come, whatever has been traced."""
    sampler = make_sampler(algorithm, SPACE)
    assert sampler.in_any_order == (algorithm in {"random", "sobol"})
    if not sampler.in_any_order:
        order = TrialOrder()
        order.took({"layers": 3, "filters": 24}, SPACE)
        assert order.next_index(sampler, left=100, others=1) == 0


@pytest.mark.parametrize("algorithm", ["random", "sobol"])
def test_a_worker_goes_on_with_the_kinds_that_it_knows(algorithm: str) -> None:
    """Two workers that take turns meet fewer kinds each than there are; in order they meet all."""
    sampler = make_sampler(algorithm, SPACE)
    orders = TrialOrder(), TrialOrder()
    kinds: dict[int, list[Any]] = {0: [], 1: []}
    for turn in range(24):
        own, other = orders[turn % 2], orders[1 - turn % 2]
        kinds[turn % 2] += [kind(sampler, i) for i in taken_by(own, sampler, 1, [other])]
    in_order = [len({kind(sampler, i) for i in range(turn, 24, 2)}) for turn in (0, 1)]
    assert sum(len(set(own)) for own in kinds.values()) < sum(in_order)


def test_nothing_is_taken_twice_or_passed_over_for_long() -> None:
    sampler = make_sampler("sobol", SPACE)
    found = taken_by(TrialOrder(), sampler, 200)
    assert max(Counter(found).values()) == 1
    for place, index in enumerate(found):
        lowest = min(set(range(201)) - set(found[:place]))
        assert lowest <= index < lowest + AHEAD


def test_what_shall_be_tried_first_is() -> None:
    points = [{"filters": 24}, {"filters": 6}, {"filters": 12}]
    sampler = make_sampler("random", SPACE, tries=points)
    order = TrialOrder()
    order.took(sampler.foreseen(7), SPACE)
    assert set(taken_by(order, sampler, 4)) == {0, 1, 2, 3}  # the defaults come fourth


def test_the_longest_of_the_last_trials_come_first() -> None:
    """Nobody waits for another; as long as many are left, or for who is alone, nothing changes."""
    sampler = make_sampler("sobol", SPACE)
    order = TrialOrder()
    for index in range(12):
        params = sampler.foreseen(index)
        seconds = SECONDS[params["filters"]]  # type: ignore[index]
        order.enter(trial(index, params, state="complete", seconds=seconds), SPACE)
    assert order.next_index(sampler, left=4) == 12
    assert order.next_index(sampler, left=5, others=1) == 12
    last = []
    for left in (4, 3, 2, 1):
        last.append(order.next_index(sampler, left, others=1))
        order.enter(trial(last[-1], sampler.foreseen(last[-1])), SPACE)
    assert sorted(last) == [12, 13, 14, 15]
    filters = [sampler.foreseen(index)["filters"] for index in last]
    assert len(set(filters)) > 1
    assert filters == sorted(filters, reverse=True)


def test_a_second_try_takes_no_place_of_its_own() -> None:
    sampler = make_sampler("sobol", SPACE)
    order = TrialOrder()
    lost = trial(0, sampler.foreseen(0), state="failed", failure="lost")
    order.enter(lost, SPACE)
    order.enter(replace(lost, number=1, retry_of=0, state="running"), SPACE)
    assert order.next_index(sampler) == 1
