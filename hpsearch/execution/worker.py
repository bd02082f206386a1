"""The worker: claims trials and trains them until nothing is left to claim."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hpsearch.data.data_card import DataCard
from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution.attempt import Attempt
from hpsearch.execution.checkpoints import Checkpoint, Checkpoints, forget_ended
from hpsearch.execution.claims import Claim, Claims
from hpsearch.execution.early_stopping import EarlyStopping
from hpsearch.execution.gap import Gap
from hpsearch.execution.growth import Growth
from hpsearch.execution.kept_models import forget_dropped, keep_model
from hpsearch.execution.live_file import show_progress
from hpsearch.execution.liveness import WorkerLife
from hpsearch.execution.statuses import FAILED_STATUS, RECYCLED_STATUS, STOPPED_STATUS
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import draw_value
from hpsearch.spaces import Parameter, SearchSpace, Value, load_space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json
from hpsearch.storage.database import PATIENCE_SECONDS, redone
from hpsearch.training.precision import Arithmetic, check_precision, own_capability
from hpsearch.training.process import clear, keep_what_is_loaded, prepare_process
from hpsearch.training.reuse import LoopCache

if TYPE_CHECKING:
    from hpsearch.training.progress import Progress
    from hpsearch.training.snapshot import Snapshot
    from hpsearch.training.trial import Outcome

logger = logging.getLogger(__name__)


@dataclass
class Worker:
    """One process that trains trials.

    Args:
        directory: The run directory.
        name: The worker's name.
        threads: Threads for TensorFlow.
        gpu_memory: MiB of its GPU that it may fill; None: as much as it needs.
        leave_process: Ends this process with a status, whatever its threads are doing.
    """

    directory: RunDirectory
    name: str
    threads: int = 1
    gpu_memory: int | None = None
    leave_process: Callable[[int], object] = os._exit
    _current: Claim | None = None
    _attempt: Attempt | None = None
    _arrays: Any = None
    _card: DataCard | None = None
    _loops: LoopCache = field(default_factory=LoopCache)
    _stopping: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gap = Gap()
        self.life = WorkerLife(self.directory, self.name)
        self.plan = StudyPlan.read(self.directory)
        self.store = StudyStore(self.directory, patience=PATIENCE_SECONDS)
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
            self._prepare()
            loaded = load_space(self.plan.reference)
            self.plan.data.bind(loaded.space)
            self.checkpoints = Checkpoints(self.directory, loaded.code_hash)
            self._load_data(loaded.space)
            keep_what_is_loaded()
            self.gap.begin()
            while (claim := self._claim()) is not None:
                self._train(loaded.space, claim)
                clear()
                self._loops.tidy()
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
        with self._stopping, self.gap.spent_on("claim"):
            self._current = self.claims.claim(self.name)
        return self._current

    def _prepare(self) -> None:
        deterministic = self.plan.training.deterministic
        prepare_process(self.threads, self.gpu_memory, deterministic=deterministic)
        check_precision(self.plan.training.precision, own_capability())

    def _load_data(self, search_space: SearchSpace) -> None:
        from hpsearch.training.arrays import make_arrays

        dataset, data = self.plan.data.dataset(search_space), self.plan.data.load(search_space)
        if dataset is not None and data is not None:
            self._arrays, self._card = make_arrays(data), DataCard.of(dataset, data)

    def _train(self, search_space: SearchSpace, claim: Claim) -> None:
        """Train a trial, from where an earlier attempt stopped if that can be used."""
        from hpsearch.training.snapshot import SnapshotRefused

        before = self.checkpoints.read(claim)
        try:
            self._attempt_trial(search_space, claim, before)
        except SnapshotRefused as error:
            self.checkpoints.refuse(claim, str(error))
            clear()
            self._attempt_trial(search_space, claim, None)

    def _attempt_trial(
        self, search_space: SearchSpace, claim: Claim, before: Checkpoint | None
    ) -> None:
        """Train a trial and write how it ended.

        Where hpsearch itself chose a lower precision, what diverges in it is trained in float32.
        """
        lower = self.plan.training.settings().arithmetic.is_chosen_lower
        attempt = self._begin(claim, before)
        outcome = self._outcome(search_space, attempt)
        if outcome.failure == "diverged" and lower and not attempt.in_float32:
            logger.info("trial %d diverged and is trained again in float32", claim.number)
            clear()
            attempt = self._begin(claim, None, attempt)
            outcome = self._outcome(search_space, attempt)
        self.claims.record_discoveries(claim, attempt.hp.discovered, attempt.hp.values)
        self._finish(attempt, outcome)

    def _outcome(self, search_space: SearchSpace, attempt: Attempt) -> Outcome:
        """Train a trial from the start, or from where an earlier attempt stopped."""
        from hpsearch.training.progress import Progress
        from hpsearch.training.trial import Pruned, run_trial

        claim, before = attempt.claim, attempt.before
        settings = replace(self.plan.training.settings(), loops=self._loops)
        if attempt.in_float32:
            settings = replace(settings, arithmetic=Arithmetic())

        def on_epoch(progress: Progress) -> None:
            self._show(claim, progress)
            if self._should_stop(claim, progress):
                raise Pruned
            attempt.note(progress, self.plan.training.epochs)

        resume = None if before is None else before.snapshot
        self._show(claim, resume or Progress())
        return run_trial(
            search_space,
            attempt.hp,
            self._arrays_for(claim),
            settings,
            claim.seed,
            on_epoch,
            resume,
        )

    def _arrays_for(self, claim: Claim) -> Any:
        """The data, or what was drawn of the training images for this trial."""
        replicates = self.plan.replicates
        draw = None if replicates is None else replicates.draw_of(claim.candidate)
        return self._arrays if draw is None else replace(self._arrays, draw=draw)

    def _begin(
        self, claim: Claim, before: Checkpoint | None, diverged: Attempt | None = None
    ) -> Attempt:
        """The attempt, from which on a stop keeps what was reached."""
        from hpsearch.training.hyperparameters import LiveHyperParameters

        drawn: Mapping[str, Value] = {} if before is None else before.drawn

        def draw(parameter: Parameter) -> Value:
            if parameter.name in drawn:
                return drawn[parameter.name]
            return draw_value(parameter, parameter.label, self.plan.seed, claim.index)

        hp = LiveHyperParameters(claim.space, claim.params, draw, self.plan.overrides)
        with self._stopping:
            self.store.forget_rungs(
                claim.number, after=0 if before is None else before.snapshot.epochs
            )
            gap = self.gap.seconds() if diverged is None else diverged.gap
            repeats = None if diverged is None else diverged.seconds
            self._attempt = Attempt(claim, hp, before, gap, repeats)
        return self._attempt

    def _should_stop(self, claim: Claim, progress: Any) -> bool:
        """Whether the trial is stopped early; a builder's own number has no epochs to save."""
        if progress.model is None or progress.best_value is None:
            return False
        with self._stopping:
            return self.early_stopping.should_stop(
                claim.number, progress.epochs, progress.best_value
            )

    def _finish(self, attempt: Attempt, outcome: Outcome) -> None:
        """Write how the trial ended; whoever ended it first is right."""
        claim, progress = attempt.claim, outcome.progress
        result: dict[str, Any] = {
            "history": progress.history,
            "best_epoch": progress.best_epoch,
            "seconds": attempt.seconds,
            "failure": outcome.failure,
            "message": outcome.message,
            "num_parameters": progress.num_parameters,
            "timings": {**progress.timings, **attempt.gap},
            "resumed": attempt.resumed,
            "judged_from": self.early_stopping.judged_from(self.store.record(claim.number)),
        }
        if progress.fold_values:
            result["fold_values"] = list(progress.fold_values)
        if progress.seam is not None:
            result["seam"] = progress.seam
        if progress.reused:
            result["reused"] = True
        if attempt.in_float32:
            result["in_float32"] = True
        if progress.unshared:
            result["unshared"] = progress.unshared
        if outcome.state != "failed":
            result["unused"] = sorted(set(claim.params) - set(attempt.hp.used))
        self.gap.begin()
        with self._stopping, self.gap.spent_on("storage"):
            self._end(claim, outcome, result)
            self._current = self._attempt = None

    @redone
    def _end(self, claim: Claim, outcome: Any, result: dict[str, Any]) -> None:
        progress = outcome.progress
        with self.store.locked():
            if self.store.record(claim.number).is_finished:
                return  # somebody took this worker for dead, or it is done and was not heard of
            if outcome.state == "complete" and progress.model is not None:
                result["model_file"] = keep_model(
                    self.directory, self.store, self.plan, claim.number, progress, self._card
                )
            self.store.finish(claim.number, outcome.state, outcome.value, result)
            self.checkpoints.delete(claim.number)
            forget_dropped(self.directory, self.store, self.plan)

    def _show(self, claim: Claim, progress: Progress | Snapshot) -> None:
        epochs = self.plan.training.epochs
        show_progress(self.directory, self.name, claim.number, progress, epochs)

    def _leave_error(self, error: HpsearchError) -> None:
        facts = {
            "kind": error.kind,
            "message": error.message,
            "hint": error.hint,
            "input": isinstance(error, InputError),
        }
        write_json(self.directory.worker_error(self.name), facts)

    def give_back(self) -> None:
        """Leave the running trial to another worker, with what it has reached."""
        with self._stopping:
            self._leave()

    def _leave(self) -> None:
        claim, self._current = self._current, None
        if claim is not None:
            self._write_checkpoint(claim)
            self._give_back(claim)
        self.directory.live_file(self.name).unlink(missing_ok=True)
        self.life.end()

    @redone
    def _give_back(self, claim: Claim) -> None:
        with self.store.locked():
            if not self.store.give_back(claim.number):
                forget_ended(self.directory, self.store.records())

    def _write_checkpoint(self, claim: Claim) -> None:
        """Write where the trial stands, if it has trained an epoch here."""
        attempt = self._attempt
        checkpoint = attempt.checkpoint() if attempt and attempt.claim is claim else None
        if checkpoint is not None and self.checkpoints.write(claim, checkpoint):
            epochs = checkpoint.snapshot.epochs
            logger.info("trial %d is given back after epoch %d", claim.number, epochs)

    def stop(self) -> None:
        """Give the running trial back and end this process at once; the partial epoch is lost.

        Waits for a claim or an end that is being written. The lock is never freed, so that
        nothing is claimed or ended while the process goes.
        """
        self.store.hurry()
        self._stopping.acquire()
        status = FAILED_STATUS
        try:
            self._leave()
            status = STOPPED_STATUS
        except Exception:
            logger.exception("the running trial could not be given back")
        finally:
            self.leave_process(status)
