"""`ShownStudies`: the studies of some run directories as one Optuna storage that only reads."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from optuna.storages import BaseStorage  # noqa: TID253  (imported when a dashboard is opened)
from optuna.study._frozen import FrozenStudy  # noqa: TID253  (what a storage returns)

from hpsearch.storage import load
from hpsearch.storage.study_store import open_for_optuna

if TYPE_CHECKING:
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial, TrialState


def _refuse(*_: object, **__: object) -> NoReturn:
    raise PermissionError("The studies are only shown here; nothing can be changed.")


class ShownStudies(BaseStorage):
    """Studies numbered in the order of their directories; new trials appear as they end.

    Args:
        directories: Run directories.

    Raises:
        StudyError: One of them holds no study that can be read.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        views = [load(directory) for directory in directories]
        self._names = [str(view.directory) for view in views]
        opened = [open_for_optuna(view.directory) for view in views]
        self._storages = [storage for storage, _ in opened]
        self._ids = [number for _, number in opened]

    def get_all_studies(self) -> list[FrozenStudy]:
        return [
            FrozenStudy(
                name,
                None,
                self.get_study_user_attrs(number),
                self.get_study_system_attrs(number),
                number,
                directions=self.get_study_directions(number),
            )
            for number, name in enumerate(self._names)
        ]

    def get_study_id_from_name(self, study_name: str) -> int:
        if study_name not in self._names:
            raise KeyError(study_name)
        return self._names.index(study_name)

    def get_study_name_from_id(self, study_id: int) -> str:
        return self._names[study_id]

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return self._storages[study_id].get_study_directions(self._ids[study_id])

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return self._storages[study_id].get_study_user_attrs(self._ids[study_id])

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self._storages[study_id].get_study_system_attrs(self._ids[study_id])

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        known = self._ids[study_id]
        return self._storages[study_id].get_all_trials(known, deepcopy=deepcopy, states=states)

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Refused: a number of a trial alone does not say of which study it is."""
        raise KeyError(trial_id)

    create_new_study = delete_study = set_study_user_attr = set_study_system_attr = _refuse
    create_new_trial = set_trial_param = set_trial_state_values = _refuse
    set_trial_intermediate_value = set_trial_user_attr = set_trial_system_attr = _refuse
