"""Against norms, and reservations from them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts.motion import Reservation
from comity.assembly import queries
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.member import HUB
from comity.stages.publish import bundle, folder, release
from comity.stages.verify.check import verify
from tests.attacks.book import Guard, always, attack
from tests.attacks.log.releases import held
from tests.attacks.log.statements import lacking, said_by
from tests.builders.assembly import Assembly
from tests.builders.release import made

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
    return _published(lambda state: state.having(reservations={}), "dropped")


@cache
def lifted_in_time() -> Files:
    """m2 lifts its reservation when its answer stands in the log, and publishes after that."""
    world = made("lifted", reserving=("m2",))
    norm = world.study.norm
    world.assembly.reserve("m2", norm)
    return _published(lambda state: state.having(reservations={}), "lifted")


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


def _published(seen: Callable[[State], State], run: str) -> Files:
    """The folder of m2's own release, made from the state as m2 would have it seen."""
    world = made(run, reserving=("m2",))
    assembly, store = world.assembly, world.world.store
    state = seen(assembly.state)
    consent = next(c for c in state.consents.values() if c.member == "m2")
    files = release.national(state, state.nationals[consent.ref.index].ref.index, bodies=store)
    assembly.say("m2", release.published(files, state, store))
    note = assembly.cosigned(world.world.now + 30)
    return {**files, **bundle.proofs(assembly.state, files[folder.RELEASE], assembly.leaves, note, store)}
