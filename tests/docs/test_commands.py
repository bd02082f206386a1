"""Every command that the documentation shows is one that hpsearch has, and does what it should.

Commands that cost nothing are run on a made-up study; the others, marked `all`, on small real ones.
How a command is made small stands in `treatment.py`, what else some need in `needs.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from hpsearch.cli import app
from hpsearch.cli.entry import run
from hpsearch.data import Gtsrb, Mnist, fetch_gtsrb, fetching
from hpsearch.spaces import find_spaces
from tests.data.serving import add, serving
from tests.docs.documented import ROOT, Command, all_commands
from tests.docs.needs import MAKERS, Surroundings
from tests.docs.project import environment, hpsearch, write_files
from tests.docs.treatment import (
    NEEDS,
    NO_COMMANDS,
    Treatment,
    is_cheap,
    subcommand_of,
    treatment_of,
)

EVERYTHING_THERE = Surroundings()
COMMAND_LINE: Any = get_command(app)
COMMANDS = [command for command in all_commands() if command.text not in NO_COMMANDS]
OURS = [command for command in COMMANDS if command.text.startswith("hpsearch")]
MAKES = [command for command in COMMANDS if command.text.startswith("make")]


def problem_with(words: list[str], *, whole: bool) -> str:
    """What the command line says against a command; empty if it takes it.

    Args:
        words: The command, `hpsearch` first.
        whole: Whether it must have everything that is required.
    """
    command = COMMAND_LINE
    context = command.make_context("hpsearch", [], resilient_parsing=True)
    rest = words[1:]
    while rest and hasattr(command, "commands"):
        if rest[0].startswith("-"):
            break
        command = command.get_command(context, rest[0])
        if command is None:
            return f"no command {rest[0]}"
        rest = rest[1:]
    if rest == ["--help"]:
        return ""
    try:
        command.make_context(words[-1], rest)
    except typer.TyperException as error:
        if type(error).__name__ in ("MissingParameter", "NoArgsIsHelpError") and not whole:
            return ""
        return error.format_message()
    return ""


def ends_with_flag(words: list[str], problem: str) -> bool:
    """Whether a sentence names a flag without its value, as `hpsearch run --storage` does."""
    return words[-1].startswith("--") and "requires an argument" in problem


def is_runnable(command: Command) -> bool:
    """Whether it is a whole command, not the mention of one in a sentence."""
    if command.is_shortened and not command.is_synopsis:
        return False
    is_name = command.words == ["hpsearch", *subcommand_of(command.words).split()]
    is_whole = not is_name and not problem_with(command.words, whole=True)
    return command.in_block or is_whole


RUNNABLE = [command for command in OURS if is_runnable(command)]


def test_the_pages_have_commands() -> None:
    """The collection finds what a reader sees: blocks, indented lines and inline code."""
    texts = {command.text for command in OURS}
    assert "hpsearch fine --from results/coarse" in texts  # in blocks
    assert "hpsearch data list" in texts  # in a sentence
    assert "hpsearch curves --from results/fine --bootstraps 20" in texts  # in an indented block
    assert len(RUNNABLE) > 80


@pytest.mark.parametrize("command", OURS, ids=lambda command: command.text)
def test_the_command_line_takes_it(command: Command) -> None:
    """No command, flag or kind of value of the documentation is unknown to the command line."""
    whole = command.in_block and not command.is_shortened
    problem = problem_with(command.words, whole=whole)
    if not command.in_block and ends_with_flag(command.words, problem):
        problem = problem_with(command.words[:-1], whole=False)
    assert not problem, f"{command.text}: {problem}; {', '.join(command.places)}"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("hpsearch coarse --sapce digits_mlp", "No such option: --sapce"),
        ("hpsearch courses", "no command courses"),
        ("hpsearch show --top many results/coarse", "'--top'"),
        ("hpsearch fine --trials 3", "Missing option '--from'"),
    ],
)
def test_a_wrong_command_is_noticed(line: str, says: str) -> None:
    assert says in problem_with(line.split(), whole=True)


@pytest.mark.parametrize("command", RUNNABLE, ids=lambda command: command.text)
def test_somebody_has_said_how_it_is_run(command: Command) -> None:
    """A new command is run as its subcommand is, or somebody says in `treatment.py` how."""
    treatment = treatment_of(command)
    where = ", ".join(command.places)
    assert treatment is not None, (
        f"Say in tests/docs/treatment.py how {command.text} is run: {where}"
    )


def test_nothing_is_explained_that_nobody_writes() -> None:
    """The tables have no entry for commands that have left the documentation."""
    words = [set(command.words) for command in OURS]
    unused = [having for having in NEEDS if not any(set(having) <= own for own in words)]
    assert unused == []
    assert {*NEEDS.values()} == {*MAKERS, "a_browser", "a_server"}, "each has a test below"
    texts = {command.text for command in all_commands()}
    assert set(NO_COMMANDS) <= texts


@pytest.mark.parametrize("command", RUNNABLE, ids=lambda command: command.text)
def test_the_space_it_names_exists(command: Command) -> None:
    words = command.words
    if "--space" not in words:
        return
    name = words[words.index("--space") + 1]
    ours = {"my_signs", "my_space.py", "my_model.py:build"}  # written by tests/docs/project.py
    assert name in ours | set(find_spaces())


# --- make --------------------------------------------------------------------


@pytest.mark.parametrize("command", MAKES, ids=lambda command: command.text)
def test_make_has_the_target(command: Command) -> None:
    """Every target exists, and every variable that is set is one that the Makefile reads."""
    words = command.words[1:]
    folder = ROOT / "docs" / "batch" if words[:2] == ["-f", "Makefile"] else ROOT
    text = (folder / "Makefile").read_text(encoding="utf-8")
    for name in [word.partition("=")[0] for word in words if "=" in word]:
        assert re.search(rf"\$\({name}\)", text), f"{command.text}: nobody reads {name}"
    for target in [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]:
        assert re.search(rf"^{target}:", text, re.MULTILINE), f"{command.text}: no {target}"


@pytest.mark.parametrize("command", MAKES, ids=lambda command: command.text)
def test_make_knows_what_to_do(command: Command) -> None:
    """What targets do is run by CI and by tests/test_project.py; here make only says it."""
    folder = ROOT / "docs" / "batch" if "-f" in command.words else ROOT
    words = ["make", "--dry-run", "--assume-old=.venv/.installed", *command.words[1:]]
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    said = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, f"{command.text}: {said.stderr}"


# --- run ---------------------------------------------------------------------


def different_runs(chosen: Callable[[Treatment], bool]) -> list[Any]:
    """What is run, each once however many documented commands come to it."""
    found: dict[tuple[str, ...], Treatment] = {}
    for command in RUNNABLE:
        treatment = treatment_of(command)
        if treatment is not None and chosen(treatment):
            found.setdefault(treatment.words, treatment)
    return [pytest.param(run, id=" ".join(run.words)) for run in found.values()]


def check_run(treatment: Treatment, folder: Path, given: Surroundings = EVERYTHING_THERE) -> None:
    words = [given.words.get(word, word) for word in treatment.words]
    done = hpsearch(folder, *words[1:], **given.environment)
    said = f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.returncode in treatment.statuses, said


@pytest.mark.slow
@pytest.mark.parametrize(
    "treatment", different_runs(lambda run: not run.needs and is_cheap(run.words))
)
def test_a_command_that_costs_nothing_runs(treatment: Treatment, made_up_project: Path) -> None:
    check_run(treatment, made_up_project)


@pytest.mark.all
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "treatment", different_runs(lambda run: not run.needs and not is_cheap(run.words))
)
def test_a_command_runs_on_small_studies(treatment: Treatment, own_copy: Path) -> None:
    check_run(treatment, own_copy)


@pytest.mark.all
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")  # those of Ray's own code
@pytest.mark.parametrize("treatment", different_runs(lambda run: run.needs in MAKERS))
def test_a_command_runs_beside_what_it_needs(treatment: Treatment, tmp_path: Path) -> None:
    write_files(tmp_path)
    with ExitStack() as stack:
        check_run(treatment, tmp_path, MAKERS[treatment.needs](tmp_path, stack))


@pytest.mark.slow
@pytest.mark.parametrize("treatment", different_runs(lambda run: run.needs == "a_browser"))
def test_a_dashboard_answers_until_it_is_interrupted(
    treatment: Treatment, made_up_project: Path
) -> None:
    served = subprocess.Popen(
        [sys.executable, "-m", *treatment.words, "--port", "0"],
        cwd=made_up_project,
        env=environment(no_proxy="127.0.0.1", PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with served:
        assert served.stdout is not None
        address = served.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{address}api/studies") as answer:
            studies = json.load(answer)["study_summaries"]
        served.send_signal(signal.SIGINT)
        assert served.wait(60) == 0
    assert len(studies) == len(treatment.words) - 2


@pytest.mark.slow
@pytest.mark.parametrize("treatment", different_runs(lambda run: run.needs == "a_server"))
def test_data_are_fetched(
    treatment: Treatment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a server of the tests' own, with checksums of its own; they are found afterwards."""
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as server:
        sums = {"a.zip": add(server, "a.zip", {"GTSRB/Final_Training/Images/00000/x.ppm": "x"})}
        assert fetch_gtsrb.__kwdefaults__ is not None
        monkeypatch.setitem(fetch_gtsrb.__kwdefaults__, "url", server.url)
        monkeypatch.setitem(fetch_gtsrb.__kwdefaults__, "archives", sums)
        server.files["mnist.npz"] = b"digits"
        files = {"mnist.npz": f"md5:{hashlib.md5(b'digits').hexdigest()}"}
        monkeypatch.setattr(fetching, "PUBLISHED", {"mnist": (server.url, files)})
        assert run(list(treatment.words[1:])) == 0
    data = {"gtsrb": Gtsrb, "mnist": Mnist}[treatment.words[3]]()
    assert data.find_source() == tmp_path / "cache" / treatment.words[3]
