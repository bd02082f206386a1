"""How fast models train, measured so that other work on the cores matters little."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

ROUNDS = 3


class Trains(Protocol):
    """What can be timed: a loop, or one in another process."""

    def train_images(self, count: int, /) -> int:
        """Train on the first images; how many that were."""


def fastest_rounds(loops: Sequence[Trains], images: int, rounds: int = ROUNDS) -> list[float]:
    """Seconds an image of several loops that take turns: of each its fastest round.

    What else runs on the cores can only make a round slower, and taking turns it meets all.

    Args:
        loops: What is compared; each has been traced by a step.
        images: Images a round; fewer if there are not so many.
        rounds: How often each has its turn.
    """
    fastest = [float("inf")] * len(loops)
    for _ in range(rounds):
        for index, loop in enumerate(loops):
            started = time.perf_counter()
            trained = loop.train_images(images)
            fastest[index] = min(fastest[index], (time.perf_counter() - started) / trained)
    return fastest
