"""`release.json` and the files it names, held against what follows from the log."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields

from comity import canon
from comity.assembly.state import ReleaseFacts
from comity.errors import ComityError
from comity.model.release import Figure, Release
from comity.stages.publish import folder
from comity.stages.verify.log import Log
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim, no, yes
from comity.tlog.tile import bundles


def read(files: Folder) -> Release:
    """The record; NotVerified or FormatError if it is missing or no record."""
    return canon.decode(files.read(folder.RELEASE), Release, where=folder.RELEASE)


def published(log: Log, files: Folder) -> ReleaseFacts | None:
    """The log's own statement about these very bytes of `release.json`, if there is one."""
    try:
        digest = canon.digest(files.read(folder.RELEASE))
    except ComityError:
        return None
    return next((facts for facts in log.state.releases.values() if facts.release.digest == digest), None)


def in_log(log: Log, facts: ReleaseFacts | None) -> Claim:
    """The record is one that the log names, and was not taken back."""
    if facts is None:
        known = ", ".join(f"{f.release.digest} (leaf {f.ref.index})" for f in log.state.releases.values())
        return no("release.json", f"the log names no such record; it names {known or 'none'}")
    if facts.withdrawn is not None:
        return no("release.json", f"taken back by its publisher, in leaf {facts.withdrawn}")
    later = [f.ref.index for f in log.state.releases.values() if f.replaces == facts.ref]
    more = f"; replaced by leaf {later[0]}" if later else ""
    return yes("release.json", f"named by leaf {facts.ref.index}, release/published by {facts.publisher}{more}")


def follows(record: Release, wanted: Release, facts: ReleaseFacts | None) -> Claim:
    """Everything that the record says is what follows from leaves and sum."""
    if difference := _figures_differ(record.figures, wanted.figures):
        return no("figures", f"release.json does not say what follows: {difference}")
    names = [field.name for field in fields(Release) if field.name not in ("figures", "files")]
    if wrong := [name for name in names if getattr(record, name) != getattr(wanted, name)]:
        told = "; ".join(f"{name}: found {getattr(record, name)!r:.160}" for name in wrong[:3])
        return no("release.json", f"does not say what follows from the log: {', '.join(wrong)}; {told}")
    if facts is not None and facts.inputs != record.inputs:
        return no("release.json", f"names other inputs than leaf {facts.ref.index}; found {record.inputs}")
    return yes("release.json", "who took part, privacy and notes are what follows from the log")


def listed(record: Release, files: Folder) -> list[Claim]:
    """Each file that the record names is there and has its digest."""
    wrong = []
    for file in record.files:
        try:
            found = canon.digest(files.read(file.path))
        except ComityError as e:
            wrong.append(no("files", str(e)))
            continue
        if found != file.digest:
            wrong.append(no("files", f"{file.path}: not the file that release.json names; found {found}"))
    return wrong or [yes("files", f"{', '.join(file.path for file in record.files)} are what release.json names")]


def observations(wanted: Sequence[Figure], axes: Sequence[str], files: Folder) -> Claim:
    """figures.csv says the figures, row by row; read here by other code than wrote it."""
    try:
        text = files.read(folder.CSV).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (ComityError, UnicodeDecodeError, csv.Error) as e:
        return no("figures", str(e) if isinstance(e, ComityError) else f"{folder.CSV}: {e}")
    if len(rows) != len(wanted):
        return no("figures", f"{folder.CSV}: {len(rows)} observations; wanted {len(wanted)}")
    for i, (row, figure) in enumerate(zip(rows, wanted, strict=True), 1):
        for column, value in _columns(figure, axes):
            if row.get(column) != value:
                told = f"{folder.CSV}, observation {i}, {column}: found {row.get(column)!r}; what follows is {value!r}"
                return no("figures", told)
    return yes("figures", f"{folder.CSV} says the same {len(rows)} figures")


def extra(log: Log, record: Release | None, view: Sequence[str], files: Folder) -> Claim:
    """Nothing lies in the folder but what the record, the log and the view name."""
    known = {folder.RELEASE, folder.CHECKPOINT, *(folder.entries(tile) for tile in bundles(log.checkpoint.size))}
    known |= {file.path for file in record.files} if record else set()
    known |= {folder.view(digest) for digest in view}
    known |= {folder.blob(digest) for digest in log.state.bodies}
    strange = sorted(path for path in files.files if path not in known)
    if strange:
        return no("folder", f"{len(strange)} files that nothing names: {', '.join(strange[:5])}")
    named = [path for path in files.files if path.startswith((folder.BLOBS, folder.VIEW))]
    false = [path for path in named if path.partition("/")[2] != canon.hex_of(canon.digest(files.read(path)))]
    if false:
        return no("folder", f"{false[0]}: the file is not what its name says")
    return yes("folder", f"{len(files.files)} files, each named by release.json, the log or the view")


def _columns(figure: Figure, axes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a row of figures.csv must say of a figure."""
    yield from zip(axes, figure.key, strict=True)
    yield folder.MEASURE, figure.measure
    yield folder.VALUE, figure.value or ""
    yield folder.STATUS, figure.status
    yield folder.SAMPLING, figure.sampling
    yield folder.NOISE, figure.noise


def _figures_differ(found: Sequence[Figure], wanted: Sequence[Figure]) -> str:
    """The first figure that differs, in words; empty if none does."""
    if len(found) != len(wanted):
        return f"{len(found)} figures; {len(wanted)} follow"
    for a, b in zip(found, wanted, strict=True):
        if a != b:
            return f"{b.measure} of {', '.join(b.key)}: found {a.value} ({a.status}); {b.value} ({b.status}) follows"
    return ""
