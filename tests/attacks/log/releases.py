"""What is shown to a reader who has files and no connection: a release, or one figure of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts import statement
from comity.acts.release import ReleasePublished
from comity.assembly import witnesses
from comity.canon import Digest
from comity.model.release import Release
from comity.stages.publish import figures, folder, kept
from comity.stages.verify import figure
from comity.stages.verify.check import verify
from comity.stages.verify.report import Claim, Name, Report, yes
from comity.tlog.note import Note
from comity.tlog.proof import Proof
from examples.world_values import forge
from tests import sample
from tests.attacks.book import TOGETHER, Guard, Stopped, Weaker, always, attack
from tests.attacks.log.files import PATH, SAME, damaged
from tests.attacks.log.views import QUORUM
from tests.builders.figures import large
from tests.builders.release import PERIOD, Made, made

Files = Mapping[str, bytes]


@cache
def forged() -> Files:
    """The same words under keys of the forger's: votes, consents, vectors, witnesses, figures."""
    true = made().assembly.charter
    norm, study = canon.encode(sample.norm()), canon.encode(made().study)
    return forge.made(true, norm, study, period=PERIOD, time=1_800_000_000)


def held(report: Report) -> str:
    """What the attacker got, or Stopped by the claims that do not hold."""
    if report.holds:
        return report.last
    raise Stopped(", ".join(dict.fromkeys(claim.name for claim in report.claims if not claim.holds)))


def unpinned(original: Any) -> Callable[..., Claim]:
    """A reader who does not compare the charter."""
    return lambda log, pin: original(log, None)


def holding(name: Name) -> Weaker:
    """A check that finds nothing."""
    return lambda original: lambda *given: yes(name, "not looked at")


LISTED = Guard(
    "stages.verify.record.listed", "each file has the digest that `release.json` names", lambda _: lambda *given: []
)


@attack(
    "release forged whole with its own log",
    Guard("stages.verify.log._charter", "the log begins with the charter that the reader pinned", unpinned),
    says="A forger plays all members by keys of his own: every signature, vote, vector and cosignature is true.",
    by="charter",
)
def whole(place: Path) -> str:
    return held(verify(forged(), pin=made().charter))


@attack(
    "release forged whole, read under a policy",
    Guard("tlog.cosignature.signed_by_one", "the checkpoint is signed by the log that the policy names", always(True)),
    QUORUM,
    says="The same forgery for a reader who pinned no charter, and has a policy with the true keys.",
    by="quorum",
)
def under_policy(place: Path) -> str:
    return held(verify(forged(), policy=witnesses.policy(made().assembly.state)))


@attack(
    "figure changed in a release",
    Guard("stages.verify.record.follows", "the figures are those that follow from log and vectors", holding("figures")),
    Guard("stages.verify.record.in_log", "the record is the one whose digest the log names", holding("release.json")),
    says="The host, or a mirror, changes one figure of `release.json`, with its digest wherever it can be changed.",
    by="figures, release.json",
    alone={"stages.verify.record.follows": "figures", "stages.verify.record.in_log": "release.json"},
)
def changed(place: Path) -> str:
    files = dict(made().folder)
    files[folder.RELEASE] = files[folder.RELEASE].replace(b'"value":"', b'"value":"1', 1)
    return held(verify(files, pin=made().charter))


@attack(
    "page changed in a release",
    LISTED,
    says="A mirror changes a number on the page that people read, and leaves all else as it is.",
    by="files",
)
def page(place: Path) -> str:
    files = dict(made().folder)
    files[folder.PAGE] = files[folder.PAGE].replace(b"</h1>", b" (provisional)</h1>", 1)
    return held(verify(files, pin=made().charter))


@attack(
    "damaged file of a release",
    LISTED,
    Guard("stages.verify.record.extra", "a file named by a digest has that digest", holding("folder")),
    says="A mirror changes or cuts any one file of a release's folder, or turns its order.",
    by=SAME,
    needed=TOGETHER,
)
def damaged_release(place: Path) -> str:
    release = dict(made().folder)
    for path in _some(release):
        data = release[path]
        at = len(data) * 2 // 3
        flipped = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        for bad in (data[:at], flipped, data[at:] + data[:at]):
            if verify({**release, path: bad}, pin=made().charter).holds:
                return f"a folder that verifies with another {path.partition('/')[0]}"
    raise Stopped(SAME)


def _some(release: Files) -> list[str]:
    """The files, but only six of the view's; and not the checkpoint, which is damaged elsewhere."""
    viewed = sorted(path for path in release if path.startswith(folder.VIEW))
    return sorted(set(release) - set(viewed[6:]) - {folder.CHECKPOINT})


def bundle(place: int) -> tuple[bytes, Made]:
    """The file of one figure, as `comity release prove` writes it."""
    source = made()
    state, leaves = source.assembly.state, source.assembly.leaves
    record = canon.decode(source.files[folder.RELEASE], Release)
    facts = next(
        facts for facts in state.releases.values() if facts.release.digest == canon.digest(canon.encode(record))
    )
    named = (source.study, sample.norm())
    note = Note.parse(source.note)
    return kept.keep(place, record, named, state=state, facts=facts, leaves=leaves, note=note), source


def respelt(proof: Proof, said: kept.Kept) -> bytes:
    """A file that says this."""
    return kept.spelt(proof.index, proof.path, proof.note, said)


def read(data: bytes, source: Made) -> str:
    """What a reader with the true policy gets, or Stopped by the claims that do not hold."""
    found = figure.verify(data, policy=witnesses.policy(source.assembly.state))
    if found.holds and found.kept:
        said = canon.digest(canon.encode((found.kept.heading, found.kept.entry)))
        return f"{found.kept.entry.figure.value} is verified ({said[:15]})"
    raise Stopped(", ".join(dict.fromkeys(claim.name for claim in found.claims if not claim.holds)))


@attack(
    "proof bundle for another figure",
    PATH,
    says="Somebody puts another cell, or another number, into the file that proves one figure.",
    by="figure",
)
def another_figure(place: Path) -> str:
    data, source = bundle(0)
    other, _ = bundle(1)
    proof, said = kept.read(data)
    return read(respelt(proof, replace(said, entry=kept.read(other)[1].entry)), source)


@attack(
    "proof bundle of a leaf that nobody logged",
    PATH,
    says="Somebody makes a whole release of one false figure, and joins its leaf to a true checkpoint.",
    by="quorum",
)
def another_leaf(place: Path) -> str:
    data, source = bundle(0)
    proof, said = kept.read(data)
    own = source.assembly.signers["m1", "officer"]
    entry = replace(said.entry, figure=replace(said.entry.figure, value="1000000"))
    act = statement.read(said.entry_of_log).act
    assert isinstance(act.body, ReleasePublished)
    tree = replace(act.body.figures, count=1, root=Digest(f"sha256:{figures.entry_hash(entry).hex()}"))
    leaf = statement.sign(replace(act, body=replace(act.body, figures=tree)), own)
    envelope = statement.read(leaf).envelope
    return read(respelt(proof, replace(said, entry=entry, place=0, path=b"", leaf=envelope, key=own.public)), source)


@attack(
    "damaged proof bundle",
    PATH,
    says="Somebody changes the file of one figure anywhere.",
    by=SAME,
)
def damaged_bundle(place: Path) -> str:
    data, source = bundle(0)
    truth = read(data, source)
    for bad in damaged(data):
        try:
            if (found := read(bad, source)) != truth:
                return found
        except Stopped:
            continue
    raise Stopped(SAME)


@attack(
    "a figure that is no number",
    Guard("model.decimals.is_rounded", "a figure's numbers have one spelling, and nothing else is one", always(True)),
    says="A publisher's key signs words in a number's place, so that `comity verify` prints them under its own yes.",
    by="file",
)
def words_for_a_number(place: Path) -> str:
    words = "12.5 thousand, certified by the Secretary-General"
    forged = large(20, 30, 4, "h.example/a", index=7, lie=("value", words))
    found = figure.verify(forged.data, policy=forged.policy)
    if found.holds and found.kept:
        return f"{found.kept.entry.figure.value!r} is verified"
    raise Stopped(", ".join(claim.name for claim in found.claims if not claim.holds))
