"""Replay: makes the files of a release again from what is public, and compares them byte for byte.

Needs more than `verify` does (Arrow, charts), and says less: that this version of Comity writes the same files. Proofs
are `verify`'s. Record and CSV are the same bytes everywhere; Parquet and the drawings on the page depend on the version
of the library that writes them, so equal observations in other bytes are told apart from other observations. The
description names the version of Comity and the digest of Parquet; equal but for these, it says the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from comity import canon
from comity.assembly.facts import ReleaseFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.sdmx import dataset
from comity.stages import grounds, layers, table
from comity.stages.grounds import Grounds
from comity.stages.publish import crate, folder, release
from comity.stages.publish import record as named
from comity.stages.seal.turn import Bodies
from comity.stages.verify import log, record
from comity.stages.verify.reading import Folder

Outcome = Literal["same", "equal", "differs", "missing"]
GOOD: Final[tuple[Outcome, ...]] = ("same", "equal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One file made again: the same bytes, equal content in other bytes, other content, or not in the folder."""

    path: str
    outcome: Outcome
    found: Digest | None  # None: not there
    made: Digest


def again(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The release's own files, made again from the log, the view and the texts of its folder.

    What a table of areas follows from is taken as it lies there: its parts must add up to the table, its binding must
    be the one consented with. Whether the parts are what the rasters give: `comity reproduce --inputs`.

    Raises:
        NotVerified: the log names no release with this record, or another tree of its figures, or what it was made
            from is missing.
    """
    given = Folder(files)
    read = log.read(given)
    said = record.published(read, given)
    if said is None:
        raise NotVerified("the log names no such record", where=folder.RELEASE, way_out="comity verify says more")
    state, bodies = read.states[said.ref.index], _Bodies(given)
    made = _made(files, read.leaves, state, said, bodies)
    if made[folder.RELEASE] == files.get(folder.RELEASE):
        named.rooted(said, release.tree(record.read(given), state, bodies))
    return made


def _made(
    files: Mapping[str, bytes], leaves: Sequence[bytes], state: State, said: ReleaseFacts, bodies: Bodies
) -> Mapping[str, bytes]:
    exchange = next((x for x in state.exchanges.values() if x.closed and x.closed.ref.index in said.inputs), None)
    if exchange is None:
        beside = {path: files[path] for path in folder.GROUNDS if path in files}
        return release.national(state, said.inputs[0], bodies=bodies, beside=beside)
    return release.joint(state, exchange.opened.ref.index, leaf=leaves.__getitem__, bodies=bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A raster release, read from its folder: what its table follows from, and the texts that say how."""

    study: Study
    norm: Norm
    period: str
    found: Grounds


def ground(files: Mapping[str, bytes]) -> Ground:
    """What the table of a raster release follows from, held against the log of its folder.

    Raises:
        NotVerified: the log names no release with this record, it is not of a raster study, or its parts are not those
            of its table.
    """
    given = Folder(files)
    read = log.read(given)
    said = record.published(read, given)
    consent = next((i for i, a in read.state.nationals.items() if said and a.ref.index in said.inputs), None)
    if consent is None:
        raise NotVerified("not an office's own release", where=folder.RELEASE, wanted="one of a study of rasters")
    asked, bodies = read.state.consents[consent], _Bodies(given)
    study, norm = release.texts(asked.study, bodies)
    own = table.read(bodies.get(read.state.nationals[consent].body.digest), where=f"table of {asked.member}")
    if release.method_of(study).card.needs.data != "rasters":
        raise NotVerified("the study counts persons: its microdata never leave their office", where=folder.RELEASE)
    found = grounds.read(*grounds.of(files, *folder.GROUNDS), study=study, given=asked, table=own)
    layers.released(study, norm, found.binding, found.blocks, zones=found.zones)
    return Ground(study=study, norm=norm, period=asked.period, found=found)


def compare(files: Mapping[str, bytes], made: Mapping[str, bytes]) -> tuple[Compared, ...]:
    """Each file made again, against the one in the folder."""
    return tuple(
        Compared(
            path=path,
            outcome=_outcome(path, files[path], body) if path in files else "missing",
            found=canon.digest(files[path]) if path in files else None,
            made=canon.digest(body),
        )
        for path, body in made.items()
    )


def _outcome(path: str, found: bytes, made: bytes) -> Outcome:
    if found == made:
        return "same"
    try:
        if path == folder.PARQUET:
            one, other = dataset.read_parquet(found), dataset.read_parquet(made)
            return "equal" if (one.structure, one.rows) == (other.structure, other.rows) else "differs"
        if path == folder.RELEASE:
            one_, other_ = (replace(canon.decode(data, Release), files=()) for data in (found, made))
            return "equal" if one_ == other_ else "differs"
        if path == folder.CRATE:
            return "equal" if crate.same(found, made) else "differs"
    except ComityError:
        pass
    return "differs"


class _Bodies:
    """View and texts of a folder, as bodies by digest."""

    def __init__(self, files: Folder) -> None:
        self._files = files

    def has(self, digest: Digest, /) -> bool:
        return folder.view(digest) in self._files or folder.blob(digest) in self._files

    def get(self, digest: Digest, /) -> bytes:
        return self._files.view(digest) if folder.view(digest) in self._files else self._files.blob(digest)
