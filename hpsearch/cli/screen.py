"""What a person sees while a study runs: a live display, or plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from hpsearch.cli.durations import format_duration
from hpsearch.cli.printing import console, plain
from hpsearch.counting import count_of
from hpsearch.execution import Snapshot
from hpsearch.storage import TrialRecord, best_record
from hpsearch.storage.tally import tally_of

SECONDS_BETWEEN_LINES = 60.0
"""Of a log that is read later; whenever a trial ends, there is a line anyway."""


class Screen:
    """Shows the progress of a study.

    Args:
        objective: Name of the objective.
        direction: `maximize` or `minimize`.
        synthetic: Whether the data are the built-in signs, which every screen must say.
        verbose: Whether it says of every trial that ended where its seconds went.
        stderr: Whether it is shown on standard error, so that standard output is for results.
    """

    def __init__(
        self,
        objective: str,
        direction: str,
        synthetic: bool,
        *,
        verbose: bool = False,
        stderr: bool = True,
    ) -> None:
        self.verbose = verbose
        self.stderr = stderr
        self.objective = objective
        self.direction = direction
        self._causes: dict[str, int] = {}
        self._seen: set[int] = set()
        self._was_told = False
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

    def lines(self, snapshot: Snapshot) -> list[str]:
        """What stands on a live display."""
        return [bar(snapshot), self.summary(snapshot), *self.running(snapshot)]

    def has_seen(self, records: Sequence[TrialRecord]) -> None:
        """Say nothing of the end of these trials, which was before anybody looked."""
        self._was_told = True
        self._seen.update(record.number for record in records if record.is_finished)

    def _newly_ended(self, snapshot: Snapshot) -> list[TrialRecord]:
        """The trials that ended since the last look."""
        new = [r for r in snapshot.records if r.number not in self._seen and r.is_finished]
        self._seen.update(record.number for record in new)
        return new

    @contextmanager
    def show(self) -> Iterator[Callable[[Snapshot], None]]:
        """A callback for `supervise` that updates the display."""
        if self._stream.isatty():
            with self._live() as update:
                yield update
        else:
            yield self._plain()

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self.stderr else sys.stdout

    @contextmanager
    def _live(self) -> Iterator[Callable[[Snapshot], None]]:
        from rich.live import Live
        from rich.text import Text

        output = console(stderr=self.stderr)
        with Live(console=output, refresh_per_second=4, transient=False) as live:

            def update(snapshot: Snapshot) -> None:
                for record in self._newly_ended(snapshot):
                    if self.verbose or record.state == "failed":
                        live.console.print(plain(self.ended(record)))
                live.update(Text(plain("\n".join(self.lines(snapshot)))))

            yield update

    def _plain(self) -> Callable[[Snapshot], None]:
        last = [time.monotonic()]

        def update(snapshot: Snapshot) -> None:
            is_first = not (self._seen or self._was_told)
            ended = self._newly_ended(snapshot)
            if is_first and len(ended) > snapshot.workers:
                ended = []  # from an earlier invocation
            for record in ended:
                self._stream.write(plain(self.ended(record)) + "\n")
            if ended or time.monotonic() - last[0] > SECONDS_BETWEEN_LINES:
                last[0] = time.monotonic()
                self._stream.write(plain(self.summary(snapshot)) + "\n")
            self._stream.flush()

        return update


def details(record: TrialRecord) -> str:
    """Where the seconds of a trial went, and whose graph it was trained by."""
    phases = ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in record.timings.items())
    graph = "graph of an earlier trial" if record.reused else "graph of its own"
    if record.unshared:
        graph += f", shared with no other: {record.unshared}"
    if record.in_float32:
        graph += "; again in float32, having diverged in lower precision"
    return f"{phases}; {graph}" if phases else "nothing was trained"


def bar(snapshot: Snapshot, width: int = 40) -> str:
    """How much of the budget is spent, as a bar of so many letters."""
    done = tally_of(snapshot.records).num_counted / max(snapshot.budget, 1)
    filled = round(min(done, 1.0) * width)
    return "━" * filled + "╌" * (width - filled) + f" {100 * min(done, 1.0):3.0f} %"
