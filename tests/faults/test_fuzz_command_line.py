"""Command lines nobody should write: refused in one line, and nothing is written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpsearch.execution import ProbeResult
from hpsearch.spaces import Space
from hpsearch.storage import RunDirectory
from tests.faults.conftest import Ended, invoke
from tests.integration.conftest import command, environment

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]
UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
Fresh = Callable[[], Path]

COMMANDS = {
    "coarse": "coarse --space space.py --out new/coarse --dry-run",
    "again": "coarse --space space.py --trials 11 --seed 3 --out study/coarse --dry-run",
    "fine": "fine --from study/coarse --out new/fine --dry-run",
    "confirm": "confirm --from study/fine --out new/confirm --dry-run",
    "run": "run --space space.py --out new/run --dry-run",
    "narrow": "narrow --from study/coarse",
    "show": "show study/coarse",
    "worker": "worker --study study/coarse",
}
SEARCHES = ("coarse", "again", "fine", "confirm", "run")
NO_COUNT = ["0", "-1", "1.5", "1e3", "nan", "inf", str(10**30), "9" * 5000, "²", "٣٤x", "", "x"]
NO_COUNT += ["x" * 20_000, "\udcff", "0x10", "True", "--", "3 4", "1\n2"]
NO_SHARE = ["0", "-0.5", "1", "2", "nan", "1e400", "-inf", "", "half", "0,2", "\udcff"]
NO_TIME = ["0", "-5", "nan", "1e400", "9" * 5000, "8 h", "h", "1h1x", "٣h", "", "soon", "\n"]
NO_NAME = ["", "auto ", "AUTO", "nope", "random\n", "\udcff", "x" * 20_000, "None"]
NO_PAIR = ["", "=", "x", "x=", "=1", "nope=1", "x=one", "kind=z", "depth=2.5", "x=nan", "x=1e400"]
NO_RANGE = ["", "x", "x=", "x=0", "x=1:0", "x=a:b", "kind=a:b", "x=nan:1", "rate=-1:1", "nope=0:1"]
NO_POINT = ["", "x", "x=", "x=2", "nope=1", "depth=2.5", "x=nan", "none.json"]
NO_FOLDER = ["/dev/null", "/etc/passwd", "nowhere", "", "loop", "x" * 5000, "\udcff", "space.py"]
NO_SPACE = ["", "nope", "nowhere.py", "study", "space.py:nope", "study/coarse/space.json", "loop"]
NO_SPACE += ["json:loads:x", "no.such.module:thing", "\udcff.py", "x" * 5000, "/dev/null", "\n"]
NONSENSE: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "--trials": (("coarse", "again", "fine", "run"), NO_COUNT),
    "--epochs": (SEARCHES, NO_COUNT),
    "--patience": (SEARCHES, NO_COUNT),
    "--batch-size": (("coarse", "again", "fine", "run"), NO_COUNT),
    "--grid-points": (("coarse", "fine"), [*NO_COUNT, "3"]),
    "--partial-grid": (("coarse", "fine"), [""]),
    "--top": (("confirm", "run", "show"), [one for one in NO_COUNT if one != str(10**30)]),
    "--seeds": (("confirm", "run"), NO_COUNT),
    "--seed": (SEARCHES, [one for one in NO_COUNT if one != "0"]),
    "--rounds": (("fine", "run"), NO_COUNT),
    "--workers": (("coarse", "again", "fine", "confirm", "run", "worker"), NO_COUNT[1:]),
    "--max-params": (SEARCHES, [one for one in NO_COUNT if one != str(10**30)]),
    "--max-latency": (SEARCHES, [*NO_TIME, "-1"]),
    "--validation-share": (("coarse", "again", "run"), [*NO_SHARE, "0.2"]),
    "--folds": (("coarse", "again", "fine", "run"), [*NO_COUNT, "3", "21"]),
    "--risk": (("narrow",), NO_SHARE),
    "--time-limit": ((*SEARCHES, "worker"), NO_TIME),
    "--trial-time-limit": (("coarse", "fine"), NO_TIME),
    "--objective": (("coarse", "again", "run"), ["", " ", "\n", "val\x1b[2J", "\t"]),
    "--algorithm": (("coarse", "again", "fine"), NO_NAME),
    "--pruner": (SEARCHES[:3], NO_NAME),
    "--fix": (("coarse", "again", "fine", "run", "narrow"), NO_PAIR),
    "--range": (("coarse", "again", "fine", "run"), NO_RANGE),
    "--try": (("coarse", "fine", "run"), NO_POINT),
    "--keep": (("fine", "narrow"), ["", "nope", "X", "\udcff", "x=1"]),
    "--from": (("fine", "confirm", "narrow"), NO_FOLDER),
    "--study": (("worker",), NO_FOLDER),
    "--space": (("coarse", "again", "run"), NO_SPACE),
    "--data": (("coarse", "again"), [*NO_FOLDER[:3], "space.py", "loop", "x" * 5000, "study"]),
    "--out": (("coarse", "fine", "confirm"), ["/dev/null", "/etc", "space.py", "x" * 5000]),
    "--nope": ((*SEARCHES, "narrow", "show", "worker"), ["1", "", "\udcff"]),
}
SOUP = sorted({value for _, values in NONSENSE.values() for value in values})
SOUP += [*NONSENSE, "-h", "--json", "--dry-run", "--overwrite", "--retrain", "--no-race"]
SOUP += ["3", "0.2", "x=0.5", "x=0:0.5", "1h", "auto", "study/coarse", "study/fine", "space.py"]
SOUP += ["study/confirm", "space.py:build", "grid", "bayesian", "val_loss", "coarse", "report"]
NAMES = ["coarse", "fine", "confirm", "run", "narrow", "show", "spaces", "report", "worker", "data"]


@pytest.fixture
def home(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The finished search; the probe, which takes seconds, answers what it would find."""
    made = fresh()
    (made / "loop").symlink_to("loop")
    facts = RunDirectory.read_json(made / "study/coarse/space.json")
    found = ProbeResult(Space.from_json(facts), 1000, 0.1, 0.1)
    monkeypatch.setattr("hpsearch.stages.preparing.probe", lambda *_, **__: found)
    monkeypatch.delenv("HPSEARCH_DATA", raising=False)
    return made


def contents(home: Path) -> dict[str, bytes]:
    """Every file of the folder that is no cache of Python's."""
    files = (file for file in home.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {str(file): file.read_bytes() for file in files}


def with_flag(name: str, flag: str, value: str, form: str) -> list[str]:
    """The command line with a flag set; one that it has already is given twice."""
    flags = [f"{flag}={value}"] if form == "joined" else [flag, value]
    if flag == "--partial-grid":
        flags = [flag]
    return [*COMMANDS[name].split(), *flags]


@pytest.mark.parametrize("flag", NONSENSE)
def test_nonsense_is_wrong_input(home: Path, flag: str) -> None:
    """A flag with each value that it cannot have, in commands that are right without it.

    The exit status is 2 in every case: neither done, nor a failure of ours.
    """
    names, values = NONSENSE[flag]
    before = contents(home)
    for count, (name, value) in enumerate((name, value) for name in names for value in values):
        arguments = with_flag(name, flag, value, "joined" if count % 2 else "apart")
        ended = invoke(*arguments, *["--json"] * (count % 3 == 0))
        ended.must_be_civil()
        assert ended.status == 2, ended
    assert contents(home) == before


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "worker"])
def test_without_the_nonsense_the_commands_are_right(home: Path, name: str) -> None:
    """Else the refusals would show nothing."""
    ended = invoke(*COMMANDS[name].split())
    ended.must_be_civil()
    assert ended.status == 0, ended


@settings(max_examples=400, deadline=None, suppress_health_check=UNCHECKED)
@given(
    name=st.sampled_from(NAMES),
    words=st.lists(
        st.one_of(
            st.sampled_from(SOUP),
            st.text(st.characters(exclude_characters="\0"), max_size=8),
        ),
        max_size=6,
    ),
    dry_run=st.just("--dry-run"),
)
def test_any_words_are_answered_civilly(
    home: Path, name: str, words: list[str], dry_run: str
) -> None:
    """Whatever stands behind a command; no study that is finished is changed by it."""
    if name in {"data", "report"} and "-h" not in words:
        words = [*words, "nowhere-at-all"]  # no downloads, no figures
    if {"--overwrite", "--out"} & {*words} and name in {"coarse", "fine", "confirm", "run"}:
        words = [*words, dry_run]
    before = contents(home / "study")
    ended = invoke(name, *words)
    if "--" not in words:
        ended.must_be_civil()
    assert ended.status in {0, 2, 3, 4}, ended
    after = contents(home / "study")
    kept = ("study.json", "study.journal", "space.json", "winner.json")
    for file, content in before.items():
        if file.endswith(kept):
            assert after.get(file) == content, (file, ended)


@pytest.mark.parametrize(
    "words",
    [
        ["show", b"\xff\xfe"],
        ["show", b"\xff\xfe", "--json"],
        ["coarse", "--space", b"\xff.py"],
        ["fine", "--from", "study/coarse", "--out", b"new-\xff", "--dry-run"],
        ["fine", "--from", "study/coarse", "--out", b"new-\xff", "--dry-run", "--json"],
        ["narrow", "--from", "study/coarse", "--keep", b"\xc3\x28"],
        ["report", b"\xff"],
        ["worker", "--study", b"\xff"],
        [b"\xff"],
    ],
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "POSIX"])
def test_arguments_that_are_no_text_through_the_shell(
    fresh: Fresh, words: list[Any], locale: str
) -> None:
    """Names of files are bytes; only a real process gets such arguments."""
    home = fresh()
    done = subprocess.run(
        [*command(), *(os.fsencode(word) for word in words)],
        capture_output=True,
        cwd=home,
        env={**environment(home), "LC_ALL": locale},
        check=False,
        timeout=100,
    )
    texts = [str(word) for word in words]
    ended = Ended(texts, done.returncode, done.stdout.decode(), done.stderr.decode())
    ended.must_be_civil()
    assert ended.status == (0 if "--dry-run" in texts else 2), ended
