"""Engines: what a table of microdata is read and counted by, each behind the same few words.

An engine opens a source as a table of Ibis, says which data it holds (its vintage), and knows the few things that are
spelt differently from engine to engine, or would cost one of them much more: a hash, a number out of text, a secret in
a statement, the least rows of each person. Everything else is one expression for all of them (`counting`). Engines are
loaded when a source wants one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from comity.adapters.microdata.labelled import Labels
from comity.canon import Digest
from comity.model.source import POSTGRESQL, SPARK, Source

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


class Engine(Protocol):
    """One engine, set up for this process."""

    @property
    def files(self) -> bool:
        """Whether its sources are files, whose vintage can be read beside a count."""
        ...

    @property
    def here(self) -> bool:
        """Whether it runs in this process, whose memory then holds rows as well as the engine's."""
        ...

    @property
    def room(self) -> int | None:
        """Bytes that a count may take; None: it spills to disk what its memory does not hold."""
        ...

    @property
    def version(self) -> str:
        """Its name and version, such as "duckdb 1.4.2"; stands in the record behind an answer.

        Of a server, within `opened` alone: before, nobody has asked it.
        """
        ...

    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> AbstractContextManager["ibis.Table"]:
        """The source as a table, read-only; every read within sees the same data.

        Args:
            wanted: columns that will be read, and what each is for, where an engine can leave the rest out. None: all.

        Raises:
            SourceError: it cannot be read, lacks a wanted column, or may be written through this connection.
            WorldError: the engine cannot be reached, or has no memory left.
        """
        ...

    def vintage(self, source: Source) -> Digest:
        """Digest of the data as they are now; it stays at home. Called within `opened`, it is of what is seen there.

        Of a file, of its bytes; of a table in a database, of its rows whatever their order.
        """
        ...

    def labels(self, source: Source) -> tuple[Labels, ...]:
        """What the source says of its columns beside their values; nothing, if it has no place for it."""
        ...

    def numbered(self, text: Any) -> Any:
        """The first 60 bits of the SHA-256 of a text's UTF-8, as an int64."""
        ...

    def hidden(self, words: Sequence[int]) -> Sequence[Any]:
        """Words out of a salt (`order.words`) as int64 that stand in no statement that a server logs.

        Of one salt for each engine: others are an error of ours.
        """
        ...

    def within(self, rows: "ibis.Table", name: str, change: "Callable[[pa.Table], pa.Table]") -> "ibis.Table | None":
        """What a change makes of rows in this process's memory, until there is another one of that name; None where the
        engine is not `here`.
        """
        ...

    def least(self, rows: "ibis.Table", *, of: str, place: str, most: int, sums: Mapping[str, int]) -> "ibis.Table":
        """Of the places of each value in `of` at most `most`, the least; with the sums over the rows of each.

        Args:
            rows: of nothing but `of`, a place (int64, 0 or more) and int64 terms.
            sums: of each term, the largest size that its sum over all rows may have.
        """
        ...

    def number(self, text: Any) -> Any:
        """A text that is `decimals.DECIMAL` as a float64; NULL where it is not, NULL or infinite where too large."""
        ...


def of(source: Source, threads: int, memory: str = "") -> Engine:
    """The engine of a source; `memory` is for the one inside this process."""
    if source.format == POSTGRESQL:
        from comity.adapters.tables.postgres import PostgreSQL

        return PostgreSQL()
    if source.format == SPARK:
        from comity.adapters.tables.spark import Spark

        return Spark(threads=threads)
    from comity.adapters.tables.duck import Duck

    return Duck(threads=threads, memory=memory)
