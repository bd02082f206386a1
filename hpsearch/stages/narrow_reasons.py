"""The reasons for narrowing, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.spaces import Value
from hpsearch.spaces.describing import format_value
from hpsearch.stages.evidence import FEWEST_TO_DROP, FEWEST_TO_FIX, FEWEST_TO_SHRINK, Evidence


def short(value: Value | None) -> str:
    """A value in a sentence."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def range_words(evidence: Evidence, low: float, high: float) -> str:
    """Why a range is cut to this."""
    return (
        f"{sure(evidence)} something as good as the best lies between {short(low)} and "
        f"{short(high)}; best trial {short(evidence.best)}{beyond_words(evidence)}"
        f"{joint_words(evidence)}"
    )


def sure(evidence: Evidence) -> str:
    """How sure it is that cuts cost nothing, all of them together."""
    return f"{100 * (1 - evidence.risk):.3g} % sure that"


def beyond_words(evidence: Evidence) -> str:
    """How much is lost outside of what is left."""
    low, mean, high = evidence.beyond
    if np.isnan(mean):
        return ""
    if high < 0:
        return ""
    return f"; outside, the best is about {max(mean, 0):.2g} worse ({max(low, 0):.2g}–{high:.2g})"


def joint_words(evidence: Evidence) -> str:
    """With what it was taken together."""
    names = ", ".join(evidence.importance.interacts)
    return f"; taken jointly with {names}, with which it interacts" if names else ""


def choices_words(evidence: Evidence, dropped: Sequence[Value]) -> str:
    """Why choices are dropped."""
    names = ", ".join(format_value(value) for value in dropped)
    return (
        f"{sure(evidence)} something as good as the best does without {names}; best trial "
        f"{short(evidence.best)}"
        f"{beyond_words(evidence)}{joint_words(evidence)}"
    )


def fixed_words(evidence: Evidence) -> str:
    """Why a hyperparameter is fixed."""
    return (
        f"{evidence.importance.words}; fixed at the best trial's {short(evidence.best)}, which "
        f"costs at most {max(evidence.price, 0):.2g}; the same trial again differs by about "
        f"{evidence.noise:.2g} anyway"
    )


def idle_words(evidence: Evidence) -> str:
    """Why what is not shown to matter is kept all the same."""
    why = f"fixing it could cost up to {max(evidence.price, 0):.2g}"
    if not evidence.may_fix:
        why = f"to fix it needs {FEWEST_TO_FIX} trials"
    return f"{evidence.importance.words}; {why}"


def note_on(num_trials: int) -> str:
    """What more trials would allow; empty if there are enough."""
    drop, fix = FEWEST_TO_DROP - num_trials, FEWEST_TO_FIX - num_trials
    if num_trials < FEWEST_TO_SHRINK:
        return (
            f"Too little evidence to narrow: {num_trials} completed trials. "
            f"{FEWEST_TO_SHRINK - num_trials} more would allow to shrink ranges, {drop} more to "
            f"drop choices, {fix} more to fix what makes no difference."
        )
    if num_trials < FEWEST_TO_DROP:
        return (
            f"No choice is dropped and nothing fixed on {num_trials} completed trials; {drop} "
            f"more would allow to drop, {fix} more to fix what makes no difference."
        )
    return ""
