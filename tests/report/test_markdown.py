"""The Markdown summary says what to cite, and takes nothing in names for Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.report.markdown import markdown_summary
from hpsearch.report.markdown_text import code, escaped, table
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]

WINNER = {
    "objective": "val_accuracy",
    "winner": 0,
    "verdict": "Configuration 0 is better than the defaults.",
    "candidates": [
        {
            "params": {"rate": 0.1},
            "is_default": False,
            "seeds": 3,
            "failed": 0,
            "given_up_after": None,
            "mean": 0.91,
            "low": 0.9,
            "high": 0.92,
        }
    ],
    "optimism": 0.0123,
    "gain_over_defaults": None,
    "model": None,
    "retrained": None,
    "test": None,
}
NARROWING = {
    "num_trials": 1,
    "note": "Of 1 trial.",
    "settings": {"risk": 0.05, "keep": [], "fix": {}},
    "fit_quality": None,
    "hyperparameters": [
        {
            "name": name,
            "decision": "shrink",
            "importance": None,
            "before": "0 … 1",
            "after": after,
            "reason": "a|b",
        }
        for name, after in {"learning_rate": "0 … 0.5", "filters": "0 … 1"}.items()
    ],
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("val_accuracy 0.9", "val_accuracy 0.9"),
        ("_a_ *b* `c`", r"\_a\_ \*b\* \`c\`"),
        ("[x](https://evil.example)", r"\[x\](https:&#47;&#47;evil.example)"),
        ("<img src=x> & @ada #12", r"&lt;img src=x&gt; &amp; &#64;ada \#12"),
        ("a|b\nc\x1b[2J", r"a\|b c \[2J"),
        ("größe ~~x~~ $1$", r"größe \~\~x\~\~ \$1\$"),
    ],
)
def test_text_of_anybodys_is_only_text(text: str, shown: str) -> None:
    """No emphasis, link, HTML, mention, reference, column or formula comes of a name."""
    assert escaped(text) == shown


def test_code_with_backticks_is_between_more_of_them() -> None:
    assert code("a b") == "`a b`"
    assert code("a ``b`` c") == "```a ``b`` c```"
    assert code("`a") == "`` `a ``"


def test_a_table_has_as_many_columns_in_every_line() -> None:
    lines = table(("a", "b"), [("x|y", 1)])
    assert lines == ["| a | b |", "| --- | --- |", r"| x\|y | 1 |"]


def test_a_search_stage_has_its_trials_and_where_it_came_from(
    make_study: MakeStudy, trial: Trial
) -> None:
    trials = [trial(value, {"rate": value}, best_epoch=1) for value in (0.5, 0.75, 0.6)]
    path = make_study(trials)
    (path / "narrowing.json").write_text(json.dumps(NARROWING))
    said = markdown_summary(path, top=2)
    rows = [line for line in said.splitlines() if line.startswith("| 1 |") or "| 2 |" in line]
    assert rows[0].startswith("| 1 | 0.7500 | 1 of 0 |")
    assert "| 0 | 0.5000" not in said, "only the best two were asked for"
    assert "### The best of 3 completed trials" in said
    assert r"| learning_rate | – | 0 … 1 | 0 … 0.5 | a\|b |" in said
    assert "Kept as it was: filters." in said
    assert "- command: `hpsearch coarse --space gtsrb_lenet`" in said
    assert "- seed: 0" in said
    assert "**Images: built-in synthetic signs**" in said
    assert "`hpsearch confirm --from" in said


def test_a_confirmed_study_has_the_figure_with_its_interval_and_the_verdict(
    make_study: MakeStudy, trial: Trial
) -> None:
    path = make_study([trial(0.91, {"rate": 0.1}, candidate=0)], "confirm", "confirm")
    (path / "winner.json").write_text(json.dumps(WINNER))
    said = markdown_summary(path)
    assert "| 0 (winner) | 0.9100 (0.9000 to 0.9200) | 3 | rate 0.1 |" in said
    assert "- **verdict**: Configuration 0 is better than the defaults." in said
    assert "0.0123 better than its mean" in said
    assert said.startswith("## confirm of gtsrb_lenet\n"), (
        "a study called as its stage is not named twice"
    )
    assert "The best of" not in said, "single seeds are no figures to quote"


def test_a_confirmation_that_goes_on_says_so(make_study: MakeStudy, trial: Trial) -> None:
    path = make_study([trial(0.91, {"rate": 0.1}, candidate=0)], "confirm", "confirm")
    assert "Not decided as yet: the confirmation has not ended." in markdown_summary(path)


def test_a_folder_has_every_study_in_the_order_in_which_they_began(
    make_study: MakeStudy, trial: Trial, tmp_path: Path
) -> None:
    later = {"created": "2026-01-03T00:00:00+00:00"}
    make_study([trial(0.6, {"rate": 0.1})], "a", "fine", provenance=later)
    make_study([trial(0.5, {"rate": 0.1})], "b")
    said = markdown_summary(tmp_path)
    assert said.startswith(f"# {escaped(tmp_path.name)}\n")
    assert said.index("## b: coarse of gtsrb_lenet") < said.index("## a: fine of")


def test_names_and_messages_of_a_study_are_escaped(make_study: MakeStudy, trial: Trial) -> None:
    evil = "<script>alert(1)</script> @everyone [x](http://evil.example)"
    said = markdown_summary(make_study([trial(0.5, {evil: evil})], name="c"))
    assert "<script>" not in said
    assert "@everyone" not in said
    assert "](http://" not in said
    assert r"\[x\]" in said
