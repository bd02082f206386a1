"""Timing a study's own configurations: what they cost, and in which arithmetic they train best."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hpsearch.errors import InputError
from hpsearch.execution.precision_probe import (
    Beside,
    Here,
    Rival,
    Timing,
    TrainerLost,
    candidates,
    choose_arithmetic,
    has_choice,
    images_a_round,
    is_clear,
    pays,
    time_in_turns,
)
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import draw_value
from hpsearch.spaces import Choice, Parameter, Space, Value
from hpsearch.training.precision import FLOAT32, Arithmetic, compute_in, own_capability
from hpsearch.training.process import clear, seed_everything

if TYPE_CHECKING:
    from hpsearch.execution.trainer import Trainer
    from hpsearch.training.costs import Costs, Warm

PROBED_CONFIGURATIONS = 3
MIDDLE_OF = 3
"""Values of a range, the middle one of which is taken."""
SHARE_OF_STUDY = 0.001
"""Of the time a study will take: as long as all configurations that are timed may take."""


@dataclass(frozen=True)
class TimingProbe:
    """The configurations that are timed: the middle of the space, and two random points.

    The defaults are often the smallest model, and those that are trained are larger. Choices,
    which may make models of quite different kinds, take their values in turn.

    Args:
        plan: The study to be.
        search_space: Which builds the models.
        space: What it declares, with the user's changes.
        arrays: The data.
        beside: A process that gets the model of another arithmetic ready at the same time.
    """

    plan: StudyPlan
    search_space: Any
    space: Space
    arrays: Any
    beside: Trainer | None = None

    def configurations(self) -> Iterator[dict[str, Any]]:
        """Those that stand for the space."""
        for index in range(PROBED_CONFIGURATIONS):
            yield self.space.choose(lambda p, i=index: self._value(p, i))

    def _value(self, parameter: Parameter, index: int) -> Value:
        """That of a configuration; the first one has the middle of each range."""
        if index and not isinstance(parameter, Choice):
            return draw_value(parameter, self.space.key(parameter), self.plan.seed, -index)
        values = parameter.grid_values(MIDDLE_OF) if parameter.is_ordered else ()
        middle = values[len(values) // 2] if values else parameter.default_value
        if not isinstance(parameter, Choice):
            return middle
        return parameter.value_at((parameter.index_of(middle) + index) % len(parameter.values))

    def measured(self, trials: float, epochs_to_train: float | None) -> dict[str, Any]:
        """Seconds an epoch and a trial besides, features, and how to compute, where that is asked.

        Further configurations than the first are timed where it does not tell enough, while that
        is little beside the study; if none of them can be trained, the defaults. Nothing is told
        if these cannot be, either.

        Args:
            trials: That one worker will train.
            epochs_to_train: That it will train at most; None where it is known how to compute.

        Raises:
            InputError: A model does not report the objective.
        """
        from hpsearch.training.costs import features_of

        arithmetics = [] if epochs_to_train is None else candidates(own_capability())
        known: list[tuple[dict[str, Any], Costs]] = []
        rows: list[list[Timing]] = []
        seconds = 0.0
        for values in self._until_one_trains(known):
            started = time.monotonic()
            self._get_ready_beside(values, arithmetics)
            costs, warm = self._costs_of(values)
            if costs is not None:
                known.append((values, costs))
                if epochs_to_train is not None and self._pays(*known[0], epochs_to_train):
                    rows.append(self._row(values, costs, arithmetics, warm))
            warm.clear()
            clear()
            seconds += time.monotonic() - started
            if known and seconds * (1 + 1 / len(known)) > self._allowed(known[0][1], trials):
                break
            if known and self._tells_enough(known, rows, arithmetics):
                break
        if not known:
            return {}
        arithmetic = None
        if epochs_to_train is not None:
            arithmetic = self._arithmetic(known, rows)
        found = [costs for _, costs in known]
        per_epoch = sum(own.seconds_per_epoch for own in found) / len(found)
        return {
            "seconds_per_epoch": per_epoch / (1.0 if arithmetic is None else arithmetic.gain),
            "seconds_per_trial": sum(own.seconds_besides for own in found) / len(found),
            "features": [asdict(own) for own in features_of(found)],
            "arithmetic": None if arithmetic is None else asdict(arithmetic),
        }

    def _until_one_trains(self, known: Collection[Any]) -> Iterator[dict[str, Any]]:
        yield from self.configurations()
        if not known:
            yield self.space.defaults()

    def _allowed(self, costs: Costs, trials: float) -> float:
        """Seconds that timing several configurations may take beside so many trials."""
        epochs = self.plan.training.epochs * costs.seconds_per_epoch
        return SHARE_OF_STUDY * trials * (costs.seconds_besides + epochs)

    def _tells_enough(
        self,
        known: Sequence[tuple[dict[str, Any], Costs]],
        rows: Sequence[Sequence[Timing]],
        arithmetics: Sequence[Arithmetic],
    ) -> bool:
        """Whether other configurations would tell nothing that the study's plan rests on.

        Spaces in which something is frozen may have several bases; on a GPU XLA is chosen, too.
        """
        capability = own_capability()
        if capability is not None or any(costs.features for _, costs in known):
            return False
        return len(arithmetics) < 2 or is_clear(arithmetics, [row for row in rows if row])

    def _pays(self, values: dict[str, Any], costs: Costs, epochs: float) -> bool:
        """Whether there is something to compare, and the study is long enough for that.

        Args:
            values: The first configuration.
            costs: Its, in float32.
            epochs: That one worker will train at most.
        """
        each = self._seconds_an_image(costs)
        a_round = each * images_a_round(each, self._batch_size(values))
        training = costs.seconds_per_epoch * epochs
        return has_choice(own_capability()) and pays(costs.seconds_besides, a_round, training)

    def _arithmetic(
        self, known: Sequence[tuple[dict[str, Any], Costs]], rows: Sequence[Sequence[Timing]]
    ) -> Arithmetic:
        """How to compute.

        Args:
            known: The configurations that can be trained, with their costs in float32.
            rows: Their timings; none where comparing does not pay.
        """
        capability = own_capability()
        if has_choice(capability) and not rows:
            return Arithmetic(reason="the study is too short for a probe of others to pay")

        def time_again(arithmetics: Sequence[Arithmetic]) -> list[list[Timing]]:
            again = []
            for values, costs in known:
                again.append(self._row(values, costs, arithmetics, []))
                clear()
            return [row for row in again if row]

        return choose_arithmetic([row for row in rows if row], capability, time_again)

    def _seconds_an_image(self, costs: Costs) -> float:
        return costs.seconds_per_epoch / max(1, int(self.arrays.num_train))

    def _get_ready_beside(self, values: dict[str, Any], arithmetics: Sequence[Arithmetic]) -> None:
        """Have the second arithmetic's model built while this process builds that of float32."""
        if self.beside is None or len(arithmetics) < 2:
            return
        with suppress(TypeError, ValueError):  # a batch size that is no number, as is seen next
            batch_size = self._batch_size(values)
            self.beside.get_ready(values, batch_size, arithmetics[1].precision)

    def _row(
        self,
        values: dict[str, Any],
        costs: Costs,
        arithmetics: Sequence[Arithmetic],
        warm: Sequence[Warm],
    ) -> list[Timing]:
        """A configuration in each arithmetic; nothing if it cannot be trained.

        Args:
            values: The configuration.
            costs: Its, in float32.
            arithmetics: What is compared.
            warm: Its model in the first arithmetic, where that can be trained on.
        """
        try:
            images = images_a_round(self._seconds_an_image(costs), self._batch_size(values))
            return time_in_turns(list(self._rivals(values, arithmetics, warm)), images)
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return []
        finally:
            compute_in(FLOAT32)

    def _rivals(
        self, values: dict[str, Any], arithmetics: Sequence[Arithmetic], warm: Sequence[Warm]
    ) -> Iterator[Rival]:
        """A configuration in each arithmetic, all from equal weights and trained on as much."""
        counts = warm[0].counts if warm else (self._batch_size(values),)
        for index, arithmetic in enumerate(arithmetics):
            if index == 0 and warm:
                yield Here(warm[0].loop)
            else:
                beside = self._beside(counts) if index == 1 else None
                yield beside or self._here(values, arithmetic, counts)

    def _beside(self, counts: Sequence[int]) -> Rival | None:
        """What has been made ready by a step in the process beside; None if it could not be."""
        if self.beside is None:
            return None
        try:
            rival = Beside(self.beside)
            for count in counts[1:]:
                rival.train_images(count)
        except TrainerLost:
            return None
        return rival

    def _here(self, values: dict[str, Any], arithmetic: Arithmetic, counts: Sequence[int]) -> Rival:
        from hpsearch.training.costs import probing_loop
        from hpsearch.training.exact_outputs import built_in

        seed_everything(self.plan.seed)
        model = built_in(arithmetic.precision, partial(self._build, values))
        loop = probing_loop(model, self.arrays, self._batch_size(values), xla=arithmetic.xla)
        for count in counts:
            loop.train_images(count)
        return Here(loop)

    def _build(self, values: dict[str, Any]) -> Any:
        return self.search_space(self._live(values))

    def _live(self, values: dict[str, Any]) -> Any:
        from hpsearch.training.hyperparameters import LiveHyperParameters

        return LiveHyperParameters(self.space, values)

    def _batch_size(self, values: dict[str, Any]) -> int:
        """Images a step; a builder may ask for a batch size that the space does not know yet."""
        return int(self._live(values).values.get("batch_size", self.plan.training.batch_size))

    def _costs_of(self, values: dict[str, Any]) -> tuple[Costs | None, list[Warm]]:
        """What one configuration costs, and its model; None if it cannot be trained."""
        from hpsearch.training.costs import costs_of
        from hpsearch.training.exact_outputs import built_in

        seed_everything(self.plan.seed)
        try:
            batch_size = self._batch_size(values)
            training = self.plan.training
            found = costs_of(
                partial(built_in, training.precision, partial(self._build, values)),
                self.arrays,
                batch_size,
                training.epochs,
                lambda names: check_objective(training.objective, list(names)),
            )
        except InputError:
            raise
        except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
            return None, []
        return replace(found, warm=None), [] if found.warm is None else [found.warm]


def check_objective(objective: str, names: Collection[str]) -> None:
    """Refuse an objective that is not reported after an epoch.

    Args:
        objective: What was asked for.
        names: What is reported.

    Raises:
        InputError: It is not among them; the message lists them.
    """
    if objective not in names:
        raise InputError(
            f"The model reports no '{objective}', only {', '.join(names)}.",
            "Give one of these with --objective, or compile the model with that metric.",
        )
