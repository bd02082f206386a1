"""Processes forked from a template, and what becomes of them when something dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hpsearch.errors import HpsearchError
from hpsearch.execution import template as template_module
from hpsearch.execution.launching import Launch, Process, launch_plainly
from hpsearch.execution.side_process import ask
from hpsearch.execution.template import (
    UNKNOWN_STATUS,
    ForkedProcess,
    Template,
    keep_template,
    kept_launcher,
    release_template,
)
from tests.execution.processes import is_alive, wait_for

TELLS = """
import json, os, sys, threading
facts = {"arguments": sys.argv[1:], "said": os.environ.get("SAID"), "folder": os.getcwd()}
facts |= {"leads_session": os.getsid(0) == os.getpid(), "given": sys.stdin.read()}
facts |= {"threads": len(os.listdir("/proc/self/task")), "loaded": "tensorflow" in sys.modules}
print(json.dumps(facts))
sys.exit(7)
"""
DRAWS = """
import sys, keras
import inspect, json
inspect.getsourcefile(json.dumps), inspect.getmodule(json.dumps)
early = "matplotlib" in sys.modules
keras.visualization.plot_image_gallery
sys.exit(10 * early + ("matplotlib" in sys.modules))
"""
TUNES = """
import json, sys, keras, keras_tuner
early = [name in sys.modules for name in ("scipy.stats", "sklearn")]
from hpsearch.training.hyperparameters import LiveHyperParameters
keras_tuner.engine
later = "sklearn" in sys.modules
own = issubclass(LiveHyperParameters, keras_tuner.HyperParameters)
stock = [keras_tuner.RandomSearch.__name__, keras_tuner.SklearnTuner.__name__]
stock.append(keras.wrappers.SKLearnClassifier.__name__)
print(json.dumps({"early": early, "later": later, "own": own, "stock": stock}))
"""
WAITS = "import sys; print('on', flush=True); sys.stdin.read()"
HANGS = "import time; print('on', flush=True); time.sleep(600)"
CommandDies = Callable[[str], tuple[int, int]]


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules that processes find."""
    folder = tmp_path / "modules"
    folder.mkdir()
    codes = {"tells": TELLS, "draws": DRAWS, "tunes": TUNES, "waits": WAITS, "hangs": HANGS}
    for name, code in codes.items():
        (folder / f"{name}.py").write_text(code)
    (folder / "threaded.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{before}")
    return folder


@pytest.fixture
def template(modules: Path) -> Iterator[Template]:
    """A template that has loaded nothing."""
    made = Template((), ())
    yield made
    made.close()


def start(
    template: Template, module: str, out: Path, *arguments: str, bound: bool = False
) -> tuple[Process, int]:
    """A process whose standard output is a file, and the other end of its standard input."""
    reader, writer = os.pipe()
    with out.open("wb") as file:
        files = (reader, file.fileno(), file.fileno())
        environment = {**os.environ, "SAID": "hello"}
        process = template.launch(Launch(module, arguments, files, environment, bound))
    os.close(reader)
    return process, writer


def test_a_forked_process_is_as_a_new_one(template: Template, tmp_path: Path) -> None:
    """Arguments, environment, folder, session, input and exit status are those it was given."""
    process, leash = start(template, "tells", tmp_path / "out", "a", "b")
    os.write(leash, b"input")
    os.close(leash)
    assert isinstance(process, ForkedProcess)
    assert process.wait(30) == 7
    facts = json.loads((tmp_path / "out").read_text())
    assert facts["arguments"] == ["a", "b"]
    assert (facts["said"], facts["given"]) == ("hello", "input")
    assert (facts["folder"], facts["leads_session"]) == (str(Path.cwd()), True)


def test_a_template_that_does_not_answer_is_not_waited_for_for_ever(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended, and the process is started plainly, as are those after it."""
    monkeypatch.setattr("hpsearch.execution.template.LONGEST_WAIT", 0.2)
    os.kill(template.pid, signal.SIGSTOP)
    for _ in range(2):
        process, leash = start(template, "tells", tmp_path / "out")
        os.close(leash)
        assert isinstance(process, subprocess.Popen)
        assert process.wait(30) == 7
    assert template.is_gone


@pytest.mark.timeout(60)
def test_what_workers_need_leaves_a_template_that_can_fork(modules: Path, tmp_path: Path) -> None:
    """A module that starts a thread when it is loaded would have everything start plainly."""
    template = Template()
    process, leash = start(template, "tells", tmp_path / "out")
    os.close(leash)
    assert isinstance(process, ForkedProcess)
    assert process.wait(60) == 7
    facts = json.loads((tmp_path / "out").read_text())
    assert (facts["loaded"], facts["threads"]) == (True, 1)
    process, leash = start(template, "draws", tmp_path / "out")
    os.close(leash)
    assert process.wait(60) == 1, "what draws is there, and loaded only when it is used"
    template.close()


@pytest.mark.timeout(60)
def test_what_only_workers_need_is_loaded_for_workers(modules: Path, tmp_path: Path) -> None:
    """A side process does not wait for it; in both, Keras Tuner is whole when it is used."""
    template = Template()
    found = []
    for bound in (True, False):
        process, leash = start(template, "tunes", tmp_path / "out", bound=bound)
        os.close(leash)
        assert isinstance(process, ForkedProcess)
        assert process.wait(60) == 0
        found.append(json.loads((tmp_path / "out").read_text()))
    template.close()
    stock = ["RandomSearch", "SklearnTuner", "SKLearnClassifier"]
    assert found[0] == {"early": [False, False], "later": False, "own": True, "stock": stock}
    assert found[1] == {"early": [True, True], "later": True, "own": True, "stock": stock}


def test_a_template_with_threads_is_not_forked(modules: Path, tmp_path: Path) -> None:
    """A lock that a thread holds would never be free in the fork."""
    template = Template(("threaded",), ())
    process, leash = start(template, "tells", tmp_path / "out")
    os.close(leash)
    assert isinstance(process, subprocess.Popen)
    assert process.wait(30) == 7
    template.close()


def test_how_forked_processes_end_is_told_of_each(template: Template, tmp_path: Path) -> None:
    """Two at a time: one is killed, the other goes on until it is told to stop."""
    first, first_leash = start(template, "waits", tmp_path / "first")
    second, second_leash = start(template, "waits", tmp_path / "second")
    wait_for(lambda: b"on" in (tmp_path / "first").read_bytes())
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.01)
    first.kill()
    assert first.wait(30) == -signal.SIGKILL
    assert second.poll() is None
    first.kill()
    os.close(second_leash)
    assert second.wait(30) == 0
    os.close(first_leash)


def test_a_process_outlives_its_template_and_the_next_starts_plainly(
    template: Template, tmp_path: Path
) -> None:
    """Whatever kills the template costs no trial."""
    process, leash = start(template, "waits", tmp_path / "out")
    wait_for(lambda: b"on" in (tmp_path / "out").read_bytes())
    os.kill(template.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(template.pid))
    assert process.poll() is None
    following, other_leash = start(template, "tells", tmp_path / "next")
    os.close(other_leash)
    assert isinstance(following, subprocess.Popen)
    assert following.wait(30) == 7
    os.close(leash)
    assert process.wait(30) == UNKNOWN_STATUS


@pytest.fixture
def command_dies(modules: Path, tmp_path: Path) -> CommandDies:
    """A command that starts a module from a template and is killed; the ids of both."""

    def run(module: str) -> tuple[int, int]:
        code = (
            "import os, sys, tempfile, time\n"
            "from hpsearch.execution.launching import Launch\n"
            "from hpsearch.execution.template import Template\n"
            "template, (reader, writer) = Template((), ()), os.pipe()\n"
            f"out = open({str(tmp_path / 'out')!r}, 'wb')\n"
            "files = (reader, out.fileno(), out.fileno())\n"
            f"bound = {module == 'hangs'}\n"
            f"launch = Launch({module!r}, (), files, dict(os.environ), bound)\n"
            "print(template.pid, template.launch(launch).pid, flush=True)\n"
            "time.sleep(600)\n"
        )
        command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert command.stdout is not None
        template, process = map(int, command.stdout.readline().split())
        wait_for(lambda: b"on" in (tmp_path / "out").read_bytes())
        assert is_alive(template)
        assert is_alive(process)
        command.kill()
        command.communicate()
        return template, process

    return run


@pytest.mark.parametrize("module", ["waits", "hangs"])
def test_nothing_is_left_of_a_command_that_was_killed(
    command_dies: CommandDies, module: str
) -> None:
    """A worker sees the end of its standard input; what does not look there is ended."""
    template, process = command_dies(module)
    wait_for(lambda: not is_alive(template))
    wait_for(lambda: not is_alive(process))


def test_a_forked_side_process_is_killed_when_its_time_is_up(template: Template) -> None:
    """As one that was started plainly."""
    with pytest.raises(HpsearchError, match="The probe took more than 0 s"):
        ask("hangs", {}, "The probe", seconds=0.01, launcher=template.launch)


def test_stages_share_a_template_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command loads TensorFlow once; alone, each stage ends what it started."""

    def new_template() -> Template:
        found = template_module.start_template()
        assert found is not None
        release_template(found)
        return found

    empty = partial(Template, (), ())
    monkeypatch.setattr(template_module, "Template", empty)
    alone = new_template()
    assert not is_alive(alone.pid)
    assert kept_launcher() is launch_plainly
    with keep_template():
        first = new_template()
        assert new_template() is first
        assert kept_launcher() == first.launch
        assert is_alive(first.pid)
    assert not is_alive(first.pid)


def test_a_forked_side_process_answers(template: Template, modules: Path) -> None:
    """It reads the request on its standard input and writes the answer to its output."""
    (modules / "answers.py").write_text(
        "from hpsearch.execution.answering import answer\n"
        "answer(lambda request: {'twice': 2 * request['number']})\n"
    )
    assert ask("answers", {"number": 4}, "The sum", launcher=template.launch) == {"twice": 8}
