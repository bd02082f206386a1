"""Choosing how a study computes: its own models are timed on its own data in each way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

from hpsearch.training.precision import Arithmetic, lower_precisions
from hpsearch.training.throughput import ROUNDS, fastest_rounds

if TYPE_CHECKING:
    from hpsearch.execution.trainer import Trainer
    from hpsearch.training.loop import EpochLoop

LEAST_GAIN = 1.15  # less is not worth another arithmetic
LOSS_TOLERANCE = 0.1  # of the loss in float32: rounding alone moves it by some hundredths
CLEAR_GAIN, CLEAR_LOSS = 1.05, 0.05
"""A gain so many times the least one, or so many times less, and a loss by so much within its
tolerance or beyond, would hardly be others with another configuration."""
SHARE_OF_TRAINING = 0.1
"""Of the training by one worker in float32: as long as comparing arithmetics may take."""
ROUND_SECONDS = 0.2
MOST_IMAGES, LEAST_STEPS = 1024, 4
"""Of a round."""


def images_a_round(seconds_an_image: float, batch_size: int) -> int:
    """Enough to take the time by, but of slow models only as many as the loss needs.

    Args:
        seconds_an_image: Of training in float32.
        batch_size: Images a step.
    """
    quick = int(ROUND_SECONDS / seconds_an_image) if seconds_an_image else MOST_IMAGES
    return max(min(quick, MOST_IMAGES), LEAST_STEPS * batch_size)


def pays(seconds_besides: float, seconds_a_round: float, training: float) -> bool:
    """Whether a probe may time a configuration in two arithmetics.

    Args:
        seconds_besides: Of building and tracing it.
        seconds_a_round: Of training it in float32.
        training: Seconds that one worker will train in float32.
    """
    return 2 * (seconds_besides + ROUNDS * seconds_a_round) <= SHARE_OF_TRAINING * training


@dataclass(frozen=True)
class Timing:
    """What one configuration showed in one arithmetic.

    Args:
        seconds: For an image.
        loss: Mean over the last images; the same images in the same order for all arithmetics.
        rounded: Whether its outputs are in lower precision, too.
    """

    seconds: float
    loss: float
    rounded: bool = False


Rows = Sequence[Sequence[Timing]]
"""A row for each configuration that can be trained, in it a timing for each arithmetic."""


def candidates(capability: float | None) -> list[Arithmetic]:
    """What the hardware may compute in, float32 first.

    Args:
        capability: Compute capability of the GPU; None without GPUs.
    """
    return [Arithmetic(), *map(Arithmetic, lower_precisions(capability))]


def has_choice(capability: float | None) -> bool:
    """Whether there is anything to compare; on GPUs there is XLA.

    Args:
        capability: Compute capability of the GPU; None without GPUs.
    """
    return capability is not None or len(candidates(None)) > 1


def choose_arithmetic(
    rows: Rows,
    capability: float | None,
    time_again: Callable[[Sequence[Arithmetic]], Rows],
) -> Arithmetic:
    """The fastest arithmetic that trains as well as float32; float32 if none is clearly faster.

    First the precision; then, on a GPU, whether XLA makes it faster still.

    Args:
        rows: Timings of the study's configurations in each of the candidates.
        capability: Compute capability of the GPU; None without GPUs, where XLA is 5 times slower.
        time_again: Times the same configurations in other arithmetics.
    """
    if not has_choice(capability):
        return Arithmetic(reason="this processor has nothing faster")
    chosen = better_one(candidates(capability), rows)
    if capability is None:
        return chosen
    compiled = replace(chosen, xla=True, gain=1.0)
    pair = [replace(chosen, gain=1.0), compiled]
    faster = better_one(pair, time_again(pair))
    if not faster.xla:
        return chosen
    told = f"{chosen.reason}; XLA: {faster.reason}"
    return replace(faster, gain=chosen.gain * faster.gain, reason=told)


def better_one(compared: Sequence[Arithmetic], rows: Rows) -> Arithmetic:
    """The fastest of the candidates that trains as well as the first; it, if none is clearly so.

    Args:
        compared: The arithmetics; the first is what the others are measured by.
        rows: Timings of the study's configurations in each of them.
    """
    first = compared[0]
    if len(compared) == 1:
        return replace(first, reason="the hardware has nothing faster")
    if not rows:
        return replace(first, reason="no configuration could be timed")
    gains = {a: _gain(rows, index) for index, a in enumerate(compared)}
    flaws = {a: _flaw(rows, index) for index, a in enumerate(compared)}
    sound = [a for a in compared[1:] if not flaws[a]]
    best = max(sound, key=gains.__getitem__, default=first)
    if gains[best] < LEAST_GAIN:
        found = [flaws[a] or f"{gains[a]:.2f}× as fast" for a in compared[1:]]
        told = ", ".join(f"{_name(a)} {how}" for a, how in zip(compared[1:], found, strict=True))
        return replace(first, reason=f"{told} in a timed probe of {_models(rows)}")
    reason = f"{gains[best]:.2f}× as fast as {_name(first)} in a timed probe of {_models(rows)}"
    return replace(best, gain=gains[best], reason=f"{reason}, with the same loss")


def is_clear(compared: Sequence[Arithmetic], rows: Rows) -> bool:
    """Whether further configurations would hardly change which one is the better.

    Args:
        compared: The arithmetics; the first is what the others are measured by.
        rows: Timings of the study's configurations in each of them.
    """
    return bool(rows) and all(
        _is_clear_gain(_gain(rows, index)) and _is_clear_loss(_loss(rows, index))
        for index in range(1, len(compared))
    )


def _is_clear_gain(gain: float) -> bool:
    return not LEAST_GAIN / CLEAR_GAIN < gain < LEAST_GAIN * CLEAR_GAIN


def _is_clear_loss(loss: float) -> bool:
    return abs(loss - LOSS_TOLERANCE) >= CLEAR_LOSS


def _name(arithmetic: Arithmetic) -> str:
    return "XLA" if arithmetic.xla else arithmetic.precision


def _models(rows: Rows) -> str:
    return f"{len(rows)} models of the study" if len(rows) > 1 else "a model of the study"


def _gain(rows: Rows, index: int) -> float:
    """How many times as fast all configurations together are; the slow ones weigh most."""
    return sum(row[0].seconds for row in rows) / sum(row[index].seconds for row in rows)


def _flaw(rows: Rows, index: int) -> str:
    """Why an arithmetic is not used however fast it is; empty if it is sound."""
    if any(row[index].rounded and not row[0].rounded for row in rows):
        return "rounds the outputs (give the last layer dtype='float32')"
    return "trains worse" if _loss(rows, index) > LOSS_TOLERANCE else ""


def _loss(rows: Rows, index: int) -> float:
    """By what share the loss is larger than in the first arithmetic: the median.

    Of configurations drawn at random some are chaotic: there rounding moves the loss by a
    quarter either way, or makes it infinite.
    """
    larger = [
        (row[index].loss - row[0].loss) / abs(row[0].loss)
        if math.isfinite(row[index].loss)
        else math.inf
        for row in rows
        if math.isfinite(row[0].loss) and row[0].loss
    ]
    return median(larger) if larger else 0.0


class Rival(Protocol):
    """A configuration in one arithmetic, ready to be trained."""

    def train_images(self, count: int, /) -> int:
        """Train on the first images; how many that were."""

    @property
    def last_loss(self) -> float:
        """Mean over the images last trained on."""

    @property
    def rounds_outputs(self) -> bool:
        """Whether its outputs are in lower precision, too."""


@dataclass(frozen=True)
class Here:
    """A rival in this process.

    Args:
        loop: What trains it.
    """

    loop: EpochLoop

    def train_images(self, count: int) -> int:
        """Train on the first images; how many that were."""
        return self.loop.train_images(count)

    @property
    def last_loss(self) -> float:
        """Mean over the images last trained on."""
        return self.loop.last_loss

    @property
    def rounds_outputs(self) -> bool:
        """Whether its outputs are in lower precision, too."""
        from hpsearch.training.exact_outputs import rounds_outputs

        return rounds_outputs(self.loop.model)


class Beside:
    """A rival in a process beside this one, which gets ready while this one does.

    Args:
        trainer: That has been told to get ready.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.rounds_outputs = bool(self._answer()["rounds_outputs"])
        self.last_loss = math.nan

    def train_images(self, count: int) -> int:
        """Train on the first images; how many that were."""
        self._trainer.train(count)
        told = self._answer()
        self.last_loss = float(told["loss"])
        return int(told["images"])

    def _answer(self) -> dict[str, Any]:
        told = self._trainer.answer()
        if not told:
            raise TrainerLost
        return told


class TrainerLost(Exception):
    """The process beside this one could not train the configuration, or has ended."""


def time_in_turns(rivals: Sequence[Rival], images: int) -> list[Timing]:
    """Time one configuration in each arithmetic.

    Args:
        rivals: With equal weights, all trained on the same images so far.
        images: Of a round.
    """
    seconds = fastest_rounds(rivals, images)
    return [
        Timing(each, rival.last_loss, rival.rounds_outputs)
        for each, rival in zip(seconds, rivals, strict=True)
    ]
