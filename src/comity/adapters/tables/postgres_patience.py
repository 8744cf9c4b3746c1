"""A session whose waiting ends: of a server that stands still, with its connections open, nothing else tells.

The server's own limit (`statement_timeout`) needs a server that runs, the kernel's (`tcp_user_timeout`) a machine that
is gone; this one is a clock of our own beside them. What is told of it is `postgres`'s.
"""

import os
import socket
from contextlib import suppress
from threading import Timer
from typing import Any

import psycopg


def patient(seconds: int) -> type[psycopg.Connection[Any]]:
    """A kind of session that hangs up when one answer of the server takes longer."""

    class Patient(psycopg.Connection[Any]):
        def wait(self, *args: Any, **named: Any) -> Any:
            clock = Timer(seconds, _hang_up, [self.fileno()])
            clock.daemon = True
            clock.start()
            try:
                return super().wait(*args, **named)
            finally:
                clock.cancel()

    return Patient


def _hang_up(fd: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(fd)) as ours:
        ours.shutdown(socket.SHUT_RDWR)
