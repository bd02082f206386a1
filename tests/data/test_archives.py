"""Archives unpack into their folder and nowhere else."""

import stat
import zipfile
from pathlib import Path

import pytest

from hpsearch.data import archives
from hpsearch.data.archives import unpack
from hpsearch.errors import DataError


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("GTSRB/", "")
        archive.writestr("GTSRB/00000/a..b.ppm", "x")
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert (tmp_path / "out/GTSRB/00000/a..b.ppm").read_text() == "x"


@pytest.mark.parametrize(
    "name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "..\\out.txt", "C:/out.txt"]
)
def test_a_member_that_leads_out_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("good.txt", "x")
        archive.writestr(name, "x")
    with pytest.raises(DataError, match="unsafe member"):
        unpack(tmp_path / "a.zip", tmp_path / "out" / "deep")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="unsafe member 'link'"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(1001))
    with pytest.raises(DataError, match="expected at most 1,000"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "x" * 1000)
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:500])
    with pytest.raises(DataError, match=r"a\.zip cannot be unpacked"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
