"""Coarse and fine through the command line, with trials that are only numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

RESULT_KEYS = {"space", "stage", "status", "trials", "best", "directory", "seconds"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished coarse study of 16 trials, made once and then only copied."""
    import subprocess

    from tests.integration.conftest import command, environment, write_space

    home = tmp_path_factory.mktemp("study")
    space = write_space(home / "fast.py", sleep=0.0)
    arguments = ("coarse", "--space", space, "--trials", 16, "--seed", 3, "--out", home / "c")
    done = subprocess.run(
        command(*arguments, "--workers", 1, "--json"),
        capture_output=True,
        text=True,
        check=False,
        env=environment(home),
    )
    assert done.returncode == 0, done.stderr
    (home / "result.json").write_text(done.stdout, encoding="utf-8")
    return home


def test_json_result_has_what_the_contract_says(study: Path) -> None:
    """The object on standard output holds the agreed keys, and the best is really the best."""
    result = json.loads((study / "result.json").read_text())
    assert set(result) >= RESULT_KEYS
    assert result["trials"] == {"completed": 16, "pruned": 0, "failed": 0}
    assert result["status"] == "done"
    best = result["best"]
    assert best["value"] == pytest.approx(1 - (best["params"]["x"] - 0.3) ** 2)


def test_a_watcher_sees_that_the_study_is_done(study: Path, hpsearch: Any) -> None:
    """The command says how it ended; whoever watches ends at once, with its status."""
    (session,) = (study / "c" / "sessions").glob("*.json")
    assert json.loads(session.read_text())["ended"] == "done"
    watched = hpsearch("watch", study / "c")
    assert watched.status == 0
    assert "16 of 16 ended: 16 completed" in watched.out


def test_first_trial_is_the_defaults_of_the_space(study: Path, hpsearch: Any) -> None:
    """A search starts from what the author of the space thinks is good."""
    trials = hpsearch("show", study / "c", "--json").json["trials"]
    assert trials[0]["params"] == {"x": 0.0, "rate": 1e-3}


def test_show_lists_every_trial_with_its_record(study: Path, hpsearch: Any) -> None:
    """`show --json` holds the trials as a list, each with its whole record, and importance."""
    shown = hpsearch("show", study / "c", "--json").json
    keys = {"number", "state", "failure", "params", "value", "epochs", "seconds", "seed"}
    assert all(set(trial) >= keys | {"retry_of"} for trial in shown["trials"])
    assert [trial["number"] for trial in shown["trials"]] == list(range(16))
    assert len({trial["seed"] for trial in shown["trials"]}) == 16
    assert shown["importance"]["x"]["share"] > shown["importance"]["rate"]["share"]


@pytest.mark.all
@pytest.mark.timeout(300)
def test_same_seed_gives_the_same_trials_with_more_workers(study: Path, hpsearch: Any) -> None:
    """Random search depends on the seed alone, not on who trains or when."""
    arguments = ("--space", study / "fast.py", "--trials", 16, "--seed", 3, "--workers", 2)
    assert hpsearch("coarse", *arguments, "--out", study / "again").status == 0
    first, second = (
        hpsearch("show", study / name, "--json").json["trials"] for name in ("c", "again")
    )
    assert [t["params"] for t in first] == [t["params"] for t in second]
    assert [t["value"] for t in first] == [t["value"] for t in second]


def test_more_trials_extend_a_study_and_fewer_change_nothing(study: Path, hpsearch: Any) -> None:
    """Raising --trials continues; the first trials stay what they were."""
    before = hpsearch("show", study / "c", "--json").json["trials"]
    common = ("coarse", "--space", study / "fast.py", "--seed", 3, "--out", study / "c")
    result = hpsearch(*common, "--trials", 18, "--json").json
    assert result["trials"]["completed"] == 18
    after = hpsearch("show", study / "c", "--json").json["trials"]
    assert after[:16] == before
    assert hpsearch(*common, "--trials", 18, "--json").json["trials"]["completed"] == 18


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("--seed", 4), "--seed was 3, now 4"),
        (("--epochs", 9), "--epochs was 5, now 9"),
        (("--fix", "x=0.5"), "--fix"),
    ],
)
def test_a_different_study_is_refused_by_name(
    study: Path, hpsearch: Any, change: tuple[object, ...], named: str
) -> None:
    """What differs is named, a free directory is offered, and nothing is written."""
    journal = study / "c" / "study.journal"
    before = journal.read_bytes()
    flags = {"--seed": 3, "--space": study / "fast.py", "--out": study / "c"}
    flags |= dict([change])  # type: ignore[list-item]
    done = hpsearch("coarse", *(part for pair in flags.items() for part in pair))
    assert done.status == 2
    assert named in done.err
    assert f"--out {study / 'c-2'}" in done.err
    assert "Traceback" not in done.err
    assert journal.read_bytes() == before


def test_fine_starts_beside_its_source_from_the_best_and_compares(
    study: Path, hpsearch: Any
) -> None:
    """Fine's first trial repeats coarse's winner, so that it can only be as good or better."""
    arguments = ("--from", study / "c", "--trials", 12, "--algorithm", "bayesian", "--json")
    fine = hpsearch("fine", *arguments)
    assert fine.status == 0, fine.err
    assert Path(fine.json["directory"]) == study / "fine"
    assert "narrowed" in fine.err, "the plan says what was kept, shrunk, fixed"
    coarse_best = hpsearch("show", study / "c", "--json").json["best"]
    trials = hpsearch("show", study / "fine", "--json").json["trials"]
    assert trials[0]["params"]["x"] == pytest.approx(coarse_best["params"]["x"])
    assert fine.json["best"]["value"] >= coarse_best["value"] - 1e-9


def test_an_edited_narrowed_space_is_obeyed_and_kept(study: Path, hpsearch: Any) -> None:
    """A person's edit of narrowed_space.json is what fine searches; narrow leaves it alone."""
    edited = study / "c" / "narrowed_space.json"
    hpsearch("narrow", "--from", study / "c")
    space = json.loads(edited.read_text())
    space["parameters"][0] = {"name": "x", "kind": "fixed", "value": 0.25}
    edited.write_text(json.dumps(space))
    text = edited.read_text()
    done = hpsearch("narrow", "--from", study / "c")
    assert "left as it is" in done.out
    assert edited.read_text() == text
    out = study / "edited"
    result = hpsearch("fine", "--from", study / "c", "--trials", 3, "--out", out, "--json")
    assert result.status == 0, result.err
    trials = hpsearch("show", out, "--json").json["trials"]
    assert {trial["params"]["x"] for trial in trials} == {0.25}
    assert hpsearch("narrow", "--from", study / "c", "--overwrite").status == 0
    assert json.loads(edited.read_text())["parameters"][0]["kind"] == "float"


def test_what_is_kept_or_fixed_by_hand_is_so_until_said_otherwise(
    study: Path, hpsearch: Any
) -> None:
    """Flags of narrow land in both files, and narrowing after more trials remembers them."""
    flags = ("--keep", "x", "--fix", "rate=0.01", "--risk", "0.1")
    said = hpsearch("narrow", "--from", study / "c", *flags, "--json").json
    assert said["settings"] == {"risk": 0.1, "keep": ["x"], "fix": {"rate": "0.01"}}
    common = ("coarse", "--space", study / "fast.py", "--seed", 3, "--out", study / "c")
    assert hpsearch(*common, "--trials", 17, "--json").status == 0
    written = json.loads((study / "c" / "narrowed_space.json").read_text())["parameters"]
    rate = next(parameter for parameter in written if parameter["name"] == "rate")
    assert (rate["kind"], rate["value"]) == ("fixed", 0.01)
    reasons = json.loads((study / "c" / "narrowing.json").read_text())
    assert reasons["settings"]["keep"] == ["x"]
    wrong = hpsearch("narrow", "--from", study / "c", "--keep", "nothing_like_it")
    assert wrong.status == 2
    assert "No hyperparameter 'nothing_like_it'" in wrong.err


def test_fine_searches_what_is_kept_as_widely_as_its_source(study: Path, hpsearch: Any) -> None:
    """--keep takes back what narrowing did to one hyperparameter, for this stage."""
    assert hpsearch("narrow", "--from", study / "c", "--fix", "x=0.25").status == 0
    out = study / "kept"
    arguments = ("fine", "--from", study / "c", "--trials", 3, "--out", out, "--json")
    assert hpsearch(*arguments, "--keep", "x").status == 0
    searched = {p["name"]: p for p in json.loads((out / "space.json").read_text())["parameters"]}
    assert searched["x"]["kind"] == "float"
