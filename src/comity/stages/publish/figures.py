"""The figures of a release as a tree, so that one can be kept and checked without the others.

Decides what an entry says (a figure, and the names that the norm gives its codes), what is said over all of them (the
heading), and that the root is RFC 6962's over the entries in the order of `release.json`. Publisher and reader make it
anew, each out of record, study and norm; the leaf `release/published` holds what must come out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from comity import canon
from comity.acts.release import Figures
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.release import Figure, Release, Reserved
from comity.model.structure import Codelist, Dimension
from comity.model.study import Study
from comity.stages.publish import folder
from comity.tlog.merkle import leaf_hash, root


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A dimension of the keys: its id, its name, and the code list with full version (`AGENCY:LIST(1.0)`)."""

    id: str
    name: str
    codelist: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """An id and its name in English."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A study or norm: what it is called, and its digest."""

    name: str  # id/version
    title: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What is said over all figures of a release."""

    kind: Literal["joint", "national"]
    charter: Digest
    publisher: str  # "hub" or the member
    area: str  # M49 of who is measured; _X for a sum over members, where the key does not say it
    study: Text
    norm: Text
    goal: str
    period: str
    axes: tuple[Axis, ...]  # of the keys, in their order
    measures: tuple[Label, ...]  # that the norm names; a method's own are worded by `pages`
    notes: tuple[str, ...]  # codes, worded by `pages`
    reserved: tuple[Reserved, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One figure of `release.json`, and the norm's name of each code of its key ("" where it lists no such code)."""

    figure: Figure
    names: tuple[str, ...]


def heading(release: Release, study: Study, norm: Norm, area: str) -> Heading:
    """The heading of a release; NotVerified if the texts are not its own."""
    if (release.study, release.norm) != (study.digest, norm.digest):
        raise NotVerified("texts of another release", where="heading", found=study.digest, wanted=release.study)
    measures = {measure.id for measure in release.layout.measures}
    return Heading(
        kind=release.kind,
        charter=release.charter,
        publisher=release.publisher,
        area=area,
        study=Text(name=f"{study.id}/{study.version}", title=study.title, digest=release.study),
        norm=Text(name=f"{norm.id}/{norm.version}", title=norm.title, digest=release.norm),
        goal=study.goal,
        period=release.period,
        axes=tuple(
            Axis(id=one.id, name=one.name, codelist=f"{codes.agency}:{codes.id}({codes.version})")
            for one, codes in _dimensions(release, norm)
        ),
        measures=tuple(Label(id=one.id, name=one.name) for one in norm.structure.measures if one.id in measures),
        notes=release.notes,
        reserved=release.reserved,
    )


def entries(release: Release, norm: Norm) -> Iterator[Entry]:
    """The entries, in the order of `release.json`."""
    names = [{code.id: code.name for code in listed.codes} for _, listed in _dimensions(release, norm)]
    for figure in release.figures:
        if len(figure.key) != len(names):
            raise NotVerified("a key that does not fit the layout", where="figures", found=", ".join(figure.key))
        told = zip(names, figure.key, strict=True)
        yield Entry(figure=figure, names=tuple(of.get(code, "") for of, code in told))


def entry_hash(entry: Entry) -> bytes:
    """RFC 6962 leaf hash of an entry."""
    return leaf_hash(canon.encode(entry))


def of(release: Release, study: Study, norm: Norm, area: str) -> Figures:
    """What the leaf that publishes a release says of its figures."""
    hashes = [entry_hash(entry) for entry in entries(release, norm)]
    above = canon.encode(heading(release, study, norm, area))
    return Figures(count=len(hashes), root=Digest(f"sha256:{root(hashes).hex()}"), heading=canon.digest(above))


def area_of(state: State, release: Release) -> str:
    """Of whom a release's figures are, as M49: its publisher's area, or none for a sum over members."""
    return folder.NO_AREA if release.publisher == HUB else state.actors[release.publisher].party.area


def _dimensions(release: Release, norm: Norm) -> list[tuple[Dimension, Codelist]]:
    """The norm's dimensions of the keys, each with its code list; NotVerified for one that the norm does not have."""
    structure, named = norm.structure, {one.id: one for one in norm.structure.dimensions}
    shown = [axis.id for axis in release.layout.dimensions]
    if missing := [id for id in shown if id not in named]:
        raise NotVerified("a dimension that the norm does not have", where="figures", found=", ".join(missing))
    return [(named[id], structure.codelist(named[id].codelist)) for id in shown]
