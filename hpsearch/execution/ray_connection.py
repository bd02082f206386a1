"""Connecting to a Ray cluster, or starting a Ray of one's own on this machine."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import InputError
from hpsearch.execution.devices import available_cores

ANSWER_SECONDS = 5.0
OBJECT_STORE_BYTES = 100 << 20  # orders and exit statuses are all that passes through Ray
OWN = "local"
RAY_THREADS = "ray_"


@dataclass(frozen=True)
class Connection:
    """A connection to Ray.

    Args:
        ray: The module `ray`, connected.
        apart: What keeps Ray's own words off standard output; None if the connection was
            there before, and so is neither touched nor closed.
    """

    ray: Any
    apart: WordsApart | None

    def close(self) -> None:
        """Disconnect; a Ray that was started for this connection ends with it."""
        if self.apart is not None:
            with _signals_kept():
                self.ray.shutdown()
            self.apart.end()


class WordsApart:
    """Stands for standard output and sends what Ray's threads print to a log instead.

    Ray prints what befalls its nodes on standard output, where our one JSON object belongs, and
    has no setting for that.

    Args:
        log: The file.
    """

    def __init__(self, log: Path) -> None:
        self._stream = sys.stdout
        self._log = log.open("a", encoding="utf-8", buffering=1)
        sys.stdout = self

    def write(self, text: str) -> int:
        """Write to the log what a thread of Ray's says, everything else to where it belongs."""
        of_ray = threading.current_thread().name.startswith(RAY_THREADS)
        return (self._log if of_ray else self._stream).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def end(self) -> None:
        """Give standard output back."""
        sys.stdout = self._stream
        self._log.close()


def resolve_address(given: str | None) -> str:
    """Where the cluster is: as given, else `$RAY_ADDRESS`, else `local` for a Ray of our own."""
    return given or os.environ.get("RAY_ADDRESS") or OWN


def check_ray(given: str | None) -> None:
    """Refuse what cannot work, without loading Ray.

    Args:
        given: The address that was given; None for the default.

    Raises:
        InputError: Ray is not installed, or nobody answers at the address.
    """
    if importlib.util.find_spec("ray") is None:
        raise InputError(
            "--executor ray needs the package ray, which is not installed.",
            "Install it: pip install 'hpsearch[ray]'.",
        )
    address = resolve_address(given)
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        if address in (OWN, "auto"):
            return
        raise InputError(
            f"--ray-address is '{address}'.", "Give host:port, ray://host:port, auto or local."
        )
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, str(error)) from error


def _unreachable(address: str, reason: str) -> InputError:
    return InputError(
        f"No Ray cluster can be reached at {address}: {reason.rstrip('.')}.",
        "Start one with `ray start --head`, or give its address with --ray-address.",
    )


def connect(given: str | None, log: Path) -> Connection:
    """Connect to a Ray cluster, or start a Ray on this machine; keep one that is connected.

    Args:
        given: The address that was given; None for the default.
        log: The file for what Ray prints.

    Raises:
        InputError: Ray is not installed, or the cluster cannot be reached.
    """
    check_ray(given)
    import ray

    if ray.is_initialized():
        return Connection(ray, None)
    address = resolve_address(given)
    try:
        with _signals_kept():
            ray.init(
                address=address, log_to_driver=False, logging_level="ERROR", **_own(address == OWN)
            )
    except (ConnectionError, ImportError, RuntimeError, ValueError) as error:
        raise _unreachable(address, str(error).strip().splitlines()[0]) from error
    return Connection(ray, WordsApart(log))


def _own(starting: bool) -> dict[str, Any]:
    """The settings of a Ray that is started here: small, and without a dashboard."""
    if not starting:
        return {}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    return {
        "num_cpus": available_cores(),
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE_BYTES,
    }


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Inside, Ray may set what SIGTERM does; afterwards it does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
