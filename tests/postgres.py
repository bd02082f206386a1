"""A PostgreSQL server of the tests' own, which can be stopped and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

PASSWORD = "s3cret-pass_w0rd"
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


@dataclass
class PostgresServer:
    """A server that listens on a socket in a directory only.

    Args:
        folder: Holds its data, its socket and its log.
    """

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        """Make the data directory."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._call(
            "initdb",
            *("--pgdata", str(self.data), "--username", "tester", "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8"),
        )

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        options += " -c max_connections=60 -c shared_buffers=32MB"
        log = ("--log", str(self.folder / "log"))
        self._call("pg_ctl", "start", "--wait", "--pgdata", str(self.data), *log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it; the mode `immediate` is as if it was killed."""
        self._call("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", str(self.data))

    def url(self, database: str = "postgres", password: str | None = PASSWORD) -> str:
        """The address of a database."""
        login = "tester" if password is None else f"tester:{password}"
        return f"postgresql://{login}@/{database}?host={self.folder}"

    def create_database(self) -> str:
        """The address of an empty database."""
        name = f"test_{uuid4().hex[:12]}"
        command = [_program("createdb"), "--host", str(self.folder), "--username", "tester", name]
        subprocess.run(command, check=True, env={**os.environ, "PGPASSWORD": PASSWORD})
        return self.url(name)

    def _call(self, program: str, *arguments: str) -> None:
        if os.geteuid() != 0:
            account = {}
        else:
            owner = pwd.getpwnam(ACCOUNT)
            account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        errors = self.folder / "errors"
        with errors.open("ab") as file:
            done = subprocess.run(
                [_program(program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a pipe would be held open by the server
                stderr=file,
                cwd=self.folder,
                **account,
            )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {errors.read_text()}")


def _program(name: str) -> str:
    """A program of PostgreSQL; Debian keeps them off PATH."""
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    if found is None:
        raise RuntimeError(f"{name} is not installed: run `make debian-packages`.")
    return found


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A new server; whoever stops it must start it again."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, as the name of a socket must be
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    server = PostgresServer(folder)
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the session; whoever stops it must start it again."""
    with running_server() as server:
        yield server


@pytest.fixture
def database(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty database, with its password."""
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")  # what a test leaves there is taken back
    return postgres.create_database()
