"""What a person sees while a study runs: a live display, or plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hpsearch.cli.durations import format_duration
from hpsearch.cli.printing import console
from hpsearch.counting import count_of
from hpsearch.execution import Snapshot
from hpsearch.storage import TrialRecord, best_record
from hpsearch.storage.tally import tally_of

SECONDS_BETWEEN_LINES = 60.0
"""Of a log that is read later; whenever a trial ends, there is a line anyway."""


class Screen:
    """Shows the progress of a study on standard error.

    Args:
        objective: Name of the objective.
        direction: `maximize` or `minimize`.
        synthetic: Whether the data are the built-in signs, which every screen must say.
        verbose: Whether it says of every trial that ended where its seconds went.
    """

    def __init__(
        self, objective: str, direction: str, synthetic: bool, *, verbose: bool = False
    ) -> None:
        self.verbose = verbose
        self.objective = objective
        self.direction = direction
        self._causes: dict[str, int] = {}
        self.label = "built-in synthetic signs · " if synthetic else ""

    def best(self, snapshot: Snapshot) -> str:
        """The best so far in words."""
        best = best_record(snapshot.records, self.direction)
        if best is None or best.value is None:
            return "no result yet"
        return f"best {self.objective} {best.value:.4f} (trial {best.number})"

    def summary(self, snapshot: Snapshot) -> str:
        """One line: done, running, failed, best, time left."""
        tally = tally_of(snapshot.records)
        parts = [f"{tally.num_counted} of {count_of(snapshot.budget, 'trial')}"]
        parts.append(f"{len(snapshot.running)} running")
        if tally.num_pruned:
            parts.append(f"{tally.num_pruned} pruned")
        if tally.num_failed:
            parts.append(f"{tally.num_failed} failed")
        parts.append(self.best(snapshot))
        left = snapshot.seconds_left()
        if left is not None and tally.num_counted < snapshot.budget:
            parts.append(f"about {format_duration(left)} left")
        return self.label + " · ".join(parts)

    def running(self, snapshot: Snapshot) -> list[str]:
        """One line for each trial under way."""
        lines = []
        for doing in sorted(snapshot.running, key=lambda d: d["number"]):
            value = doing.get("value")
            shown = f", {self.objective} {value:.4f}" if isinstance(value, float) else ""
            lines.append(
                f"trial {doing['number']}: epoch {doing['epoch']} of {doing['epochs']}{shown}"
            )
        return lines

    def ended(self, record: TrialRecord) -> str:
        """What is said of a trial that ended, in one line, or two if that is asked for."""
        return (
            f"{self._ended(record)}\n    {details(record)}" if self.verbose else self._ended(record)
        )

    def _ended(self, record: TrialRecord) -> str:
        seconds = f" in {record.seconds:.0f} s" if record.seconds else ""
        if record.state == "failed":
            cause = self._cause(record)
            return f"trial {record.number} failed ({record.failure}){seconds}: {cause}"
        value = f"{record.value:.4f}" if record.value is not None else "none"
        stopped = f", stopped after {record.epochs}" if record.state == "pruned" else ""
        return (
            f"trial {record.number} {record.state}{seconds}: {self.objective} {value} "
            f"at epoch {record.best_epoch}{stopped}"
        )

    def _cause(self, record: TrialRecord) -> str:
        """What the failure said, the first time; later only which trial it is the same as."""
        reason = record.message.partition("\n")[0]
        first = self._causes.setdefault(reason, record.number)
        return reason if first == record.number else f"the same as trial {first}"

    def _newly_ended(self, snapshot: Snapshot, seen: set[int]) -> list[TrialRecord]:
        """The trials to be told of that ended since the last look: failed ones at least."""
        new = [
            record
            for record in snapshot.records
            if (record.is_finished if self.verbose else record.state == "failed")
            and record.number not in seen
        ]
        seen.update(record.number for record in new)
        return new

    @contextmanager
    def show(self) -> Iterator[Any]:
        """A callback for `supervise` that updates the display."""
        if sys.stderr.isatty():
            with self._live() as update:
                yield update
        else:
            yield self._plain()

    @contextmanager
    def _live(self) -> Iterator[Any]:
        from rich.live import Live
        from rich.text import Text

        seen: set[int] = set()
        output = console(stderr=True)
        with Live(console=output, refresh_per_second=4, transient=False) as live:

            def update(snapshot: Snapshot) -> None:
                for record in self._newly_ended(snapshot, seen):
                    live.console.print(self.ended(record))
                lines = [_bar(snapshot), self.summary(snapshot), *self.running(snapshot)]
                live.update(Text("\n".join(lines)))

            yield update

    def _plain(self) -> Any:
        seen: set[int] = set()
        last = [time.monotonic()]

        def update(snapshot: Snapshot) -> None:
            ended = [r for r in snapshot.records if r.is_finished and r.number not in seen]
            if not seen and len(ended) > snapshot.workers:
                seen.update(record.number for record in ended)  # from an earlier invocation
                ended = []
            for record in ended:
                seen.add(record.number)
                sys.stderr.write(self.ended(record) + "\n")
            if ended or time.monotonic() - last[0] > SECONDS_BETWEEN_LINES:
                last[0] = time.monotonic()
                sys.stderr.write(self.summary(snapshot) + "\n")
            sys.stderr.flush()

        return update


def details(record: TrialRecord) -> str:
    """Where the seconds of a trial went, and whose graph it was trained by."""
    phases = ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in record.timings.items())
    graph = "graph of an earlier trial" if record.reused else "graph of its own"
    if record.unshared:
        graph += f", shared with no other: {record.unshared}"
    return f"{phases}; {graph}" if phases else "nothing was trained"


def _bar(snapshot: Snapshot, width: int = 40) -> str:
    done = tally_of(snapshot.records).num_counted / max(snapshot.budget, 1)
    filled = round(min(done, 1.0) * width)
    return "━" * filled + "╌" * (width - filled) + f" {100 * min(done, 1.0):3.0f} %"
