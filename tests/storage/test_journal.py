"""The journal file: whatever happens to its writers, it stays readable and complete."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from hpsearch.errors import StudyError
from hpsearch.storage import journal as journal_module
from hpsearch.storage.journal import FlockJournalBackend

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.journal"


def entries(path: Path) -> list[dict[str, Any]]:
    """What a new reader of ours sees."""
    return list(FlockJournalBackend(path).read_logs(0))


def stock_entries(path: Path) -> list[dict[str, Any]]:
    """What stock Optuna sees."""
    return list(JournalFileBackend(str(path)).read_logs(0))


def in_child(function: Callable[[], object]) -> int:
    """Run in another process; its exit code, negative for a signal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = FORK.Process(target=function)
        child.start()
    child.join(30)
    assert child.exitcode is not None
    return child.exitcode


# --- reading ---------------------------------------------------------------------


def test_entries_come_back_in_order_from_any_number(path: Path) -> None:
    backend = FlockJournalBackend(path)
    backend.append_logs([{"n": 0}])
    backend.append_logs([{"n": 1}, {"n": 2, "text": "größer\n"}])
    assert [entry["n"] for entry in backend.read_logs(0)] == [0, 1, 2]
    assert [entry["n"] for entry in backend.read_logs(2)] == [2]
    assert list(backend.read_logs(3)) == []
    backend.append_logs([{"n": 3}])
    for start in (3, 1, 4, 0, 2):
        assert [entry["n"] for entry in backend.read_logs(start)] == list(range(start, 4))
    assert len(path.read_bytes().splitlines()) == 4


def test_a_missing_journal_is_empty_and_reading_makes_no_file(path: Path) -> None:
    assert entries(path) == []
    assert not path.exists()


def test_a_reader_goes_on_where_it_stopped(path: Path) -> None:
    """Thousands of lines are not read again for every new one."""
    backend = FlockJournalBackend(path)
    backend.append_logs([{"n": n} for n in range(100)])
    assert len(list(backend.read_logs(0))) == 100
    path.write_bytes(b"x" * (path.stat().st_size - 1) + b"\n" + b'{"n":100}\n')  # unread now
    assert list(backend.read_logs(100)) == [{"n": 100}]


# --- writers that die ------------------------------------------------------------


@pytest.mark.parametrize("torn", [b'{"n":1,"hal', b"{", b'{"n":1}', b"\x00\x00", b'{"n":"' * 20000])
def test_a_torn_last_line_is_no_entry_and_the_next_writer_removes_it(
    path: Path, torn: bytes
) -> None:
    path.write_bytes(b'{"n":0}\n' + torn)
    backend = FlockJournalBackend(path)
    assert list(backend.read_logs(0)) == [{"n": 0}]
    assert path.read_bytes().endswith(torn)  # a reader changes nothing
    backend.append_logs([{"n": 2}])
    assert path.read_bytes() == b'{"n":0}\n{"n":2}\n'
    assert list(backend.read_logs(1)) == [{"n": 2}]
    assert stock_entries(path) == [{"n": 0}, {"n": 2}]


def test_a_file_that_is_nothing_but_a_torn_line(path: Path) -> None:
    path.write_bytes(b'{"n":')
    assert entries(path) == []
    FlockJournalBackend(path).append_logs([{"n": 1}])
    assert path.read_bytes() == b'{"n":1}\n'


def test_a_writer_killed_in_the_middle_of_an_append(path: Path) -> None:
    """What was there stays, half of an entry is none, and the lock is free at once."""

    def die_half_way() -> None:
        real = os.pwrite

        def torn(descriptor: int, data: bytes, offset: int) -> int:
            real(descriptor, data[: len(data) // 2], offset)
            os.kill(os.getpid(), signal.SIGKILL)
            return 0

        journal_module.os.pwrite = torn  # type: ignore[attr-defined]
        FlockJournalBackend(path).append_logs([{"n": 1, "text": "x" * 500}])

    FlockJournalBackend(path).append_logs([{"n": 0}])
    assert in_child(die_half_way) == -signal.SIGKILL
    assert len(path.read_bytes()) > 200
    assert entries(path) == [{"n": 0}]
    FlockJournalBackend(path).append_logs([{"n": 2}])
    assert entries(path) == stock_entries(path) == [{"n": 0}, {"n": 2}]


def test_an_orphaned_stock_lock_file_holds_up_nobody(path: Path) -> None:
    """Stock Optuna leaves this behind when it is killed, and then waits 30 seconds for it."""
    path.write_bytes(b'{"n":0}\n')
    path.with_name(path.name + ".lock").symlink_to(path)
    FlockJournalBackend(path).append_logs([{"n": 1}])
    assert entries(path) == [{"n": 0}, {"n": 1}]


def test_a_torn_line_replaced_while_it_is_read_is_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that has the torn half in its buffer must not join it to the new line."""
    path.write_bytes(b'{"n":0}\n' + b'{"torn half')
    real, cut = FlockJournalBackend._complete_lines, []

    def lines(self: FlockJournalBackend, file: Any, start: int) -> Any:
        class Racing:
            """A file whose line is replaced by a writer just while it is read."""

            seek = file.seek

            def __iter__(self) -> Any:
                yield file.readline()
                yield file.readline() + b'"n":1}\n'

        cut.append(start)
        if len(cut) > 1:
            return real(self, file, start)
        raced = list(real(self, Racing(), start))  # type: ignore[arg-type]
        FlockJournalBackend(path).append_logs([{"n": 1}])
        return raced

    monkeypatch.setattr(FlockJournalBackend, "_complete_lines", lines)
    assert entries(path) == [{"n": 0}, {"n": 1}]
    assert cut == [0, 1]


# --- damage ----------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"oops", b"[1]", b"", b"null", b"\xff\xfe", b'{"n":1}{"n":2}'])
def test_a_damaged_line_is_named_and_nothing_behind_it_is_read(path: Path, damage: bytes) -> None:
    path.write_bytes(b'{"n":0}\n' + damage + b'\n{"n":2}\n')
    reader = iter(FlockJournalBackend(path).read_logs(0))
    assert next(reader) == {"n": 0}
    with pytest.raises(StudyError, match=r"study\.journal, line 2 is damaged") as caught:
        next(reader)
    assert caught.value.hint
    with pytest.raises(StudyError, match="line 2 is damaged"):
        list(FlockJournalBackend(path).read_logs(1))


# --- a full disk -----------------------------------------------------------------


@pytest.mark.parametrize("fails_at", ["first byte", "half", "fsync"])
def test_a_full_disk_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    FlockJournalBackend(path).append_logs([{"n": 0}])
    before = path.read_bytes()
    real_pwrite, calls = os.pwrite, []

    def no_space(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def half(descriptor: int, data: bytes, offset: int) -> int:
        calls.append(offset)
        if len(calls) > 1:
            no_space()
        return real_pwrite(descriptor, data[: len(data) // 2], offset)

    if fails_at == "fsync":
        monkeypatch.setattr(journal_module.os, "fsync", no_space)
    else:
        monkeypatch.setattr(journal_module.os, "pwrite", half if fails_at == "half" else no_space)
    with pytest.raises(OSError, match="No space left"):
        FlockJournalBackend(path).append_logs([{"n": 1, "text": "x" * 100}])
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert stock_entries(path) == entries(path) == [{"n": 0}]
    FlockJournalBackend(path).append_logs([{"n": 1}])
    assert entries(path) == [{"n": 0}, {"n": 1}]


def test_a_limit_of_the_kernel_leaves_the_file_as_it_was(path: Path) -> None:
    """The real thing: the kernel writes up to the limit, then refuses."""
    text = f"""
import pathlib, resource
from hpsearch.storage.journal import FlockJournalBackend

backend = FlockJournalBackend(pathlib.Path({str(path)!r}))
backend.append_logs([{{"n": 0}}])
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
backend.append_logs([{{"n": 1, "text": "x" * 4000}}])
try:
    backend.append_logs([{{"n": 2, "text": "x" * 4000}}])
except OSError as error:
    raise SystemExit(str(error))
"""
    answer = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False
    )
    assert "File too large" in answer.stderr
    assert [entry["n"] for entry in stock_entries(path)] == [0, 1]
    assert path.read_bytes().endswith(b"\n")


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(
        journal_module.os, "pwrite", lambda fd, data, offset: real(fd, data[:7], offset)
    )
    FlockJournalBackend(path).append_logs([{"n": 0, "text": "x" * 50}, {"n": 1}])
    monkeypatch.undo()
    assert [entry["n"] for entry in stock_entries(path)] == [0, 1]


def test_an_entry_that_is_no_json_writes_nothing(path: Path) -> None:
    with pytest.raises(TypeError):
        FlockJournalBackend(path).append_logs([{"n": 1}, {"n": object()}])
    assert not path.exists()


# --- many at once ----------------------------------------------------------------


@pytest.mark.slow
def test_eight_processes_append_at_once(path: Path) -> None:
    """Every entry is there once, whole, and those of one process in its order."""

    def write(writer: int) -> None:
        backend = FlockJournalBackend(path)
        for n in range(50):
            backend.append_logs([{"writer": writer, "n": n, "text": "x" * (n * 7)}])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        children = [FORK.Process(target=write, args=(writer,)) for writer in range(8)]
        for child in children:
            child.start()
    seen = 0
    backend, found = FlockJournalBackend(path), []
    while any(child.is_alive() for child in children):  # a reader meanwhile sees whole lines
        found += list(backend.read_logs(seen))
        seen = len(found)
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 8
    found += list(backend.read_logs(seen))
    assert found == stock_entries(path)
    assert len(found) == 400
    for writer in range(8):
        assert [e["n"] for e in found if e["writer"] == writer] == list(range(50))


# --- with stock Optuna -----------------------------------------------------------


def fill(storage: JournalStorage, trials: int) -> None:
    study = optuna.create_study(storage=storage, study_name="s", load_if_exists=True)
    for _ in range(trials):
        trial = study.ask()
        x = trial.suggest_float("x", 0, 1)
        trial.report(x, 1)
        study.tell(trial, x)


def summary(storage: JournalStorage) -> list[Any]:
    study = optuna.load_study(storage=storage, study_name="s")
    return [(t.number, t.state, t.params, t.value, t.intermediate_values) for t in study.trials]


def test_stock_optuna_reads_our_files_and_we_read_its(tmp_path: Path) -> None:
    ours, stock = tmp_path / "ours", tmp_path / "stock"
    fill(JournalStorage(FlockJournalBackend(ours)), 3)
    fill(JournalStorage(JournalFileBackend(str(stock))), 3)
    assert len(summary(JournalStorage(FlockJournalBackend(stock)))) == 3
    for path in (ours, stock):  # each goes on in the other's file
        fill(JournalStorage(JournalFileBackend(str(path))), 1)
        fill(JournalStorage(FlockJournalBackend(path)), 1)
        by_us = summary(JournalStorage(FlockJournalBackend(path)))
        assert by_us == summary(JournalStorage(JournalFileBackend(str(path))))
        assert [row[0] for row in by_us] == [0, 1, 2, 3, 4]
        assert all(json.loads(line) for line in path.read_text().splitlines())


def test_an_operation_that_optuna_does_not_know_is_damage(tmp_path: Path) -> None:
    """Valid JSON that means nothing must not end in an assertion inside Optuna."""
    path = tmp_path / "study.journal"
    path.write_text('{"op_code":99,"worker_id":"w"}\n')
    with pytest.raises(StudyError, match="line 1 is damaged"):
        list(FlockJournalBackend(path).read_logs(0))
