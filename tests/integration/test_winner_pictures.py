"""A winner's model is looked at by the stage itself, and by confirm in its one look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.winner_view import read_winner_view
from hpsearch.storage import RunDirectory
from tests.integration.test_confirm import digits_search

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_stage_leaves_what_its_report_draws_of_the_model(tmp_path: Path, hpsearch: Any) -> None:
    """Also where nothing but the run directory is left; the counts agree with the study's score."""
    digits_search(tmp_path, hpsearch)
    for gone in ("digits.npz", "linear.py"):
        (tmp_path / gone).unlink()
    done = hpsearch("report", "c", "--json")
    assert done.status == 0, done.err
    assert done.err == "", "nothing had to be looked at"
    page = (tmp_path / done.json["page"]).read_text(encoding="utf-8")
    for name in ("sample-predictions", "confusion", "class-accuracy", "calibration"):
        assert f'id="{name}"' in page
    assert "The network has no convolution" in page
    seen = read_winner_view(RunDirectory(tmp_path / "c"))
    best = hpsearch("show", "c", "--json").json["best"]
    assert seen is not None
    assert seen.predictions is not None
    assert seen.trial == best["number"]
    wrong = seen.predictions["scores"]["num_wrong"]
    right = 1 - wrong / seen.predictions["num_predicted"]
    assert right == pytest.approx(best["value"], abs=1e-6)


def test_a_space_file_is_run_for_the_report_only_when_asked_to(
    tmp_path: Path, hpsearch: Any
) -> None:
    """And data that have gone are a sentence on the page."""
    digits_search(tmp_path, hpsearch)
    file = tmp_path / "c" / "winner_view.npz"
    file.unlink()
    page = hpsearch("report", "c", "--json").json["page"]
    assert not file.exists()
    assert "hpsearch report --models" in (tmp_path / page).read_text(encoding="utf-8")
    (tmp_path / "digits.npz").rename(tmp_path / "moved.npz")
    told = hpsearch("report", "c", "--models")
    assert told.status == 0
    assert "Looking at the winner's model of c" in told.err
    assert "digits.npz do not exist" in (tmp_path / page).read_text(encoding="utf-8")
    (tmp_path / "moved.npz").rename(tmp_path / "digits.npz")
    assert hpsearch("report", "c", "--models").status == 0
    assert 'id="confusion"' in (tmp_path / page).read_text(encoding="utf-8")


@pytest.mark.all
def test_a_confirmed_winner_is_shown_by_the_one_look_at_the_test_images(
    tmp_path: Path, hpsearch: Any
) -> None:
    """Its confusions add up to the score that is quoted, and no second look is entered."""
    _, labels = digits_search(tmp_path, hpsearch)
    confirmed = ("confirm", "--from", "c", "--top", 1, "--seeds", 2, "--epochs", 3, "--json")
    done = hpsearch(*confirmed, timeout=200)
    assert done.status == 0, done.err
    directory = RunDirectory(tmp_path / "confirm")
    seen = read_winner_view(directory)
    assert seen is not None
    assert seen.predictions is not None
    assert (seen.predictions["part"], seen.predictions["num_predicted"]) == ("test", len(labels))
    table = seen.arrays["confusions"]
    right = table[table[:, 0] == table[:, 1]][:, 2].sum() / len(labels)
    test = done.json["confirmation"]["test"]
    assert right == pytest.approx(test["winner_model"]["mean"])
    counts = np.bincount(table[:, 0], table[:, 2], 10)
    np.testing.assert_array_equal(counts, np.bincount(labels, minlength=10))
    before = directory.winner_view_file.read_bytes()
    for again in (confirmed, ("report", "confirm", "--models")):
        assert hpsearch(*again).status == 0
    assert directory.winner_view_file.read_bytes() == before
    ledger = (tmp_path / "test-looks.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in ledger]) == 1
