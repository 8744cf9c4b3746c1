"""A whole release on a real log: norm and study voted, an exchange run through the real machines, files and proofs.

Nothing is mocked: offices noise, seal and unmask as they do in life (`builders.seal`), the release is made by
`stages.publish`, and the folder is what `stages.verify` reads. One office refuses, one is silent, one drops out.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property

from comity import canon
from comity.acts.charter import Matter
from comity.acts.motion import Choice, Comment
from comity.acts.refs import Ref
from comity.acts.release import ReleasePublished
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.model.release import Release
from comity.model.study import Study, Timing
from comity.stages.publish import bundle, folder, release
from comity.stages.seal.turn import Bodies
from tests import sample
from tests.builders.assembly import FIGURES, Assembly, blob, charter_of, party
from tests.builders.seal import CONSENT, PERIOD, SEND, STEP, World, Yes

AREAS = ("004", "008", "012", "020", "024", "028", "158", "031", "032", "036")
REFUSES, SILENT, DROPS = "m8", "m9", "m3"
RESERVED = ("code:CL_ANSWER.4", "variable:Q1")  # parts of the sample norm


@dataclass(frozen=True)
class Made:
    """A world after its exchange, and what was published of it."""

    world: World
    study: Study
    exchange: int
    files: Mapping[str, bytes]  # the joint release's own
    note: str

    @property
    def assembly(self) -> Assembly:
        return self.world.assembly

    @cached_property
    def folder(self) -> Mapping[str, bytes]:
        """The whole folder."""
        a, bodies = self.assembly, self.world.store
        proofs = bundle.proofs(a.state, self.files[folder.RELEASE], a.leaves, self.note, bodies)
        return {**self.files, **proofs}

    @property
    def charter(self) -> Digest:
        """What a reader would pin."""
        return canon.digest(canon.encode(self.assembly.charter))


def study() -> Study:
    """The sample study for ten members, three of whom may collude."""
    return sample.study(colluding=1, timing=Timing(consent=CONSENT, step=STEP, send=SEND))


@cache
def made(
    run: str = "run",
    *,
    national: bool = True,
    origin: str = "example.org/assembly",
    norm: Choice = "yes",
    reserving: tuple[str, ...] = (),
) -> Made:
    """A release, made once for each set of arguments.

    Args:
        norm: how all vote on the norm.
        reserving: members that enter a reservation against RESERVED before they answer.
    """
    parties = [party(f"m{i}", area=area) for i, area in enumerate(AREAS)]
    assembly = Assembly(charter=charter_of(parties, origin=origin))
    text = study()
    _decide(assembly, "norm", sample.norm(), "TRUST/1.0.0", norm)
    _decide(assembly, "study", text, "TRUST-WAVES/1.0.0", "yes")
    for member in reserving:
        assembly.reserve(member, text.norm, *RESERVED, text=b"Asked of adults only.")
    world = World(study=text, assembly=assembly, run=run)
    for body in assembly.bodies.values():
        world.store.put(body)
    for office in world.offices.values():
        office.policy = sample.policy(national=sample.National(publish=national, threshold=5))
    world.office(REFUSES).decision = Yes((Reason(code="policy.noise-below-floor", params={"floor": "64"}),))
    world.office(SILENT).alive = False
    dropped = world.office(DROPS)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    dropped.alive = False
    world.run()
    world.sum()
    exchange = world.facts.opened.ref.index
    files = release.joint(world.state, exchange, leaf=assembly.leaves.__getitem__, bodies=world.store)
    assembly.say(HUB, release.published(files, world.state, world.store))
    return Made(world, text, exchange, files, assembly.cosigned(world.now + 20))


def saying(record: bytes, inputs: tuple[int, ...], state: State, bodies: Bodies) -> ReleasePublished:
    """What a publisher says of a record that it wrote itself: with the tree of its figures, if it has one."""
    figures = FIGURES
    with suppress(ComityError, KeyError):
        figures = release.tree(canon.decode(record, Release), state, bodies)
    return ReleasePublished(release=blob(record), figures=figures, inputs=inputs, replaces=None, reason=None)


def _decide(assembly: Assembly, matter: Matter, thing: object, name: str, choice: Choice) -> None:
    """A motion with one comment, voted by all."""
    motion = assembly.motion(matter, thing, name=name)
    assembly.say("m5", Comment(motion=motion, text=assembly.body(b"Why four answers?"), language="en"))
    assembly.vote(motion, choice)
    assembly.decide(motion)


def own(made: Made, member: str) -> tuple[Mapping[str, bytes], dict[str, bytes]]:
    """A member's own release: its files, and the whole folder under a new head."""
    world, assembly = made.world, made.assembly
    consent = next(c for c in world.state.consents.values() if c.member == member)
    answer: Ref = world.state.nationals[consent.ref.index].ref
    files = release.national(world.state, answer.index, bodies=world.store)
    assembly.say(member, release.published(files, world.state, world.store))
    note = assembly.cosigned(world.now + 30)
    return files, {**files, **bundle.proofs(world.state, files[folder.RELEASE], assembly.leaves, note, world.store)}


__all__ = ["DROPS", "PERIOD", "REFUSES", "RESERVED", "SILENT", "Made", "made", "own", "saying"]
