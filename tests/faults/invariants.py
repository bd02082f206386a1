"""What must hold of a study after whatever happened to it, looked up in its storage."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, counted
from hpsearch.storage.records import RETRIED, ranked

MODELS_KEPT = 3
LOAD_MODELS = """
import sys
import keras
for path in sys.argv[1:]:
    keras.saving.load_model(path, safe_mode=True)
"""


def records_of(out: Path) -> list[TrialRecord]:
    """Every trial of a study; none if there is no study yet."""
    directory = RunDirectory(out)
    return StudyStore(directory).records() if directory.has_study else []


def finished_facts(records: Sequence[TrialRecord]) -> dict[int, dict[str, Any]]:
    """All that is known of the trials that have ended, by number."""
    return {record.number: record.to_json() for record in records if record.is_finished}


def violations(
    records: Sequence[TrialRecord], budget: int, before: Mapping[int, dict[str, Any]]
) -> list[str]:
    """What is wrong with a study whose command has ended in order; empty if nothing is.

    Args:
        records: Its trials.
        budget: How many trials may finish.
        before: `finished_facts` of earlier moments.
    """
    return [*_budget(records, budget), *_retries(records), *_changed(records, before)]


def _budget(records: Sequence[TrialRecord], budget: int) -> Iterator[str]:
    """The counted trials are the proposals 0 to budget - 1, once each."""
    unfinished = [r.number for r in records if not r.is_finished]
    if unfinished:
        yield f"not finished: {unfinished}"
    indices = Counter(record.index for record in counted(records))
    for index in range(budget):
        if indices[index] != 1:
            yield f"proposal {index} counted {indices[index]} times"
    if sum(indices.values()) != budget:
        yield f"{sum(indices.values())} trials counted, not {budget}"
    complete = Counter(record.index for record in records if record.state == "complete")
    yield from (f"proposal {i} completed {n} times" for i, n in complete.items() if n > 1)


def _retries(records: Sequence[TrialRecord]) -> Iterator[str]:
    """A trial is tried again at most once, only if lost or crashed, as it was."""
    again = [record for record in records if record.retry_of is not None]
    for number, times in Counter(record.retry_of for record in again).items():
        if times > 1:
            yield f"trial {number} tried again {times} times"
    for record in again:
        first = records[record.retry_of or 0]
        if first.failure not in RETRIED or first.retry_of is not None:
            yield f"trial {first.number} ({first.failure}) should not have been tried again"
        if (first.seed, first.index) != (record.seed, record.index):
            yield f"trial {record.number} is no second try of {first.number}"
        # A trial that ended well lists only what its model used; one that died, what it was given.
        both = first.params.keys() & record.params.keys()
        if any(first.params[name] != record.params[name] for name in both):
            yield f"trial {record.number} has other values than {first.number}"


def _changed(records: Sequence[TrialRecord], before: Mapping[int, dict[str, Any]]) -> Iterator[str]:
    """What had ended is as it was, to the last bit."""
    now = finished_facts(records)
    for number, facts in before.items():
        if number not in now:
            yield f"trial {number} had finished and is gone"
        elif now[number] != facts:
            yield f"trial {number} had finished and has changed"


def model_violations(out: Path, records: Sequence[TrialRecord], direction: str) -> list[str]:
    """Which of the best models are not there or cannot be loaded."""
    best = ranked(records, direction)[:MODELS_KEPT]
    files = {r.number: out / r.model_file for r in best if r.model_file is not None}
    wrong = [
        f"trial {r.number} has no model" for r in best if r.num_parameters and not r.model_file
    ]
    wrong += [f"the model of trial {n} is gone" for n, file in files.items() if not file.is_file()]
    there = [str(file) for file in files.values() if file.is_file()]
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD_MODELS, *there] if there else ["true"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    )
    return wrong if loaded.returncode == 0 else [*wrong, loaded.stderr.strip().splitlines()[-1]]


def processes_on(out: Path) -> list[int]:
    """The processes, other than this one, that are on a study.

    Their command line names the run directory, or they write a log in it: a forked worker has
    the command line of its template.
    """
    named = str(out).encode()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if named in words or writes_into(int(entry.name), out):
                found.append(int(entry.name))
    return found


def writes_into(pid: int, folder: Path) -> bool:
    """Whether the standard output of a process is a file below the folder."""
    try:
        return Path(f"/proc/{pid}/fd/1").readlink().is_relative_to(folder)
    except OSError:
        return False
