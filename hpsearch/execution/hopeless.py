"""Ending a study in which nothing works, instead of spending its budget on one mistake."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.errors import NoTrialSucceeded
from hpsearch.storage import TrialRecord, counted
from hpsearch.storage.tally import tally_of

HOPELESS_TRIALS = 5


def is_hopeless(records: Sequence[TrialRecord]) -> bool:
    """Whether all of the first trials failed for the same reason; no more are claimed then."""
    return len(_causes(records)) == 1


def stop_if_hopeless(records: Sequence[TrialRecord]) -> None:
    """Stop when every one of the first trials failed for the same reason.

    Raises:
        NoTrialSucceeded: They did; the message has the reason.
    """
    causes = _causes(records)
    if len(causes) == 1:
        (kind, _), message = next(iter(causes.items()))
        raise NoTrialSucceeded(
            f"Every one of the first {tally_of(records).num_counted} trials failed ({kind}): "
            f"{message}",
            "Mend the cause, then start again with --overwrite or in another directory.",
        )


def _causes(records: Sequence[TrialRecord]) -> dict[tuple[str | None, str], str]:
    """Why trials failed, once there are enough and nothing but failures; else nothing.

    Returns:
        What tells a cause from another → the message. Of memory each trial asks for its own
        amount, which makes no cause of its own.
    """
    tally = tally_of(records)
    if tally.num_counted < HOPELESS_TRIALS or tally.num_failed < tally.num_counted:
        return {}
    causes: dict[tuple[str | None, str], str] = {}
    for record in counted(records):
        message = record.message.partition("\n")[0]
        causes.setdefault((record.failure, "" if record.failure == "oom" else message), message)
    return causes
