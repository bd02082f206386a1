"""Which pruner a stage uses, and why."""

from __future__ import annotations

from hpsearch.counting import count_of
from hpsearch.execution import PruningPlan
from hpsearch.search.pruning import rungs_of
from hpsearch.stages.request import StageRequest

FEWEST_EPOCHS = 8  # with fewer, the first rungs say little of the end and little is saved


def choose_pruner(request: StageRequest, epochs: int) -> PruningPlan:
    """The pruner of a stage, from what was asked and the most epochs a trial.

    Args:
        request: What was asked; `auto` leaves the choice to the stage.
        epochs: Most epochs a trial.
    """
    if not request.searches:
        return PruningPlan(reason=f"{request.stage} compares whole trainings")
    if request.pruner != "auto":
        return _with_rungs(request.pruner, epochs, "as asked")
    if request.stage == "fine":
        return PruningPlan(reason="in a narrowed space the curves of good trials cross too often")
    if epochs < FEWEST_EPOCHS:
        few = count_of(epochs, "epoch is", "epochs are")
        return PruningPlan(reason=f"{few} too few to judge a trial before its end")
    reason = f"over a wide space the worse half shows early in {epochs} epochs"
    return _with_rungs("median", epochs, reason)


def _with_rungs(name: str, epochs: int, reason: str) -> PruningPlan:
    rungs = rungs_of(name, epochs)
    if name != "none" and not rungs:
        reason = f"{epochs} epochs leave it no rung, so that it stops nothing"
    return PruningPlan(name, rungs, reason)
