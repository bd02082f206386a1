"""What is said when Ray cannot be used, before Ray is loaded."""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
from pathlib import Path

import pytest

from hpsearch.errors import InputError
from hpsearch.execution.ray_connection import WordsApart, check_ray, resolve_address


def test_a_missing_ray_is_said_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the extra's name."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'hpsearch\[ray\]'"):
        check_ray(None)


def test_an_address_where_nobody_answers_is_refused() -> None:
    """A port that was free a moment ago, with and without Ray's scheme."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for given in (address, f"ray://{address}"):
        with pytest.raises(InputError, match=f"No Ray cluster can be reached at {given}"):
            check_ray(given)
    with pytest.raises(InputError, match="--ray-address is 'nonsense'"):
        check_ray("nonsense")


def test_an_address_that_answers_is_not_refused() -> None:
    """Whether it is Ray that answers is seen when connecting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_ray(f"127.0.0.1:{server.getsockname()[1]}")


def test_the_address_is_as_given_else_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's own variable, as other tools read it; else a Ray of our own."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert resolve_address(None) == "local"
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert resolve_address(None) == "10.0.0.1:6379"
    assert resolve_address("auto") == "auto"


def test_what_rays_threads_print_goes_to_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output keeps what others print, and is the old one afterwards."""
    before, apart = sys.stdout, WordsApart(tmp_path / "ray.log")
    thread = threading.Thread(target=print, args=("node lost",), name="ray_listen_error_messages")
    thread.start()
    thread.join()
    sys.stdout.write("ours\n")
    apart.end()
    assert sys.stdout is before
    assert capsys.readouterr().out == "ours\n"
    assert (tmp_path / "ray.log").read_text() == "node lost\n"
