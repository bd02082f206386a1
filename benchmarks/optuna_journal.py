"""Optuna on journal storage, and a `build(hp)` of Keras Tuner asking its trials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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


class Suggesting:
    """`hp` of a `build(hp)` that asks an Optuna trial.

    What is not active is None, as in Keras Tuner.
    """

    def __init__(self, trial: Any) -> None:
        self.trial = trial
        self.values: dict[str, Any] = {}
        self._is_active = True

    @contextmanager
    def conditional_scope(self, name: str, values: list[Any]) -> Iterator[None]:
        before, self._is_active = self._is_active, self.values.get(name) in values
        yield
        self._is_active = before

    def _note(self, name: str, suggest: Callable[[], Any]) -> Any:
        if not self._is_active:
            return None
        self.values[name] = suggest()
        return self.values[name]

    def Choice(self, name: str, values: list[Any], **_: Any) -> Any:  # noqa: N802
        return self._note(name, lambda: self.trial.suggest_categorical(name, values))

    def Boolean(self, name: str, **_: Any) -> Any:  # noqa: N802
        return self.Choice(name, [False, True])

    def Int(self, name: str, low: int, high: int) -> Any:  # noqa: N802
        return self._note(name, lambda: self.trial.suggest_int(name, low, high))

    def Float(self, name: str, low: float, high: float, **given: Any) -> Any:  # noqa: N802
        is_log = given.get("sampling") == "log"
        return self._note(name, lambda: self.trial.suggest_float(name, low, high, log=is_log))
