"""The ledger counts the looks at each test split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpsearch.storage.look_ledger import LookLedger


def look(study: str, created: str = "2026-01-02", **configuration: Any) -> dict[str, Any]:
    """A look of a study at the models of a configuration."""
    return {"study": study, "created": created, "configuration": configuration}


def test_looks_are_counted_by_data(tmp_path: Path) -> None:
    """Another test split starts from one; nothing is ever forgotten."""
    ledger = LookLedger(tmp_path / "results", "signs")
    assert ledger.looks() == []
    assert ledger.enter(look("a")) == 1
    assert LookLedger(tmp_path / "results", "digits").enter(look("b")) == 1
    assert LookLedger(tmp_path / "results", "signs").enter(look("c")) == 2
    assert [entry["study"] for entry in ledger.looks()] == ["a", "c"]


def test_a_look_that_was_cut_short_is_no_second_one_when_it_is_taken_again(tmp_path: Path) -> None:
    """The same study at the same models; a new study of that name is another one."""
    ledger = LookLedger(tmp_path, "signs")
    assert ledger.enter(look("a", rate=0.1)) == 1
    assert ledger.enter(look("b", rate=0.1)) == 2
    assert ledger.enter({**look("a", rate=0.1), "when": "later"}) == 1
    assert ledger.enter(look("a", rate=0.2)) == 3
    assert ledger.enter(look("a", created="2026-01-03", rate=0.1)) == 4
