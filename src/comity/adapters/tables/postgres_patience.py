"""A session whose waiting ends: of a server that stands still, with its connections open, nothing else tells.

The server's own limit (`statement_timeout`) needs a server that runs, the kernel's (`tcp_user_timeout`) a machine that
is gone. Beside them stand two of our own: a clock for each statement; and a second session, the pulse, that is asked
every few seconds whether the server still answers while the first one waits. If a pulse stays silent, and one more
session gets no answer at all either, the first one is hung up. A pulse that cannot be had, that is ended by the server,
or that is silent alone (its process was stopped, or the one that lets sessions in) says nothing: the clock stays. Nor
does it tell that the one process is stopped that counts. What is told of it all is `postgres`'s.
"""

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread, Timer
from typing import Any, Final

import psycopg

_STARTED: Final = "SELECT pg_postmaster_start_time()"


class StandsStill(psycopg.OperationalError):
    """The server did not answer in time, and its connections stay open."""


class _Watch:
    """One wait for an answer, which is broken off by hanging up: at most once, and not after it is over."""

    def __init__(self, fd: int) -> None:
        self.over, self.broken = Event(), False
        self._fd, self._lock = fd, Lock()

    def hang_up(self) -> None:
        with self._lock, suppress(OSError):
            if not self.over.is_set():
                self.broken = True
                with socket.socket(fileno=os.dup(self._fd)) as ours:
                    ours.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with self._lock:  # from here on the number of the socket may be another's
            self.over.set()


class Patient(psycopg.Connection[Any]):
    """A session that hangs up when one answer of the server takes longer than `seconds`, or its `pulse` is gone."""

    seconds: float = 60
    pulse: "Pulse | None" = None

    def wait(self, *args: Any, **named: Any) -> Any:
        watch = _Watch(self.fileno())
        clock = Timer(self.seconds, watch.hang_up)
        clock.daemon = True
        clock.start()
        if self.pulse is not None:
            Thread(target=self.pulse.feel, args=[watch], daemon=True).start()
        try:
            return super().wait(*args, **named)
        except psycopg.OperationalError:
            if watch.broken:
                raise StandsStill from None
            raise
        finally:
            watch.end()
            clock.cancel()


def patient(seconds: float, words: Mapping[str, str]) -> Patient:
    """A session that waits so long for an answer; words: what libpq is told of it."""
    session = Patient.connect(**words)  # type: ignore[arg-type]
    session.seconds = seconds
    return session


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Whether a server answers, asked beside a session that waits for it.

    every: seconds between two questions.
    again: begins one more session with the server, as patient as a silence may last.
    """

    every: float
    again: Callable[[], Patient]
    _session: Patient
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, first: Patient, again: Callable[[], Patient], *, every: float) -> "Pulse | None":
        """Of the server of a session; None if it lets no second one in, or another server answers there."""
        started = first.execute(_STARTED).fetchone()
        try:
            session = again()
        except psycopg.Error:
            return None
        try:
            session.autocommit = True  # holds no snapshot
            same = session.execute(_STARTED).fetchone()
        except psycopg.Error:
            same = None
        if same is None or same != started:
            session.close()
            return None
        return cls(every=every, again=again, _session=session)

    def feel(self, watch: _Watch) -> None:
        """Ask until a wait is over; hang it up if the server stands still."""
        while not watch.over.wait(self.every):
            try:
                self._ask("SELECT 1")
            except StandsStill:
                if self._silent():
                    watch.hang_up()
                return
            except psycopg.Error:
                return

    def asked(self, query: str) -> list[Any] | None:
        """All rows of a query in the second session, which sees what is committed by now; None if it has ended."""
        try:
            return self._ask(query)
        except psycopg.Error:
            return None

    def end(self) -> None:
        """Both ends of the second session, whoever waits in it."""
        with suppress(psycopg.Error):
            _Watch(self._session.fileno()).hang_up()
        with self._lock:
            self._session.close()

    def _ask(self, query: str) -> list[Any]:
        with self._lock:
            return self._session.execute(query.encode()).fetchall()

    def _silent(self) -> bool:
        """Whether not even a new session gets an answer; a refusal is one."""
        try:
            self.again().close()
        except psycopg.Error as e:
            return isinstance(e, psycopg.errors.ConnectionTimeout)
        return False
