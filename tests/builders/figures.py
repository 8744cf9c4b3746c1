"""One figure's file on a real log, as large as asked for: many figures, many leaves, many witnesses with long names.

The leaves that nobody reads are hashes without bytes: a proof of inclusion needs no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256

from comity import canon
from comity.acts.refs import Blob, Head
from comity.acts.release import Figures, ReleasePublished
from comity.acts.statement import Act, read, sign
from comity.assembly import witnesses
from comity.model.member import HUB
from comity.model.release import Figure, Release
from comity.stages.publish import figures, folder, kept
from comity.stages.publish.figures import Entry
from comity.stages.publish.kept import Kept, Trust
from comity.tlog import merkle, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note
from comity.tlog.quorum import Policy
from tests.builders.assembly import START, charter_of, party, signer
from tests.builders.release import Made, made

INDEX = 777_777


@dataclass(frozen=True)
class Large:
    """The file, and the policy of its log."""

    data: bytes
    policy: Policy


def of(
    source: Made, place: int = 0, *, publisher: str = HUB, record: bytes | None = None, note: str | None = None
) -> bytes:
    """The file of a figure of the sample's joint release, or of another's whose record is given."""
    assembly = source.assembly
    release = canon.decode(record or source.files[folder.RELEASE], Release)
    return kept.keep(
        place,
        release,
        kept.texts(release, source.world.store.get),
        state=assembly.state,
        facts=next(one for one in assembly.state.releases.values() if one.publisher == publisher),
        leaves=assembly.leaves,
        note=Note.parse(note or source.note),
    )


def record(source: Made) -> Release:
    """The sample's joint release."""
    return canon.decode(source.files[folder.RELEASE], Release)


@cache
def large(
    count: int = 10_000,
    size: int = 1_000_000,
    witnesses_: int = 15,
    origin: str = "hub.example.org/assembly",
    *,
    index: int = INDEX,
    lie: tuple[str, str] | None = None,
) -> Large:
    """A figure among `count`, published in a log of `size` leaves under so many witnesses, all of whom cosigned.

    index: of the leaf that publishes it, in the log.
    lie: a field of all figures, and what their publisher puts there, be it what no figure of ours may hold.
    """
    source = made()
    release = record(source)
    ids = [f"office-{i:02d}" for i in range(witnesses_)]
    charter = charter_of([party(id) for id in ids], origin=origin)
    heading = figures.heading(release, *kept.texts(release, source.world.store.get), folder.NO_AREA)
    entries = [Entry(figure=_figure(i, lie), names=("some", "Female, 65 years and over")) for i in range(count)]
    hashes = [figures.entry_hash(entry) for entry in entries]
    body = ReleasePublished(
        release=Blob(digest=canon.digest(b"release"), size=2_345_678),
        figures=Figures(count=count, root=_digest(merkle.root(hashes)), heading=canon.digest(canon.encode(heading))),
        inputs=tuple(range(700_000, 700_000 + 9)),
        replaces=None,
        reason=None,
    )
    head = Head(size=index, root=canon.digest(b"head"))
    leaf = sign(Act(actor=HUB, origin=origin, head=head, body=body), signer(HUB, "sign"))
    path, root = _within(leaf, index, size)
    text = str(Checkpoint(origin, size, root))
    lines = [note.sign(text, origin, signer(HUB, "log"))]
    lines += [cosign(text, witnesses.key_name(origin, id), START, signer(id, "witness")) for id in ids]
    policy = witnesses.policy(charter)
    place = count // 2 + 1
    said = Kept(
        format="w3id.org/comity/figure@v1",
        heading=heading,
        entry=entries[place],
        place=place,
        path=b"".join(merkle.inclusion(place, count, hashes)),
        leaf=read(leaf).envelope,
        key=charter.hub.sign,
        trust=Trust.of(policy, origin),
    )
    return Large(kept.spelt(index, path, Note(text, tuple(lines)), said), policy)


def _figure(i: int, lie: tuple[str, str] | None) -> Figure:
    value = Decimal(i * 7919 % 100_000) / 100
    figure = Figure(
        key=("2", f"F{i:05d}"), measure="share", value=f"{value:.2f}", sampling="1.23", noise="0.45", status="A"
    )
    if lie:
        object.__setattr__(figure, *lie)  # past the figure's own check, as another's program would
    return figure


def _within(leaf: bytes, index: int, size: int) -> tuple[tuple[bytes, ...], bytes]:
    """Path and root of a tree in which the leaf stands at an index, among hashes of numbers."""
    hashes: Sequence[bytes] = [sha256(i.to_bytes(8, "big")).digest() for i in range(size)]
    hashes = [*hashes[:index], merkle.leaf_hash(leaf), *hashes[index + 1 :]]
    return merkle.inclusion(index, size, hashes), merkle.root(hashes)


def _digest(raw: bytes) -> canon.Digest:
    return canon.Digest(f"sha256:{raw.hex()}")
