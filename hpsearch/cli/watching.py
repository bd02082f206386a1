"""What `hpsearch watch` shows of a study that others work on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hpsearch.cli.durations import format_duration
from hpsearch.cli.printing import aligned, print_json, print_lines
from hpsearch.cli.screen import Screen, bar
from hpsearch.errors import InputError, NoTrialSucceeded, StudyStopped
from hpsearch.execution import Snapshot
from hpsearch.execution.observing import ENDED, Sight
from hpsearch.runs.following import Following
from hpsearch.spaces.describing import format_params
from hpsearch.stages.result import best_to_json

SECONDS_BETWEEN_LOOKS = 1.0
CLOSING_SECONDS = 60.0
"""How long what follows the trials is waited for, where nothing says that it goes on."""

STATUS_WORDS = {
    "running": "running",
    "waiting": "no trial runs: workers are starting, or none is there; the same command goes on",
    "closing": "its trials are done; narrowing or the verdict follows",
    "done": "done",
    "stopped": "stopped; the same command goes on",
    "failed": "failed; no trial succeeded, or the command met an error",
}
EXIT_STATUS = {"stopped": StudyStopped.exit_status, "failed": NoTrialSucceeded.exit_status}


def watch_command(directory: Path, *, once: bool, as_json: bool) -> int:
    """Show how a study stands, once or until it ends; the exit status.

    Raises:
        InputError: There is no study, or JSON is wanted of more than one moment.
    """
    if as_json and not once:
        raise InputError("--json prints how a study stands at one moment.", "Add --once.")
    following = Following(directory)
    if once:
        _print_once(following, as_json=as_json)
        return 0
    try:
        status = _watch(following)
    except KeyboardInterrupt:
        sys.stderr.write("No longer watched; the study goes on as before.\n")
        return StudyStopped.exit_status
    return EXIT_STATUS.get(status, 0)


def _print_once(following: Following, *, as_json: bool) -> None:
    sight = following.look()
    status = following.status(sight)
    if as_json:
        stage = {} if sight is None else sight_json(sight)
        print_json({**stage, "directory": str(following.root), "status": status})
    elif sight is None:
        sys.stdout.write(f"{following.root}: no stage is begun as yet ({STATUS_WORDS[status]}).\n")
    else:
        print_lines(WatchScreen(sight).rows(status), heading(sight), stderr=False)


def _watch(following: Following) -> str:
    """Show the stage that is going on, one after the other, until all has ended; the status."""
    at_work = time.monotonic()
    with ExitStack() as shown:
        show: Callable[[Sight, str], None] | None = None
        path = None
        while True:
            sight = following.look()
            status = following.status(sight)
            if sight is not None:
                if sight.directory.path != path:
                    shown.close()
                    path = sight.directory.path
                    show = _begin(shown, sight)
                assert show is not None
                show(sight, status)
            now = time.monotonic()
            at_work = at_work if status == "closing" else now
            if status in ENDED or now - at_work > CLOSING_SECONDS:
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
    if sight is not None and not sys.stdout.isatty():
        print_lines(WatchScreen(sight).rows(status), heading(sight), stderr=False)
    return status


def _begin(shown: ExitStack, sight: Sight) -> Callable[[Sight, str], None]:
    """Begin to show a stage; what is called with each look at it."""
    screen = WatchScreen(sight)
    screen.has_seen(sight.snapshot.records)
    if not sys.stdout.isatty():
        print_lines(screen.rows(sight.status), heading(sight), stderr=False)
    update = shown.enter_context(screen.show())

    def show(sight: Sight, status: str) -> None:
        screen.sight, screen.status = sight, status
        update(sight.snapshot)

    return show


def heading(sight: Sight) -> str:
    """Which study is watched."""
    return f"{sight.stage} of {sight.facts['space']['name']}: {sight.directory}"


class WatchScreen(Screen):
    """Shows on standard output how a study stands.

    Args:
        sight: How it stands at first.
    """

    def __init__(self, sight: Sight) -> None:
        synthetic = bool(sight.facts["data"].get("synthetic"))
        super().__init__(sight.objective, sight.direction, synthetic, stderr=False)
        self.sight = sight
        self.status: str = sight.status

    def lines(self, snapshot: Snapshot) -> list[str]:
        """What stands on a live display."""
        rows = self.rows(self.status)
        return [heading(self.sight), f"  {bar(snapshot)}", *aligned(rows)]

    def rows(self, status: str) -> dict[str, str]:
        """How the study stands, by subject; trials that run have a row each."""
        sight = self.sight
        rows = {"status": STATUS_WORDS[status], "data": str(sight.facts["data"]["source"])}
        rows["trials"] = _trials(sight)
        if sight.failures:
            rows["failures"] = ", ".join(f"{n} {kind}" for kind, n in sight.failures.items())
        rows["best"] = self._best()
        if (speed := _speed(sight)) != "":
            rows["speed"] = speed
        for doing in _running(sight):
            rows[f"trial {doing['number']}"] = self._doing(doing)
        return rows

    def _best(self) -> str:
        best = self.sight.best
        if best is None or best.value is None:
            return "no trial is completed as yet"
        at = f"trial {best.number}, {self.objective} {best.value:.4f} at epoch {best.best_epoch}"
        return f"{at}: {format_params(dict(best.params))}"

    def _doing(self, doing: Mapping[str, Any]) -> str:
        if doing["number"] in self.sight.silent:
            return "no sign of life from its worker for a minute"
        if not doing["epoch"]:
            return f"begun; at most {doing['epochs']} epochs"
        words = f"epoch {doing['epoch']} of {doing['epochs']}"
        metrics = _metrics(doing.get("metrics") or {}, self.objective)
        value = doing.get("value")
        best = f"best {self.objective} {value:.4f}" if isinstance(value, float) else ""
        return ", ".join(filter(None, [words, *metrics, best]))


def _metrics(metrics: Mapping[str, float | None], objective: str) -> list[str]:
    """The objective and the losses after the latest epoch."""
    names = dict.fromkeys((objective, "loss", "val_loss"))
    shown = ((name, metrics.get(name)) for name in names)
    return [f"{name} {value:.4f}" for name, value in shown if value is not None]


def _trials(sight: Sight) -> str:
    counts = sight.counts
    ended = counts["completed"] + counts["pruned"] + counts["failed"]
    shown = [f"{number} {state}" for state, number in counts.items() if number]
    return f"{ended:,} of {sight.snapshot.budget:,} ended" + (
        f": {', '.join(shown)}" if shown else ""
    )


def _speed(sight: Sight) -> str:
    """Trials a minute and the time left; empty where neither can be said."""
    rate, left = sight.trials_per_minute, sight.seconds_left
    parts = [] if rate is None else [f"{rate:.3g} trials a minute"]
    parts += [] if not left else [f"about {format_duration(left)} left"]
    return ", ".join(parts)


def sight_json(sight: Sight) -> dict[str, Any]:
    """How a stage stands, as JSON."""
    running = [{**doing, "silent": doing["number"] in sight.silent} for doing in _running(sight)]
    return {
        "space": sight.facts["space"]["name"],
        "stage": sight.stage,
        "stage_directory": str(sight.directory),
        "stage_status": sight.status,
        "data": sight.facts["data"]["source"],
        "objective": sight.objective,
        "direction": sight.direction,
        "budget": sight.snapshot.budget,
        "trials": sight.counts,
        "failures": sight.failures,
        "best": best_to_json(sight.best),
        "trials_per_minute": sight.trials_per_minute,
        "seconds_left": sight.seconds_left,
        "running": running,
    }


def _running(sight: Sight) -> list[Mapping[str, Any]]:
    return sorted(sight.snapshot.running, key=lambda doing: doing["number"])
