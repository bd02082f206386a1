"""The verdict on one configuration that was trained from several seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hpsearch.analysis.curves import curves_of
from hpsearch.analysis.verdicts.case import Case, class_scores_of
from hpsearch.analysis.verdicts.certainty import over_seeds
from hpsearch.analysis.verdicts.judging import Verdict, judge_case
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.moves import NextSearch
from hpsearch.storage.records import TrialRecord


def judge_trials(
    records: Sequence[TrialRecord],
    *,
    num_classes: int | None = None,
    num_validation: int | None = None,
    names: tuple[str, ...] = (),
    search: NextSearch | None = None,
) -> Verdict:
    """Judge a configuration by all trials that trained it, each from its own seed.

    What most seeds show is the verdict; where two findings are as frequent, what the first of the
    trials shows. The numbers are those of the first trial that shows it.

    Args:
        records: Trials of the same configuration, one or more, the one to be shown first.
        num_classes: As for `judge`.
        num_validation: As for `judge`.
        names: As for `judge`.
        search: As for `judge`.
    """
    verdicts = [
        judge_case(_case(record, num_classes, num_validation), names, search) for record in records
    ]
    kind, holding = Counter(verdict.kind for verdict in verdicts).most_common(1)[0]
    shown = next(verdict for verdict in verdicts if verdict.kind == kind)
    return shown._replace(
        certainty=over_seeds(shown.certainty, holding, len(verdicts)),
        also=_also(verdicts, shown),
        seeds=len(verdicts),
        holds_on=holding,
    )


def _case(record: TrialRecord, num_classes: int | None, num_validation: int | None) -> Case:
    params: dict[str, Any] = dict(record.params)
    scores = class_scores_of(record)
    return Case(curves_of(record), num_classes, num_validation, params, scores)


def _also(verdicts: Sequence[Verdict], shown: Verdict) -> tuple[Finding, ...]:
    """The further findings that at least half of the seeds show."""
    every = [{verdict.kind, *(own.kind for own in verdict.also)} for verdict in verdicts]
    holding = Counter(kind for kinds in every for kind in kinds)
    return tuple(
        finding._replace(certainty=over_seeds(finding.certainty, count, len(verdicts)))
        for finding in shown.also
        if 2 * (count := holding[finding.kind]) >= len(verdicts)
    )
