"""Safe unpacking of zip archives."""

import contextlib
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from hpsearch.data.cache import cache_dir, key_of
from hpsearch.errors import DataError

MAX_BYTES = 20 << 30
"""No archive of images unpacks to more than this; one that does is a bomb."""


def unpack(archive: Path, target: Path) -> None:
    """Unpack a zip archive into a folder.

    All members are looked at before the first one is written.

    Args:
        archive: The zip file.
        target: Folder to unpack into.

    Raises:
        DataError: It is no zip file or damaged, or a member is a link, has an absolute path or
            one that leads out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            for member in members:
                _check_member(archive, member)
            _check_size(archive, members)
            opened.extractall(target)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise DataError(
            f"{archive} cannot be unpacked ({error}); expected a complete zip archive.",
            hint="Check the free disk space, delete the file and fetch it again.",
        ) from error


def unpacked(archive: Path) -> Path:
    """The folder in the cache that a zip archive is unpacked in, once.

    Raises:
        DataError: As `unpack`.
    """
    status = archive.stat()
    parent = cache_dir() / "unpacked"
    target = parent / key_of(str(archive.resolve()), status.st_size, status.st_mtime_ns)
    if not target.is_dir():
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            unpack(archive, Path(folder) / "content")
            with contextlib.suppress(OSError):  # another process was first
                (Path(folder) / "content").replace(target)
    return target


def _check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]
    kind = stat.S_IFMT(member.external_attr >> 16)
    if outside or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{archive} holds the unsafe member {member.filename!r}; "
            "expected files and folders with relative paths only.",
            hint="Do not use this archive: it is not the official one.",
        )


def _check_size(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    if size > MAX_BYTES:
        raise DataError(
            f"{archive} would unpack to {size:,} bytes; expected at most {MAX_BYTES:,}."
        )
