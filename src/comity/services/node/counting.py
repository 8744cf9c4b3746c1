"""Counting at home: the one place of a node where a plan is run over microdata. Only sums by cell come out.

Decides which source is read, that it was checked, and by which salt contributions are bounded; how it is counted is
`stages.compute` and `adapters.tables`, what may be shown of it is `stages.protect.sdc`'s. Loaded when it is needed.
"""

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.adapters import clock
from comity.adapters.tables.counting import NationalTables
from comity.errors import ConfigError, Refused, SourceError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.extract import Basis, File
from comity.model.job import Tell
from comity.model.norm import Norm
from comity.model.policy import National
from comity.model.protection import Rules
from comity.model.source import Coverage
from comity.model.study import Study
from comity.services.node import bounding, earlier, sources
from comity.services.node.question import Asked
from comity.stages import compute, misfits
from comity.stages.effects import Counted
from comity.stages.protect import numbers, released, sdc, tables
from comity.stages.protect.altered import Chance
from comity.stages.protect.margins import Margins
from comity.stages.protect.released import Released
from comity.stages.protect.sdc import Protected

THREADS = 1  # of one count: a machine may host several nodes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A table as it was counted, and from what: the source was this very vintage meanwhile.

    largest: (n, sums, cells) sizes of the largest contributors' parts of each cell, for the rules that look at them and
        for nothing else; None where none was asked.
    margins: contributors of every margin, for the same rules; None where those of the cells say it.
    """

    cube: Cube
    coverage: Coverage
    basis: Basis
    source: str
    largest: NDArray[np.int64] | None = field(default=None, repr=False)
    margins: Margins | None = field(default=None, repr=False)


def count(
    home: Path,
    it: Asked,
    own: National,
    *,
    lost: str = "",
    memory: str = "",
    tell: Tell,
    register: bool = True,
) -> Counted:
    """The member's own table: cut to the study's bound for the sum, and as it may be shown for its own release.

    Args:
        own: the policy's rules, by which the own table is protected, and a sum without noise too: it has of this
            member what its own table would show.
        lost: as `sdc.protected`. memory: as `table`.
    """
    if it.study.noise is not None and not own.publish:
        return sealed(home, it, memory=memory, tell=tell, register=register)
    made = table(home, it, own, memory=memory, tell=tell, register=register)
    decided = protected(home, it, made, own, lost=lost, tell=tell)
    summed = made.cube if it.study.noise else decided.cube
    return Counted(
        values=compute.clipped(summed, it.study.bound),
        national=decided.cube if own.publish else None,
        withheld=None if it.study.noise else _withheld(own, decided),
        released=released.encode(_released(it, made, own, decided)),
        way=own.way,
        basis=made.basis,
    )


def sealed(home: Path, it: Asked, *, memory: str = "", tell: Tell, register: bool = True) -> Counted:
    """The table for a sum with noise alone: nothing of it is shown, so no rule looks at it."""
    if it.study.noise is None:
        raise ConfigError("a sum without noise", where=it.study.id, wanted="what an own table would show: `count`")
    made = table(home, it, None, memory=memory, tell=tell, register=register)
    return Counted(values=compute.clipped(made.cube, it.study.bound), basis=made.basis)


def _withheld(own: National, decided: Protected) -> NDArray[np.int64]:
    """What a sum without noise may not have: all, where the own table has noise that such a sum would take away."""
    return np.ones_like(decided.withheld) if own.way == "noise" else decided.withheld


def protected(home: Path, it: Asked, made: Made, own: National, *, lost: str = "", tell: Tell) -> Protected:
    """What may be shown of a table, together with everything that was decided on before of the same people.

    By noise all of it, as it was counted: `stages.national` draws the noise, and has charged for it.
    """
    before = earlier.read(home, it)
    if before.ways - {own.way}:
        lost = lost or "way"
    if own.way == "noise":
        return sdc.blank(made.cube, lost) if lost else sdc.plain(made.cube)
    method = registry.held(it.study.method)
    return sdc.protected(
        made.cube,
        rules(own, it),
        measures=numbers.measures(it.study, method.card) if method else {},
        largest=made.largest,
        earlier=before.others,
        own=before.own,
        parents=sdc.parents(it.norm) if it.norm else {},
        touched=it.norm.protection.cells if it.norm else 1,
        margins=made.margins,
        lost=lost,
        chance=Chance(secret=bounding.chance(home), about=_about(it)),
        tell=tell,
    )


def rules(own: National, it: Asked) -> Rules:
    """What a table of this study is protected by: the policy's rules, and more persons where its sums ask for them."""
    asked, method = sdc.rules(own, it.norm), registry.held(it.study.method)
    if method is None:
        return asked
    least = numbers.least(it.study, method.card, threshold=asked.threshold, coalition=asked.coalition)
    return replace(asked, threshold=least)


def _about(it: Asked) -> tuple[tuple[str, str], ...]:
    """Which people a table counts, in words that every table of them has, from whichever source."""
    norm, value = it.people
    return ("norm", norm), ("period", value)


def _released(it: Asked, made: Made, own: National, decided: Protected) -> Released:
    norm, value = it.people
    return Released(
        study=it.question.study,
        period=it.question.period,
        source=made.source,
        norm=norm,
        value=value,
        way=own.way,
        kept=decided.kept,
    )


def table(
    home: Path,
    it: Asked,
    own: National | None,
    *,
    memory: str = "",
    tell: Tell,
    register: bool = True,
    salt: bytes | None = None,
) -> Made:
    """The table as counted, and how the source covers the norm; SourceError or FormatError if it may not be counted.

    Args:
        own: whose rules may ask for largest parts; None: nobody asks.
        memory: of the count, as `config.Node` has it.
        register: write down what was found of the source when it was checked, so that it is not checked again.
        salt: of an earlier count that is made again; None: this release's own (`bounding`).
    """
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
    entry, national = it.entry, NationalTables(threads=THREADS, memory=memory)
    if entry.source.vintage is None:
        tell(0, 2, "checking whether a row is a person")
        entry = entry.checked(national.register(entry.source, it.norm, it.binding), time=clock.now())
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
        largest=own.rules.parts if own else 0,
        margins=_hierarchies(it.study, it.norm, own),
    )
    counts = national.count(plan)
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
    return Made(
        cube=cube, coverage=coverage, basis=basis, source=source.id, largest=counts.largest, margins=counts.margins
    )


def _hierarchies(study: Study, norm: Norm, own: National | None) -> tuple[tuple[int, ...], ...] | None:
    """Over which margins contributors are counted: where a person may stand in several cells, and a rule looks."""
    if own is None or own.way == "noise" or norm.protection.cells == 1:
        return None
    axes = [(axis.id, axis.codes) for axis in study.layout.dimensions]
    return tables.hierarchies(axes, sdc.parents(norm))
