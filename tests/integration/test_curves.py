"""`hpsearch curves` trains a winner on parts of its data, with other values, and on samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHORT = ("--workers", 1, "--json")


@pytest.mark.all
@pytest.mark.timeout(500)
def test_curves_of_a_winner(tmp_path: Path, hpsearch: Any) -> None:
    """Sizes, a hyperparameter and bootstrap samples, each in a directory beside the source."""
    searched = hpsearch(
        *("coarse", "--space", "digits_mlp", "--trials", 3, "--epochs", 3, "--out", "r/coarse"),
        *SHORT,
    )
    assert searched.status == 0, searched.err

    sizes = hpsearch("curves", "--from", "r/coarse", "--sizes", 3, "--seeds", 2, *SHORT)
    assert sizes.status == 0, sizes.err
    rows = sizes.json["curve"]["rows"]
    assert [row["training images"] for row in rows] == ["287", "574", "1149"]
    assert {row["trainings"] for row in rows} == {"2"}
    errors = [float(row["validation error"].split()[0]) for row in rows]
    assert errors[0] > errors[-1]
    assert not list((tmp_path / "r/curves-sizes/models").glob("*.keras"))

    varied = hpsearch("curves", "--from", "r/coarse", "--vary", "batch_norm", *SHORT)
    assert varied.status == 0, varied.err
    assert sorted(row["batch_norm"] for row in varied.json["curve"]["rows"]) == ["false", "true"]

    drawn = hpsearch("curves", "--from", "r/coarse", "--bootstraps", 3, *SHORT)
    assert drawn.status == 0, drawn.err
    facts = json.loads((tmp_path / "r/curves-bootstraps/decomposition.json").read_text())
    assert (facts["models"], facts["images"]) == (3, 288)
    whole = facts["losses"]["zero_one"]["whole"]
    assert whole["loss"] == pytest.approx(whole["bias"] + whole["unbiased"] - whole["biased"])
    assert not list((tmp_path / "r/curves-bootstraps/models").glob("trial-*.keras"))

    again = hpsearch("curves", "--from", "r/coarse", "--bootstraps", 3, *SHORT)
    assert (again.status, again.json["curve"]) == (0, drawn.json["curve"])

    page = hpsearch("report", "r", "--json")
    assert page.status == 0, page.err
    assert "curves-sizes" in Path(tmp_path / page.json["page"]).read_text(encoding="utf-8")
    assert (tmp_path / "r/curves-bootstraps/report/bias-and-variance.png").is_file()

    refused = hpsearch("fine", "--from", "r/curves-sizes")
    assert refused.status == 2
    assert "holds curves of another study's winner" in refused.err
