"""Importance: which hyperparameters are shown to matter, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from hpsearch.analysis.effects import Effect, main_effects
from hpsearch.analysis.fitted import Fitted, fit, fitted_of
from hpsearch.analysis.interactions import Interaction, interactions
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space
from hpsearch.storage import StudyView, TrialRecord


@dataclass(frozen=True)
class Importance:
    """How much one hyperparameter matters.

    Args:
        name: Its key in the space.
        share: Share of the objective's variation over the space that it explains for itself,
            noise included in the whole.
        low: Lower end of the 95 % interval of the share.
        high: Its upper end.
        chance: Share that a hyperparameter without effect gets by chance, exceeded in 1 % of
            cases.
        p_value: How often chance alone gives as large a share.
        interacts: The hyperparameters it interacts with → the share of the pair.
        num_trials: Trials in which it was in use.
        more_trials: About how many more would tell; 0 if even a share of 0.01 would have been
            seen, None if it is shown to matter.
    """

    name: str
    share: float
    low: float
    high: float
    chance: float
    p_value: float
    interacts: dict[str, float]
    num_trials: int
    more_trials: int | None

    @property
    def is_shown(self) -> bool:
        """Whether it is shown to matter, by itself or together with another.

        By itself it is if the interval of its share lies beyond chance.
        """
        return self.more_trials is None

    @property
    def exceeds_chance(self) -> bool:
        """Whether its share is more than chance gives, however wide the interval is.

        What narrowing goes by: whether a cut is safe it asks of the surface, not of the share.
        """
        return self.share > self.chance or bool(self.interacts)

    @property
    def words(self) -> str:
        """The finding in words."""
        shares = f"share {self.share:.2f}, {self.low:.2f}–{self.high:.2f}"
        pairs = ", ".join(f"{name} ({share:.2f})" for name, share in self.interacts.items())
        together = f", together with {pairs}" if pairs else ""
        if self.is_shown:
            return f"matters ({shares}){together}"
        if not self.more_trials:
            return f"not shown to matter (share at most {max(self.high, self.chance):.2f})"
        return (
            f"not shown to matter (share {self.share:.2f}, chance alone gives up to "
            f"{self.chance:.2f}); about {self.more_trials} more trials would tell"
        )

    def to_json(self) -> dict[str, Any]:
        """The importance as JSON."""
        return {**asdict(self), "is_shown": self.is_shown, "words": self.words}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Importance:
        """The inverse of `to_json`."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})


def share_words(importance: Mapping[str, Any] | None) -> str:
    """An importance as JSON, in a cell of a table: the share and its interval."""
    if importance is None:
        return "–"
    share, low, high = (importance[name] for name in ("share", "low", "high"))
    shown = "" if importance["is_shown"] else "not shown: "
    return f"{shown}{share:.2f} ({low:.2f}–{high:.2f})"


@lru_cache(maxsize=1)
def importance_of(view: StudyView) -> Mapping[str, Importance]:
    """Importance of every searched hyperparameter of a study; the latest is kept.

    Returns:
        By key, the largest share first. Empty where nothing can be said: with fewer than 10
        completed trials, or when all of them have the same objective.
    """
    fitted = fitted_of(view)
    with one_thread():
        return importance_from(fitted) if fitted is not None else {}


def importance(
    space: Space, records: Sequence[TrialRecord], direction: str
) -> dict[str, Importance]:
    """The share of the objective's variation that each hyperparameter explains.

    Functional analysis of variance (Hooker 2007; Hutter, Hoos & Leyton-Brown, An Efficient
    Approach for Assessing Hyperparameter Importance, ICML 2014) on an additive Gaussian process,
    which holds conditional hyperparameters too. What is called chance comes from shuffles.

    Args:
        space: The space of the study.
        records: Its trials.
        direction: `maximize` or `minimize`.

    Returns:
        As `importance_of`.
    """
    with one_thread():
        fitted = fit(space, records, direction)
        return importance_from(fitted) if fitted is not None else {}


def importance_from(fitted: Fitted) -> dict[str, Importance]:
    """The same from a fit that is already there."""
    generator = np.random.default_rng(1)
    effects = main_effects(fitted.response, fitted.typical, generator)
    pairs = interactions(fitted.response, fitted.typical, generator)
    whole = sum(own.share for own in effects) + fitted.response.variance_left(fitted.typical)
    effects = [own.of(whole) for own in effects]
    pairs = [replace(pair, effect=pair.effect.of(whole)) for pair in pairs]
    found = [_importance(fitted, number, effect, pairs) for number, effect in enumerate(effects)]
    return {own.name: own for own in sorted(found, key=lambda own: -own.share)}


def _importance(
    fitted: Fitted, number: int, effect: Effect, pairs: Sequence[Interaction]
) -> Importance:
    interacts = {
        fitted.axes[pair.second if pair.first == number else pair.first].key: pair.effect.share
        for pair in pairs
        if number in (pair.first, pair.second)
    }
    num_trials = fitted.num_active(number)
    shown = effect.is_shown or bool(interacts)
    return Importance(
        name=fitted.axes[number].key,
        share=effect.share,
        low=effect.low,
        high=effect.high,
        chance=effect.chance,
        p_value=effect.p_value,
        interacts=interacts,
        num_trials=num_trials,
        more_trials=None if shown else effect.more_trials(num_trials),
    )
