"""The ledger counts the looks at each test split."""

from __future__ import annotations

from pathlib import Path

from hpsearch.storage.look_ledger import LookLedger


def test_looks_are_counted_by_data(tmp_path: Path) -> None:
    """Another test split starts from one; nothing is ever forgotten."""
    ledger = LookLedger(tmp_path / "results", "signs")
    assert ledger.looks() == []
    assert ledger.enter({"study": "a"}) == 1
    assert LookLedger(tmp_path / "results", "digits").enter({"study": "b"}) == 1
    assert LookLedger(tmp_path / "results", "signs").enter({"study": "c"}) == 2
    assert [look["study"] for look in ledger.looks()] == ["a", "c"]
