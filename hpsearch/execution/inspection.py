"""What a space declares and builds, found out in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.execution.side_process import ask
from hpsearch.spaces import Space


@dataclass(frozen=True)
class LayerFacts:
    """A layer of the model with the defaults.

    Args:
        name: Its name.
        kind: Its class, as `Conv2D`.
        shape: Shape of its output, the batch left out; empty if unknown.
        parameters: Number of its weights.
        activation: Name of its activation; empty if it has none.
        initializer: Class of its kernel's initializer, as `HeNormal` or `RandomNormal(0.01)`;
            empty if it has no kernel.
        trainable: Whether its weights are trained.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    activation: str
    initializer: str
    trainable: bool


@dataclass(frozen=True)
class Inspection:
    """What a space is.

    Args:
        space: What it declares.
        layers: Those of the model with the defaults; none if that is no model.
        num_parameters: Weights of that model; None if there is no model.
        failure: What the builder raised with the defaults; empty if nothing.
        dataset: The name of its data set; empty if it names none.
        mirror_safe: Whether mirrored images keep their class, as the data set says.
        folds: Folds of the space's own cross-validation; 1 for none.
        num_images: Images to train and validate on; None where they were not looked at, which is
            done for folds only.
    """

    space: Space
    layers: tuple[LayerFacts, ...]
    num_parameters: int | None
    failure: str
    dataset: str
    mirror_safe: bool
    folds: int = 1
    num_images: int | None = None


def inspect_space(reference: str, source: Path | str | None = None) -> Inspection:
    """Declare and build a space with its defaults, without loading its data unless it has folds.

    Args:
        reference: What loads it, as in `LoadedSpace.reference`.
        source: What was given as `--data`, for its shape and classes; None for what the space
            says.

    Raises:
        InputError: The space file cannot be used.
        DataError: There are no such data.
        HpsearchError: The process died.
    """
    from hpsearch.data import source_of

    request = {"reference": reference, "source": source and source_of(source)}
    answer = ask(
        "hpsearch.execution.inspection_process",
        request,
        "Looking at the space",
        environment={"CUDA_VISIBLE_DEVICES": ""},  # nothing is trained
    )
    return inspection_from(answer)


def inspection_from(answer: Mapping[str, Any]) -> Inspection:
    """What the process found, from its answer."""
    layers = tuple(
        LayerFacts(**{**facts, "shape": tuple(facts["shape"])}) for facts in answer["layers"]
    )
    return Inspection(
        Space.from_json(answer["space"]),
        layers,
        answer["num_parameters"],
        answer["failure"],
        answer["dataset"],
        answer["mirror_safe"],
        answer["folds"],
        answer["num_images"],
    )
