"""The worker: claims trials and trains them until nothing is left to claim."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution.claims import Claim, Claims
from hpsearch.execution.early_stopping import EarlyStopping
from hpsearch.execution.growth import Growth
from hpsearch.execution.kept_models import forget_dropped, keep_model
from hpsearch.execution.liveness import WorkerLife
from hpsearch.execution.statuses import RECYCLED_STATUS, STOPPED_STATUS
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import draw_value
from hpsearch.spaces import Parameter, SearchSpace, Value, load_space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json
from hpsearch.training.process import clear, prepare_process

logger = logging.getLogger(__name__)


@dataclass
class Worker:
    """One process that trains trials.

    Args:
        directory: The run directory.
        name: The worker's name.
        threads: Threads for TensorFlow.
    """

    directory: RunDirectory
    name: str
    threads: int = 1
    _current: Claim | None = None
    _arrays: Any = None
    _stopping: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.life = WorkerLife(self.directory, self.name)
        self.plan = StudyPlan.read(self.directory)
        self.store = StudyStore(self.directory)
        self.claims = Claims(self.directory, self.store, self.plan)
        self.early_stopping = EarlyStopping(self.store, self.plan)

    def run(self) -> int:
        """Train until nothing is left to claim.

        Returns:
            The exit status: 0, or that of a worker to be replaced by a fresh one.

        Raises:
            InputError: The space or the data cannot be used; a running trial is given back.
        """
        growth, status = Growth(), 0
        try:
            prepare_process(self.threads)
            search_space = load_space(self.plan.reference).space
            self._load_data(search_space)
            while (claim := self._claim()) is not None:
                self._train(search_space, claim)
                if growth.is_too_large():
                    status = RECYCLED_STATUS
                    break
        except HpsearchError as error:
            self._leave_error(error)
            self.give_back()
            raise
        self.directory.live_file(self.name).unlink(missing_ok=True)
        self.life.end()
        return status

    def _claim(self) -> Claim | None:
        with self._stopping:
            self._current = self.claims.claim(self.name)
        return self._current

    def _load_data(self, search_space: SearchSpace) -> None:
        from hpsearch.training.arrays import make_arrays

        data = self.plan.data.load(search_space)
        self._arrays = make_arrays(data) if data is not None else None

    def _train(self, search_space: SearchSpace, claim: Claim) -> None:
        from hpsearch.training.constraints import Constraints
        from hpsearch.training.hyperparameters import LiveHyperParameters
        from hpsearch.training.trial import Outcome, Progress, Pruned, TrialSettings, run_trial

        def draw(parameter: Parameter) -> Value:
            return draw_value(parameter, parameter.label, self.plan.seed, claim.index)

        started = time.monotonic()
        hp = LiveHyperParameters(claim.space, claim.params, draw, self.plan.overrides)
        training = self.plan.training
        settings = TrialSettings(
            training.objective,
            training.direction,
            training.epochs,
            training.patience,
            training.batch_size,
            Constraints(training.max_params, training.max_latency),
        )

        def on_epoch(progress: Progress) -> None:
            self._show(claim, progress)
            if self._should_stop(claim, progress):
                raise Pruned

        self._show(claim, Progress())
        outcome: Outcome = run_trial(search_space, hp, self._arrays, settings, claim.seed, on_epoch)
        self.claims.record_discoveries(claim, hp.discovered, hp.values)
        self._finish(claim, hp, outcome, time.monotonic() - started)
        clear()

    def _should_stop(self, claim: Claim, progress: Any) -> bool:
        """Whether the trial is stopped early; a builder's own number has no epochs to save."""
        if progress.model is None or progress.best_value is None:
            return False
        with self._stopping:
            return self.early_stopping.should_stop(
                claim.number, progress.epochs, progress.best_value
            )

    def _finish(self, claim: Claim, hp: Any, outcome: Any, seconds: float) -> None:
        """Write how the trial ended; whoever ended it first is right."""
        progress = outcome.progress
        result = {
            "history": progress.history,
            "best_epoch": progress.best_epoch,
            "seconds": seconds,
            "failure": outcome.failure,
            "message": outcome.message,
            "num_parameters": progress.num_parameters,
            "timings": progress.timings,
            "judged_from": self.early_stopping.judged_from(self.store.record(claim.number)),
        }
        if outcome.state != "failed":
            result["unused"] = sorted(set(claim.params) - set(hp.used))
        with self._stopping, self.store.locked():
            if outcome.state == "complete" and progress.model is not None:
                result["model_file"] = keep_model(
                    self.directory, self.store, self.plan, claim.number, progress
                )
            self.store.finish(claim.number, outcome.state, outcome.value, result)
            forget_dropped(self.directory, self.store, self.plan)
            self._current = None

    def _show(self, claim: Claim, progress: Any) -> None:
        """Tell the screen what this worker is doing; may be lost."""
        doing = {
            "number": claim.number,
            "epoch": progress.epochs,
            "epochs": self.plan.training.epochs,
            "value": progress.best_value,
        }
        try:
            write_json(self.directory.live_file(self.name), doing)
        except OSError as error:
            logger.warning("cannot write the progress of trial %d: %s", claim.number, error)

    def _leave_error(self, error: HpsearchError) -> None:
        facts = {
            "kind": error.kind,
            "message": error.message,
            "hint": error.hint,
            "input": isinstance(error, InputError),
        }
        write_json(self.directory.worker_error(self.name), facts)

    def give_back(self) -> None:
        """Leave the running trial to another worker."""
        with self._stopping:
            claim, self._current = self._current, None
            if claim is not None:
                with self.store.locked():
                    self.store.give_back(claim.number)
        self.directory.live_file(self.name).unlink(missing_ok=True)
        self.life.end()

    def stop(self) -> None:
        """Give the running trial back and end this process at once; the partial epoch is lost."""
        self.give_back()
        os._exit(STOPPED_STATUS)
