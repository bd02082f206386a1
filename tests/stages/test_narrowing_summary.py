"""What narrowing did, in one line."""

from pathlib import Path

import pytest

from hpsearch.stages.narrowing_summary import narrowing_in_words
from hpsearch.storage import RunDirectory
from hpsearch.storage.atomic import write_json


def summary(path: Path, *decisions: tuple[str, str, str]) -> str:
    directory = RunDirectory(path)
    entries = [dict(zip(("name", "decision", "after"), d, strict=True)) for d in decisions]
    write_json(directory.narrowing_file, {"hyperparameters": entries})
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
