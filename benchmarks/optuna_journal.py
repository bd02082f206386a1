"""The Optuna study on journal storage that several processes work on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def optuna_study(job: Mapping[str, Any], pruner: Any = None, sampler: Any = None) -> Any:
    """The study on journal storage that both processes work on; without a pruner none stops."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    backend = optuna.storages.journal.JournalFileBackend(str(Path(job["folder"]) / "journal"))
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(backend),
        study_name="search",
        direction="maximize",
        pruner=pruner or optuna.pruners.NopPruner(),
        sampler=sampler,
        load_if_exists=True,
    )
