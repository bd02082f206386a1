"""Dividing one budget over the stages of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hpsearch.spaces import Budget
from hpsearch.stages.choosing import FEWEST_SEEDS
from hpsearch.stages.evidence import FEWEST_TO_SHRINK

FEWEST_COARSE = FEWEST_TO_SHRINK
FEWEST_FINE = 8
ENOUGH_SEEDS = 5
FEWEST_CANDIDATES = 2
ROUNDS_OF_A_BUDGET = 3  # that `--rounds auto` provides for where one budget must do for all


@dataclass(frozen=True)
class Share:
    """What a stage, or one round of fine, may spend.

    Args:
        trials: Number of trials.
        epochs: Most epochs a trial.
        seconds: Time it may take; None where time is not what is divided.
        top: Confirm: number of configurations.
        seeds: Confirm: number of seeds each.
    """

    trials: int
    epochs: int
    seconds: float | None = None
    top: int | None = None
    seeds: int | None = None


@dataclass(frozen=True)
class Division:
    """A budget divided over the stages.

    Args:
        coarse: The first stage.
        fine: Each round of fine.
        rounds: Most rounds of fine.
        confirm: The last stage; None if the budget does not reach for it.
        notes: What the budget did not allow, in words.
    """

    coarse: Share
    fine: Share
    rounds: int
    confirm: Share | None
    notes: tuple[str, ...] = ()

    @property
    def trials(self) -> int:
        """Trials of all stages together, at most."""
        confirm = self.confirm.trials if self.confirm is not None else 0
        return self.coarse.trials + self.rounds * self.fine.trials + confirm

    def to_json(self) -> dict[str, Any]:
        """The division as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Division:
        """The inverse of `to_json`."""
        confirm = data["confirm"]
        return cls(
            Share(**data["coarse"]),
            Share(**data["fine"]),
            data["rounds"],
            None if confirm is None else Share(**confirm),
            tuple(data["notes"]),
        )


def own_division(own: Mapping[str, Budget], rounds: int) -> Division:
    """Every stage with the budget that the space itself has for it."""
    return Division(
        Share(own["coarse"].trials, own["coarse"].epochs),
        Share(own["fine"].trials, own["fine"].epochs),
        rounds,
        _confirm_share(own["confirm"], own["confirm"].top, own["confirm"].seeds),
    )


def divide(
    amount: float,
    own: Mapping[str, Budget],
    costs: Mapping[str, float],
    rounds: int,
    *,
    fewer_epochs: bool = False,
) -> Division:
    """Divide an amount in proportion to what the space's own budgets would cost.

    Confirm gets its proportion, at most its own size and no more than coarse and fine can spare;
    nothing if that does not reach for two configurations and the defaults with three seeds each.
    Of the rest coarse gets its proportion, or what narrowing needs as far as half the rest
    allows; the rounds of fine share what is left.

    Args:
        amount: What there is: trials, epochs or seconds.
        own: The budget of each stage as the space has it.
        costs: What a trial of each stage costs of the amount.
        rounds: Rounds of fine.
        fewer_epochs: Whether a trial costs as much as it has epochs, and may get fewer of them
            where its stage would have too few trials.
    """
    weights = {name: _own_trials(own[name], name) * costs[name] for name in own}
    weights["fine"] *= rounds
    needed = FEWEST_COARSE * costs["coarse"] + rounds * FEWEST_FINE * costs["fine"]
    proportion = amount * weights["confirm"] / sum(weights.values())
    confirm = _fit_confirm(max(min(proportion, amount - needed), 0.0), own, costs)
    rest = amount - (confirm.trials * costs["confirm"] if confirm is not None else 0)
    part = weights["coarse"] / (weights["coarse"] + weights["fine"])
    wanted = max(rest * part, min(FEWEST_COARSE * costs["coarse"], rest / 2))
    each = (rest - wanted) / rounds
    fine = _fit(each, own["fine"], costs["fine"], FEWEST_FINE, fewer_epochs)
    used = rounds * _cost(fine, own["fine"], costs["fine"])
    coarse = _fit(
        max(rest - used, min(wanted, rest / 2)),
        own["coarse"],
        costs["coarse"],
        FEWEST_COARSE,
        fewer_epochs,
    )
    return Division(coarse, fine, rounds, confirm, _notes(coarse, confirm))


def in_seconds(
    division: Division, seconds: float, own: Mapping[str, Budget], costs: Mapping[str, float]
) -> Division:
    """The division with the time each stage may take: the proportions of what their trials cost.

    Args:
        division: A division of less than this time, so that stages have time to start in.
        seconds: The time of the whole run.
        own: The budget of each stage as the space has it.
        costs: Seconds a trial of each stage takes with the epochs of its own budget.
    """
    coarse, fine, confirm = division.coarse, division.fine, division.confirm
    shares = {"coarse": coarse, "fine": fine} | ({"confirm": confirm} if confirm else {})
    parts = {"confirm": 0.0}
    parts |= {name: _cost(share, own[name], costs[name]) for name, share in shares.items()}
    whole = parts["coarse"] + division.rounds * parts["fine"] + parts["confirm"]
    share = {name: seconds * part / whole for name, part in parts.items()}
    return replace(
        division,
        coarse=replace(coarse, seconds=share["coarse"]),
        fine=replace(fine, seconds=share["fine"]),
        confirm=confirm and replace(confirm, seconds=share["confirm"]),
    )


def _own_trials(budget: Budget, stage: str) -> int:
    return (budget.top + 1) * budget.seeds if stage == "confirm" else budget.trials


def _fit(amount: float, own: Budget, cost: float, fewest: int, fewer_epochs: bool) -> Share:
    """As many trials as the amount allows; rather fewer epochs than fewer trials than needed."""
    trials = math.floor(amount / cost + 1e-9)
    if trials >= fewest or not fewer_epochs:
        return Share(max(trials, 1), own.epochs)
    epochs = amount / cost * own.epochs  # of all its trials together
    trials = min(fewest, max(math.floor(epochs + 1e-9), 1))
    return Share(trials, max(min(own.epochs, math.floor(epochs / trials + 1e-9)), 1))


def _cost(share: Share, own: Budget, cost: float) -> float:
    """What a share costs, with a trial as dear as it has epochs."""
    return share.trials * cost * share.epochs / own.epochs


def _fit_confirm(
    amount: float, own: Mapping[str, Budget], costs: Mapping[str, float]
) -> Share | None:
    """The largest confirmation that the amount allows, seeds before configurations."""
    budget = own["confirm"]
    trials = math.floor(amount / costs["confirm"] + 1e-9)
    fewest_top = min(FEWEST_CANDIDATES, budget.top)
    for wanted, least in ((ENOUGH_SEEDS, fewest_top), (FEWEST_SEEDS, fewest_top)):
        for top in range(budget.top, least - 1, -1):
            seeds = min(trials // (top + 1), budget.seeds)
            if seeds >= min(wanted, budget.seeds):
                return _confirm_share(budget, top, seeds)
    return None


def _confirm_share(budget: Budget, top: int, seeds: int) -> Share:
    """The share of a confirmation of so many configurations and the defaults."""
    return Share((top + 1) * seeds, budget.epochs, top=top, seeds=seeds)


def _notes(coarse: Share, confirm: Share | None) -> tuple[str, ...]:
    notes = []
    if coarse.trials < FEWEST_COARSE:
        notes.append(
            f"{coarse.trials} coarse trials are too few to narrow the space; "
            f"that needs {FEWEST_COARSE}."
        )
    if confirm is None:
        notes.append(
            "The budget does not reach for confirm, which needs two configurations and the "
            "defaults with three seeds each; the best score stays a search score, and optimistic."
        )
    return tuple(notes)
