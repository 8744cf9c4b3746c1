"""A release as files: `release.json` and what it names. Pure: the caller writes the bytes, and says so in the log.

Two kinds: the joint release of an opened sum, by the hub, and a member's own release of its national table. What a
release says is decided by `combine`; proofs that lie beside it are `bundle`'s, because the log names the release and
not the other way round.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from comity import canon
from comity.acts.refs import Blob
from comity.acts.release import Figures, ReleasePublished
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified
from comity.methods import registry
from comity.methods.card import Finish, Method
from comity.model.norm import Norm
from comity.model.regions import BOUNDARIES
from comity.model.release import File, Release
from comity.model.study import Study
from comity.pages import render
from comity.sdmx import csv, dataset
from comity.sdmx.dataset import Columns, DataSet
from comity.stages import combine, grounds, table
from comity.stages.grounds import Grounds
from comity.stages.publish import crate, figures, folder
from comity.stages.seal.turn import Bodies


def joint(state: State, exchange: int, *, leaf: Callable[[int], bytes], bodies: Bodies) -> Mapping[str, bytes]:
    """Files of the joint release of a closed exchange, by path.

    Args:
        state: of the log as it stands.
        exchange: leaf index of its `exchange/opened`.
        leaf: a leaf's bytes by index.
        bodies: holds study, norm and the opened sum, and the national tables to be counted.

    Raises:
        NotVerified: no sum, or the study's method is not the one on this shelf.
    """
    facts = state.exchanges[exchange]
    study, norm = texts(facts.study, bodies)
    if facts.closed is None or facts.closed.sum is None:
        raise NotVerified("the exchange has no sum", where=f"leaf {exchange}", wanted="exchange/closed with a sum")
    release = combine.joint(
        state,
        exchange,
        combine.opened(bodies.get(facts.closed.sum.digest), study),
        study=study,
        finish=finish_of(study),
        leaf=leaf,
        nationals=counted(state, study, facts.period, bodies),
    )
    return _files(release, study, norm, state, folder.NO_AREA)


def national(
    state: State, answer: int, *, bodies: Bodies, beside: Mapping[str, bytes] = MappingProxyType({})
) -> Mapping[str, bytes]:
    """Files of an office's own release of its national `answer` (a leaf index), by path.

    Args:
        beside: of a raster study, what its table follows from (`folder.GROUNDS`); published with it.

    Raises:
        NotVerified: no such answer, another method on this shelf, or grounds that are not this table's.
    """
    consent = next((index for index, said in state.nationals.items() if said.ref.index == answer), None)
    if consent is None:
        raise NotVerified("no national answer", where=f"leaf {answer}", wanted="an answer that names a consent")
    given = state.consents[consent]
    study, norm = texts(given.study, bodies)
    own = table.read(bodies.get(state.nationals[consent].body.digest), where=f"table of {given.member}")
    method, area = method_of(study), state.actors[given.member].party.area
    rasters = method.card.needs.data == "rasters"
    release = combine.national(state, answer, own, study=study, finish=method.finish, rasters=rasters)
    if not rasters:
        return _files(release, study, norm, state, area)
    blocks, binding, zones = grounds.of(beside, *folder.GROUNDS)
    found = grounds.read(blocks, binding, zones, study=study, given=given, table=own)
    return _files(release, study, norm, state, area, found, beside)


def published(files: Mapping[str, bytes], state: State, bodies: Bodies) -> ReleasePublished:
    """What its publisher says in the log of a release made above, of the same state and bodies."""
    body = files[folder.RELEASE]
    release = canon.decode(body, Release, where=folder.RELEASE)
    return ReleasePublished(
        release=Blob(digest=canon.digest(body), size=len(body)),
        figures=tree(release, state, bodies),
        inputs=release.inputs,
        replaces=None,
        reason=None,
    )


def tree(release: Release, state: State, bodies: Bodies) -> Figures:
    """The tree of a release's figures; NotVerified if its texts are not at hand or not its own."""
    return figures.of(release, *texts(release.study, bodies), figures.area_of(state, release))


def texts(study: Digest, bodies: Bodies) -> tuple[Study, Norm]:
    """A study and its norm, from the bodies that motions named."""
    read = canon.decode(bodies.get(study), Study, where="study")
    return read, canon.decode(bodies.get(read.norm), Norm, where="norm")


def finish_of(study: Study) -> Finish:
    """The finish of a study's method."""
    return method_of(study).finish


def method_of(study: Study) -> Method:
    """The very method that the members adopted; NotVerified if this shelf holds another."""
    method = registry.held(study.method)
    if method is None:
        raise NotVerified(
            "the method is not on this shelf",
            where=f"study {study.id}",
            found=registry.shown(study.method),
            wanted=f"{study.method.name}/{study.method.version} {study.method.digest}",
            way_out="install the version of Comity, or the package, whose sources have this digest",
        )
    return method


def counted(state: State, study: Study, period: str, bodies: Bodies) -> Mapping[int, bool]:
    """Leaf index of each national answer that is at hand -> whether a cell of it is suppressed.

    What a member named as its table may be anything: what is no table of this study is not counted.
    """
    found, asked = {}, study.digest
    for consent, said in state.nationals.items():
        given = state.consents[consent]
        if (given.study, given.period) != (asked, period) or not bodies.has(said.body.digest):
            continue
        with suppress(FormatError):
            read = table.read(bodies.get(said.body.digest), where=f"leaf {said.ref.index}")
            if read.layout == study.layout:
                found[said.ref.index] = read.suppressed
    return found


def observations(release: Release, norm: Norm, area: str) -> DataSet:
    """The figures as SDMX observations, long: a row for each cell and measure.

    Dimensions are REF_AREA, those of the layout, MEASURE and TIME_PERIOD; a layout that has a REF_AREA keeps its own.
    """
    axes = tuple(axis.id for axis in release.layout.dimensions)
    before = () if folder.AREA in axes else (folder.AREA,)
    columns = Columns(
        dimensions=(*before, *axes, folder.MEASURE, folder.PERIOD),
        measures=(folder.VALUE,),
        attributes=(folder.STATUS, folder.SAMPLING, folder.NOISE),
    )
    fixed = dict.fromkeys(before, area) | {folder.PERIOD: folder.time_period(release.period)}
    rows = [
        {
            **fixed,
            **dict(zip(axes, figure.key, strict=True)),
            folder.MEASURE: figure.measure,
            folder.VALUE: figure.value,
            folder.STATUS: figure.status,
            folder.SAMPLING: figure.sampling or None,
            folder.NOISE: figure.noise or None,
        }
        for figure in release.figures
    ]
    structure = norm.structure
    reference = f"{structure.agency}:{structure.id}({structure.version})"
    return dataset.of(rows, columns, kind="datastructure", structure=reference)


def _files(
    release: Release,
    study: Study,
    norm: Norm,
    state: State,
    area: str,
    found: Grounds | None = None,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Mapping[str, bytes]:
    """All files; the record last, because it names the others."""
    rows = observations(release, norm, area)
    files = {folder.CSV: csv.write(rows), folder.PARQUET: dataset.parquet(rows)}
    if found is not None:
        files |= {path: beside[path] for path in folder.GROUNDS if path in beside}
        # A hub publishes releases too, and has no room for coordinates.
        from comity.stages.publish.place import item

        files[folder.STAC] = item(release, study, norm, found, files)
    name = state.charter.name if state.charter else release.origin
    house = crate.House(name=name, address=state.charter.hub.address if state.charter else "")
    files[folder.CRATE] = crate.metadata(release, study, norm, house, files, area)
    listed = replace(release, files=_listed(files))
    if release.kind == "joint":
        files[folder.PAGE] = render.joint(listed, study=study, norm=norm, name=name)
    elif found is not None:
        # The producer's own outlines are no boundaries that anybody adopted: then a square stands for each zone.
        adopted = found.zones if BOUNDARIES in study.parameters else None
        files[folder.PAGE] = render.raster(
            listed, study=study, norm=norm, name=name, m49=area, blocks=found.blocks, zones=adopted
        )
    else:
        files[folder.PAGE] = render.national(listed, study=study, norm=norm, name=name, m49=area)
    record = canon.encode(replace(release, files=_listed(files)))
    return {folder.RELEASE: record, **dict(sorted(files.items()))}


def _listed(files: Mapping[str, bytes]) -> tuple[File, ...]:
    return tuple(File(path=path, digest=canon.digest(data), size=len(data)) for path, data in sorted(files.items()))
