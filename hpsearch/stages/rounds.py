"""Rounds of fine: each narrows for the next, until another one does not pay."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from hpsearch.analysis.prospects import FEWEST, Prospect, prospect_of
from hpsearch.errors import InputError
from hpsearch.search import observe
from hpsearch.spaces import Overrides, Space
from hpsearch.stages.fine import round_after
from hpsearch.stages.narrowing_files import read_narrowed
from hpsearch.stages.request import StageRequest
from hpsearch.stages.result import StageResult
from hpsearch.storage import RunDirectory, StudyView, counted

MOST_ROUNDS = 5
AUTO = "auto"

RunRound = Callable[[StageRequest], StageResult | None]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Rounds:
    """How many rounds of fine.

    Args:
        most: No more than these.
        auto: Whether to stop as soon as another one is not expected to pay.
    """

    most: int = 1
    auto: bool = False

    @classmethod
    def parse(cls, text: str | int) -> Rounds:
        """Rounds from a number or `auto`.

        Raises:
            InputError: It is neither.
        """
        if text == AUTO:
            return cls(MOST_ROUNDS, auto=True)
        if type(text) is bool or re.fullmatch("[1-9][0-9]{,8}", str(text)) is None:
            raise InputError(f"--rounds is {text!r}.", "Give a whole number of 1 or more, or auto.")
        return cls(int(text))

    def __str__(self) -> str:
        return AUTO if self.auto else str(self.most)


class Decision(NamedTuple):
    """Whether another round follows, and one sentence on why."""

    goes_on: bool
    sentence: str


def decide(rounds: Rounds, number: int, prospect: Callable[[], Prospect | None]) -> Decision:
    """Whether a round follows round `number`.

    Args:
        rounds: What was asked.
        number: The round that has ended, from 1.
        prospect: What another round is expected to gain; asked only where that decides.
    """
    if number >= rounds.most:
        why = "the most there may be" if rounds.auto else "as asked"
        return Decision(False, f"Fine stops after round {number}, {why}.")
    if not rounds.auto:
        return Decision(True, f"Fine goes on with round {number + 1} of {rounds.most}.")
    expected = prospect()
    if expected is None:
        return Decision(
            False,
            f"Fine stops after round {number}: fewer than {FEWEST} completed trials do not show "
            "whether another round would pay.",
        )
    gain, noise = f"{expected.gain:.2g}", f"{expected.noise:.2g} by which seeds differ"
    if expected.pays:
        promise = f"another one promises {gain}, more than the {noise}"
        return Decision(True, f"Fine goes on with round {number + 1}: {promise}.")
    promise = f"another one promises {gain}, not more than the {noise}"
    return Decision(False, f"Fine stops after round {number}: {promise}.")


def run_rounds(
    first: StageRequest, rounds: Rounds, run_round: RunRound, tell: Tell = lambda sentence: None
) -> list[StageResult]:
    """Run fine again and again, each round from the one before.

    A round whose successor has begun is not asked again whether one should follow, so that a
    run that was interrupted goes on the same way.

    Args:
        first: The first round.
        rounds: How many.
        run_round: Prepares and runs one round; None where there is no time left for it.
        tell: Told why it goes on or stops.

    Returns:
        The result of each round that was run; only the last one can be other than done.
    """
    results: list[StageResult] = []
    request = first
    while (result := run_round(request)) is not None:
        results.append(result)
        if result.status != "done":
            break
        decision = _decision(rounds, len(results), result.view, request)
        if rounds.most > 1:
            tell(decision.sentence)
        if not decision.goes_on:
            break
        request = _next_request(request)
    return results


def _decision(rounds: Rounds, number: int, view: StudyView, request: StageRequest) -> Decision:
    begun = RunDirectory(round_after(request.out)).has_study and not request.overwrite
    if rounds.auto and number < rounds.most and begun:
        return Decision(True, f"Fine goes on with round {number + 1}, begun earlier.")
    return decide(rounds, number, lambda: prospect_after(view))


def _next_request(request: StageRequest) -> StageRequest:
    """The next round; changes to the space and points to try are in what was narrowed."""
    out = round_after(request.out)
    return replace(request, source=request.out, out=out, overrides=Overrides(), tries=())


def prospect_after(view: StudyView) -> Prospect | None:
    """What a round after a finished one is expected to gain."""
    return prospect_of(
        Space.from_json(view.space),
        [observe(record) for record in view.trials],
        view.direction,
        read_narrowed(view.directory),
        len(counted(view.trials)),
    )
