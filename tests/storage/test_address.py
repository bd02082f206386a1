"""What `--storage` takes, and that its password stays out of everything else."""

from __future__ import annotations

import importlib.util
import os

import pytest

from hpsearch.errors import InputError
from hpsearch.storage.address import (
    asked_address,
    engine_url,
    login,
    parse_address,
    redacted,
    redacted_argument,
)


@pytest.fixture(autouse=True)
def no_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")
    monkeypatch.delenv("HPSEARCH_STORAGE", raising=False)


@pytest.mark.parametrize(
    ("given", "url", "password"),
    [
        ("postgresql://ada:secret@host:5433/trials", "postgresql://ada@host:5433/trials", "secret"),
        ("postgres://ada:p%40ss%2Fw@host/trials", "postgresql://ada@host/trials", "p@ss/w"),
        ("postgresql+psycopg://host/trials?password=pw", "postgresql://host/trials", "pw"),
        ("postgresql://ada@host/trials", "postgresql://ada@host/trials", None),
        ("postgresql:///?service=mine", "postgresql:///?service=mine", None),
    ],
)
def test_the_address_has_no_password_and_the_login_has(
    given: str, url: str, password: str | None
) -> None:
    address = parse_address(given)
    assert address is not None
    assert address.url == url
    assert login(address).get("password") == password
    assert engine_url(address).drivername == "postgresql+psycopg"


def test_a_name_behind_the_url_is_that_of_a_study() -> None:
    address = parse_address("postgresql://ada:secret@host/trials#coarse-1f")
    assert address is not None
    assert (address.study, str(address)) == ("coarse-1f", "postgresql://ada@host/trials#coarse-1f")
    assert login(address) == {"password": "secret"}


def test_a_login_is_for_its_own_database_only() -> None:
    parse_address("postgresql://ada:secret@host/trials")
    other = parse_address("postgresql://ada@elsewhere/trials")
    assert other is not None
    assert login(other) == {}


def test_the_flag_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked_address(None) is None
    monkeypatch.setenv("HPSEARCH_STORAGE", "postgresql://ada:secret@host/trials")
    assert str(asked_address(None)) == "postgresql://ada@host/trials"
    assert str(asked_address("postgresql://host/mine")) == "postgresql://host/mine"
    assert asked_address("journal") is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://ada:s3cret@host/trials", "only PostgreSQL is tested"),
        ("sqlite:///trials.db", "SQLite loses writes"),
        ("redis://host", "Redis may forget"),
        ("http://host", "does not take http"),
        ("trials.journal", "no URL"),
        ("postgresql://ada:s3cret@@host/trials", "no URL"),
        ("postgresql://ada:s3cret@host:port/trials", "no URL"),
    ],
)
def test_other_storages_are_refused_with_the_reason(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        parse_address(url)
    assert "s3cret" not in str(refusal.value)


def test_a_missing_psycopg_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.storage.address.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"hpsearch\[postgres\]"):
        parse_address("postgresql://host/trials")
    assert importlib.util.find_spec("psycopg") is not None


@pytest.mark.parametrize(
    "text",
    [
        "--storage=postgresql://ada:s3cret@host/trials",
        "postgresql://:s3cret@host",
        "postgresql://ada:s3c'r et/s3cret@x@host/trials",
        "postgresql://host/trials?user=a&password=s3cret&sslmode=require",
        "postgresql://host/trials?sslpassword=s3cret",
    ],
)
def test_redaction_leaves_no_password(text: str) -> None:
    assert "s3c" not in redacted_argument(text)
    assert "host" in redacted_argument(text)


def test_redaction_leaves_everything_else() -> None:
    text = "postgresql://host:5432/trials?x=1#n: no answer. Give postgresql://user@host/database."
    assert redacted(text) == text
    assert redacted_argument("a b.py:c") == "a b.py:c"
    assert os.environ["HPSEARCH_STORAGE_LOGIN"] == ""
