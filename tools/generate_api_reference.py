"""Writes docs/reference/api.md, which names what is public; --check fails when it is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "api.md"
NOTE = "<!-- Generated from the public names by `make docs`; do not edit. -->"


class Section(NamedTuple):
    """Public names that are shown together.

    Args:
        title: Its heading.
        about: What these names are for.
        module: Where mkdocstrings finds them.
        names: Which, in the order in which they are shown.
    """

    title: str
    about: str
    module: str
    names: tuple[str, ...]


SECTIONS = (
    Section(
        "Stages",
        "What the command line does, as functions. They return what `--json` prints, as "
        "`to_json()`, and raise `HpsearchError`.",
        "hpsearch.workflow",
        ("run", "coarse", "narrow", "fine", "confirm", "curves", "predict"),
    ),
    Section(
        "Results",
        "What a run directory holds, and the page about it: `hpsearch.report(…)`.",
        "hpsearch",
        ("workflow.load", "report.frames.Study", "report.building.build_report"),
    ),
    Section(
        "Any function",
        "The same search without Keras.",
        "hpsearch.search.optimize",
        ("optimize", "Result"),
    ),
    Section(
        "Spaces",
        "What a space file is made of, and a space as plain data.",
        "hpsearch.spaces",
        (
            *("SearchSpace", "Budget", "Space"),
            *("Float", "Int", "Choice", "Boolean", "Fixed", "Condition"),
        ),
    ),
    Section(
        "Under Keras Tuner",
        "The search as an oracle of stock tuners.",
        "hpsearch.interop.oracle",
        ("OptunaOracle",),
    ),
    Section(
        "Errors",
        "What is raised on purpose; the command line turns each into one line.",
        "hpsearch.errors",
        ("HpsearchError", "Infeasible"),
    ),
    Section(
        "Models",
        "Builders for `build(hp)`, from `hpsearch.models`; [how to choose](../models.md).",
        "hpsearch.models",
        (
            *("lenet", "lenet_bn", "convnet", "cnn", "Block", "mlp", "transfer"),
            *("Style", "Training", "Schedule"),
        ),
    ),
    Section(
        "Between images and model",
        "Preprocessing, augmentation and what happens in training only, from "
        "`hpsearch.preparation`.",
        "hpsearch.preparation",
        ("Preparation", "Augmentation", "Recipe"),
    ),
    Section(
        "Data sets",
        "From `hpsearch.data`; [what can be trained on](../data.md).",
        "hpsearch.data",
        (
            *("FolderDataset", "ArrayDataset", "CodeDataset", "Digits", "Spirals", "Gtsrb"),
            *("Mnist", "FashionMnist", "Cifar10", "DogsVsCats", "Flowers"),
        ),
    ),
)
OTHER_NAMES = {"build_report": "report"}
"""Names of functions that are public under another name."""


def missing_names() -> list[str]:
    """Public names of hpsearch that no section shows."""
    import hpsearch

    shown = {name.rpartition(".")[2] for section in SECTIONS for name in section.names}
    shown = {OTHER_NAMES.get(name, name) for name in shown}
    return sorted(set(hpsearch.__all__) - shown)


def page() -> str:
    """The whole page."""
    return "\n".join([NOTE, "", "# Python", "", *_introduction(), *_sections()]).rstrip() + "\n"


def _introduction() -> Iterator[str]:
    yield "```python"
    yield "import hpsearch"
    yield "```"
    yield ""
    yield "Names are imported when they are first used, so that `import hpsearch` costs nothing."
    yield "Everything that is not on this page may change without notice."
    yield ""


def _sections() -> Iterator[str]:
    for section in SECTIONS:
        yield f"## {section.title}\n"
        yield f"{section.about}\n"
        for name in section.names:
            yield f"::: {section.module}.{name}\n"


def main(arguments: list[str] | None = None) -> int:
    """Writes the page, or with --check says whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    options = parser.parse_args(arguments)
    if missing := missing_names():
        print(f"No section of {Path(__file__).name} has {', '.join(missing)}.", file=sys.stderr)
        return 1
    wanted = page()
    shown = PAGE.relative_to(ROOT)
    if options.check:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{shown} differs from the public names. Run: make docs", file=sys.stderr)
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"Wrote {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
