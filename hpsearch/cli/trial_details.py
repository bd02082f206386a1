"""`hpsearch show --trial N`: everything that is known of one trial."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from hpsearch.analysis.folds import spread_in_words
from hpsearch.cli.printing import plain, print_json, print_lines, print_table
from hpsearch.cli.screen import details
from hpsearch.cli.sparkline import sparkline
from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.spaces.describing import format_value
from hpsearch.storage import StudyView, TrialRecord


def trial_of(view: StudyView, number: int) -> TrialRecord:
    """A trial of a study.

    Raises:
        InputError: There is none of that number.
    """
    if 0 <= number < len(view.trials):
        return view.trials[number]
    have = f"those from 0 to {len(view.trials) - 1}" if view.trials else "none as yet"
    raise InputError(
        f"{view.directory} has no trial {number}; it has {have}.",
        f"See them all with: hpsearch show {view.directory} --json",
    )


def show_trial(view: StudyView, number: int, *, as_json: bool) -> None:
    """Print one trial.

    Raises:
        InputError: There is none of that number.
    """
    record = trial_of(view, number)
    if as_json:
        print_json(trial_details(view, record))
        return
    print_lines(_facts(view, record), f"trial {number} of {view.directory}", stderr=False)
    params = {name: format_value(value) for name, value in record.params.items()}
    print_lines(params or {"none": ""}, "hyperparameters", stderr=False)
    _print_history(record)
    if record.message:
        sys.stdout.write(plain(f"what the failure said\n{record.message.rstrip()}\n"))


def trial_details(view: StudyView, record: TrialRecord) -> dict[str, Any]:
    """A trial as JSON, with the history of every epoch and how it relates to others."""
    return {
        **record.to_json(),
        "objective": view.objective,
        "rank": rank_of(view, record),
        "best_metrics": record.best_metrics,
        "retried_as": _numbers(view, "retry_of", record),
        "replicates": _numbers(view, "replicate_of", record),
        "model_exists": _has_model(view, record),
    }


def rank_of(view: StudyView, record: TrialRecord) -> int | None:
    """The place of a complete trial among those, from 1; None for others."""
    numbers = [other.number for other in view.ranked]
    return numbers.index(record.number) + 1 if record.number in numbers else None


def _numbers(view: StudyView, relation: str, record: TrialRecord) -> list[int]:
    """The trials that name this one in a relation."""
    return [other.number for other in view.trials if getattr(other, relation) == record.number]


def _has_model(view: StudyView, record: TrialRecord) -> bool:
    return bool(record.model_file) and view.directory.model_file(record.number).is_file()


def _facts(view: StudyView, record: TrialRecord) -> dict[str, str]:
    rows = {"state": _state(view, record)}
    if record.value is not None:
        rows[view.objective] = f"{record.value:.4f}, the best of {_epochs(record)}"
    rows |= {"folds": spread} if (spread := spread_in_words(record.fold_values)) else {}
    others = [(n, v) for n, v in record.best_metrics.items() if n != view.objective]
    if others:
        rows["at that epoch"] = ", ".join(f"{n} {_number(v)}" for n, v in others)
    rows |= _relations(view, record)
    rows["seed"] = str(record.seed)
    if record.num_parameters is not None:
        rows["model"] = count_of(record.num_parameters, "parameter") + _kept(view, record)
    if record.seconds is not None:
        rows["time"] = f"{record.seconds:.1f} s"
        rows["phases"] = details(record)
    if record.started:
        rows["started"] = f"{record.started[:19].replace('T', ' ')} UTC by {record.worker}"
    if record.resumed:
        rows["resumed"] = f"{count_of(record.resumed, 'time')} from a checkpoint"
    return rows


def _state(view: StudyView, record: TrialRecord) -> str:
    rank = rank_of(view, record)
    if rank is not None:
        return f"complete, number {rank} of {len(view.ranked)}"
    if record.state == "failed":
        return f"failed: {record.failure or 'unknown'}"
    return "pruned: stopped early" if record.state == "pruned" else record.state


def _epochs(record: TrialRecord) -> str:
    at = f", at epoch {record.best_epoch}" if record.best_epoch else ""
    return count_of(record.epochs, "epoch") + at


def _relations(view: StudyView, record: TrialRecord) -> dict[str, str]:
    rows: dict[str, str] = {}
    if record.retry_of is not None:
        rows["second try"] = f"of trial {record.retry_of}"
    if again := _numbers(view, "retry_of", record):
        rows["tried again"] = f"as trial {again[0]}"
    if record.replicate_of is not None:
        rows["repeats"] = f"the configuration of trial {record.replicate_of}, with another seed"
    if repeats := _numbers(view, "replicate_of", record):
        rows["repeated"] = f"with other seeds by {_trials(repeats)}"
    if record.candidate is not None:
        rows["configuration"] = f"number {record.candidate} of those confirmed"
    return rows


def _trials(numbers: Sequence[int]) -> str:
    return f"trial{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _kept(view: StudyView, record: TrialRecord) -> str:
    if _has_model(view, record):
        return f", kept as {view.directory.model_file(record.number)}"
    return ", not kept"


def _print_history(record: TrialRecord) -> None:
    """The curve of each metric as a line, then what was measured after each epoch."""
    if not record.epochs:
        sys.stdout.write("No epoch was trained.\n")
        return
    metrics = list(record.history)
    curves = [(name, *_ends(record.history[name])) for name in metrics]
    print_table(("metric", "curve", "first", "last"), curves)
    rows = [
        (_epoch(record, place), *(_at(record.history[name], place) for name in metrics))
        for place in range(record.epochs)
    ]
    print_table(("epoch", *metrics), rows)


def _epoch(record: TrialRecord, place: int) -> str:
    return f"{place + 1}{' best' if place + 1 == record.best_epoch else ''}"


def _ends(values: Sequence[float | None]) -> tuple[str, str, str]:
    return sparkline(values), _at(values, 0), _at(values, len(values) - 1)


def _at(values: Sequence[float | None], place: int) -> str:
    return _number(values[place]) if 0 <= place < len(values) else "–"


def _number(value: float | None) -> str:
    """Five digits of a number; a dash for none."""
    return "–" if value is None else f"{value:.5g}"
