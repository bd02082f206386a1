"""A study in lower precision, from the flag to the saved model and the confirmation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import load
from hpsearch.training.precision import processor_flags

pytestmark = [pytest.mark.all, pytest.mark.timeout(600)]


def test_a_precision_is_kept_through_the_stages_or_refused(tmp_path: Path, hpsearch: Any) -> None:
    """Coarse as asked, fine as coarse, confirm in float32; the same command continues.

    On a processor without bfloat16 the first command is refused in one line, and writes nothing.
    """
    out = tmp_path / "coarse"
    budget = ("--trials", 2, "--epochs", 1, "--workers", 1)
    arguments = ("coarse", "--space", "gtsrb_lenet", "--precision", "mixed_bfloat16", "--out", out)
    done = hpsearch(*arguments, *budget, "--json", timeout=200)
    if not processor_flags():
        assert done.status == 2
        assert not out.exists()
        return
    assert done.status == 0, done.err
    assert hpsearch("show", out, "--json").json["precision"]["precision"] == "mixed_bfloat16"
    assert hpsearch(*arguments, *budget, "--json").json["trials"]["completed"] == 2
    other = hpsearch("coarse", "--space", "gtsrb_lenet", *budget, "--out", out, "--json")
    assert "--precision was mixed_bfloat16, now auto" in other.json["error"]["message"]

    fine = tmp_path / "fine"
    assert hpsearch("fine", "--from", out, "--out", fine, *budget, timeout=200).status == 0
    training = load(fine).facts["plan"]["training"]
    assert (training["precision"], training["precision_reason"]) == ("mixed_bfloat16", f"as {out}")
    plan = hpsearch("confirm", "--from", fine, "--out", tmp_path / "confirm", "--dry-run", "--json")
    assert plan.json["precision"]["precision"] == "float32"
