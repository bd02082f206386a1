"""Four classes in the plane, made up: a data set whose decisions can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.assembling import ArrayFacts, assemble
from hpsearch.data.holding_out import Shares
from hpsearch.data.loaded import LoadedData, Progress
from hpsearch.data.preprocessing import check_scaling
from hpsearch.errors import DataError
from hpsearch.problems import Problem

NUM_ARMS = 4
POINT_SHAPE = (1, 1, 2)
"""A point of the plane as an image: one pixel whose channels are x and y."""
TURN = 2.5
"""Radians that an arm turns between the middle and its end."""
FEWEST = 5
"""Points of a class, so that each part gets one."""


@dataclass(frozen=True)
class Spirals:
    """Points on the four arms of a spiral in the plane, the arm being the class; made up.

    The toy on which the course shows what initializers, activations and the L2 factor do
    (section 5): two numbers a point, so that what a network has learnt can be drawn as regions
    of the plane. A point is an "image" of one pixel with two channels, x and y in 0 to 1. The
    arms overlap: no classifier is right about all of them.

    Args:
        points: Points of each class to train and validate on.
        test_points: Points of each class to test on.
        noise: Standard deviation, in radians, of a point from the middle of its arm.
        scaling: See `Preprocessing`.
        validation_share: Share of the points to validate on; None for a fifth.
        points_seed: Which points are drawn.

    Raises:
        DataError: There are too few points, or a setting is out of range.
    """

    points: int = 250
    test_points: int = 250
    noise: float = 0.45
    scaling: str = "standardize"
    validation_share: float | None = None
    points_seed: int = 0

    name: ClassVar[str] = "spirals"
    image_shape: ClassVar[tuple[int, int, int]] = POINT_SHAPE
    num_classes: ClassVar[int] = NUM_ARMS
    problem: ClassVar[Problem] = "one_label"
    mirror_safe: ClassVar[bool] = False
    class_names: ClassVar[tuple[str, ...]] = ("first arm", "second arm", "third arm", "fourth arm")

    def __post_init__(self) -> None:
        check_scaling(self.scaling)
        if min(self.points, self.test_points) < FEWEST or self.noise < 0 or self.points_seed < 0:
            raise DataError(
                f"Spirals have {self.points} and {self.test_points} points of a class, noise "
                f"{self.noise} and points_seed {self.points_seed}.",
                f"Give {FEWEST} points or more, noise and points_seed of 0 or more.",
            )

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is, as plain JSON."""
        own = {"points": self.points, "test_points": self.test_points, "noise": self.noise}
        return {
            "name": self.name,
            "scaling": self.scaling,
            **own,
            "points_seed": self.points_seed,
        }

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Draw the points, split and fit the preprocessing; see `Dataset.load`.

        Raises:
            DataError: A source is given, which there is none for.
        """
        if source is not None:
            raise DataError(
                f"The spirals are made up, but {source} is given too.", "Leave --data out."
            )
        random = np.random.default_rng([self.points_seed, NUM_ARMS])
        parts = {
            "train": draw_spirals(self.points, self.noise, random),
            "test": draw_spirals(self.test_points, self.noise, random),
        }
        size = count_of(self.points, "point")
        facts = ArrayFacts(
            f"made-up spirals, {size} of each of {NUM_ARMS} arms",
            self.settings(),
            self.scaling,
            self.class_names,
        )
        own = self.validation_share if validation_share is None else validation_share
        return assemble(parts, facts, Shares(own), seed)


def draw_spirals(
    points: int, noise: float, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Points on the arms of a spiral.

    Args:
        points: Of each arm.
        noise: Standard deviation from the middle of the arm in radians.
        random: Draws them.

    Returns:
        (4·points, 1, 1, 2) x and y in 0 to 1, and (4·points,) arms.
    """
    arms = np.repeat(np.arange(NUM_ARMS), points)
    radius = random.uniform(0.05, 1.0, len(arms))
    angle = arms * (2 * np.pi / NUM_ARMS) + TURN * radius + random.normal(0, noise, len(arms))
    places = 0.5 + 0.5 * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return places.reshape(-1, 1, 1, 2).astype(np.float32), arms
