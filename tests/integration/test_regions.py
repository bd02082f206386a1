"""`hpsearch regions` trains the best configuration to the same model and draws what it decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPACE = '''"""Points in the plane: few neurons."""
from hpsearch import SearchSpace
from hpsearch.data import Spirals
from hpsearch.models import mlp


class Points(SearchSpace):
    dataset = Spirals(points=20, test_points=5)

    def build(self, hp):
        l2 = hp.Float("l2", 1e-5, 1e-1, sampling="log")
        return mlp(self.dataset, [8], l2=l2, learning_rate=0.05)
'''


@pytest.mark.all
@pytest.mark.timeout(300)
def test_the_best_trial_is_trained_to_the_same_score_again(tmp_path: Path, hpsearch: Any) -> None:
    """And with the values given, each a picture of the report."""
    (tmp_path / "points.py").write_text(SPACE, encoding="utf-8")
    few = ("--trials", 3, "--epochs", 6, "--workers", 1, "--precision", "float32", "--json")
    searched = hpsearch("coarse", "--space", "points.py", "--out", "run", *few, timeout=200)
    assert searched.status == 0, searched.err
    drawn = hpsearch("regions", "run", "--over", "l2=0.001,1000", "--json", timeout=200)
    assert drawn.status == 0, drawn.err
    best, *others = drawn.json["regions"]
    assert best["value"] == pytest.approx(searched.json["best"]["value"])
    assert [own["title"] for own in others] == ["l2 = 0.001", "l2 = 1000"]
    assert Path(tmp_path / drawn.json["picture"]).is_file()
    page = Path(tmp_path / drawn.json["page"]).read_text(encoding="utf-8")
    assert "decision-regions" in page


@pytest.mark.all
@pytest.mark.timeout(300)
def test_images_have_no_regions(tmp_path: Path, hpsearch: Any) -> None:
    """One line says what would have."""
    few = ("--trials", 1, "--epochs", 1, "--workers", 1, "--precision", "float32")
    assert hpsearch("coarse", "--space", "digits_mlp", "--out", "run", *few).status == 0
    refused = hpsearch("regions", "run")
    assert refused.status == 2
    assert "need data of two numbers" in refused.err
