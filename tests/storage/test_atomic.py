"""Files that are wholly written or not at all, and locks that die with their holder."""

import json
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import warnings
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from hpsearch.storage.atomic import dumps, finite, write_json, write_text
from hpsearch.storage.locking import exclusive, hold, is_held

FORK = multiprocessing.get_context("fork")


def test_a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file.txt"
    write_text(path, "größe\n")
    write_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("failing", ["fsync", "fdopen", "replace"])
def test_a_failing_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file.txt"
    write_text(path, "old")
    target = "pathlib.Path.replace" if failing == "replace" else f"os.{failing}"
    monkeypatch.setattr(target, fail)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_nan_and_infinities_are_null(tmp_path: Path) -> None:
    data = {"a": math.nan, "b": [1.5, math.inf, (-math.inf, 2)], "c": {1: {"d": math.nan}}}
    wanted = {"a": None, "b": [1.5, None, [None, 2]], "c": {"1": {"d": None}}}
    assert finite(data) == wanted
    assert json.loads(dumps(data)) == wanted
    write_json(tmp_path / "x.json", OrderedDict(data))
    assert json.loads((tmp_path / "x.json").read_text()) == wanted


def test_other_values_stay_as_they_are() -> None:
    data = {"t": True, "n": None, "i": 10**18, "f": 0.1, "s": "größer", "e": [], "z": -0.0}
    assert json.loads(dumps(data)) == data
    assert json.loads(dumps({"x": np.float64("nan"), "y": np.float64(0.5)})) == {
        "x": None,
        "y": 0.5,
    }


# --- locks -----------------------------------------------------------------------


def test_a_held_lock_is_seen_and_cannot_be_taken_twice(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    assert not path.exists()  # asking makes no file
    descriptor = hold(path)
    assert descriptor is not None
    assert is_held(path)
    assert hold(path) is None
    os.close(descriptor)
    assert not is_held(path)
    again = hold(path)
    assert again is not None
    os.close(again)


def test_exclusive_frees_the_lock_also_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    def fail_inside() -> None:
        with exclusive(path):
            assert is_held(path)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    assert not is_held(path)


@pytest.mark.parametrize("how", ["hold", "exclusive"])
def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path, how: str) -> None:
    path = tmp_path / "lock"
    take = {"hold": "hold(path)", "exclusive": "exclusive(path)"}[how]
    text = f"""
import contextlib, pathlib, sys
from hpsearch.storage.locking import exclusive, hold

path = pathlib.Path({str(path)!r})
taken = {take}
if {how == "exclusive"}:
    taken.__enter__()
print("held", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert is_held(path)
        assert hold(path) is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not is_held(path)
    with exclusive(path):
        pass


@pytest.mark.slow
def test_exclusive_lets_one_process_in_at_a_time(tmp_path: Path) -> None:
    """Four processes count to 50 each in one file; without the lock counts would be lost."""
    counter, lock = tmp_path / "counter", tmp_path / "lock"
    counter.write_text("0")

    def count() -> None:
        for _ in range(50):
            with exclusive(lock):
                counter.write_text(str(int(counter.read_text()) + 1))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        children = [FORK.Process(target=count) for _ in range(4)]
        for child in children:
            child.start()
    for child in children:
        child.join()
    assert counter.read_text() == "200"
