"""The winning configurations of a study."""

from __future__ import annotations

import json

from hpsearch.storage.records import TrialRecord
from hpsearch.storage.study_view import StudyView

NUM_WINNERS = 3


def winners(view: StudyView, count: int = NUM_WINNERS) -> list[TrialRecord]:
    """The best trial of each of the best configurations, best first.

    A configuration trained several times (replicates, fresh seeds) is shown once.
    """
    best: dict[str, TrialRecord] = {}
    first = [view.best] if view.best is not None else []  # confirmed, it need not be the luckiest
    for record in (*first, *view.ranked):
        identity = json.dumps(dict(record.params), sort_keys=True, default=str)
        best.setdefault(identity, record)
        if len(best) == count:
            break
    return list(best.values())
