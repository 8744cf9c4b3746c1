"""`release.json` and the files it names, held against what follows from the log."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields

from comity import canon
from comity.acts.release import Figures
from comity.assembly.facts import ExchangeFacts, ReleaseFacts, Said
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
    """The log's own statement about these very bytes of `release.json`, if there is one.

    Anyone may say that a release is its own: what counts is the last word of the publisher whom the record names.
    """
    try:
        body = files.read(folder.RELEASE)
    except ComityError:
        return None
    digest = canon.digest(body)
    said = [facts for facts in log.state.releases.values() if facts.release.digest == digest]
    try:
        record = read(files)
    except ComityError:
        return said[-1] if said else None
    own = [facts for facts in said if (facts.publisher, facts.inputs) == (record.publisher, record.inputs)]
    return next(reversed(own or said), None)


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


def follows(record: Release, wanted: Release, facts: ReleaseFacts | None, beside: str) -> Claim:
    """Everything that the record says is what follows from leaves and sum. `beside`: what else is to be said of it."""
    if difference := _figures_differ(record.figures, wanted.figures):
        return no("figures", f"release.json does not say what follows: {difference}")
    names = [field.name for field in fields(Release) if field.name not in ("figures", "files")]
    if wrong := [name for name in names if _spelt(record, name) != _spelt(wanted, name)]:
        told = "; ".join(f"{name}: found {getattr(record, name)!r:.160}" for name in wrong[:3])
        return no("release.json", f"does not say what follows from the log: {', '.join(wrong)}; {told}")
    if facts is not None and facts.inputs != record.inputs:
        return no("release.json", f"names other inputs than leaf {facts.ref.index}; found {record.inputs}")
    return yes("release.json", f"who took part, privacy and notes are what follows from the log{beside}")


def rooted(facts: ReleaseFacts, wanted: Figures) -> Claim:
    """The leaf names the tree of the figures that follow, so that each of them may be kept without the others."""
    said, where = facts.figures, f"leaf {facts.ref.index}"
    if (said.count, said.root) != (wanted.count, wanted.root):
        detail = f"{where} names another tree than follows; found {said.count}, {said.root}"
        return no("figures", f"{detail}; wanted {wanted.count}, {wanted.root}")
    if said.heading != wanted.heading:
        return no(
            "figures", f"{where} names another heading than follows; found {said.heading}; wanted {wanted.heading}"
        )
    return yes("figures", f"{where} names the root of these {said.count}, and what is said over them")


def _spelt(record: Release, name: str) -> bytes:
    """A field as it is written: two reasons compare equal whatever their parameters are, their texts do not."""
    return canon.encode((getattr(record, name),))


def listed(record: Release, files: Folder) -> list[Claim]:
    """Each file that the record names is there and has its digest and size."""
    wrong = []
    for file in record.files:
        try:
            body = files.read(file.path)
        except ComityError as e:
            wrong.append(no("files", str(e)))
            continue
        if (canon.digest(body), len(body)) != (file.digest, file.size):
            wrong.append(no("files", f"{file.path}: not the file that release.json names; found {canon.digest(body)}"))
    if wrong:
        return wrong
    others = ", ".join(file.path for file in record.files if file.path != folder.CSV)
    again = f"; whether {others} show the same figures is not checked here: comity reproduce" if others else ""
    return [yes("files", f"{len(record.files)} files are what release.json names{again}")]


def observations(wanted: Release, structure: str, area: str, files: Folder) -> Claim:
    """figures.csv says the figures, field by field, and of nothing else; read here by other code than wrote it.

    Args:
        structure: reference to the norm's structure.
        area: of who is measured, where the figures' own key does not say it.
    """
    try:
        text = files.read(folder.CSV).decode()
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except (ComityError, UnicodeDecodeError, csv.Error) as e:
        return no("figures", str(e) if isinstance(e, ComityError) else f"{folder.CSV}: {e}")
    if len(rows) != len(wanted.figures):
        return no("figures", f"{folder.CSV}: {len(rows)} observations; wanted {len(wanted.figures)}")
    for i, (row, figure) in enumerate(zip(rows, wanted.figures, strict=True), 1):
        columns = dict(_columns(wanted, figure, structure, area))
        if header != list(columns) or len(row) != len(header):
            return no("figures", f"{folder.CSV}: found the columns {header!r:.160}; wanted {', '.join(columns)}")
        for (column, value), found in zip(columns.items(), row, strict=True):
            if found != value:
                told = f"{folder.CSV}, observation {i}, {column}: found {found!r:.80}; what follows is {value!r}"
                return no("figures", told)
    return yes("figures", f"{folder.CSV} says the same {len(rows)} figures")


def extra(log: Log, record: Release | None, view: Sequence[str], files: Folder) -> Claim:
    """Nothing lies in the folder but what the record, the log and the view name.

    What members sent in an exchange belongs into no folder but in a view: a drop-out's vector is never published.
    """
    kept = {said.body.digest for x in log.state.exchanges.values() for said in _sent(x)} - set(view)
    if leaked := sorted(path for digest in kept if (path := folder.blob(digest)) in files):
        return no("folder", f"{leaked[0]}: a body of an exchange that is never published")
    known = {folder.RELEASE, folder.CHECKPOINT, *(folder.entries(tile) for tile in bundles(log.checkpoint.size))}
    known |= {folder.cosignatures(log.checkpoint.size)}
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


def _sent(exchange: ExchangeFacts) -> Iterator[Said]:
    """What members said in an exchange, each with the body it names."""
    for said in (exchange.shares, exchange.answers, exchange.unmask):
        yield from said.values()


def _columns(record: Release, figure: Figure, structure: str, area: str) -> Iterator[tuple[str, str]]:
    """What a row of figures.csv must say of a figure, in the order of its columns (SDMX-CSV 2.0)."""
    axes = [axis.id for axis in record.layout.dimensions]
    yield from (("STRUCTURE", "datastructure"), ("STRUCTURE_ID", structure), ("ACTION", "I"))
    if folder.AREA not in axes:
        yield folder.AREA, area
    yield from zip(axes, figure.key, strict=True)
    yield folder.MEASURE, figure.measure
    yield folder.PERIOD, folder.time_period(record.period)
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
