"""SQL that makes or changes a trial as a whole, in one statement and one round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hpsearch.storage.records import FINISHED, State
from hpsearch.storage.trial_storage import OPTUNA_STATES, TrialChange

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from sqlalchemy import CTE, BindParameter, Select

Params = Mapping[str, tuple[Any, "BaseDistribution"]]
Values = dict[str, Any]


class TrialStatements:
    """Two statements on Optuna's tables, built once, and the values for them.

    Their parts take the row of the trial from `mine`: if that is not there, because the trial
    has ended, none of them does anything. Any number of rows comes as one array a column.
    """

    def __init__(self) -> None:
        from optuna.storages._rdb import models

        self._models = models
        self.creation = self._creation()
        """Adds the next trial, under the study lock; gives its `number` and `trial_id`."""
        self.change = self._change()
        """Changes a trial that has not ended; gives a row if it has, and else none."""

    # --- statements --------------------------------------------------------------

    def _creation(self) -> Select[Any]:
        from sqlalchemy import bindparam, func, insert, select

        trial = self._models.TrialModel
        study: BindParameter[int] = bindparam("study")
        latest = (
            select(trial.number + 1)
            .where(trial.study_id == study)
            .order_by(trial.trial_id.desc())
            .limit(1)
        )
        added = insert(trial.__table__).values(
            number=func.coalesce(latest.scalar_subquery(), 0),
            study_id=study,
            state=bindparam("new_state"),
            datetime_start=bindparam("started"),
        )
        mine = added.returning(trial.number, trial.trial_id).cte("mine")
        parts = [self._params(mine), self._attributes(mine)]
        return select(mine.c.number, mine.c.trial_id).add_cte(*parts)

    def _change(self) -> Select[Any]:
        from optuna.trial import TrialState
        from sqlalchemy import bindparam, select

        trial = self._models.TrialModel
        unfinished = trial.state.in_([TrialState.RUNNING, TrialState.WAITING])
        mine = (
            select(trial.trial_id)
            .where(trial.trial_id == bindparam("trial"), unfinished)
            .with_for_update()
            .cte("mine")
        )
        parts = [self._params(mine), self._attributes(mine), self._rungs(mine), self._value(mine)]
        return select(mine.c.trial_id).add_cte(*parts, self._state(mine))

    def _state(self, mine: CTE) -> CTE:
        from sqlalchemy import bindparam, func, update

        columns = self._models.TrialModel.__table__.c
        new = {"state": "new_state", "datetime_start": "started", "datetime_complete": "ended"}
        kept = {
            name: func.coalesce(bindparam(given, type_=columns[name].type), columns[name])
            for name, given in new.items()
        }
        table = self._models.TrialModel.__table__
        return update(table).where(columns.trial_id == mine.c.trial_id).values(kept).cte("state")

    def _params(self, mine: CTE) -> CTE:
        model = self._models.TrialParamModel
        return _upsert(mine, model, "param_name", "param_value", "distribution_json")

    def _attributes(self, mine: CTE) -> CTE:
        return _upsert(mine, self._models.TrialUserAttributeModel, "key", "value_json")

    def _rungs(self, mine: CTE) -> CTE:
        model = self._models.TrialIntermediateValueModel
        return _upsert(mine, model, "step", "intermediate_value", "intermediate_value_type")

    def _value(self, mine: CTE) -> CTE:
        return _upsert(mine, self._models.TrialValueModel, "objective", "value", "value_type")

    # --- values ------------------------------------------------------------------

    def values_of_creation(
        self, study_id: int, state: State, params: Params, attributes: Mapping[str, Any]
    ) -> Values:
        """What `creation` needs to add a trial to a study."""
        return {
            "study": study_id,
            "new_state": OPTUNA_STATES[state],
            "started": None if state == "waiting" else _now(),
            **_params_as_arrays(params),
            **_attributes_as_arrays(attributes),
        }

    def values_of_change(self, trial_id: int, change: TrialChange) -> Values:
        """What `change` needs to change a trial."""
        return {
            "trial": trial_id,
            "new_state": None if change.state is None else OPTUNA_STATES[change.state],
            "started": _now() if change.state == "running" else None,
            "ended": _now() if change.state in FINISHED else None,
            **_params_as_arrays(change.params),
            **_attributes_as_arrays(change.attributes),
            **self._rungs_as_arrays(change.rungs),
            **self._value_as_arrays(change.value),
        }

    def _rungs_as_arrays(self, rungs: Mapping[int, float]) -> Values:
        model = self._models.TrialIntermediateValueModel
        stored = [model.intermediate_value_to_stored_repr(value) for value in rungs.values()]
        return {
            "step": list(rungs),
            "intermediate_value": [value for value, _ in stored],
            "intermediate_value_type": [kind.name for _, kind in stored],
        }

    def _value_as_arrays(self, value: float | None) -> Values:
        model = self._models.TrialValueModel
        stored = [] if value is None else [model.value_to_stored_repr(value)]
        return {
            "objective": [0 for _ in stored],
            "value": [number for number, _ in stored],
            "value_type": [kind.name for _, kind in stored],
        }


def _upsert(mine: CTE, model: Any, key: str, *others: str) -> CTE:
    """Write rows that belong to the trial over those with the same key.

    Args:
        mine: The trial.
        model: The table.
        key: The column that tells the rows of a trial apart.
        *others: Its other columns.
    """
    from sqlalchemy import Enum, Text, bindparam, cast, column, func, select, true
    from sqlalchemy.dialects.postgresql import ARRAY, insert

    table = model.__table__
    own = {name: table.c[name].type for name in (key, *others)}
    sent = {name: Text() if isinstance(kind, Enum) else kind for name, kind in own.items()}
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in sent.items()]
    columns = [column(name, kind) for name, kind in sent.items()]
    given = func.unnest(*arrays).table_valued(*columns, name=f"given_{key}").render_derived()
    rows = select(mine.c.trial_id, *(cast(given.c[name], kind) for name, kind in own.items()))
    added = insert(table).from_select(
        ["trial_id", *own], rows.select_from(mine.join(given, true()))
    )
    written = {name: added.excluded[name] for name in others}
    index = ["trial_id", key]
    return added.on_conflict_do_update(index_elements=index, set_=written).cte(f"rows_{key}")


def _params_as_arrays(params: Params) -> Values:
    from optuna.distributions import distribution_to_json

    return {
        "param_name": list(params),
        "param_value": [float(d.to_internal_repr(value)) for value, d in params.values()],
        "distribution_json": [distribution_to_json(d) for _, d in params.values()],
    }


def _attributes_as_arrays(attributes: Mapping[str, Any]) -> Values:
    return {
        "key": list(attributes),
        "value_json": [json.dumps(value) for value in attributes.values()],
    }


def _now() -> datetime:
    """As Optuna keeps times: in UTC and without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
