"""How sure a finding is, from its distance to the border, the epochs and the seeds."""

from __future__ import annotations

from typing import Literal, TypeAlias

Certainty: TypeAlias = Literal["firm", "likely", "weak"]

FIRM_EPOCHS = 10
"""Below this nothing is firm: the end of the curve holds only three points."""
LEAST_EPOCHS = 6
"""Below this everything is weak: neither jitter nor a bend can be told from a trend."""
FIRM_MARGIN, LIKELY_MARGIN = 2.5, 1.0
"""Standard errors between what was found and the border beyond which the verdict is another."""
FIRM_SEEDS, LIKELY_SEEDS = 0.8, 0.6
"""Share of the seeds that show the same."""


def certainty_of(margin: float, epochs: int) -> Certainty:
    """How sure a finding on one curve is.

    Args:
        margin: Standard errors by which it exceeds its threshold.
        epochs: Length of the curve.
    """
    if epochs < LEAST_EPOCHS or margin < LIKELY_MARGIN:
        return "weak"
    return "firm" if epochs >= FIRM_EPOCHS and margin >= FIRM_MARGIN else "likely"


def over_seeds(own: Certainty, holding: int, seeds: int) -> Certainty:
    """How sure a finding is that some of several seeds show.

    Args:
        own: How sure it is on one of them.
        holding: On how many it holds.
        seeds: How many there are.
    """
    share = holding / seeds
    if share < LIKELY_SEEDS:
        return "weak"
    if share < FIRM_SEEDS:
        return "likely" if own == "firm" else own
    if seeds >= 3 and own == "likely":
        return "firm"
    return own
