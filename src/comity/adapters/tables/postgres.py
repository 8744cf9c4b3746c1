"""PostgreSQL, the office's own server: counted there, in one read-only snapshot; what comes back is sums.

Decides how a session is opened and closed, and what is told of its errors; who may ask is `postgres_role`'s, what is
read `postgres_table`'s, how Ibis spells it `postgres_dialect`'s. A message of the server may quote a row: none is
repeated, only the class of its error.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.dice import dice
from comity.adapters.microdata.labelled import Labels
from comity.adapters.tables import order, postgres_address, postgres_role, postgres_table, postgres_vintage
from comity.adapters.tables.elsewhere import Elsewhere
from comity.adapters.tables.postgres_table import Relation
from comity.canon import Digest
from comity.errors import ComityError, ConfigError, SourceError, Unreachable, WorldError
from comity.model.source import Source
from comity.stages import collect

if TYPE_CHECKING:
    import ibis
    import psycopg

    from comity.adapters.tables.postgres_patience import Patient, Pulse

OLDEST: Final = 13  # major version; older ones get no mends any more

# One spelling of every value, nobody's functions in the way, and no wait without end.
_SETTINGS: Final[Mapping[str, str]] = {
    "default_transaction_read_only": "on",
    "search_path": "pg_catalog",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "row_security": "off",
    "jit": "off",
}

# A server whose machine is gone is noticed in two minutes; without these libpq waits for hours, or for ever.
_ALIVE: Final[Mapping[str, str]] = {
    "keepalives_idle": "60",
    "keepalives_interval": "15",
    "keepalives_count": "4",
    "tcp_user_timeout": "120000",
}

# SQLSTATE, or its class (the appendix "PostgreSQL Error Codes" of the manual)
_BEYOND: Final = ("22003",)  # numeric value out of range
_STOPPED: Final = {"57014": "it took too long", "55P03": "another session locks the table", "40001": "a conflict"}
_SHORT: Final = {"53": "the server has no memory, disk or connection left", "58": "the server has a fault of its own"}
_GONE: Final = ("57P", "08")


@dataclass(slots=True)
class _Now:
    """The session that is open, if one is; and the words of the salt that its pad hides."""

    connection: "psycopg.Connection[Any] | None" = None
    relation: Relation | None = None
    words: tuple[int, ...] | None = None
    pulse: "Pulse | None" = None


def _pad() -> tuple[int, ...]:
    """31 bits for each word of a salt (`order.words`)."""
    drawn = dice(4 * order.WORDS)
    return tuple(int.from_bytes(drawn[i : i + 4]) >> 1 for i in range(0, len(drawn), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQL(Elsewhere):
    """One session at a time.

    seconds: that one statement may take; wait: for a lock that another session holds; grace: after `seconds`, for the
        server to say so, before a server that stands still is left.
    beat, silence: a server of which nothing is heard for `silence` seconds, asked every `beat`, is left sooner
        (`postgres_patience`).
    pad: one-time, of this engine; XORed with the words of the salt in statements, and sent to the server as settings of
        a session that is being opened, which no log of the server holds.
    """

    seconds: int = 3600
    wait: int = 10
    grace: int = 60
    beat: float = 15
    silence: float = 60
    files: bool = False
    pad: tuple[int, ...] = field(default_factory=_pad, repr=False)
    _now: _Now = field(default_factory=_Now, repr=False)

    @property
    def version(self) -> str:
        if (connection := self._now.connection) is not None:
            return f"postgresql {connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
        return f"postgresql, asked by psycopg {version('psycopg')}"

    @contextmanager
    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> Iterator["ibis.Table"]:
        with self._session(source) as (connection, relation), _told(source):
            collect.has(relation.kinds, wanted or {}, where=source.id)
            from comity.adapters.tables.postgres_dialect import Exact

            yield Exact.reading(connection, relation.sql, relation.kinds)

    def vintage(self, source: Source) -> Digest:
        if (connection := self._now.connection) is not None and self._now.relation is not None:
            with _told(source):
                return postgres_vintage.vintage(connection, self._now.relation, self._now.pulse)
        with self._session(source) as (connection, relation), _told(source):
            return postgres_vintage.vintage(connection, relation, self._now.pulse)

    def labels(self, source: Source) -> tuple[Labels, ...]:
        """Comments on columns."""
        with self._session(source) as (connection, relation), _told(source):
            comments = postgres_table.comments(connection, relation)
            return tuple(Labels(name=name, text=text) for name, text in comments.items())

    def numbered(self, text: Any) -> Any:
        from comity.adapters.tables.postgres_dialect import comity_number

        return comity_number(text)

    def hidden(self, words: Sequence[int]) -> Sequence[Any]:
        from comity.adapters.tables.postgres_dialect import comity_word

        if len(words) != len(self.pad) or self._now.words not in (None, tuple(words)):
            raise ValueError(f"want {len(self.pad)} words of one salt")  # a pad that hides two hides neither
        self._now.words = tuple(words)
        return [comity_word(word ^ pad, place) for place, (word, pad) in enumerate(zip(words, self.pad, strict=True))]

    def number(self, text: Any) -> Any:
        return text.try_cast("float64")

    @contextmanager
    def _session(self, source: Source) -> "Iterator[tuple[psycopg.Connection[Any], Relation]]":
        """One snapshot of the database, by a role that may not write, and the table in it."""
        schema, name = postgres_address.named(source.table, where=f"{source.id}: table")
        connection, pulse = self._connected(source), None
        try:
            with _told(source):
                connection.pulse = pulse = self._pulse(connection, source)
                if connection.info.server_version < OLDEST * 10000:
                    found = str(connection.info.server_version // 10000)
                    raise SourceError("a server this old is not read", where=source.id, found=found, wanted=f"{OLDEST}")
                if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
                    raise SourceError(
                        "the database does not say which characters its bytes are",
                        where=source.id,
                        found="SQL_ASCII",
                        wanted="an encoding, such as UTF8",
                    )
                relation = postgres_table.found(connection, schema, name, where=source.id)
                postgres_role.insist(connection, relation, where=source.id)
            self._now.connection, self._now.relation, self._now.pulse = connection, relation, pulse
            yield connection, relation
        finally:
            self._now.connection = self._now.relation = self._now.pulse = None
            if pulse is not None:
                pulse.end()
            connection.close()

    def _pulse(self, connection: "Patient", source: Source) -> "Pulse | None":
        """A second session with the same server, and with nothing in it."""
        from comity.adapters.tables.postgres_patience import Pulse, patient

        parts = postgres_address.address(source.path, where=source.id)
        same = {"host": connection.info.host, "hostaddr": connection.info.hostaddr, "port": str(connection.info.port)}
        settings = {name: _SETTINGS[name] for name in ("default_transaction_read_only", "search_path")}
        fixed = self._fixed(postgres_address.password(source), settings, name="comity, whether the server answers")
        words = {"connect_timeout": "10", **parts, **{name: part for name, part in same.items() if part}, **fixed}
        return Pulse.of(connection, lambda: patient(self.silence, words), every=self.beat)

    @staticmethod
    def _fixed(password: str, settings: Mapping[str, str], *, name: str) -> dict[str, str]:
        """What an address does not say of a session."""
        return {
            **_ALIVE,
            "password": password,
            "passfile": "/dev/null/none",  # of /dev/null itself libpq would say on stderr that it is no plain file
            "application_name": name,
            "client_encoding": "UTF8",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        }

    def _connected(self, source: Source) -> "Patient":
        """A session in a read-only transaction whose snapshot stays; nothing was asked in it yet."""
        parts = postgres_address.address(source.path, where=source.id)
        password = postgres_address.password(source)
        try:
            import psycopg
        except ImportError:
            raise ConfigError(
                "PostgreSQL is not installed", where=source.id, wanted="comity[node]", way_out="pip install psycopg"
            ) from None
        settings = {
            **_SETTINGS,
            "statement_timeout": f"{self.seconds}s",
            "lock_timeout": f"{self.wait}s",
            **{f"comity.pad{i}": str(pad) for i, pad in enumerate(self.pad)},
        }
        fixed = self._fixed(password, settings, name="comity")
        try:
            from comity.adapters.tables.postgres_patience import patient

            connection = patient(self.seconds + self.grace, {"connect_timeout": "10", **parts, **fixed})
        except psycopg.Error as e:
            first = (str(e).strip().splitlines() or [""])[0]
            way_out = "see that the server runs, and that pg_hba.conf lets the role in"
            if e.pgconn is not None and e.pgconn.needs_password:
                way_out = "name a file with the role's password: comity source add ... --secret FILE"
            elif e.pgconn is not None and e.pgconn.used_password:
                way_out = "see that the address names the database and the role, and the secret's file its password"
            raise Unreachable(
                "no session with the database",
                where=source.id,
                found=first.replace(password, "***") if password else first,
                way_out=way_out,
            ) from None
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        return connection


@contextmanager
def _told(source: Source) -> Iterator[None]:
    """An error of the server in one line: its class, never its words."""
    import psycopg

    try:
        yield
    except psycopg.Error as e:
        raise _said(e, source) from None


def _said(error: "psycopg.Error", source: Source) -> ComityError:
    import psycopg

    from comity.adapters.tables.postgres_patience import StandsStill

    state, kind = error.sqlstate or "", type(error).__name__
    if isinstance(error, StandsStill):
        return Unreachable(
            "the server stands still",
            where=source.id,
            found="no answer, and it does not hang up",
            way_out="the same again, later",
        )
    if state in _STOPPED:
        return WorldError("the server stopped the count", where=source.id, found=_STOPPED[state])
    if state[:2] in _SHORT:
        return WorldError("the server gave up the count", where=source.id, found=_SHORT[state[:2]])
    if state.startswith(_GONE) or (isinstance(error, psycopg.OperationalError) and not state):
        return Unreachable("the session with the database ended", where=source.id, way_out="the same again, later")
    if state in _BEYOND:
        return SourceError(
            "a sum or a number is beyond 64 bits", where=source.id, found=kind, wanted="numbers of the norm's size"
        )
    return SourceError("the database refuses to count", where=source.id, found=f"{kind} ({state})")
