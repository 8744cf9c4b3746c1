"""Counting at home: the one place of a node where a plan is run over microdata. Only counts by cell come out.

Decides which source is read and that its privacy unit was checked; how it is counted is `stages.compute` and
`adapters.tables`, what may be shown of it is decided afterwards. Loaded when something is counted.
"""

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from comity import canon
from comity.adapters.microdata.opening import vintage
from comity.adapters.tables import DuckTables
from comity.errors import SourceError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.extract import Basis, File
from comity.model.job import Tell
from comity.model.source import Coverage, Source
from comity.services.node import sources
from comity.services.node.question import Asked
from comity.stages import compute
from comity.stages.effects import Counted

THREADS = 1  # of one count: a machine may host several nodes


def count(home: Path, it: Asked, *, national: bool, tell: Tell, register: bool = True) -> Counted:
    """The member's own table: cut to the study's bound for the sum, as it is for its own release."""
    cube, _, source = _made(home, it, tell=tell, register=register)
    basis = based(source, cube)
    return Counted(values=compute.clipped(cube, it.study.bound), national=cube if national else None, basis=basis)


def based(source: Source, cube: Cube) -> Basis:
    """What a table was counted from; its source was found to be this very file while it was counted."""
    if source.vintage is None:
        raise SourceError("the file was not read whole", where=source.id, way_out="comity source check")
    return Basis(
        source=source.id,
        files=(File(id=source.id, digest=source.vintage),),
        plan=None,
        cube=canon.digest(cubes.encode(cube)),
        software=f"comity {version('comity')}",
        engine=f"duckdb {version('duckdb')}",
    )


def table(home: Path, it: Asked, *, tell: Tell, register: bool = True) -> tuple[Cube, Coverage]:
    """The table as counted, and how the source covers the norm; SourceError if it may not be counted.

    Args:
        register: write down that the source was found to hold one row a person, so that it is not checked again.
    """
    cube, coverage, _ = _made(home, it, tell=tell, register=register)
    return cube, coverage


def _made(home: Path, it: Asked, *, tell: Tell, register: bool) -> tuple[Cube, Coverage, Source]:
    """The table, its coverage, and the source as it was counted, with its vintage."""
    method = registry.held(it.study.method)
    if it.norm is None or it.entry is None or it.binding is None or method is None:
        raise SourceError(
            "no source at home is bound to this norm",
            where=it.study.norm,
            way_out="comity source bind; a file that is no source yet: comity source add",
        )
    entry, tables = it.entry, DuckTables(threads=THREADS)
    if entry.source.unique and entry.source.vintage is None:
        entry = replace(entry, source=replace(entry.source, vintage=vintage(entry.source)))
    if not entry.source.unique:
        tell(0, 2, "checking that a row is a person")
        entry = replace(entry, source=tables.register(entry.source, it.norm, it.binding))
        if register:
            sources.put(home, entry)
    tell(1, 2, "counting")
    plan = compute.plan(it.study, it.norm, it.binding, it.question.period, source=entry.source, method=method)
    cube, coverage = compute.run(plan, tables)
    tell(2, 2, "counting")
    return cube, coverage, entry.source
