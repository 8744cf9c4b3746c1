"""A log with a joint release, two members' own, and three published policies, in every place that a reader finds one.

Built like `builders.release`, on a world of its own, for it says more to the log. `demo(place)` lays it out where
`make demo` leaves its folder, so that notebook and pages run against it as they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.adapters.blobs import Blobs
from comity.canon import Digest
from comity.model.policy import Allow, Policy
from comity.model.release import Release
from comity.stages.publish import bundle, folder
from tests import sample
from tests.builders.release import made, own

ALLOWS, ASKS_OFFICER, OTHER_GOAL, WITHDRAWN = "m1", "m2", "m4", "m5"
OWN = ("m1", "m7")  # members that publish their table


@dataclass(frozen=True)
class World:
    """What is public, and what a test needs to know of it."""

    charter: Digest
    study: Digest
    leaves: tuple[bytes, ...]
    note: str
    bodies: Mapping[Digest, bytes]
    joint: Mapping[str, bytes]  # the folder of the joint release, under the last checkpoint
    national: Mapping[str, Mapping[str, bytes]]  # member -> own files

    @property
    def record(self) -> Release:
        """Of the joint release."""
        return canon.decode(self.joint[folder.RELEASE], Release)

    @property
    def log(self) -> Mapping[str, bytes]:
        """Its files, as a release's folder holds them."""
        return bundle.log(self.leaves, self.note)


def policies() -> Mapping[str, Policy]:
    """Two that allow the study of trust, one of them after its officer; one that serves another goal alone."""
    allows = replace(sample.policy(), valid_from=0, valid_until=2**40)
    return {
        ALLOWS: allows,
        ASKS_OFFICER: replace(allows, officer=True),
        OTHER_GOAL: replace(allows, allow=(Allow(method="table", goals=("5",), movers=("*",)),)),
    }


@cache
def world() -> World:
    """Made once."""
    told = made("research")
    assembly, store = told.assembly, told.world.store
    national = {}
    for member in OWN:
        national[member], _ = own(told, member)
    for member, policy in policies().items():
        assembly.say(member, PolicyPublished(policy=assembly.body(canon.encode(policy))))
    note = assembly.cosigned(told.world.now + 90)
    files = [*told.files.values(), *(data for one in national.values() for data in one.values())]
    bodies = {**store.bodies, **assembly.bodies, **{canon.digest(data): data for data in files}}
    state = assembly.state
    proofs = bundle.proofs(state, told.files[folder.RELEASE], assembly.leaves, note, store)
    return World(
        charter=told.charter,
        study=told.study.digest,
        leaves=tuple(assembly.leaves),
        note=note,
        bodies=bodies,
        joint={**told.files, **proofs},
        national=national,
    )


def public(place: Path, *, log: Mapping[str, bytes] | None = None) -> Path:
    """A hub's public folder."""
    for path, data in (log or world().log).items():
        _write(place / path.removeprefix(folder.LOG), data)
    Blobs(place / "blobs").put_all(world().bodies.values())
    return place


def release(place: Path) -> Path:
    """The folder of the joint release."""
    for path, data in world().joint.items():
        _write(place / path, data)
    return place


def demo(place: Path) -> Path:
    """`build/demo` below a place."""
    at = place / "build" / "demo"
    public(at / "hub" / "public")
    release(at / "release")
    (at / "charter.sha256").write_text(f"{world().charter}\n")
    return at


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
