"""National tables at home: the one room that runs Ibis, on the engine that a source wants (`engine`).

Implements the port `stages.compute.Tables`. What leaves this room is counts by cell, and to the office itself what a
column holds. How columns are read is decided by `stages.collect`, what is counted by `stages.compute` and the method.
Ibis is imported by the first call, not with this module: it takes longer than most commands.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from comity.adapters.tables import bounded, coverage, engine, inspection, margins, patterns
from comity.adapters.tables.bound import universe
from comity.adapters.tables.coverage import Uniqueness
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import is_one_of, kinds, text
from comity.canon import Digest
from comity.errors import ComityError, SourceError, WorldError
from comity.model.inspection import Inspection
from comity.model.norm import Norm
from comity.model.source import Binding, Column, Coverage, Source
from comity.stages import collect
from comity.stages.compute import Counts, Plan

SLOWLY: Final = 2  # threads of one count, if nobody says


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalTables:
    """Whatever the office's sources are, counted by their engines.

    threads: of one count; a machine that hosts several nodes gives each of them few.
    memory: of one count of files, such as "1GB"; "": what the engine takes by itself.
    """

    threads: int = SLOWLY
    memory: str = ""

    def engine(self, source: Source) -> Engine:
        """What reads and counts a source."""
        return engine.of(source, self.threads, self.memory)

    def columns(self, source: Source) -> dict[str, str]:
        """Name of each column and its kind (`stages.collect.READABLE`, or the engine's own word)."""
        with silent(source), self.engine(source).opened(source) as table:
            return kinds(table)

    def described(self, source: Source) -> tuple[Column, ...]:
        """What the source says of each column, and the values of those that have few."""
        by = self.engine(source)
        with silent(source):
            labels = {one.name: one for one in by.labels(source)}
        with silent(source), by.opened(source) as table:
            return tuple(coverage.described(table, name, kind, labels.get(name)) for name, kind in kinds(table).items())

    def register(self, source: Source, norm: Norm, binding: Binding) -> Source:
        """The source with its vintage, and whether one row is one person in it; done again when the data change.

        Raises:
            SourceError: a column is missing, or the source changed while it was read.
        """
        by = self.engine(source)
        unit, time = self._unit(norm, binding)
        wanted = collect.wanted((unit, time))
        with silent(source), by.opened(source, wanted) as table, _vintage(by, source) as vintage:
            collect.fits(kinds(table), wanted, where=source.id)
            unique = coverage.uniqueness(table, unit, time, by)
            return replace(source, unique=unique.holds, vintage=vintage())

    def unique(self, source: Source, norm: Norm, binding: Binding) -> Uniqueness:
        """Whether the privacy unit is unique within each period that the binding knows."""
        unit, time = self._unit(norm, binding)
        wanted, by = collect.wanted((unit, time)), self.engine(source)
        with silent(source), by.opened(source, wanted) as table:
            collect.fits(kinds(table), wanted, where=source.id)
            return coverage.uniqueness(table, unit, time, by)

    def coverage(self, source: Source, norm: Norm, binding: Binding) -> Coverage:
        """How the rows of the universe, in every period that the binding knows, meet all dimensions of the norm."""
        time = collect.reading(norm, binding, norm.variable(norm.period))
        variables = (norm.filling(dimension.id) for dimension in norm.structure.dimensions)
        readings = tuple(collect.reading(norm, binding, variable) for variable in variables)
        numbers = collect.bounded(norm, binding)
        conditions = collect.conditions(binding)
        of = {one.column: "the universe" for one in conditions}
        every = of | collect.wanted((time, *readings, *numbers.values()))
        by = self.engine(source)
        with silent(source), by.opened(source, every) as table:
            collect.fits(kinds(table), every, where=source.id)
            period = table[time.column]
            known = is_one_of(period, tuple(time.codes)) if time.codes else text(period).notnull()
            rows = universe(table.filter(known), conditions, by)
            found = coverage.covered(patterns.patterns(rows, readings, by), readings)
            beyond = {v.id: coverage.beyond(rows, v, reading, by) for v, reading in numbers.items()}
            recoded = {v.id: coverage.recoded(rows, reading) for v, reading in numbers.items()}
            return replace(found, beyond=beyond, recoded={id: told for id, told in recoded.items() if told})

    def inspected(self, source: Source, norm: Norm, binding: Binding) -> Inspection:
        """What an officer should know of the source beside its coverage, see `inspection`."""
        with silent(source):
            return inspection.inspected(self.engine(source), source, norm, binding)

    def count(self, plan: Plan) -> Counts:
        """What the plan asks: measures of each cell of its layout, and what was left out.

        Raises:
            SourceError: the data are not those that were checked, a column is missing, or the source is broken.
        """
        source, by = plan.source, self.engine(plan.source)
        with silent(source), by.opened(source, plan.reads) as table, _vintage(by, source) as vintage:
            collect.fits(kinds(table), plan.reads, where=source.id)
            rows = table.filter(is_one_of(table[plan.time.column], plan.periods))
            unique = source.unique
            if source.vintage is None:
                unique = coverage.uniqueness(table, plan.unit, plan.time, by).holds
            plain = unique and plan.plain
            if plain:
                counts = patterns.counted(rows, plan, by)
                counts = replace(counts, margins=margins.apart(counts.contributors[None], counts.largest, plan))
            else:
                counts = bounded.counted(rows, plan, by, unique=unique)
            if source.vintage not in (None, vintage()):
                raise SourceError(
                    "not the data whose privacy unit was checked",
                    where=source.id,
                    wanted="the source as it was when it was checked",
                    way_out="comity source check",
                )
            return replace(counts, engine=by.version)

    def _unit(self, norm: Norm, binding: Binding) -> tuple[collect.Reading, collect.Reading]:
        return (
            collect.reading(norm, binding, norm.variable(norm.unit)),
            collect.reading(norm, binding, norm.variable(norm.period)),
        )


@contextmanager
def silent(source: Source) -> Iterator[None]:
    """A fault that nobody thought of is its class alone: its message, and its lines, may quote a row or the salt."""
    try:
        yield
    except (ComityError, ModuleNotFoundError):
        raise
    except MemoryError:
        raise WorldError("out of memory", where=source.id, way_out="give the machine more memory") from None
    except Exception as e:
        raise ComityError(
            "our bug: a fault while rows were read, of which only the kind is told",
            where=source.id,
            found=type(e).__name__,
            way_out="please report the kind, the command and the engine",
        ) from None


@contextmanager
def _vintage(by: Engine, source: Source) -> Iterator[Callable[[], Digest]]:
    """The vintage of what is read meanwhile: of a file, read a second time beside the count and not after it.

    Within `opened`, which refuses a file that changes from before both readings until after them: begun earlier, the
    second reading might have ended before a change and the first begun after it.
    """
    if not by.files:
        yield lambda: by.vintage(source)
        return
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(by.vintage, source).result
