"""Where trials are kept when not in the journal: the address of a PostgreSQL database."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hpsearch.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import URL

ENVIRONMENT = "HPSEARCH_STORAGE"
LOGIN_ENVIRONMENT = "HPSEARCH_STORAGE_LOGIN"
"""The URL as given, for child processes: never on a command line or in a file."""
JOURNAL = "journal"
SECRETS = ("password", "sslpassword")
EXAMPLE = "postgresql://user@host/database"
_USER_INFO = re.compile(r"(://[^:/@\s?#]*):[^\s]*@")
_SECRET_QUERY = re.compile(rf"((?:{'|'.join(SECRETS)})=)[^&\s#'\"]*", re.IGNORECASE)


@dataclass(frozen=True)
class StorageAddress:
    """A database, and the name of one study in it; holds no password.

    Args:
        url: As `postgresql://user@host:5432/database?options`, without a password.
        study: The name of the study in the database; empty if none is named.
    """

    url: str
    study: str = ""

    def __str__(self) -> str:
        return f"{self.url}#{self.study}" if self.study else self.url

    def to_json(self) -> dict[str, str]:
        """For `study.json`."""
        return {"url": self.url, "study": self.study}

    @staticmethod
    def from_json(facts: Mapping[str, Any]) -> StorageAddress:
        """As `to_json` wrote it."""
        return StorageAddress(str(facts["url"]), str(facts["study"]))

    def named_after(self, name: str) -> StorageAddress:
        """The address of a new study: the name and a random token, as no other study has it."""
        return StorageAddress(self.url, f"{name}-{secrets.token_hex(4)}")


def parse_address(text: str) -> StorageAddress | None:
    """The address that `--storage` gives; its password is kept for this process and its children.

    Args:
        text: A URL; or `journal` for the journal file.

    Returns:
        None for the journal file.

    Raises:
        InputError: It is no URL of a PostgreSQL database, or psycopg is not installed.
    """
    if text == JOURNAL:
        return None
    url, _, study = text.partition("#")
    parsed = _parse(url)
    _check_installed()
    if _secrets_in(parsed):
        os.environ[LOGIN_ENVIRONMENT] = url
    return StorageAddress(_without_secrets(parsed), study)


def asked_address(flag: str | None) -> StorageAddress | None:
    """The database of a new study: what the flag says, else `$HPSEARCH_STORAGE`.

    Raises:
        InputError: As `parse_address`.
    """
    text = flag or os.environ.get(ENVIRONMENT) or JOURNAL
    return parse_address(text)


def engine_url(address: StorageAddress) -> URL:
    """The address for SQLAlchemy, without a password."""
    return _parse(address.url).set(drivername="postgresql+psycopg")


def login(address: StorageAddress) -> dict[str, str]:
    """The passwords that were given for an address, by libpq's names for them.

    Where there are none, libpq looks at `PGPASSWORD`, `~/.pgpass` and a service file.
    """
    for name in (LOGIN_ENVIRONMENT, ENVIRONMENT):
        given = os.environ.get(name, "").partition("#")[0]
        if given and given != JOURNAL:
            parsed = _parse(given)
            if _without_secrets(parsed) == address.url:
                return _secrets_in(parsed)
    return {}


def redacted_argument(argument: str) -> str:
    """An argument of a command line with the password left out, whatever is in it."""
    before, found, rest = argument.partition("://")
    return redacted(before + found + "".join(rest.split())) if "@" in rest else redacted(argument)


def redacted(text: str) -> str:
    """Text for people with the passwords of all URLs in it left out."""
    return _SECRET_QUERY.sub(r"\1***", _USER_INFO.sub(r"\1:***@", text))


def _parse(text: str) -> URL:
    """The URL, which must be one of PostgreSQL."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    scheme, found, rest = text.partition("://")
    if not found or rest.partition("?")[0].count("@") > 1:
        raise InputError(
            "--storage is no URL of a database.",
            f"Give one such as {EXAMPLE}, with %40 for an @ and %2F for a / in names and password.",
        )
    _check_scheme(scheme)
    try:
        url = make_url(f"postgresql://{rest}")
    except (ArgumentError, ValueError):
        raise InputError(
            "--storage is no URL of a database.", f"Give one such as {EXAMPLE}."
        ) from None
    if any(isinstance(url.query.get(name), tuple) for name in SECRETS):
        raise InputError("--storage gives several passwords.", "Give one.")
    return url


def _check_scheme(scheme: str) -> None:
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return
    reasons = {
        "sqlite": "SQLite loses writes on network disks; the journal file does what it would",
        "mysql": "only PostgreSQL is tested",
        "redis": "Redis may forget what it has acknowledged",
    }
    why = next((why for name, why in reasons.items() if scheme.startswith(name)), "")
    raise InputError(
        f"--storage does not take {scheme}://{': ' + why if why else ''}.",
        f"Give {EXAMPLE}, or leave it out for the journal file.",
    )


def _check_installed() -> None:
    if find_spec("psycopg") is None:
        raise InputError(
            "PostgreSQL needs the package psycopg, which is not installed.",
            "Run: pip install 'hpsearch[postgres]'",
        )


def _secrets_in(url: URL) -> dict[str, str]:
    given = {name: str(url.query[name]) for name in SECRETS if name in url.query}
    return given if url.password is None else {"password": str(url.password), **given}


def _without_secrets(url: URL) -> str:
    from sqlalchemy import URL

    bare = URL.create(
        url.drivername, url.username, None, url.host, url.port, url.database, url.query
    )
    return bare.difference_update_query(SECRETS).render_as_string()
