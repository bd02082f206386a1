"""Claims: which worker trains what, exactly as many trials as the budget allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.execution.checkpoints import forget_ended
from hpsearch.execution.hopeless import is_hopeless
from hpsearch.execution.liveness import Watch
from hpsearch.execution.sessions import Asked, Sessions
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.trial_order import TrialOrder
from hpsearch.execution.worker_logs import last_words
from hpsearch.search import Observation, Sampler, derive_seed, expected_ends, observe
from hpsearch.search.encoding import stored_distribution
from hpsearch.spaces import Parameter, Space, Value
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord
from hpsearch.storage.atomic import write_json
from hpsearch.storage.database import redone
from hpsearch.storage.tally import tally_of


@dataclass(frozen=True)
class Claim:
    """A trial that a worker owns.

    Args:
        number: The trial's number.
        index: Its position among the proposals.
        seed: Its training seed.
        params: Its values by name.
        space: The space as known when it was claimed.
        candidate: Which of the given configurations it is; None in a search.
    """

    number: int
    index: int
    seed: int
    params: Mapping[str, Value]
    space: Space
    candidate: int | None = None


class Claims:
    """Gives trials of one study to workers; safe among any number of processes.

    Args:
        directory: The run directory.
        store: Its study storage.
        plan: Its plan.
        budget: Number of trials that may finish; None for what the newest invocation says.
    """

    def __init__(
        self,
        directory: RunDirectory,
        store: StudyStore,
        plan: StudyPlan,
        budget: int | None = None,
    ) -> None:
        self.directory = directory
        self.store = store
        self.plan = plan
        self._budget = budget
        self._sessions = Sessions(directory)
        self._seen_dead: set[tuple[int, str]] = set()
        self._watch = Watch(directory)
        self._space_stamp = -1
        self._space = Space()
        self._sampler: Sampler | None = None
        self._observed: list[Observation] = []
        self._open: dict[int, TrialRecord] = {}
        self._given: set[int] = set()
        self._order = TrialOrder()

    @property
    def budget(self) -> int:
        """Number of trials that may finish."""
        return self.asked.trials if self._budget is None else self._budget

    @property
    def asked(self) -> Asked:
        """What the newest invocation asked for."""
        return self._sessions.asked()

    @redone
    def claim(self, worker: str) -> Claim | None:
        """Take a trial: one that was given back, a second try, or a new one.

        Returns:
            None when nothing is left to take.
        """
        with self.store.locked():
            claim = self._take(worker)
        if claim is not None:
            self._given.add(claim.number)
            self._order.took(claim.params, claim.space)
        return claim

    def _take(self, worker: str) -> Claim | None:
        records = self.store.records()
        forget_ended(self.directory, records.tally.unfinished)
        unheard = self._unheard(records.tally.unfinished, worker)
        if unheard is not None:
            return self._as_claim(unheard.number, unheard)
        tally = records.tally
        waiting = next((r for r in tally.unfinished if r.state == "waiting"), None)
        if waiting is not None:
            self.store.take(waiting.number, worker)
            return self._as_claim(waiting.number, waiting)
        if tally.due_retries:
            return self._retry(tally.due_retries[0], worker)
        if remaining(records, self.budget) <= 0 or is_hopeless(records):
            return None
        return self._new(records, worker)

    def _unheard(self, unfinished: Sequence[TrialRecord], worker: str) -> TrialRecord | None:
        """A trial that the worker has claimed, and the answer to which a lost connection took."""
        own = (r for r in unfinished if r.state == "running" and r.worker == worker)
        return next((r for r in own if r.number not in self._given), None)

    def _as_claim(self, number: int, record: TrialRecord) -> Claim:
        space, candidate = self.space(), record.candidate
        return Claim(number, record.index, record.seed, record.params, space, candidate)

    def _retry(self, lost: TrialRecord, worker: str) -> Claim:
        attributes = {"retry_of": lost.number, "index": lost.index, "seed": lost.seed}
        for name in ("candidate", "replicate_of"):
            if getattr(lost, name) is not None:
                attributes[name] = getattr(lost, name)
        number = self._create(lost.params, worker, attributes)
        return self._as_claim(number, lost)

    @redone
    def is_over(self) -> bool:
        """Whether nothing is left to do: no trial is under way and no other one would be begun."""
        with self.store.locked():
            records = self.store.records()
            if is_under_way(records):
                return False
            return remaining(records, self.budget) <= 0 or self._next(records)[0] is None

    def _new(self, records: Sequence[TrialRecord], worker: str) -> Claim | None:
        params, attributes = self._next(records)
        if params is None:
            return None
        number = self._create(params, worker, attributes)
        space, candidate = self.space(), attributes.get("candidate")
        return Claim(number, attributes["index"], attributes["seed"], params, space, candidate)

    def _next(
        self, records: Sequence[TrialRecord]
    ) -> tuple[Mapping[str, Value] | None, dict[str, Any]]:
        """The values of the next new trial, None if there is none, and what else is known of it."""
        tally = tally_of(records)
        if self.plan.replicates is not None:
            attributes = self._attributes(tally.num_first_tries)
            return self._next_replicate(records, attributes), attributes
        sampler, observations = self._current_sampler(), self._observe(records)
        left, running = remaining(records, self.budget), len(tally.unfinished)
        attributes = self._attributes(self._order.next_index(sampler, left, running))
        proposal = sampler.propose(attributes["index"], observations)
        if proposal is None:
            return None, attributes
        if proposal.replicate_of is not None:
            attributes["replicate_of"] = proposal.replicate_of
        return proposal.params, attributes

    def _attributes(self, index: int) -> dict[str, Any]:
        return {"index": index, "seed": derive_seed(self.plan.seed, index)}

    def _next_replicate(
        self, records: Sequence[TrialRecord], attributes: dict[str, Any]
    ) -> Mapping[str, Value] | None:
        """The configuration to train with another seed; enters which one into the attributes."""
        assert self.plan.replicates is not None
        direction = self.plan.training.direction
        candidate = self.plan.replicates.next_candidate(records, direction)
        if candidate is None:
            return None
        attributes["candidate"] = candidate
        return self.plan.replicates.candidates[candidate]

    def _current_sampler(self) -> Sampler:
        space = self.space()
        if self._sampler is None or self._sampler.space is not space:
            self._sampler = self.plan.sampler(space, self.directory)
        return self._sampler

    def _observe(self, records: Sequence[TrialRecord]) -> list[Observation]:
        """The trials as observations, the same objects for those that have not changed.

        A pruned trial counts as what it would have come to: what it showed early is no match
        for what others showed in the end.
        """
        changed = [number for number in self._open if number < len(records)]
        for number in (*changed, *range(len(self._observed), len(records))):
            self._look_at(number, records[number])
        seen = list(self._observed)
        if tally_of(records).num_pruned:
            for number, value in expected_ends(records).items():
                seen[number] = replace(seen[number], value=value)
        return seen

    def _look_at(self, number: int, record: TrialRecord) -> None:
        """Take over a trial that is new or was not finished; a finished one stays as it is."""
        if number == len(self._observed):
            self._observed.append(observe(record))
        elif self._open[number] is not record:
            self._observed[number] = observe(record)
        self._open[number] = record
        self._order.enter(record, self.space())
        if record.is_finished:
            del self._open[number]

    def _create(
        self, params: Mapping[str, Value], worker: str, attributes: Mapping[str, Any]
    ) -> int:
        space = self.space()
        active = [p for p in space.active(params) if p.name in params]
        return self.store.create_trial(
            {space.key(p): params[p.name] for p in active},
            {space.key(p): stored_distribution(p) for p in active},
            {"params": dict(params), "worker": worker, **attributes},
        )

    def space(self) -> Space:
        """The space of the study as it is known now, discoveries included."""
        stamp = self.directory.space_file.stat().st_mtime_ns
        if stamp != self._space_stamp:
            self._space = Space.from_json(self.directory.read_json(self.directory.space_file))
            self._space_stamp = stamp
        return self._space

    @redone
    def record_discoveries(
        self, claim: Claim, discovered: Sequence[Parameter], values: Mapping[str, Value]
    ) -> None:
        """Add hyperparameters met for the first time to the space and to their trial.

        Args:
            claim: The trial that met them.
            discovered: The hyperparameters.
            values: The trial's values; those that are not active have none.
        """
        if not discovered:
            return
        with self.store.locked():
            space = self.space()
            for parameter in discovered:
                space = space.with_parameter(parameter)
            if space is not self._space:
                write_json(self.directory.space_file, space.to_json())
            if self.store.record(claim.number).is_finished:
                return  # somebody took this worker for dead and ended the trial
            met = {p.name: values[p.name] for p in discovered if p.name in values}
            for parameter in discovered:
                if parameter.name in met:
                    self.store.add_param(
                        claim.number,
                        space.key(parameter),
                        met[parameter.name],
                        stored_distribution(parameter),
                    )
            self.store.set_attributes(claim.number, {"discovered": met})

    def end_dead(self, own: Collection[str] = (), *, at_once: bool = True) -> list[int]:
        """End the running trials of workers that are dead; they are tried again once.

        Args:
            own: Workers to leave alone: whoever started them knows better how they ended.
            at_once: Otherwise a worker must be found dead twice: whoever started it, on this
                machine, comes first then.

        Returns:
            The numbers of the trials ended.
        """
        running = [r for r in self._unfinished() if r.state == "running" and r.worker not in own]
        dead = {(r.number, r.worker) for r in running if not self._watch.is_alive(r.worker)}
        certain, self._seen_dead = dead if at_once else dead & self._seen_dead, dead
        return self._end(lambda r: (r.number, r.worker) in certain, "lost", self._lost_message)

    def _unfinished(self) -> tuple[TrialRecord, ...]:
        """The trials that are running or waiting now."""
        return self.store.records().tally.unfinished

    def _lost_message(self, record: TrialRecord) -> str:
        words = last_words(self.directory, record.worker)
        return f"worker {record.worker} vanished\n{words}".strip()

    def end_of_worker(self, worker: str, failure: str, message: str) -> list[int]:
        """End the running trials of one worker that is known to be dead."""
        return self._end(lambda record: record.worker == worker, failure, lambda record: message)

    @redone
    def _end(
        self,
        chosen: Callable[[TrialRecord], bool],
        failure: str,
        message: Callable[[TrialRecord], str],
    ) -> list[int]:
        """End the chosen ones of the running trials, as they are now."""
        ended: list[int] = []
        if not any(r.state == "running" and chosen(r) for r in self._unfinished()):
            return ended
        with self.store.locked():
            for record in self._unfinished():
                if record.state == "running" and chosen(record):
                    result = {"failure": failure, "message": message(record)}
                    if self.store.finish(record.number, "failed", None, result):
                        ended.append(record.number)
            forget_ended(self.directory, self.store.records())
        return ended


def remaining(records: Sequence[TrialRecord], budget: int) -> int:
    """How many trials may still be started: the budget less those finished or under way."""
    tally = tally_of(records)
    return budget - tally.num_counted - len(tally.unfinished) - len(tally.due_retries)


def is_spent(records: Sequence[TrialRecord], budget: int) -> bool:
    """Whether as many trials as the budget allows have finished and none is under way."""
    return not is_under_way(records) and tally_of(records).num_counted >= budget


def is_under_way(records: Sequence[TrialRecord]) -> bool:
    """Whether a trial is running, waits to be taken up, or has to be tried again."""
    tally = tally_of(records)
    return bool(tally.unfinished or tally.due_retries)
