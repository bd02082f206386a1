"""Download of the data sets that may be had without an account."""

import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.data.archives import unpack
from hpsearch.data.cache import cache_dir
from hpsearch.errors import DataError

if TYPE_CHECKING:
    from hpsearch.data.loaded import Progress

logger = logging.getLogger(__name__)

GTSRB_URL = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"
GTSRB_ARCHIVES: Mapping[str, str] = {
    "GTSRB_Final_Training_Images.zip": "f33fd80ac59bff73c82d25ab499e03a3",
    "GTSRB_Final_Test_Images.zip": "c7e4e6327067d32654124b0fe9e82185",
    "GTSRB_Final_Test_GT.zip": "fe31e9c9270bbcd7b84b7f21a9d9d9e5",
}
"""The archives with their MD5 sums: 39,209 training and 12,630 test images."""
KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
PUBLISHED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "mnist": (
        KERAS_URL,
        {"mnist.npz": "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"},
    ),
    "fashion_mnist": (
        KERAS_URL,
        {
            "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "md5:25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "md5:bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "cifar10": (
        "https://www.cs.toronto.edu/~kriz/",
        {"cifar-10-binary.tar.gz": "md5:c32a1d4ab5d03f1284b67883e8d87530"},
    ),
}
"""Address and checksum of the files of other data sets: those of keras.datasets, but CIFAR's
binary version in place of the pickled one."""
DONE = "fetched.json"
"""Written last: a folder without it is an unfinished download."""
ATTEMPTS = 5
BLOCK = 1 << 18


def fetched_gtsrb() -> Path | None:
    """The folder of an earlier `fetch_gtsrb`, if it was finished."""
    folder = cache_dir() / "gtsrb"
    return folder if (folder / DONE).exists() else None


def fetch_gtsrb(
    target: Path | None = None,
    progress: "Progress | None" = None,
    *,
    url: str = GTSRB_URL,
    archives: Mapping[str, str] = GTSRB_ARCHIVES,
) -> Path:
    """Download and unpack GTSRB, continuing where an interrupted download stopped.

    Args:
        target: Folder to put it in; the cache, where `Gtsrb.load` finds it, if None.
        progress: Called with (done, total) bytes of the archive being downloaded.
        url: Address of the folder with the archives.
        archives: MD5 sum of each archive.

    Returns:
        The folder, to be given as ``--data`` unless it is the cache.

    Raises:
        DataError: The server cannot be reached, a checksum is wrong, or an archive is unsafe.
    """
    folder = target or cache_dir() / "gtsrb"
    if (folder / DONE).exists():
        return folder
    _make_folder(folder / "archives")
    for name, md5 in archives.items():
        archive = _fetch(url + name, folder / "archives", name, f"md5:{md5}", progress)
        unpack(archive, folder)
    for name in archives:
        (folder / "archives" / name).unlink()
    temporary = folder / f"{DONE}.{os.getpid()}"
    temporary.write_text(json.dumps({"url": url, "archives": dict(archives)}))
    temporary.replace(folder / DONE)
    return folder


def fetch_published(
    name: str, target: Path | None = None, progress: "Progress | None" = None
) -> Path:
    """Download one of `PUBLISHED`, continuing where an interrupted download stopped.

    Args:
        name: Of the data set.
        target: Folder to put it in; the cache, where the data set finds it, if None.
        progress: Called with (done, total) bytes of the file being downloaded.

    Returns:
        The folder, to be given as ``--data`` unless it is the cache.

    Raises:
        DataError: The server cannot be reached, or a checksum is wrong.
    """
    url, files = PUBLISHED[name]
    folder = target or cache_dir() / name
    _make_folder(folder)
    for file, checksum in files.items():
        _fetch(url + file, folder, file, checksum, progress)
    return folder


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be made ({error}); expected a writable folder."
        ) from error


def _fetch(url: str, folder: Path, name: str, checksum: str, progress: "Progress | None") -> Path:
    """One archive, by pooch: nothing is loaded where the file is there and its sum is right."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # it would print

    def download(url: str, output_file: str, _: Any) -> None:
        part = folder / f"{name}.part"
        download_resumable(url, part, progress)
        part.replace(output_file)

    try:
        return Path(pooch.retrieve(url, checksum, name, folder, downloader=download))
    except ValueError as error:
        raise DataError(
            f"{url} arrived with a wrong checksum; expected {checksum}.",
            hint="Run the same command again; if it fails again the server has another file.",
        ) from error
    except OSError as error:
        raise DataError(
            f"{url} cannot be downloaded: {error}.",
            hint="Check the network and run the same command again: it continues where it was.",
        ) from error


def download_resumable(url: str, part: Path, progress: "Progress | None" = None) -> None:
    """Download into a file, after what it holds already; a broken connection is tried again.

    Args:
        url: What to download.
        part: The file; kept when the download fails.
        progress: Called with (done, total) bytes.

    Raises:
        OSError: The server cannot be reached or refuses, or the connection keeps breaking.
    """
    import urllib.error

    for attempt in range(ATTEMPTS):
        before = _size(part)
        try:
            if _download_rest(url, part, progress):
                return
            reason = "the connection broke"
        except urllib.error.HTTPError:
            raise
        except OSError as error:
            reason = str(getattr(error, "reason", error))
        logger.info("attempt %d to download %s ended: %s", attempt + 1, url, reason)
        if attempt < ATTEMPTS - 1 and _size(part) == before:
            time.sleep(min(2**attempt, 10) * RETRY_SECONDS)
    raise OSError(f"{reason}, {ATTEMPTS} times in a row")


RETRY_SECONDS = 1.0
"""Wait after the first failure that brought nothing, doubled each time."""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _download_rest(url: str, part: Path, progress: "Progress | None") -> bool:
    """True when the file is complete."""
    import urllib.error
    import urllib.request

    start = _size(part)
    # The scheme is ours: addresses come from this module or a caller, never from a file.
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})  # noqa: S310
    try:
        response = urllib.request.urlopen(request, timeout=60)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:  # nothing is left, or the file is another one
            return _is_whole(error.headers.get("Content-Range"), part)
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        length = response.headers.get("Content-Length")
        done = file.tell()
        total = done + int(length) if length else 0
        while block := response.read(BLOCK):
            file.write(block)
            done += len(block)
            if progress:
                progress(done, total or done)
    return not total or done == total


def _is_whole(content_range: str | None, part: Path) -> bool:
    """Whether the server's ``bytes */<size>`` is what the file has; if not, it is dropped."""
    if content_range and content_range.rpartition("/")[2] == str(_size(part)):
        return True
    part.unlink()
    return False
