"""What is printed of a narrowing."""

from __future__ import annotations

import pytest

from hpsearch.cli.narrowing import print_narrowing

KEPT = {
    "name": "units",
    "importance": None,
    "decision": "keep",
    "before": "16, 32",
    "after": "16, 32",
    "reason": "too little evidence",
}
FIXED = {
    **KEPT,
    "name": "rate",
    "decision": "fix",
    "after": "= 0.01",
    "reason": "asked for with --fix",
}


def test_of_too_few_trials_only_what_was_changed_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A hyperparameter that was fixed by hand, and not that all others stay as they are."""
    note = "Too little evidence to narrow."
    print_narrowing({"fit_quality": None, "note": note, "hyperparameters": [KEPT, FIXED]})
    said = capsys.readouterr().out
    assert "asked for with --fix" in said
    assert "units" not in said
    print_narrowing({"fit_quality": None, "note": note, "hyperparameters": [KEPT]})
    assert capsys.readouterr().out == note + "\n"
