"""The study that a stage starts from, refused with the reason where nothing can start from it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hpsearch.counting import count_of
from hpsearch.errors import StudyError
from hpsearch.storage import StudyView, TrialRecord, counted, load


def load_completed(directory: Path) -> StudyView:
    """A study with at least one completed trial.

    Raises:
        StudyError: There is no study, or none of its trials has completed; the message names
            the most frequent failure.
    """
    view = load(directory)
    if view.ranked:
        return view
    finished = counted(view.trials)
    message = f"{directory} has no completed trial to start from"
    if any(record.state == "failed" for record in finished):
        show = shlex.join(["hpsearch", "show", str(directory)])
        raise StudyError(
            f"{message}: {most_frequent_failure(finished)}",
            f"Mend the cause (see {show}), then run that stage again with --overwrite.",
        )
    command = view.facts.get("provenance", {}).get("command", "")
    again = f": {command}" if str(command).startswith("hpsearch ") else ", as it was begun"
    raise StudyError(f"{message}.", f"Finish that stage first{again}")


def most_frequent_failure(records: Sequence[TrialRecord]) -> str:
    """`9 of 12 trials failed with ValueError: … (error)`: the cause that most failed trials share.

    Args:
        records: Finished trials, at least one of them failed.
    """
    causes = Counter(
        (record.message.partition("\n")[0], record.failure or "unknown")
        for record in records
        if record.state == "failed"
    )
    (message, kind), count = causes.most_common(1)[0]
    which = f"{count} of {count_of(len(records), 'trial')}"
    share = "its only trial" if len(records) == 1 else which
    return f"{share} failed with {message or 'no message'} ({kind})"
