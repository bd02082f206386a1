"""How sure a verdict is, in words."""

from __future__ import annotations

from hpsearch.analysis.verdicts import FIRM_EPOCHS, Finding, Verdict
from hpsearch.counting import count_of

NOT_JUDGED = ("no_curves", "too_few_epochs")
SURE = {"firm": "Firm", "likely": "Likely, not certain", "weak": "A weak verdict"}


def certainty_of_verdict(verdict: Verdict, epochs: int) -> str:
    """How sure a verdict is and what that rests on; empty where nothing was judged.

    Args:
        verdict: The verdict.
        epochs: Number of epochs of the trial whose numbers it gives.
    """
    if verdict.kind in NOT_JUDGED:
        return ""
    return f"{SURE[verdict.certainty]}: {_reason(verdict, epochs)}."


def _reason(verdict: Verdict, epochs: int) -> str:
    seeds = ""
    if verdict.seeds > 1:
        seeds = f"it holds on {verdict.holds_on} of {count_of(verdict.seeds, 'seed')}"
        if verdict.holds_on < verdict.seeds:
            return seeds
    if verdict.certainty == "firm":
        return seeds or f"far from the border of another verdict, on {count_of(epochs, 'epoch')}"
    if epochs < FIRM_EPOCHS:
        few = (
            f"{count_of(epochs, 'epoch')} show how training begins, not how it ends; from "
            f"{FIRM_EPOCHS} epochs on it is firmer"
        )
        return f"{seeds}, but {few}" if seeds else few
    near = "the numbers are near the border of another verdict, for their noise"
    return f"{seeds}, but {near}" if seeds else near


def also_in_words(finding: Finding) -> str:
    """How sure a further finding is, as what stands before it."""
    return {"firm": "Also", "likely": "Likely also", "weak": "Perhaps also"}[finding.certainty]
