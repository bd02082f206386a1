"""The dashboard shows studies, changes none, and lets in whom it should, over real HTTP."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.entry import run
from hpsearch.errors import InputError, StudyError
from hpsearch.interop.dashboard_server import LOCAL, serve, token_for
from hpsearch.storage import RunDirectory, StudyStore

Make = Callable[..., Any]
TOKEN = "a-long-token"


@contextmanager
def served(directories: list[Path], token: str | None = None) -> Iterator[int]:
    """A dashboard in another thread; gives its port."""
    with serve(directories, "127.0.0.1", 0, token) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def ask(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request; redirections are not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture
def study(make_study: Make, trial: Make) -> Path:
    path: Path = make_study([trial(0.25, {"x": 1}), trial(0.5, {"x": 2})])
    return path


def test_studies_and_their_trials_are_shown_as_they_end(
    study: Path, make_study: Make, trial: Make
) -> None:
    other = make_study([trial(0.75)], "other")
    with served([study, other]) as port:
        studies = json.loads(ask(port, "/api/studies")[2])["study_summaries"]
        assert [one["study_name"] for one in studies] == [str(study), str(other)]
        trials = json.loads(ask(port, "/api/studies/0")[2])["trials"]
        assert [one["values"] for one in trials] == [[0.25], [0.5]]
        assert len(json.loads(ask(port, "/api/studies/1")[2])["trials"]) == 1
        assert b"html" in ask(port, "/dashboard")[2]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/studies/0"),
        ("POST", "/api/studies"),
        ("POST", "/api/studies/0/rename"),
        ("PUT", "/api/studies/0/note"),
        ("POST", "/api/trials/0/tell"),
        ("PATCH", "/"),
    ],
)
def test_nothing_can_be_changed(study: Path, method: str, path: str) -> None:
    before = {file: file.read_bytes() for file in study.rglob("*") if file.is_file()}
    with served([study]) as port:
        assert ask(port, path, method)[0] == 405
        ask(port, "/api/studies/0")
    assert {file: file.read_bytes() for file in study.rglob("*") if file.is_file()} == before


def test_the_storage_itself_refuses_to_write(study: Path) -> None:
    """Should a request that reads come to write one day, the study does not suffer."""
    from hpsearch.interop.dashboard_storage import ShownStudies

    shown = ShownStudies([study])
    for write in (shown.delete_study, shown.create_new_trial):
        with pytest.raises(PermissionError):
            write(0)


def test_the_token_lets_in_and_nothing_else_does(study: Path) -> None:
    with served([study], TOKEN) as port:
        for path, headers in (
            ("/api/studies", {}),
            ("/api/studies?token=wrong-token", {}),
            ("/api/studies?token=", {}),
            ("/api/studies", {"Cookie": "hpsearch_dashboard=wrong-token"}),
            ("/api/studies", {"Authorization": "Bearer wrong"}),
            ("/static/bundle.js", {}),
        ):
            assert ask(port, path, **headers)[0] == 401
        assert ask(port, "/api/studies", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_the_token_is_given_once_and_kept_in_a_cookie(study: Path) -> None:
    """Addresses are seen by others and kept in histories; the cookie is for this server only."""
    with served([study], TOKEN) as port:
        status, headers, _ = ask(port, f"/api/studies?token={TOKEN}")
        assert (status, headers["Location"]) == (303, "/api/studies")
        cookie = headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        assert ask(port, "/api/studies", Cookie=cookie.partition(";")[0])[0] == 200
        away = ask(port, f"//elsewhere.example/x?token={TOKEN}")[1]["Location"]
        assert not away.startswith("//"), "the answer must not lead to another server"


def test_without_a_token_only_this_machine_may_be_asked_for(study: Path) -> None:
    """A page of somebody else's may resolve its own name to 127.0.0.1."""
    with served([study]) as port:
        assert ask(port, "/api/studies", Host="evil.example")[0] == 403
        assert ask(port, "/api/studies", Host=f"localhost:{port}")[0] == 200
        assert ask(port, "/api/studies", Host=f"[::1]:{port}")[0] == 200


def test_other_hosts_always_get_a_token() -> None:
    assert [token_for(host, None) for host in LOCAL] == [None] * 3
    first, second = token_for("0.0.0.0", None), token_for("0.0.0.0", None)
    assert first is not None
    assert first != second
    assert len(first) >= 32
    assert token_for("", None), "an empty name listens everywhere"
    assert token_for("127.0.0.1", TOKEN) == TOKEN
    with pytest.raises(InputError, match="too short"):
        token_for("0.0.0.0", "")


def test_new_trials_appear_without_a_restart(study: Path) -> None:
    with served([study]) as port:
        ask(port, "/api/studies/0")
        from hpsearch.interop.dashboard_storage import ShownStudies

        shown = ShownStudies([study])
        store = StudyStore(RunDirectory(study))
        store.finish(store.create_trial({}, {}, {"params": {}}), "complete", 0.9, {})
        assert [trial.value for trial in shown.get_all_trials(0)] == [0.25, 0.5, 0.9]


def test_what_cannot_be_shown_is_refused_in_one_line(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StudyError, match="No study in"):
        serve([tmp_path / "nothing"], "127.0.0.1", 0, None)
    with served([study]) as port:
        assert run(["dashboard", str(study), "--port", str(port)]) == 2
    assert run(["dashboard", str(study), "--host", "no.such.host.invalid", "--port", "0"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("hpsearch: Cannot listen on") for line in lines)


def test_without_the_extra_the_command_to_install_it_is_said(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    assert run(["dashboard", str(study)]) == 2
    assert "pip install 'hpsearch[dashboard]'" in capsys.readouterr().err
