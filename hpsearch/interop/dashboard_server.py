"""The dashboard's web server: reads only, and lets only those in who may see the studies."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, quote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from hpsearch.errors import InputError

READING = ("GET", "HEAD", "OPTIONS")
LOCAL = ("127.0.0.1", "localhost", "::1")
COOKIE = "hpsearch_dashboard"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Guard:
    """A web application behind a check of every request.

    Methods that write are refused. With a token, so is whoever does not give it: as
    `?token=` once, which sets a cookie, or as `Authorization: Bearer`. Without one, the name by
    which the server is asked must be one of this machine, for a page of somebody else may have
    a browser on this machine ask under its own name (DNS rebinding).

    Args:
        application: What is guarded.
        token: What to ask for; None lets in whoever asks on this machine.
    """

    def __init__(self, application: Application, token: str | None) -> None:
        self._application = application
        self._token = token

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request; see PEP 3333."""
        if environ["REQUEST_METHOD"] not in READING:
            return _answer(start_response, "405 Method Not Allowed", "The studies are only shown.")
        if self._token is None:
            if _host_name(environ) not in LOCAL:
                return _answer(start_response, "403 Forbidden", "Ask for localhost.")
            return self._application(environ, start_response)
        given = parse_qs(environ.get("QUERY_STRING", "")).get("token", [""])[0]
        if self._is_token(given):
            return self._let_in(environ, start_response)
        if not (self._is_token(_cookie(environ)) or self._is_token(_bearer(environ))):
            return _answer(start_response, "401 Unauthorized", "Add ?token=… to the address.")
        return self._application(environ, start_response)

    def _is_token(self, given: str) -> bool:
        assert self._token is not None
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _let_in(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Remember the token in a cookie and take it out of the address."""
        cookie = f"{COOKIE}={quote(self._token or '')}; HttpOnly; SameSite=Strict; Path=/"
        place = "/" + quote(environ.get("PATH_INFO", "/").lstrip("/\\"))
        headers = [("Location", place), ("Set-Cookie", cookie), ("Referrer-Policy", "no-referrer")]
        return _answer(start_response, "303 See Other", "", headers)


def _host_name(environ: dict[str, Any]) -> str:
    """The name under which the server is asked, without its port."""
    host = str(environ.get("HTTP_HOST", ""))
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _cookie(environ: dict[str, Any]) -> str:
    try:
        found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _bearer(environ: dict[str, Any]) -> str:
    kind, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return token if kind.lower() == "bearer" else ""


def _answer(
    start_response: Callable[..., Any],
    status: str,
    text: str,
    headers: Sequence[tuple[str, str]] = (),
) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [text.encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  (its own name)
        """Nothing: addresses with tokens do not belong on screens or in logs."""


def token_for(host: str, given: str | None) -> str | None:
    """The token to ask for: the given one; a new one for others than this machine; else None."""
    if given is not None and len(given) < 8:
        raise InputError("--token is too short to keep anybody out.", "Give 8 characters or more.")
    return given if given is not None or host in LOCAL else secrets.token_urlsafe(24)


def serve(directories: Sequence[Path], host: str, port: int, token: str | None) -> WSGIServer:
    """A server, listening; `serve_forever()` answers.

    Args:
        directories: Run directories to show.
        host: Where to listen.
        port: 0 takes a free one.
        token: What to ask for, see `token_for`.

    Raises:
        InputError: optuna-dashboard is not installed, or nobody can listen there.
        StudyError: A directory holds no study that can be read.
    """
    try:
        from optuna_dashboard import wsgi
    except ImportError:
        raise InputError(
            "The dashboard needs optuna-dashboard, which is not installed.",
            "Install it: pip install 'hpsearch[dashboard]'",
        ) from None
    from hpsearch.interop.dashboard_storage import ShownStudies

    application = Guard(wsgi(ShownStudies(directories)), token)
    try:
        return make_server(host, port, application, _Server, _Quiet)
    except OSError as error:
        raise InputError(
            f"Cannot listen on {host}:{port}: {error.strerror}.", "Give another --host or --port."
        ) from None
