"""What a stage must know of its data: how much there is, of what, and what identifies it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpsearch.execution import StudyPlan
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import LoadedSpace

if TYPE_CHECKING:
    from hpsearch.data import LoadedData

Progress = Callable[[int, int], None]
"""Called with (done, total) images."""


@dataclass(frozen=True)
class DataFacts:
    """What is known of the data of a study.

    Args:
        facts: As in `study.json`: source, sizes, classes.
        fingerprint: Identifies the images and labels.
        split: How they are split.
    """

    facts: Mapping[str, Any]
    fingerprint: str
    split: Mapping[str, Any] | None


def look_at_data(plan: StudyPlan, loaded: LoadedSpace, on_data: Progress | None) -> DataFacts:
    """Read the data of a study and say what they are.

    Raises:
        InputError: They cannot be used.
    """
    data = plan.data.load(loaded.space, on_data)
    if data is None:
        return DataFacts({"source": "no data", "synthetic": False}, "", None)
    return DataFacts(_facts(data), data.fingerprint, data.split)


def _facts(data: LoadedData) -> dict[str, Any]:
    is_classes = data.problem in ONE_CLASS
    labels = data.train.labels
    return {
        "source": data.source,
        "synthetic": data.synthetic,
        "problem": data.problem,
        "num_classes": data.num_classes if is_classes else None,
        "class_names": list(data.class_names),
        "train": len(data.train.labels),
        "validation": len(data.validation.labels),
        "test": 0 if data.test is None else len(data.test.labels),
        "skipped": data.skipped,
        "classes_without_images": data.num_classes - len(set(labels.tolist())) if is_classes else 0,
        "class_ratio": class_ratio(labels) if is_classes else 1.0,
        "preprocessing": data.preprocessing.to_json(),
        "folds": max(1, len(data.folds)),
    }


def class_ratio(labels: Any) -> float:
    """How many times the images of the smallest class the largest one has.

    Args:
        labels: (n,) integers; classes without an image are left out.
    """
    sizes = Counter(labels.tolist()).values()
    return max(sizes) / min(sizes)
