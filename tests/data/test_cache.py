"""Decoded images are made once, whole or not at all, by one process at a time."""

import contextlib
import threading
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data.cache import EntryWriter, cache_dir, cached, kept_in

FACTS = {"arrays": ["numbers"]}


def fill(writer: EntryWriter) -> None:
    writer.array("numbers", (4,), np.int64)[:] = [1, 2, 3, 4]
    writer.finish(FACTS)


def refuse(writer: EntryWriter) -> None:
    raise AssertionError("made a second time")


def test_an_entry_is_made_once_and_then_mapped() -> None:
    cached("key", fill)
    entry = cached("key", refuse)
    assert isinstance(entry.arrays["numbers"], np.memmap)
    assert entry.arrays["numbers"].tolist() == [1, 2, 3, 4]
    assert entry.facts == FACTS


def test_other_keys_are_other_entries() -> None:
    cached("key", fill)
    with pytest.raises(AssertionError):
        cached("other", refuse)


def test_a_failure_leaves_nothing_behind() -> None:
    def fail(writer: EntryWriter) -> None:
        writer.array("numbers", (4,), np.int64)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached("key", fail)
    assert not list((cache_dir() / "decoded").iterdir())
    assert cached("key", fill).arrays["numbers"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00nonsense" * 9])
def test_a_damaged_entry_is_made_again(damage: bytes) -> None:
    cached("key", fill)
    (cache_dir() / "decoded/key/numbers.npy").write_bytes(damage)
    assert cached("key", fill).arrays["numbers"].tolist() == [1, 2, 3, 4]


def test_a_missing_array_is_made_again() -> None:
    cached("key", fill)
    (cache_dir() / "decoded/key/numbers.npy").unlink()
    assert cached("key", fill).arrays["numbers"].tolist() == [1, 2, 3, 4]


def test_locks_and_what_a_killed_process_left_are_removed() -> None:
    folder = cache_dir() / "decoded"
    (folder / "key.half").mkdir(parents=True)
    (folder / "key.half" / "numbers.npy").write_bytes(b"half")
    cached("key", fill)
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_nobody_goes_on_under_a_lock_that_was_removed(tmp_path: Path) -> None:
    """Those who waited for a lock that its holder removed share the new one, one at a time."""
    inside, most = [], []

    def fail(writer: EntryWriter) -> None:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.005)
        inside.pop()
        raise OSError

    def ask() -> None:
        with contextlib.suppress(OSError):
            kept_in(tmp_path, "key", fail)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 16
    assert not list(tmp_path.iterdir())


def test_an_empty_array_is_kept_too() -> None:
    def fill_empty(writer: EntryWriter) -> None:
        writer.array("numbers", (0, 3), np.uint8)
        writer.finish(FACTS)

    cached("key", fill_empty)
    assert cached("key", refuse).arrays["numbers"].shape == (0, 3)


def test_two_at_the_same_time_make_it_once() -> None:
    makes = []
    both_make = threading.Barrier(2)

    def count(writer: EntryWriter) -> None:
        makes.append(1)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_make.wait(timeout=0.3)  # until the other makes it too, which must not be
        fill(writer)

    threads = [threading.Thread(target=cached, args=("key", count)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(makes) == 1


def test_without_a_writable_cache_the_entry_is_made_for_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path / "file" / "cache"))
    assert cached("key", fill).arrays["numbers"].tolist() == [1, 2, 3, 4]
    assert "cannot be used" in caplog.text


def test_cache_dir_is_the_variable_or_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_CACHE", "/somewhere")
    assert cache_dir() == Path("/somewhere")
    monkeypatch.delenv("HPSEARCH_CACHE")
    assert cache_dir() == Path.home() / ".cache" / "hpsearch"
