"""Against norms, and reservations from them."""

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts import statement
from comity.acts.consent import ConsentRefused
from comity.acts.motion import Reservation
from comity.assembly import queries
from comity.canon import Digest
from comity.cli.recognised import recognised
from comity.model.bundle.parts import Mapped
from comity.model.bundle.recognised import Recognised
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.services.node import intake, setup
from comity.stages.lineage import Verdict
from comity.stages.publish import bundle, folder, release
from comity.stages.verify.check import verify
from tests import sample
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.log.releases import held
from tests.attacks.log.statements import lacking, said_by
from tests.builders.assembly import Assembly
from tests.builders.release import made
from tests.services.node.hub import Hub
from tests.services.node.test_node import BINDING, POLICY, STUDY, Scene, office

Files = Mapping[str, bytes]
KEPT = ("variable:Q1",)


def saying(norm: Digest, *parts: str) -> Reservation:
    return Reservation(norm=norm, parts=parts, text=None, language="")


@attack(
    "reservation forged",
    Guard("assembly.fold._against_signature", "a reservation counts by the key of its member", always([])),
    says="The host signs a reservation in a member's name, so that its figures look as if they followed another norm.",
    by="no effect, and a breach that all see",
)
def in_anothers_name(place: Path) -> str:
    assembly = Assembly(4)
    norm = assembly.adopt("norm", b"{}", name="TRUST/1.0.0")
    assembly.smuggle(assembly.leaf("m2", saying(norm, *KEPT), by=assembly.signers[HUB, "sign"]))
    said_by(lambda state: queries.reservation(state, norm, "m2") is not None, assembly, place)
    return "a reservation of m2 that m2 never entered"


@attack(
    "reservation against a norm not in force",
    Guard(
        "assembly.rules.reservation.against",
        "only a norm that the members adopted can be reserved",
        lacking("norm.not-in-force"),
    ),
    says="A member reserves parts of the next version before the votes on it are counted, to be apart at once.",
    by="no effect, and a breach that all see",
)
def too_early(place: Path) -> str:
    assembly = Assembly(4)
    norm = canon.digest(b"{}")
    assembly.motion("norm", b"{}", name="TRUST/1.0.0")
    assembly.smuggle(assembly.leaf("m2", saying(norm, *KEPT)))
    said_by(lambda state: queries.reservation(state, norm, "m2") is not None, assembly, place)
    return "a reservation against a norm that nobody has adopted"


@cache
def without_reservation() -> Files:
    """m2 answered under a reservation, and publishes its own table as if there had been none: all of it fits."""
    return published_without("dropped")


@cache
def lifted_in_time() -> Files:
    """m2 lifts its reservation when its answer stands in the log, and publishes after that."""
    world = made("lifted", reserving=("m2",))
    norm = world.study.norm
    world.assembly.reserve("m2", norm)
    return published_without("lifted")


@attack(
    "status of a reservation dropped from the figures",
    Guard("stages.reserved.standing", "the reservation before the answer is read from the log", always(())),
    says="An office that keeps apart from the norm publishes its figures as normal ones, in every file and by its key.",
    by="figures",
)
def dropped(place: Path) -> str:
    return held(verify(without_reservation(), pin=made("dropped", reserving=("m2",)).charter))


def as_it_stands(original: Callable[..., Any]) -> Callable[..., Any]:
    """A reader who takes the reservations as they stand when the release is published."""
    return lambda state, norm, answers: original(state, norm, dict.fromkeys(answers, state.size))


@attack(
    "reservation lifted between answer and release",
    Guard("stages.reserved.standing", "what stood when the answer was said counts, whatever came after", as_it_stands),
    says="An office answers under its reservation, lifts it, and publishes the same table as if it followed the norm.",
    by="figures",
)
def lifted(place: Path) -> str:
    return held(verify(lifted_in_time(), pin=made("lifted", reserving=("m2",)).charter))


def published_without(run: str) -> Files:
    """The folder of m2's own release, made and said as if nobody had reserved anything."""
    world = made(run, reserving=("m2",))
    assembly, store = world.assembly, world.world.store
    state = assembly.state.having(reservations={})
    consent = next(c for c in state.consents.values() if c.member == "m2")
    files = release.national(state, state.nationals[consent.ref.index].ref.index, bodies=store)
    assembly.say("m2", release.published(files, state, store))
    note = assembly.cosigned(world.world.now + 30)
    return {**files, **bundle.proofs(assembly.state, files[folder.RELEASE], assembly.leaves, note, store)}


FILE = b"code,name\n1,one\n2,two\n"  # what the authority published, and the members recognised
SWAPPED = FILE.replace(b"2,two\n", b"2,three\n")


def record() -> Recognised:
    return Recognised(
        id="LIST",
        version="1.0",
        title="A list of codes",
        authority="An authority",
        address="https://example.org/list.csv",
        digest=canon.digest(FILE),
        size=len(FILE),
        media_type="text/csv",
        retrieved="2024-02-29",
        licence="public",
    )


def asked(place: Path, hub: Hub, file: bytes) -> str:
    """What a reader is told of a file, by the command that anyone runs."""
    (place / "list.csv").write_bytes(file)
    charter = canon.digest(canon.encode(hub.assembly.charter))
    told = io.StringIO()
    with redirect_stdout(told):
        recognised(place / "list.csv", None, hub.address, None, charter, as_json=False)
    return told.getvalue()


@attack(
    "recognised norm swapped under its address",
    Guard("model.bundle.recognised.Recognised.differs", "a file is held against the digest in the record", always("")),
    says="Whoever serves the address of a recognised norm puts another list there, under the same name and version.",
    by="verify.failed",
)
def swapped(place: Path) -> str:
    assembly = Assembly(4)
    assembly.adopt("norm-recognised", record(), name="LIST/1.0")
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        assert "LIST/1.0" in asked(place, hub, FILE)
        return asked(place, hub, SWAPPED)


def believed(original: Callable[..., Any]) -> Callable[..., Any]:
    """A reader who takes whatever a hub serves for a digest."""
    return lambda reading, name: reading.client.blob(name)


@attack(
    "record of a recognised norm swapped at the hub",
    Guard("services.reading.Reading._fetched", "what a hub serves under a digest has that digest", believed),
    says="The host serves another record for the digest that the members adopted, with the digest of the swapped list.",
    by="verify.failed",
)
def record_swapped(place: Path) -> str:
    assembly = Assembly(4)
    adopted = assembly.adopt("norm-recognised", record(), name="LIST/1.0")
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        name = canon.hex_of(adopted)
        false = replace(record(), digest=canon.digest(SWAPPED), size=len(SWAPPED))
        hub.files[f"blobs/sha256/{name[:2]}/{name}"] = canon.encode(false)
        return asked(place, hub, SWAPPED)


def shorter() -> Norm:
    """The next version of the sample norm by its number, without one of its answers."""
    norm = sample.norm()
    answers, *others = norm.structure.codelists
    fewer = replace(answers, codes=answers.codes[:-1])
    gone = Mapped(codelist=answers.id, code=answers.ids[-1], becomes=(answers.ids[-2],), breaks=False)
    structure = replace(norm.structure, codelists=(fewer, *others))
    return replace(norm, version="1.1.0", replaces=norm.name, structure=structure, map_from_previous=(gone,))


@attack(
    "norm with a removed code passed off as a minor version",
    Guard("stages.lineage.judge", "a version says what changed since every one before it", always(Verdict())),
    says="A member's own program moves a version without one of the answers as 1.1.0, and the voters do not notice.",
    by="norm.version",
)
def minor(place: Path) -> str:
    assembly, norm = Assembly(5), shorter()
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(place / "office", hub)
        bind(home, place, norm)
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        first = assembly.state.in_force["norm", sample.norm().digest].motion
        assembly.adopt("norm", norm, name="TRUST/1.1.0", replaces=first)
        layout = norm.structure.layout(("ANSWER", "SEX"), ("n",))
        text = replace(STUDY, norm=norm.digest, layout=layout)
        assembly.adopt("study", text, name=f"{text.id}/{text.version}")
        hub.publish(assembly.time)
        (said,) = Scene(home, hub).rounds(2)
        act = statement.read(hub.statements[-1]).act.body
    if isinstance(act, ConsentRefused):
        raise Stopped(", ".join(reason.code for reason in act.reasons))
    return f"{said.__name__}: figures without the answer {sample.norm().structure.codelists[0].ids[-1]}"


def bind(home: Path, place: Path, norm: Norm) -> None:
    """The office has people and binds them to a norm."""
    setup.install(home, POLICY.encode(), where="policy.toml")
    people = place / "people.csv"
    rows = [f"{uid},6,{uid % 3 + 1},{uid % 2 + 1}" for uid in range(200)]
    people.write_text("\n".join(["uid,wave,q42,sex", *rows, ""]))
    intake.add_source(home, "survey", people)
    intake.bind(home, "survey", BINDING.replace("TRUST/1.0.0", norm.name), where="binding.toml")
