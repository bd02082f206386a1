"""Making a `TrialRecord` of what a storage holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from hpsearch.storage.file_shapes import TRIAL
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.shape_tests import make_test
from hpsearch.storage.shapes import check_shape

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_is_trial = make_test(TRIAL)
_is_value = make_test((None, float))
_are_values = make_test((None, [float]))


def to_record(trial: FrozenTrial) -> TrialRecord:
    """What an Optuna trial of ours says.

    Raises:
        ShapeError: Somebody else wrote it.
    """
    if not _are_values(trial.values):
        check_shape(trial.values, (None, [float]), f"the value of trial {trial.number}")
    start = trial.datetime_start  # local and without a zone
    return as_record(
        number=trial.number,
        state=trial.state.name,
        value=trial.value if trial.values else None,
        attributes=trial.user_attrs,
        rungs={e: v for e, v in trial.intermediate_values.items() if not math.isnan(v)},
        started=start.astimezone(UTC).isoformat() if start else "",
    )


def as_record(
    *,
    number: int,
    state: str,
    value: float | None,
    attributes: Mapping[str, Any],
    rungs: Mapping[int, float],
    started: str,
) -> TrialRecord:
    """A record from the parts that every storage keeps.

    Args:
        number: Position in the study.
        state: Optuna's name of the state.
        value: The objective.
        attributes: What `StudyStore` wrote, by name; the `result` among it.
        rungs: Epoch → best objective so far.
        started: Start in UTC, ISO 8601; empty if it never started.

    Raises:
        ShapeError: Somebody else wrote it.
    """
    if not (_is_trial(attributes) and _is_value(value)):
        check_shape(attributes, TRIAL, f"trial {number}")
        check_shape(value, (None, float), f"the value of trial {number}")
    result = attributes.get("result", {})
    own = "failed" if state == "FAIL" else state.lower()
    unused = set(result.get("unused", ()))
    params = attributes.get("params", {}) | attributes.get("discovered", {})
    return TrialRecord(
        number=number,
        state=own,  # type: ignore[arg-type]  # the five states are Optuna's names
        params={name: value for name, value in params.items() if name not in unused},
        value=value,
        failure=result.get("failure") if own == "failed" else None,
        message=result.get("message", ""),
        history=result.get("history", {}),
        best_epoch=result.get("best_epoch"),
        fold_values=tuple(result.get("fold_values", ())),
        seam=result.get("seam"),
        epochs=max((len(values) for values in result.get("history", {}).values()), default=0),
        seconds=result.get("seconds") if own in ("complete", "pruned", "failed") else None,
        seed=attributes.get("seed", 0),
        index=attributes.get("index", number),
        retry_of=attributes.get("retry_of"),
        replicate_of=attributes.get("replicate_of"),
        worker=attributes.get("worker", ""),
        num_parameters=result.get("num_parameters"),
        model_file=result.get("model_file"),
        candidate=attributes.get("candidate"),
        rungs=rungs,
        judged_from=result.get("judged_from"),
        started=started,
        timings=result.get("timings", {}),
        reused=result.get("reused", False),
        unshared=result.get("unshared", ""),
        resumed=result.get("resumed", 0),
        in_float32=result.get("in_float32", False),
    )
