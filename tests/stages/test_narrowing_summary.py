"""What narrowing did, in one line."""

from pathlib import Path

import pytest

from hpsearch.stages.narrowing_summary import narrowing_in_words
from hpsearch.storage import RunDirectory
from hpsearch.storage.atomic import write_json


def summary(path: Path, *decisions: tuple[str, str, str]) -> str:
    directory = RunDirectory(path)
    entries = [
        {"name": name, "decision": decision, "importance": None, "before": "", "reason": ""}
        | {"after": after}
        for name, decision, after in decisions
    ]
    settings = {"risk": 0.05, "keep": [], "fix": {}}
    facts = {"note": "", "settings": settings, "fit_quality": None, "hyperparameters": entries}
    write_json(directory.narrowing_file, facts)
    return narrowing_in_words(directory)


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ([("rate", "keep", "same"), ("units", "keep", "same")], "everything kept"),
        (
            [("rate", "shrink", "1 … 2"), ("units", "keep", "same"), ("norm", "fix", "true")],
            "shrunk rate; fixed norm true; kept units",
        ),
    ],
)
def test_decisions_are_grouped(
    tmp_path: Path, decisions: list[tuple[str, str, str]], words: str
) -> None:
    assert summary(tmp_path, *decisions) == words


def test_before_anything_was_narrowed_nothing_is_said(tmp_path: Path) -> None:
    assert narrowing_in_words(RunDirectory(tmp_path)) == ""
