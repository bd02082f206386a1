"""Choosing the winner of a confirmation, with the words for how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hpsearch.analysis.confirmation import Drop, Race, is_only_unsteady

FEWEST_SEEDS = 3  # fewer say nothing of the scatter: the best mean is then all there is
SURE = "better than every other one (wrong at most once in twenty)"


class ChosenWinner(NamedTuple):
    """The configuration to use.

    Args:
        number: Its position among the candidates.
        verdict: How sure that is, in a sentence.
        not_distinguishable: The others that are neither better nor worse as far as is shown.
    """

    number: int
    verdict: str
    not_distinguishable: tuple[int, ...]


def choose_winner(
    values: Sequence[Sequence[float]],
    drops: Mapping[int, Drop],
    race: Race,
    weights: Sequence[int],
) -> ChosenWinner:
    """The configuration to use, and how sure that is.

    One is called better than another only where the race has shown it. Of those that are not
    distinguishable from the best mean the cheapest wins, which is the one with the fewest
    weights; of equally large ones the one with the better mean. Left out of this are those that
    are not shown to be worse only because they scatter so much more than the best.

    Args:
        values: For each candidate the objectives of its completed trials.
        drops: The candidates that are shown to be worse.
        race: How that is decided.
        weights: For each candidate the number of weights of its model.
    """
    sign = 1.0 if race.maximize else -1.0
    scores = {c: [sign * value for value in own] for c, own in enumerate(values) if own}
    means = {c: sum(own) / len(own) for c, own in scores.items()}
    open_ones = [c for c in means if c not in drops] or list(means)
    best = max(open_ones, key=lambda c: means[c])
    if len(open_ones) == 1:
        only = len(means) == 1
        return ChosenWinner(best, f"configuration {best} is {'the only one' if only else SURE}", ())
    others = tuple(c for c in open_ones if c != best)
    if min(len(scores[c]) for c in open_ones) < FEWEST_SEEDS:
        verdict = f"configuration {best} has the best mean; too few seeds to tell it from"
        return ChosenWinner(best, f"{verdict} {_listed(others)}{_worse(drops)}", others)
    threshold = race.threshold(race.looks[-1], len(open_ones))
    unsteady = [c for c in others if is_only_unsteady(scores[best], scores[c], threshold)]
    ties = [c for c in open_ones if c not in unsteady]
    winner = min(ties, key=lambda c: (weights[c], -means[c], c))
    rest = tuple(c for c in open_ones if c != winner)
    verdict = _verdict(winner, ties, unsteady, weights) + _worse(drops)
    return ChosenWinner(winner, verdict, rest)


def _verdict(
    winner: int, ties: Sequence[int], unsteady: Sequence[int], weights: Sequence[int]
) -> str:
    """Why the winner was taken among those that are not distinguishable."""
    rivals = [c for c in ties if c != winner]
    parts = []
    if rivals:
        parts.append(f"not distinguishable from {_listed(rivals)}; {_why(winner, rivals, weights)}")
    if unsteady:
        parts.append(
            f"{'also ' if rivals else ''}not distinguishable from {_listed(unsteady)}, but only "
            "because the seeds of that scatter so much more: it has the better mean and is steadier"
        )
    return f"configuration {winner} is " + "; ".join(parts)


def _why(winner: int, rivals: Sequence[int], weights: Sequence[int]) -> str:
    smallest = min(weights[c] for c in rivals)
    if weights[winner] < smallest:
        return f"it is the cheaper model ({weights[winner]:,} weights against {smallest:,})"
    return "no model is cheaper, and of the equally large ones it has the best mean"


def _worse(drops: Mapping[int, Drop]) -> str:
    """Which differences are shown, where not all others are worse than the winner."""
    shown = [f"{c} than {drop.by}" for c, drop in sorted(drops.items()) if drop.by is not None]
    return f". Shown to be worse: {', '.join(shown)}" if shown else ""


def _listed(numbers: Sequence[int]) -> str:
    """`0`, `0 and 2`, `0, 1 and 2`."""
    *before, last = [str(number) for number in numbers]
    return f"{', '.join(before)} and {last}" if before else last
