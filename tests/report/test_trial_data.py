"""The data of a page's table of trials."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.report import build_report
from hpsearch.report.provenance import chief_facts
from hpsearch.report.tables import failures, trial_table
from hpsearch.report.trial_data import kept_epochs, trial_data
from hpsearch.storage import load

Make = Callable[..., Any]


def test_a_trial_is_one_list(make_study: Make, trial: Make, history: Make) -> None:
    trials = [
        trial(None, {"a": 1}, "failed", failure="lost", message="Gone.", seconds=1.234),
        trial(
            0.51234,
            {"a": 2, "b": "x"},
            history=history([0.123456], [0.4]),
            best_epoch=1,
            epochs=1,
            timings={"train": 1.0},
            retry_of=0,
            num_parameters=7,
        ),
    ]
    data = trial_data(load(make_study(trials)))
    assert data["names"] == ["a", "b"]
    first, second = data["trials"]
    assert first[:7] == [0, "failed", "lost", None, None, 0, 1.23]
    assert first[7] == [1]
    assert data["messages"][first[9]] == "Gone."
    facts = dict(zip(data["facts"], first[8], strict=False))
    assert facts["tried again as trial"] == 1
    assert second[7] == [2, "x"]
    assert second[10][data["metrics"].index("accuracy")] == [0.1235]
    assert second[10][data["metrics"].index("loss")] == [1.753]  # 2 - 2 x 0.123456
    facts = dict(zip(data["facts"], second[8], strict=False))
    assert (facts["number of parameters"], facts["seed"]) == (7, 1)
    assert second[11] == [1.0]


def test_kept_epochs_have_the_ends_and_the_best() -> None:
    assert kept_epochs(10, 4, 7) == [1, 5, 7, 9, 10]
    assert kept_epochs(5, 1, 2) == [1, 2, 3, 4, 5]
    assert kept_epochs(0, 4, None) == []
    assert kept_epochs(3, 2, 9) == [1, 3]


NASTY = "</script><!--<script> \u2028\u2029 & ' \" \\ 学习率 \ud800"


def test_no_text_ends_the_data_and_all_of_it_is_read_back(make_study: Make, trial: Make) -> None:
    page = build_report(make_study([trial(None, {"a": NASTY}, "failed", message=NASTY)]))
    text = page.read_text(encoding="utf-8")
    (inside,) = re.findall(r'id="trial-data">(.*?)</script>', text, re.DOTALL)
    assert not set("<>&\u2028\u2029") & set(inside)
    data = json.loads(inside)
    assert data["trials"][0][7] == [NASTY]
    assert data["messages"] == [NASTY]


def test_numbers_that_json_does_not_have_become_null(make_study: Make, trial: Make) -> None:
    nan = float("nan")
    one = trial(0.5, {"a": float("inf")}, history={"loss": [nan, 1.0]}, epochs=2)
    (row,) = trial_data(load(make_study([one])))["trials"]
    assert row[7] in ([], [None])
    assert row[10] == [[None, 1.0]]


def test_without_its_script_a_page_has_the_best_hundred(make_study: Make, trial: Make) -> None:
    path = make_study(
        [
            trial(n / 300 if n % 2 else None, state="complete" if n % 2 else "failed")
            for n in range(240)
        ]
    )
    table = trial_table(load(path))
    assert len(table.rows) == 100
    assert [row[0].text for row in table.rows[:3]] == ["239", "237", "235"]
    assert table.num_trials == 240
    page = html.unescape(build_report(path).read_text(encoding="utf-8"))
    assert "Without JavaScript only 100 of them are shown" in page


def test_same_failures_are_told_once(make_study: Make, trial: Make) -> None:
    trials = [trial(None, {}, "failed", failure="oom", message="No memory.") for _ in range(8)]
    trials.append(trial(None, {}, "failed", failure="error", message="Other."))
    found = failures(load(make_study(trials)))
    assert [(own.trials, own.message) for own in found] == [
        ("0, 1, 2, 3, 4 and 3 more", "No memory."),
        ("8", "Other."),
    ]


@pytest.mark.parametrize("name", ["command", "git commit", "seed", "data", "versions", "hardware"])
def test_what_is_needed_to_repeat_a_study_comes_first(make_study: Make, name: str) -> None:
    facts = dict(chief_facts(load(make_study([], identity={"data": "f00d"}))))
    expected = {
        "command": "hpsearch coarse --space gtsrb_lenet",
        "git commit": "0123abc",
        "seed": "0",
        "data": "built-in synthetic signs (10,000 training images, seed 0) (fingerprint f00d)",
        "versions": "python 3.11.2, keras 3.12",
        "hardware": "cpus 2",
    }
    assert facts[name] == expected[name]
