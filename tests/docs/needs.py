"""What documented commands need besides the files of a reader: data, weights, servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.data.gtsrb_files import write_official
from tests.docs.project import hpsearch, write_photos
from tests.models.stand_ins import write_base
from tests.postgres import running_server
from tests.ray_cluster import running_cluster

KINDS_OF_FLOWERS = ("daisies", "dandelions", "roses", "tulips")


class Surroundings(NamedTuple):
    """What a command is run in.

    Args:
        words: Words of the documentation → what stands for them.
        environment: Variables.
    """

    words: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}


def points_in_the_plane(folder: Path, stack: ExitStack) -> Surroundings:
    """The coarse stage is one on points, so that it has decision regions."""
    _succeed(folder, "coarse --space points.py --trials 2 --epochs 2 --workers 1", {})
    return Surroundings()


def a_ray_cluster(folder: Path, stack: ExitStack) -> Surroundings:
    cluster = stack.enter_context(running_cluster())
    shared = {"/shared/results/coarse": str(folder / "shared")}
    return Surroundings({**shared, "first-machine:6379": cluster.address})


def a_database(folder: Path, stack: ExitStack) -> Surroundings:
    """A server with a study in it, as the line before makes it."""
    url = stack.enter_context(running_server()).create_database()
    variables = {"HPSEARCH_STORAGE": url}
    _succeed(
        folder,
        "coarse --space digits_mlp --trials 2 --epochs 1 --workers 0 --out results/stored",
        variables,
    )
    return Surroundings({"$HPSEARCH_STORAGE": url}, variables)


def pretrained_weights(folder: Path, stack: ExitStack) -> Surroundings:
    for name in ("VGG16", "ResNet50"):
        write_base(name, folder / f"{name.lower()}_notop.weights.h5", seed=0)
    return Surroundings(environment={"HPSEARCH_WEIGHTS_DIR": str(folder)})


def mnist(folder: Path, stack: ExitStack) -> Surroundings:
    """A few hundred digits of noise where Keras keeps the real ones."""
    random = np.random.default_rng(0)
    parts = {
        f"x_{part}": random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        for part, count in (("train", 600), ("test", 100))
    }
    labels = {f"y_{name[2:]}": np.arange(len(images)) % 10 for name, images in parts.items()}
    (folder / "datasets").mkdir()
    np.savez(folder / "datasets" / "mnist.npz", **parts, **labels)
    return Surroundings(
        environment={"KERAS_HOME": str(folder), "HPSEARCH_CACHE": str(folder / "cache")}
    )


def flowers(folder: Path, stack: ExitStack) -> Surroundings:
    write_photos(folder / "flowers", KINDS_OF_FLOWERS, 80)
    return Surroundings({"~/photos": "flowers"})


def cats_and_dogs(folder: Path, stack: ExitStack) -> Surroundings:
    write_photos(folder / "many", ("cats", "dogs"), 2000)
    return Surroundings({"~/photos": "many"})


def gtsrb(folder: Path, stack: ExitStack) -> Surroundings:
    """Six photos of each of the 43 classes."""
    write_official(folder / "gtsrb", dict.fromkeys(range(43), 2), num_test=43, top="GTSRB")
    return Surroundings({"~/gtsrb": "gtsrb"})


MAKERS: Mapping[str, Callable[[Path, ExitStack], Surroundings]] = {
    maker.__name__: maker
    for maker in (
        *(points_in_the_plane, a_ray_cluster, a_database, pretrained_weights),
        *(mnist, flowers, cats_and_dogs, gtsrb),
    )
}
"""What makes what a command needs in a folder; servers end with the stack."""


def _succeed(folder: Path, command: str, variables: Mapping[str, str]) -> None:
    done = hpsearch(folder, *command.split(), **variables)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
