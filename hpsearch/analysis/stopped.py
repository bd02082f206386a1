"""What early stopping did in a study: how many trials, what they had shown, what was saved."""

from __future__ import annotations

from typing import NamedTuple

from hpsearch.counting import count_of
from hpsearch.storage import StudyView, TrialRecord, counted


class EarlyStops(NamedTuple):
    """The trials that a pruner stopped.

    Args:
        pruner: Its name.
        rungs: Epochs at which trials were judged.
        stopped: The stopped trials, what they had shown best first.
        epochs_saved: Epochs they did not train, at most; patience might have ended some, too.
        epochs_planned: Most epochs that the finished trials could have trained.
    """

    pruner: str
    rungs: tuple[int, ...]
    stopped: tuple[TrialRecord, ...]
    epochs_saved: int
    epochs_planned: int

    def words(self, objective: str) -> str:
        """The same in words; empty if nothing was stopped."""
        if not self.stopped:
            return ""
        best, count = self.stopped[0], len(self.stopped)
        return (
            f"{count_of(count, 'trial was', 'trials were')} stopped early "
            f"({self.pruner}, judged at {_epochs(self.rungs)}), which saved up to "
            f"{self.epochs_saved} of {self.epochs_planned} epochs "
            f"({100 * self.epochs_saved / self.epochs_planned:.0f} %). The best of them, trial "
            f"{best.number}, had shown {objective} {best.value:.4f} in {best.epochs} epochs; a "
            "stopped trial cannot be the winner."
        )


def early_stops(view: StudyView) -> EarlyStops:
    """The trials of a study that were stopped early."""
    finished = counted(view.trials)
    epochs = int(view.facts["identity"]["epochs"])
    sign = -1 if view.direction == "maximize" else 1
    stopped = [r for r in finished if r.state == "pruned" and r.value is not None]
    stopped.sort(key=lambda record: (sign * (record.value or 0.0), record.number))
    pruning = view.facts.get("plan", {}).get("pruning", {})
    rungs = pruning.get("rungs") or {rung for record in stopped for rung in record.rungs}
    return EarlyStops(
        str(pruning.get("pruner", "pruner")),
        tuple(sorted(rungs)),
        tuple(stopped),
        sum(epochs - record.epochs for record in stopped),
        epochs * len(finished),
    )


def _epochs(rungs: tuple[int, ...]) -> str:
    texts = [str(rung) for rung in rungs]
    if len(texts) == 1:
        return f"epoch {texts[0]}"
    return f"epochs {', '.join(texts[:-1])} and {texts[-1]}"
