"""`DatabaseTrials`: the trials of a study in the tables of Optuna's RDB storage."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import UTC
from typing import TYPE_CHECKING, Any

from hpsearch.errors import StudyError
from hpsearch.storage.database import HURRIED_SECONDS, Database
from hpsearch.storage.records import FINISHED, State, TrialRecord
from hpsearch.storage.trial_records import as_record
from hpsearch.storage.trial_statements import TrialStatements
from hpsearch.storage.trial_storage import TrialChange

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from sqlalchemy import Connection, Select


class DatabaseTrials:
    """Reads and writes Optuna's tables in few statements, so that stock Optuna reads them too.

    Optuna's own storage looks up every parameter and attribute before it writes it, in dozens of
    round trips a trial. The study lock is the lock of the study's row, the one under which
    Optuna creates trials.

    Args:
        database: The database, with Optuna's tables.
        study_id: The study's row.
    """

    def __init__(self, database: Database, study_id: int) -> None:
        from optuna.storages._rdb import models

        self.database = database
        self._study_id = study_id
        self._models = models
        self._statements = TrialStatements()
        self._ids: dict[int, int] = {}
        self._query = self._records_query()

    def locked(self) -> AbstractContextManager[None]:
        return self.database.holding(self._lock)

    def _lock(self, connection: Connection) -> None:
        from sqlalchemy import select

        study = self._models.StudyModel
        connection.execute(
            select(study.study_id).where(study.study_id == self._study_id).with_for_update()
        )

    def hurry(self) -> None:
        self.database.patience = HURRIED_SECONDS

    # --- reading -----------------------------------------------------------------

    def read(self, unfinished: Collection[int], known: int) -> list[TrialRecord]:
        values = {
            "newest": self._ids[known - 1] if known else 0,
            "listed": [self._ids[number] for number in unfinished],
        }
        rows = self.database.run(lambda c: c.execute(self._query, values).all())
        records = []
        for row in rows:
            self._ids[row.number] = row.trial_id
            records.append(self._record(row))
        return records

    def _record(self, row: Any) -> TrialRecord:
        try:
            return _to_record(row)
        except ValueError as error:  # no JSON, or of another shape
            raise StudyError(
                f"The study in {self.database.address} is not as hpsearch wrote it ({error}).",
                "Restore the database, or start again in another directory with --out.",
            ) from error

    def _records_query(self) -> Select[Any]:
        from sqlalchemy import Integer, any_, bindparam, or_, select
        from sqlalchemy.dialects.postgresql import ARRAY

        newer = self._models.TrialModel.trial_id > bindparam("newest")
        listed = bindparam("listed", type_=ARRAY(Integer))
        trial, value = self._models.TrialModel, self._models.TrialValueModel
        attribute = self._models.TrialUserAttributeModel
        rung = self._models.TrialIntermediateValueModel
        return (
            select(
                trial.trial_id,
                trial.number,
                trial.state,
                trial.__table__.c.datetime_start,
                select(value.value).where(_of(value, trial)).scalar_subquery().label("value"),
                _collected(attribute, trial, attribute.key, attribute.value_json, "attributes"),
                _collected(rung, trial, rung.step, rung.intermediate_value, "rungs"),
            )
            .where(trial.study_id == self._study_id, or_(newer, trial.trial_id == any_(listed)))
            .order_by(trial.trial_id)
        )

    # --- writing -----------------------------------------------------------------

    def create(
        self,
        params: Mapping[str, tuple[Any, BaseDistribution]],
        attributes: Mapping[str, Any],
        state: State,
    ) -> int:
        values = self._statements.values_of_creation(self._study_id, state, params, attributes)

        def work(connection: Connection) -> tuple[int, int]:
            if self.database.held is None:
                self._lock(connection)
            row = connection.execute(self._statements.creation, values).one()
            return row.number, row.trial_id

        number, trial_id = self.database.run(work)
        self._ids[number] = trial_id
        return number

    def change(self, number: int, change: TrialChange) -> bool:
        return self.database.run(lambda connection: self._change(connection, number, change))

    def _change(self, connection: Connection, number: int, change: TrialChange) -> bool:
        trial_id = self._id(connection, number)
        values = self._statements.values_of_change(trial_id, change)
        done = connection.execute(self._statements.change, values).first()
        return done is not None or self._is_done(connection, trial_id, change)

    def _is_done(self, connection: Connection, trial_id: int, change: TrialChange) -> bool:
        """Whether just this change has ended the trial, and only the answer to it was lost."""
        from sqlalchemy import select

        if change.state not in FINISHED:
            return False
        attribute = self._models.TrialUserAttributeModel
        query = select(attribute.key, attribute.value_json).where(attribute.trial_id == trial_id)
        known = {row.key: row.value_json for row in connection.execute(query)}
        return all(known.get(key) == json.dumps(v) for key, v in change.attributes.items())

    def _id(self, connection: Connection, number: int) -> int:
        from sqlalchemy import select

        if number not in self._ids:
            trial = self._models.TrialModel
            query = select(trial.trial_id).where(trial.study_id == self._study_id)
            self._ids[number] = connection.execute(query.where(trial.number == number)).scalar_one()
        return self._ids[number]


def _of(model: Any, trial: Any) -> Any:
    return model.trial_id == trial.trial_id


def _collected(model: Any, trial: Any, key: Any, value: Any, name: str) -> Any:
    """A column with a JSON object of all rows that belong to the trial; NULL without any."""
    from sqlalchemy import func, select

    collected = select(func.json_object_agg(key, value)).where(_of(model, trial))
    return collected.scalar_subquery().label(name)


def _to_record(row: Any) -> TrialRecord:
    attributes = {key: json.loads(text) for key, text in (row.attributes or {}).items()}
    rungs = {int(step): value for step, value in (row.rungs or {}).items() if value is not None}
    started = row.datetime_start
    return as_record(
        number=row.number,
        state=row.state.name,
        value=row.value,
        attributes=attributes,
        rungs=rungs,
        started="" if started is None else started.replace(tzinfo=UTC).isoformat(),
    )
