"""Counting at home: the one place of a node where a plan is run over microdata. Only sums by cell come out.

Decides which source is read, that it was checked, and by which salt contributions are bounded; how it is counted is
`stages.compute` and `adapters.tables`, what may be shown of it is decided afterwards. Loaded when something is counted.
"""

from importlib.metadata import version
from pathlib import Path

from comity import canon
from comity.adapters import clock
from comity.adapters.tables.counting import NationalTables
from comity.errors import Refused, SourceError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.extract import Basis, File
from comity.model.job import Tell
from comity.model.source import Coverage
from comity.services.node import bounding, sources
from comity.services.node.question import Asked
from comity.stages import compute, misfits
from comity.stages.effects import Counted
from comity.stages.protect import sdc

THREADS = 1  # of one count: a machine may host several nodes


def count(
    home: Path,
    it: Asked,
    *,
    national: bool,
    threshold: int,
    tell: Tell,
    register: bool = True,
    salt: bytes | None = None,
) -> Counted:
    """The member's own table: cut to the study's bound for the sum, as it is for its own release.

    Args:
        threshold: of the member's own table; of a sum without noise, too: the cells that it hides are withheld.
        salt: of an earlier count that is made again; None: this release's own (`bounding`).
    """
    cube, _, basis = _made(home, it, tell=tell, register=register, salt=salt)
    return Counted(
        values=compute.clipped(cube, it.study.bound),
        national=cube if national else None,
        withheld=None if it.study.noise else sdc.withheld(cube, threshold),
        basis=basis,
    )


def table(home: Path, it: Asked, *, tell: Tell, register: bool = True) -> tuple[Cube, Coverage]:
    """The table as counted, and how the source covers the norm; SourceError or FormatError if it may not be counted.

    Args:
        register: write down what was found of the source when it was checked, so that it is not checked again.
    """
    cube, coverage, _ = _made(home, it, tell=tell, register=register, salt=None)
    return cube, coverage


def _made(home: Path, it: Asked, *, tell: Tell, register: bool, salt: bytes | None) -> tuple[Cube, Coverage, Basis]:
    """The table, its coverage, and what it was counted from: the source was this very vintage while it was counted."""
    method = registry.held(it.study.method)
    if method is None:
        asked = it.study.method
        raise Refused(
            "the study's method is not on this shelf",
            where=f"study {it.study.id}/{it.study.version}",
            found=registry.shown(asked),
            wanted=f"{asked.name}/{asked.version} {asked.digest}",
            way_out="install the Comity that holds it; of a draft: comity study pack",
        )
    if it.norm is None or it.entry is None or it.binding is None:
        raise SourceError(
            "no source at home is bound to this norm",
            where=it.norm.name if it.norm else it.study.norm,
            way_out="comity source bind; a file that is no source yet: comity source add",
        )
    misfits.insist(it.study, method.card, it.norm)
    entry, tables = it.entry, NationalTables(threads=THREADS)
    if entry.source.vintage is None:
        tell(0, 2, "checking whether a row is a person")
        entry = entry.checked(tables.register(entry.source, it.norm, it.binding), time=clock.now())
        if register:
            sources.put(home, entry)
    tell(1, 2, "counting")
    source, vintage = entry.source, entry.source.vintage
    if vintage is None:
        raise SourceError("the source was not read whole", where=source.id, way_out="comity source check")
    salt = bounding.salt(home, it.question) if salt is None else salt
    plan = compute.plan(
        it.study,
        it.norm,
        it.binding,
        it.question.period,
        source=source,
        method=method,
        salt=salt,
        parameters={"member": it.member},
    )
    counts = tables.count(plan)
    cube, coverage = compute.table(plan, counts)
    tell(2, 2, "counting")
    basis = Basis(
        source=source.id,
        files=(File(id=source.id, digest=vintage),),
        plan=None,
        cube=canon.digest(cubes.encode(cube)),
        software=f"comity {version('comity')}",
        engine=counts.engine,
        salt=salt.hex(),
    )
    return cube, coverage, basis
