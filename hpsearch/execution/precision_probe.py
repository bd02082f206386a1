"""Choosing how a study computes: its own models are timed on its own data in each way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from hpsearch.training.precision import (
    FLOAT32,
    Arithmetic,
    compute_in,
    lower_precisions,
)
from hpsearch.training.throughput import ROUNDS

if TYPE_CHECKING:
    from hpsearch.training.costs import Warm

LEAST_GAIN = 1.15  # less is not worth another arithmetic
LOSS_TOLERANCE = 0.1  # of the loss in float32: rounding alone moves it by some hundredths
SHARE_FOR_ONE, SHARE_FOR_ALL = 0.1, 0.001
"""Of the training by one worker in float32: as long as timing one configuration, and all that stand
for the space, may take."""
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


def affordable(seconds_besides: float, seconds_a_round: float, training: float, most: int) -> int:
    """How many configurations a probe may time in two arithmetics: most, one, or none.

    Args:
        seconds_besides: Of building and tracing a configuration.
        seconds_a_round: Of training in float32.
        training: Seconds that one worker will train in float32.
        most: Configurations that stand for the whole space.
    """
    each = 2 * (seconds_besides + ROUNDS * seconds_a_round)
    if most * each <= SHARE_FOR_ALL * training:
        return most
    return int(each <= SHARE_FOR_ONE * training)


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


TimeAll = Callable[[Sequence[Arithmetic]], Sequence[Sequence[Timing]]]
"""Times configurations: a row for each that can be trained, in it a timing for each arithmetic."""


def choose_arithmetic(time_all: TimeAll, capability: float | None) -> Arithmetic:
    """The fastest arithmetic that trains as well as float32; float32 if none is clearly faster.

    First the precision; then, on a GPU, whether XLA makes it faster still.

    Args:
        time_all: Times the study's configurations.
        capability: Compute capability of the GPU; None without GPUs, where XLA is 5 times slower.
    """
    known = lower_precisions(capability)
    if not known and capability is None:
        return Arithmetic(reason="this processor has nothing faster")
    chosen = better_one([Arithmetic(), *map(Arithmetic, known)], time_all)
    if capability is None:
        return chosen
    compiled = replace(chosen, xla=True, gain=1.0)
    faster = better_one([replace(chosen, gain=1.0), compiled], time_all)
    if not faster.xla:
        return chosen
    told = f"{chosen.reason}; XLA: {faster.reason}"
    return replace(faster, gain=chosen.gain * faster.gain, reason=told)


def better_one(candidates: Sequence[Arithmetic], time_all: TimeAll) -> Arithmetic:
    """The fastest of the candidates that trains as well as the first; it, if none is clearly so.

    Args:
        candidates: What is compared; the first is what the others are measured by.
        time_all: Times the study's configurations.
    """
    first = candidates[0]
    if len(candidates) == 1:
        return replace(first, reason="the hardware has nothing faster")
    rows = time_all(candidates)
    if not rows:
        return replace(first, reason="no configuration could be timed")
    gains = {a: _gain(rows, index) for index, a in enumerate(candidates)}
    flaws = {a: _flaw(rows, index) for index, a in enumerate(candidates)}
    sound = [a for a in candidates[1:] if not flaws[a]]
    best = max(sound, key=gains.__getitem__, default=first)
    if gains[best] < LEAST_GAIN:
        found = [flaws[a] or f"{gains[a]:.2f}× as fast" for a in candidates[1:]]
        told = ", ".join(f"{_name(a)} {how}" for a, how in zip(candidates[1:], found, strict=True))
        return replace(first, reason=f"{told} in a timed probe of {_models(rows)}")
    reason = f"{gains[best]:.2f}× as fast as {_name(first)} in a timed probe of {_models(rows)}"
    return replace(best, gain=gains[best], reason=f"{reason}, with the same loss")


def _name(arithmetic: Arithmetic) -> str:
    return "XLA" if arithmetic.xla else arithmetic.precision


def _models(rows: Sequence[Sequence[Timing]]) -> str:
    return f"{len(rows)} models of the study" if len(rows) > 1 else "a model of the study"


def _gain(rows: Sequence[Sequence[Timing]], index: int) -> float:
    """How many times as fast all configurations together are; the slow ones weigh most."""
    return sum(row[0].seconds for row in rows) / sum(row[index].seconds for row in rows)


def _flaw(rows: Sequence[Sequence[Timing]], index: int) -> str:
    """Why an arithmetic is not used however fast it is; empty if it is sound."""
    if any(row[index].rounded and not row[0].rounded for row in rows):
        return "rounds the outputs (give the last layer dtype='float32')"
    return "trains worse" if _loss(rows, index) > LOSS_TOLERANCE else ""


def _loss(rows: Sequence[Sequence[Timing]], index: int) -> float:
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


def time_configuration(
    build: Callable[[], Any],
    arrays: Any,
    batch_size: int,
    images: int,
    arithmetics: Sequence[Arithmetic],
    seed: int,
    warm: Warm | None = None,
) -> list[Timing]:
    """Time one configuration in each arithmetic, from equal weights and on equal images.

    Args:
        build: Makes the compiled model.
        arrays: The data.
        batch_size: Images a step.
        images: Images a round.
        arithmetics: What is compared.
        seed: Of the weights.
        warm: The same configuration in the first arithmetic, built with the same seed.
    """
    from hpsearch.training.costs import probing_loop
    from hpsearch.training.exact_outputs import built_in, rounds_outputs
    from hpsearch.training.process import seed_everything
    from hpsearch.training.throughput import fastest_rounds

    loops = [] if warm is None else [warm.loop]
    for arithmetic in arithmetics[len(loops) :]:
        seed_everything(seed)
        model = built_in(arithmetic.precision, build)
        loops.append(probing_loop(model, arrays, batch_size, xla=arithmetic.xla))
        for count in (batch_size,) if warm is None else warm.counts:
            loops[-1].train_images(count)
    seconds = fastest_rounds(loops, images)
    compute_in(FLOAT32)
    return [
        Timing(each, loop.last_loss, rounds_outputs(loop.model))
        for each, loop in zip(seconds, loops, strict=True)
    ]
