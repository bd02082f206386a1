"""Run directories damaged in every way: refused in one line, or read as if nothing had happened.

The tests run as root in CI, where permissions bind nobody; taking them away is not tried.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.conftest import COMMANDS, Ended, invoke
from tests.integration.conftest import command, environment

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]
UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
Fresh = Callable[[], Path]

STAGES = ("coarse", "fine", "confirm")
READING = {
    "show": "show study/{stage}",
    "show --json": "show study/{stage} --json",
    "narrow": "narrow --from study/{stage} --json",
    "fine": "fine --from study/coarse --trials 6 --workers 1 --dry-run --json",
    "confirm": "confirm --from study/fine --top 2 --seeds 3 --workers 1 --dry-run --json",
}
AGAIN = {f"{stage} again": line for stage, line in COMMANDS.items()}
ANSWERS: dict[tuple[str, str], str] = {}
"""What the reading commands print of the undamaged study, filled as they are needed."""
REBUILT = ("report", "trials.csv", "histories.csv", "narrowing.json", "sessions", "logs", "workers")
BROKEN = ("truncated", "emptied", "deleted", "folder", "loop", "noise")
VALUES: list[Any] = [None, True, -1, 0, 0.5, 1e308, 10**30, "", "x", "\ud800\x1b[2J", [], [1], {}]
VALUES += [{"a": 1}, "../../etc/passwd", "nan"]


def places(tree: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value in a JSON tree, the root first."""
    yield way
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from places(value, (*way, key))


def mutated(tree: Any, chance: random.Random) -> tuple[Any, bool]:
    """The tree with one value exchanged or left out, and whether its kind is another now."""
    *way, last = chance.choice([way for way in places(tree) if way])
    inner = tree
    for key in way:
        inner = inner[key]
    before, after = inner[last], chance.choice(VALUES)
    if chance.random() < 0.3:
        del inner[last]
        return tree, isinstance(inner, dict)
    inner[last] = after
    numbers = isinstance(before, int | float) and isinstance(after, int | float)
    return tree, before is not None and type(before) is not type(after) and not numbers


def damage_json(file: Path, chance: random.Random) -> bool:
    """Change one value of a JSON file; whether the study can no longer be what it says."""
    tree, is_nonsense = mutated(json.loads(file.read_text()), chance)
    file.write_text(json.dumps(tree))
    return is_nonsense and file.name == "study.json"


def damage_lines(file: Path, chance: random.Random) -> bool:
    """Exchange, double, leave out or change a line of a journal, which may stay a valid one."""
    lines = file.read_text().splitlines()
    here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.choice(["swap", "double", "drop", "code", "tree", "tree", "tree"])
    if kind == "swap":
        lines[here], lines[there] = lines[there], lines[here]
    elif kind == "double":
        lines.insert(there, lines[here])
    elif kind == "drop":
        del lines[here]
    elif kind == "code":
        lines[here] = json.dumps({**json.loads(lines[here]), "op_code": chance.randrange(-2, 13)})
    else:
        lines[here] = json.dumps(mutated(json.loads(lines[here]), chance)[0])
    file.write_text("\n".join(lines) + "\n")
    return False


def damage(file: Path, kind: str, chance: random.Random) -> bool:
    """Damage a file; whether it is nonsense now, so that nobody can have read it."""
    content = file.read_bytes()
    if kind == "tree":
        change = damage_lines if file.suffix == ".journal" else damage_json
        return change(file, chance) if content and file.suffix != ".lock" else False
    file.unlink()
    if kind == "truncated":
        file.write_bytes(content[: chance.randrange(max(len(content) - 2, 1))])
        return file.suffix == ".json"
    if kind == "folder":
        file.mkdir()
    elif kind == "loop":
        file.symlink_to(file.name)
    elif kind != "deleted":
        file.write_bytes(b"" if kind == "emptied" else chance.randbytes(300))
    return True


def files_of(folder: Path) -> list[Path]:
    """Every file of the studies that somebody may rely on."""
    return [f for f in sorted(folder.rglob("*")) if f.is_file() and f.parts[-2] != "logs"]


def state_of(folder: Path) -> dict[str, bytes]:
    """What must not change: everything but what is derived, or written by every invocation."""
    return {
        str(file): file.read_bytes()
        for file in files_of(folder)
        if not {*file.relative_to(folder).parts} & {*REBUILT}
    }


def needed(name: str, stage: str) -> set[str]:
    """The files without which a command cannot answer."""
    read = {"fine": ["coarse"], "confirm": ["fine"]}.get(name.split(maxsplit=1)[0], [stage])
    read += [name.split(maxsplit=1)[0]] if name in AGAIN else []
    kinds = ("study.json", "space.json", "study.journal")
    return {f"study/{one}/{kind}" for one in read for kind in kinds}


@settings(max_examples=600, deadline=None, suppress_health_check=UNCHECKED)
@given(
    name=st.sampled_from([*READING, *AGAIN]),
    stage=st.sampled_from(STAGES),
    kind=st.sampled_from([*["tree"] * 4, *BROKEN]),
    position=st.integers(0, 10**6),
    seed=st.integers(0, 2**32),
)
def test_a_damaged_study_is_refused_or_read_as_it_was(
    fresh: Fresh,
    name: str,
    stage: str,
    kind: str,
    position: int,
    seed: int,
) -> None:
    """Exit 0 on nonsense only where the answer is that of the undamaged study.

    Nonsense is a file that cannot be read any more, and a `study.json` with a value of another
    kind or without a key that it had. Whatever happens, no study is changed.
    """
    arguments = (READING | AGAIN)[name].format(stage=stage).split()
    if name in READING and (name, stage) not in ANSWERS:
        fresh()
        ANSWERS[name, stage] = invoke(*arguments).out
    fresh()
    files = [file for file in files_of(Path("study")) if file.parts[1] == stage]
    file = files[position % len(files)]
    is_nonsense = damage(file, kind, random.Random(seed))
    before = state_of(Path("study"))
    edit = Path(f"study/{stage}/narrowed_space.json")
    ended = invoke(*arguments)
    ended.must_be_civil()
    if name in READING and is_nonsense and str(file) in needed(name, stage):
        assert ended.status != 0 or ended.out == ANSWERS[name, stage], (file, kind, ended)
    _unchanged(before, file, ended)
    if file == edit and kind != "deleted" and str(file) in before:
        assert edit.read_bytes() == before[str(edit)], "a person's edit was overwritten"


def _unchanged(before: dict[str, bytes], damaged: Path, ended: Ended) -> None:
    """The studies are what they were; what was missing may have been written again."""
    after = state_of(Path("study"))
    for file, content in before.items():
        is_own_journal = file == str(damaged) and file.endswith((".journal", "winner.json"))
        if is_own_journal and ended.status in {0, 3, 4}:
            continue  # a journal that lacks a trial is a study that is not finished
        if file.endswith("narrowed_space.json") and file != str(damaged):
            continue  # written by narrowing, as long as nobody has edited it
        assert after.get(file) == content, (file, damaged, ended)


@settings(max_examples=15, deadline=None, suppress_health_check=UNCHECKED)
@given(
    stage=st.sampled_from(STAGES),
    kind=st.sampled_from(["tree", "truncated", "noise", "deleted"]),
    position=st.integers(0, 10**6),
    seed=st.integers(0, 2**32),
)
def test_the_report_of_a_damaged_study_is_refused_or_written(
    fresh: Fresh, stage: str, kind: str, position: int, seed: int
) -> None:
    """Of all stages together, one of them damaged, and of that one alone."""
    fresh()
    files = [file for file in files_of(Path("study")) if file.parts[1] == stage]
    damage(files[position % len(files)], kind, random.Random(seed))
    before = state_of(Path("study"))
    for directory in (f"study/{stage}", "study"):
        ended = invoke("report", directory)
        ended.must_be_civil()
        if ended.status == 0:
            page = Path(ended.out.strip().splitlines()[-1].removeprefix("Report: "))
            assert "</html>" in page.read_text()
    assert state_of(Path("study")) == before


@pytest.mark.parametrize("stage", STAGES)
def test_a_study_without_its_study_file_loses_no_trial(fresh: Fresh, stage: str) -> None:
    """The same command does not take a journal full of trials for one that nobody needs."""
    fresh()
    Path(f"study/{stage}/study.json").unlink()
    journal = Path(f"study/{stage}/study.journal")
    before = journal.read_bytes()
    ended = invoke(*COMMANDS[stage].split())
    ended.must_be_civil()
    assert ended.status == 2
    assert journal.read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_what_holds_inside_one_process_holds_through_the_shell(fresh: Fresh, seed: int) -> None:
    """The same through real processes, where nothing is replaced."""
    home = fresh()
    chance = random.Random(seed)
    file = chance.choice(files_of(Path("study")))
    kind = chance.choice(["tree", "truncated", "emptied", "deleted", "noise", "loop", "folder"])
    damage(file, kind, chance)
    name = chance.choice(list(READING))
    arguments = READING[name].format(stage=file.parts[1]).split()
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        cwd=home,
        env=environment(home),
        check=False,
        timeout=100,
    )
    Ended(arguments, done.returncode, done.stdout, done.stderr).must_be_civil()
