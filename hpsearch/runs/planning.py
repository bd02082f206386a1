"""Planning a run: look at its first stage and divide the budget, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.runs.division import (
    ROUNDS_OF_A_BUDGET,
    Division,
    Share,
    divide,
    in_seconds,
    own_division,
)
from hpsearch.runs.opening import check_root
from hpsearch.runs.request import RunRequest
from hpsearch.spaces import Budget, load_space
from hpsearch.stages import Prepared, StageRequest, prepare
from hpsearch.stages.prepared import START_SECONDS
from hpsearch.storage.run_root import RunRoot

Prepare = Callable[..., Prepared]


@dataclass(frozen=True)
class RunPlan:
    """A run that is ready to begin or to go on.

    Args:
        request: What was asked.
        root: Where it lies.
        division: How the budget is divided.
        coarse: The first stage, if it is not over.
    """

    request: RunRequest
    root: RunRoot
    division: Division
    coarse: Prepared | None

    @property
    def estimated_seconds(self) -> float | None:
        """Seconds of the whole run if no trial ends early; None if nothing was timed."""
        if self.coarse is None:
            return None
        division, coarse = self.division, self.coarse
        shares = [division.coarse, *[division.fine] * division.rounds]
        shares += [division.confirm] if division.confirm is not None else []
        seconds = [coarse.seconds_of_trial(share.epochs) for share in shares]
        if None in seconds:
            return None
        trials = [share.trials for share in shares]
        return sum(START_SECONDS + n * (s or 0.0) for n, s in zip(trials, seconds, strict=True))


def plan_run(request: RunRequest, prepare_coarse: Prepare = prepare) -> RunPlan:
    """Look at everything a run needs first and refuse what cannot work; writes nothing.

    Args:
        request: What was asked.
        prepare_coarse: Prepares the first stage.

    Raises:
        InputError: The space, the data, the directory or a setting cannot be used.
    """
    root = RunRoot(request.out)
    check_root(root, request)
    if root.has_run and not request.overwrite:
        division = Division.from_json(root.read()["division"])
        over = root.fine.has_study or root.confirm.has_study
        asked = coarse_request(request, division.coarse)
        return RunPlan(request, root, division, None if over else prepare_coarse(asked))
    own = request.own_budgets(load_space(request.space).space)
    if request.currency == "seconds":
        return _plan_by_time(request, root, own, prepare_coarse)
    division = _division(request, own)
    return RunPlan(
        request, root, division, prepare_coarse(coarse_request(request, division.coarse))
    )


def _division(request: RunRequest, own: Mapping[str, Budget]) -> Division:
    """The division of a budget whose prices are known without looking: trials and epochs."""
    if request.currency == "own":
        return own_division(own, request.rounds.most)
    by_epochs = request.currency == "epochs"
    costs = {name: float(budget.epochs if by_epochs else 1) for name, budget in own.items()}
    rounds = _rounds_of_a_budget(request)
    return divide(request.amount, own, costs, rounds, fewer_epochs=by_epochs)


def _plan_by_time(
    request: RunRequest, root: RunRoot, own: Mapping[str, Budget], prepare_coarse: Prepare
) -> RunPlan:
    """What the time allows, by the seconds that the probe's trials took."""
    first = prepare_coarse(coarse_request(request))
    costs = {
        name: first.seconds_of_trial(budget.epochs) or float(budget.epochs)
        for name, budget in own.items()
    }
    rounds = _rounds_of_a_budget(request)
    starts = START_SECONDS * (2 + rounds)
    training = max(request.amount - starts, request.amount / 2)
    division = divide(training, own, costs, rounds, fewer_epochs=True)
    division = in_seconds(division, request.amount, own, costs)
    again = prepare_coarse(coarse_request(request, division.coarse), timing=first.probed)
    return RunPlan(request, root, division, again)


def _rounds_of_a_budget(request: RunRequest) -> int:
    return ROUNDS_OF_A_BUDGET if request.rounds.auto else request.rounds.most


def coarse_request(request: RunRequest, share: Share | None = None) -> StageRequest:
    """What the run asks of its first stage, with its share of the budget.

    A stage of limited time that was begun has as many trials as it says itself.
    """
    begun = RunRoot(request.out).coarse.has_study and not request.overwrite
    asked = request.stage("coarse", overwrite=request.overwrite)
    return asked if share is None else with_share(asked, share, begun=begun)


def with_share(request: StageRequest, share: Share, *, begun: bool = False) -> StageRequest:
    """The request with its share of the budget.

    Args:
        request: Of a stage.
        share: What it may spend.
        begun: Whether its study exists; then a time's worth of trials is what that says.
    """
    settings: dict[str, Any] = {"epochs": share.epochs}
    if share.top is not None:
        settings |= {"top": share.top, "seeds": share.seeds}
    elif share.seconds is None or not begun:
        settings |= {"trials": share.trials}
    return replace(request, **settings)
