"""Downloads are checked, continued and unpacked; the server is a local one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.data import Gtsrb, cache_dir, fetch_gtsrb, fetching
from hpsearch.errors import DataError
from tests.data.serving import Server, add, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetching, "RETRY_SECONDS", 0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as running:
        yield running


def test_archives_are_fetched_and_unpacked_and_found_by_gtsrb(server: Server) -> None:
    sums = {
        "a.zip": add(server, "a.zip", {"GTSRB/Final_Training/Images/00000/x.ppm": "x" * 5000}),
        "b.zip": add(server, "b.zip", {"GT-final_test.csv": "y"}),
    }
    calls: list[tuple[int, int]] = []
    progress = lambda done, total: calls.append((done, total))  # noqa: E731
    folder = fetch_gtsrb(None, progress, url=server.url, archives=sums)
    assert folder == cache_dir() / "gtsrb"
    assert (folder / "GT-final_test.csv").read_text() == "y"
    assert (folder / "GTSRB/Final_Training/Images/00000/x.ppm").exists()
    assert not list((folder / "archives").iterdir())
    assert json.loads((folder / "fetched.json").read_text())["archives"] == sums
    assert calls[-1] == (len(server.files["b.zip"]),) * 2
    assert Gtsrb().find_source() == folder


def test_a_finished_download_asks_the_server_nothing(server: Server) -> None:
    sums = {"a.zip": add(server, "a.zip", {"a": "x"})}
    fetch_gtsrb(url=server.url, archives=sums)
    server.ranges.clear()
    fetch_gtsrb(url=server.url, archives=sums)
    assert server.ranges == []


def test_a_partial_file_is_continued(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"a": "x" * 10_000})
    (tmp_path / "out/archives").mkdir(parents=True)
    (tmp_path / "out/archives/a.zip.part").write_bytes(server.files["a.zip"][:4000])
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert server.ranges == ["bytes=4000-"]
    assert (tmp_path / "out/a").read_text() == "x" * 10_000


def test_a_partial_file_that_is_complete_needs_no_more(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"a": "x"})
    (tmp_path / "out/archives").mkdir(parents=True)
    (tmp_path / "out/archives/a.zip.part").write_bytes(server.files["a.zip"])
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert (tmp_path / "out/a").read_text() == "x"


def test_a_partial_file_longer_than_the_real_one_is_dropped(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"a": "x"})
    (tmp_path / "out/archives").mkdir(parents=True)
    (tmp_path / "out/archives/a.zip.part").write_bytes(server.files["a.zip"] + b"more")
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert (tmp_path / "out/a").read_text() == "x"


def test_a_broken_connection_is_taken_up_again(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"a": "x" * 10_000})
    server.num_breaks, server.break_after = 2, 3000
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert server.ranges == [None, "bytes=3000-", "bytes=6000-"]


def test_a_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"a": "x" * 10_000})
    server.supports_range = False
    server.num_breaks, server.break_after = 1, 3000
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert (tmp_path / "out/a").read_text() == "x" * 10_000


def test_a_connection_that_keeps_breaking_is_an_error_and_the_next_run_continues(
    server: Server, tmp_path: Path
) -> None:
    md5 = add(server, "a.zip", {"a": "x" * 10_000})
    server.num_breaks, server.break_after = fetching.ATTEMPTS, 1000
    with pytest.raises(DataError, match="cannot be downloaded") as failure:
        fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert "continues" in failure.value.hint
    fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert server.ranges[-1] == f"bytes={1000 * fetching.ATTEMPTS}-"


def test_a_wrong_checksum_is_refused_and_nothing_unpacked(server: Server, tmp_path: Path) -> None:
    add(server, "a.zip", {"a": "x"})
    with pytest.raises(DataError, match="wrong checksum"):
        fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": "0" * 32})
    assert not (tmp_path / "out/a").exists()
    assert not (tmp_path / "out/fetched.json").exists()


def test_an_unsafe_archive_is_refused(server: Server, tmp_path: Path) -> None:
    md5 = add(server, "a.zip", {"../../evil": "x"})
    with pytest.raises(DataError, match="unsafe member"):
        fetch_gtsrb(tmp_path / "out", url=server.url, archives={"a.zip": md5})
    assert not (tmp_path / "out/fetched.json").exists()


def test_a_missing_file_or_server_is_named(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.zip cannot be downloaded: .*404"):
        fetch_gtsrb(tmp_path / "out", url=server.url, archives={"none.zip": "0" * 32})


def test_without_a_network_one_line_counts_the_attempts(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Five warnings of the same words tell no more than the error."""
    with pytest.raises(DataError, match=r"none\.zip cannot be downloaded: .*, 5 times in a row\."):
        fetch_gtsrb(tmp_path / "out", url="http://127.0.0.1:9/", archives={"none.zip": "0" * 32})
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_a_target_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="expected a writable folder"):
        fetch_gtsrb(tmp_path / "file")
