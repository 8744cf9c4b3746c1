"""DuckDB inside this process: files of every format (`adapters.microdata.opening`), in a database in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from os import sysconf
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata import opening
from comity.adapters.microdata.labelled import Labels
from comity.adapters.tables import decimals, order, sorting
from comity.canon import Digest
from comity.model.source import Source

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

SHARE: Final = 4  # if nobody says, a count has a quarter of the machine
_UNITS: Final = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duck:
    """threads: of one count; a machine that hosts several nodes gives each of them few.

    memory: of one count, such as "1GB" (MB, GB or TB); "": what the engine takes by itself.
    """

    threads: int = 2
    memory: str = ""
    files: bool = True
    here: bool = True

    @property
    def room(self) -> int:
        if self.memory:
            return int(self.memory[:-2]) * _UNITS[self.memory[-2:]]
        return sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") // SHARE

    @property
    def version(self) -> str:
        return f"duckdb {version('duckdb')}"

    @contextmanager
    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> Iterator["ibis.Table"]:
        import ibis

        with opening.engine(self.threads, self.memory) as connection:
            backend = ibis.duckdb.from_connection(connection)  # it sets up what may not be set up once it is locked
            with opening.opened(connection, source, wanted):
                yield backend.table(opening.VIEW)

    def vintage(self, source: Source) -> Digest:
        return opening.vintage(source)

    def labels(self, source: Source) -> tuple[Labels, ...]:
        return opening.labels(source)

    def numbered(self, text: Any) -> Any:
        import ibis

        return (ibis.literal("0x") + text.hexdigest("sha256").left(15)).cast("int64")

    def hidden(self, words: Sequence[int]) -> Sequence[Any]:
        import ibis

        return [ibis.literal(word, "int64") for word in words]  # read by this process alone

    def within(self, rows: "ibis.Table", name: str, change: "Callable[[pa.Table], pa.Table]") -> "ibis.Table":
        import ibis
        from ibis.expr import operations as ops

        backend: Any = rows.get_backend()
        found = change(rows.to_pyarrow())
        backend.con.register(name, found)
        # `backend.table` would ask the engine for the columns, which are known.
        schema = ibis.Schema.from_pyarrow(found.schema)
        return ops.DatabaseTable(name, schema=schema, source=backend, namespace=ops.Namespace()).to_expr()

    def least(self, rows: "ibis.Table", *, of: str, place: str, most: int, sums: Mapping[str, int]) -> "ibis.Table":
        """By sorting, since the rows are in this process; in the engine where sums may be beyond int64."""
        if not order.narrow(sums):
            return order.least(rows, of=of, place=place, most=most, sums=sums)

        def kept(rows: "pa.Table") -> "pa.Table":
            return sorting.least(rows, of=of, place=place, most=most, sums=tuple(sums), threads=self.threads)

        return self.within(rows, "kept", kept)

    def number(self, text: Any) -> Any:
        return decimals.number(text)
