"""`Database`: transactions in PostgreSQL that outlast lost connections and restarts."""

from __future__ import annotations

import functools
import logging
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from hpsearch.errors import HpsearchError, StudyError
from hpsearch.storage.address import StorageAddress, engine_url, login, redacted

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PATIENCE_SECONDS = 600.0
HURRIED_SECONDS = 8.0
LONGEST_PAUSE_SECONDS = 5.0
CONNECTION = {
    "connect_timeout": 10,
    "application_name": "hpsearch",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
# A claim whose machine vanished must not keep the study lock until TCP gives up, after hours.
SESSION = "SET idle_in_transaction_session_timeout = '120s'; SET tcp_keepalives_idle = 30;"
SESSION += "SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
WRONG = {
    "password authentication failed": "the password is wrong",
    "authentication failed": "it refuses this user",
    "no password supplied": "it wants a password",
    "no pg_hba.conf entry": "it does not let this user or machine in",
    'role ".*" does not exist': "there is no such user",
    'database ".*" does not exist': "there is no such database",
    "failed to resolve host|could not translate host name": "there is no such host",
    "definition of service": "there is no such service",
    "permission denied": "this user may not do that",
    "invalid connection option|invalid URI": "its options are wrong",
}
logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Method = TypeVar("Method", bound=Callable[..., Any])


class ConnectionLost(HpsearchError):
    """The connection was lost in a transaction, of which nothing or everything was written."""

    kind = "connection"


def redone(method: Method) -> Method:
    """Do a method that works under the study lock again when the connection was lost in it.

    If the answer to its last commit was all that was lost, its effect is there the second time.
    """

    @functools.wraps(method)
    def until_done(*args: Any, **kwargs: Any) -> Any:
        while True:
            try:
                return method(*args, **kwargs)
            except ConnectionLost as lost:
                logger.warning("%s Trying again.", lost.message)

    return until_done  # type: ignore[return-value]  # the same arguments and results


class Database:
    """Connections to one database, made again when they are lost.

    Args:
        address: Which.
        patience: Seconds to wait for a server that does not answer.
    """

    def __init__(self, address: StorageAddress, patience: float = PATIENCE_SECONDS) -> None:
        from sqlalchemy import create_engine, event

        self.address = address
        self.patience = patience
        self.engine: Engine = create_engine(
            engine_url(address), pool_size=1, max_overflow=4, **engine_settings(address)
        )
        event.listen(self.engine, "connect", _set_up)
        weakref.finalize(self, self.engine.dispose)
        self._held = threading.local()

    @property
    def held(self) -> Connection | None:
        """The connection of this thread's transaction under the study lock."""
        return getattr(self._held, "connection", None)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do work in a transaction: that of `holding`, or one of its own.

        Args:
            work: Gets the connection; done again when the connection is lost, so that doing it
                twice must be the same as doing it once.

        Raises:
            ConnectionLost: Inside `holding`: the whole of that is to be done again.
            HpsearchError: The server did not answer for as long as `patience`.
        """
        if self.held is not None:
            with self._lost_as_ours():
                return work(self.held)

        def alone() -> Result:
            with self.engine.begin() as connection:
                return work(connection)

        return self._patiently(alone)

    @contextmanager
    def holding(self, lock: Callable[[Connection], None]) -> Iterator[None]:
        """One transaction for everything this thread does meanwhile, which `lock` begins.

        Raises:
            ConnectionLost: Nothing was written, or the answer to the commit was lost.
        """
        connection = self._patiently(lambda: self._begin(lock))
        self._held.connection = connection
        try:
            with self._lost_as_ours():
                yield
                connection.commit()
        finally:
            self._held.connection = None
            with self._lost_as_ours():
                connection.close()  # which rolls back what is not committed

    def _begin(self, lock: Callable[[Connection], None]) -> Connection:
        connection = self.engine.connect()
        try:
            lock(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _lost_as_ours(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            if not is_passing(error):
                self.refuse(error)
            raise ConnectionLost(f"The connection to {self.address.url} was lost.") from None

    def _patiently(self, work: Callable[[], Result]) -> Result:
        from sqlalchemy.exc import DBAPIError

        since, pause = time.monotonic(), 0.0
        while True:
            try:
                return work()
            except DBAPIError as error:
                if not is_passing(error):
                    self.refuse(error)
                if time.monotonic() - since >= self.patience:
                    raise self._no_answer(error) from None
                logger.warning(
                    "%s does not answer (%s); trying again.", self.address.url, reason_of(error)
                )
            time.sleep(pause)
            pause = min(2 * pause or 0.1, LONGEST_PAUSE_SECONDS)

    def refuse(self, error: BaseException) -> NoReturn:
        """Raise what the server said as an error of ours; a mistake of ours is raised as it is.

        Raises:
            StudyError: The server does not answer, or refuses the user.
        """
        why = wrong_with(error)
        if why:
            raise StudyError(
                f"{self.address.url} cannot be used: {why} ({reason_of(error)}).",
                "Mend --storage, or give the password by $PGPASSWORD or ~/.pgpass.",
            ) from None
        if is_passing(error):
            raise self._no_answer(error) from None
        raise error

    def _no_answer(self, error: BaseException) -> HpsearchError:
        return StudyError(
            f"{self.address.url} does not answer: {reason_of(error)}.",
            "Start the server or mend --storage; the same command continues a study.",
        )


def engine_settings(address: StorageAddress) -> dict[str, Any]:
    """What SQLAlchemy needs to connect besides the URL, which holds no password."""
    given = engine_url(address).query  # has precedence
    defaults = {name: value for name, value in CONNECTION.items() if name not in given}
    return {"connect_args": {**defaults, **login(address)}, "hide_parameters": True}


def _set_up(connection: Any, _: object) -> None:
    connection.execute(SESSION)
    connection.commit()


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later: a server that is down, restarting or full."""
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    if not isinstance(error, DBAPIError):
        return False
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return lost and not wrong_with(error)


def wrong_with(error: BaseException) -> str:
    """What no waiting will mend; empty if it may be mended by that."""
    said = str(error)
    return next((why for sign, why in WRONG.items() if re.search(sign, said)), "")


def reason_of(error: BaseException) -> str:
    """The line in which PostgreSQL or libpq said why, without passwords."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines() or [""]
    telling = [line for line in lines if "FATAL" in line or "failed" in line]
    return redacted((telling or lines)[-1].strip(" \t-.").replace("\t", " "))
