"""`StageCommand`: the command line of a stage as batch jobs run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.storage import RunDirectory

STAGES = ("coarse", "fine", "confirm")


@dataclass(frozen=True)
class StageCommand:
    """A stage that batch jobs work on.

    Args:
        stage: `coarse`, `fine` or `confirm`.
        out: Its run directory.
        source: The run directory that it starts from; None for coarse.
        space: What names the search space; empty to take the source's.
        data: Folder or file with the data; None to take the space's own, or the source's.
        flags: Further flags of the stage's command.
    """

    stage: str
    out: Path
    source: Path | None = None
    space: str = ""
    data: Path | None = None
    flags: tuple[str, ...] = ()

    def arguments(self, workers: int) -> tuple[str, ...]:
        """The command line behind `hpsearch`.

        Args:
            workers: Number of worker processes; with 0 the study is created, or the stage is
                closed if its trials are done.
        """
        named = {"--space": self.space, "--from": self.source, "--data": self.data}
        given = [(flag, str(value)) for flag, value in named.items() if value]
        start = [word for pair in given for word in pair]
        return (
            self.stage,
            *start,
            *("--out", str(self.out)),
            *self.flags,
            *("--workers", str(workers)),
        )


def not_followed(stages: Sequence[StageCommand]) -> list[StageCommand]:
    """The stages that are not over: those from the last that was begun on.

    A stage from which a later one has begun is over, as in a whole run.
    """
    begun = [i for i, command in enumerate(stages) if RunDirectory(command.out).has_study]
    return list(stages[max(begun, default=0) :])
