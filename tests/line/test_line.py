"""The line, end to end, with real processes: six offices and a hub over sockets; one refuses, one drops out.

One run serves all tests of this file. What nobody but a test may do, knowing all files, is asked last: whether the
opened sum is the truth plus noise of the stated size.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest

from comity import canon
from comity.acts import statement
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import fold
from comity.assembly.facts import ExchangeFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import Unreachable
from comity.model import skellam
from comity.model.release import Release
from comity.services import reading, twins
from comity.services.mirror.copy import Copy
from comity.stages.publish import bundle, folder
from comity.stages.verify.check import verify
from tests.builders.offices import POLICY, Offices, counts, study

REFUSES, DROPS = "m5", "m6"
STRICT = POLICY.replace("noise_floor = 16", "noise_floor = 1000")


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    """Everything happened: the joint release is in the log, and the checkpoint that holds it is published."""
    with Offices(tmp_path_factory.mktemp("line"), members=6) as offices:
        (offices.home(REFUSES) / "policy.toml").write_text(STRICT)
        offices.start(*(id for id in offices.ids if id != DROPS), together=True)
        offices.start(DROPS)
        offices.adopt(study(step=6, send=2, consent=15))
        offices.until(lambda state: any(DROPS in x.shares and x.shared for x in state.exchanges.values()))
        offices.kill(DROPS)
        offices.until(lambda state: any(facts.publisher == "hub" for facts in state.releases.values()))
        yield offices


@pytest.fixture(scope="module")
def exchange(offices: Offices) -> ExchangeFacts:
    """The attempt that opened; on a machine that is very busy an earlier one may have run out of time."""
    (facts,) = [facts for facts in offices.state().exchanges.values() if facts.closed and facts.closed.sum]
    return facts


@pytest.fixture(scope="module")
def files(offices: Offices, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The joint release with its proofs, made from the public files and the log alone."""
    public = offices.folder / "hub" / "public"
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        note = (public / "checkpoint").read_text()
        size = StaticLog.open(tmp_path_factory.mktemp("copy"), store).size
        leaves = store.leaves(0, size)
    state = fold.replay(leaves)
    digest = joint(state)
    place = public / "releases" / canon.hex_of(digest)
    own = {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return own | dict(bundle.proofs(state, own[folder.RELEASE], leaves, note, Public(public)))


class Public:
    """The public bodies, as anyone reads them."""

    def __init__(self, public: Path) -> None:
        self._blobs = Blobs(public / "blobs")

    def has(self, name: Digest, /) -> bool:
        return self._blobs.has(name)

    def get(self, name: Digest, /) -> bytes:
        data = self._blobs.get(name)
        assert data is not None
        return data


def joint(state: State) -> Digest:
    """The hub's release."""
    (found,) = [facts.release.digest for facts in state.releases.values() if facts.publisher == "hub"]
    return found


@pytest.mark.timeout(180)
def test_everything_holds_and_nothing_is_pinned_by_itself(offices: Offices, files: dict[str, bytes]) -> None:
    """Verified from the folder alone; under the charter that the reader pinned, or said to be unpinned."""
    assert "consistent under a charter you did not pin" == verify(files).last
    pinned = verify(files, pin=offices.digest)
    assert [] == [claim for claim in pinned.claims if not claim.holds]
    assert pinned.holds


def test_no_leaf_is_against_the_rules(offices: Offices) -> None:
    """Hub and nodes said nothing that the log does not allow."""
    assert () == offices.state().breaches


def test_who_took_part_is_said_and_why_not(files: dict[str, bytes]) -> None:
    """Summed, dropped, refused by code."""
    release = canon.decode(files[folder.RELEASE], Release)
    found = {taking.member: (taking.part, [reason.code for reason in taking.reasons]) for taking in release.takings}
    wanted = {id: ("summed", []) for id in ("m1", "m2", "m3", "m4")}
    assert wanted | {REFUSES: ("refused", ["policy.noise-below-floor"]), DROPS: ("dropped", [])} == found


def test_the_sum_is_the_truth_of_the_survivors_plus_noise_of_the_stated_size(files: dict[str, bytes]) -> None:
    """All cells jointly, at 99.99 %, by the exact tail of the noise."""
    release = canon.decode(files[folder.RELEASE], Release)
    truth = {key: sum(counts(place)[key] for place in range(4)) for key in counts(0)}
    opened = {figure.key: int(figure.value or 0) for figure in release.figures if figure.measure == "n"}
    variance = 4 * Fraction(study().noise.sigma2, 4 - 1)  # type: ignore[union-attr]  # t = 4 of n = 5, c = 1
    bound = skellam.joint_bound(variance, len(truth), Fraction(9999, 10000))
    assert truth.keys() == opened.keys()
    assert max(abs(truth[key] - opened[key]) for key in truth) <= bound
    assert truth != opened


def test_a_drop_outs_vector_and_the_share_boxes_are_never_public(offices: Offices, exchange: ExchangeFacts) -> None:
    """What SEAL never publishes is in no public file."""
    public = Public(offices.folder / "hub" / "public")
    view = {path.split("/")[-1] for path in _view(offices, exchange)}
    boxes = set()
    for said in exchange.shares.values():
        from comity.stages.seal import manifest

        boxes |= set(manifest.named(public.get(said.body.digest)))
    assert [] == [box for box in boxes if public.has(box) and canon.hex_of(box) not in view]
    assert DROPS not in exchange.answers


def _view(offices: Offices, exchange: ExchangeFacts) -> list[str]:
    """Every body that the view names, as hex."""
    from comity.stages.seal.view import View

    assert exchange.closed is not None
    assert exchange.closed.view is not None
    data = Public(offices.folder / "hub" / "public").get(exchange.closed.view.digest)
    return [canon.hex_of(name) for name in canon.decode(data, View).named()]


def test_the_hub_forgets_what_it_held(offices: Offices, exchange: ExchangeFacts) -> None:
    """After the end of an exchange its boxes are in none of the hub's files."""
    names = [said.body.digest for said in exchange.shares.values()]
    held = (offices.folder / "hub" / "seal.db").read_bytes()
    public = Public(offices.folder / "hub" / "public")
    assert all(public.get(name)[:200] not in held for name in names)


def test_every_member_that_consented_published_its_own_table(offices: Offices) -> None:
    """A national release each, before the exchange or behind it; the one that refused has none."""
    wanted = {"m1", "m2", "m3", "m4"}
    state = offices.until(lambda state: wanted <= {facts.publisher for facts in state.releases.values()})
    assert {"m1", "m2", "m3", "m4", DROPS} >= {f.publisher for f in state.releases.values() if f.publisher != "hub"}


def test_what_left_an_office_is_in_its_journal(offices: Offices) -> None:
    """Every statement of m1 in the log was on its disk before."""
    from comity.services.node import desk

    left = {entry.digest for entry in desk.egress(offices.home("m1"))}
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        said = [leaf for leaf in store.leaves(1, store.size) if statement.read(leaf).act.actor == "m1"]
    assert said
    assert {canon.digest(leaf) for leaf in said} <= left


def held(folder: Path) -> dict[str, Path]:
    """Every file of a folder, by its path in it."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_the_twin_holds_every_release_under_the_quorum(offices: Offices) -> None:
    """The nodes cosigned it by themselves; its proofs are written from public files."""
    released = len(offices.state().releases)
    end = time.monotonic() + 30
    while True:
        with reading.at_hub(offices.address, offices.digest) as log, suppress(Unreachable):
            made = [twins.sigsum_files(log, index) for index in log.log.state.releases]
            break
        assert time.monotonic() < end, offices.output("hub")
        time.sleep(0.2)
    assert released <= len(made)
    records = [one.files["release.json"] for one in made]
    assert [facts.release.digest for facts in offices.state().releases.values()][:released] == [
        canon.digest(record) for record in records[:released]
    ]


def test_a_mirror_holds_the_same_public_files(offices: Offices, tmp_path: Path) -> None:
    """Tiles, bodies and releases, byte for byte; begun again from its own disk it asks for nothing new."""
    public = offices.folder / "hub" / "public"
    end = time.monotonic() + 30  # bodies come a moment after the statements that name them
    with Client(offices.address) as client:
        while True:
            copy = Copy(tmp_path, client)
            copy.once()
            theirs, ours = held(public), held(tmp_path / "public").keys()
            wanted = {name for name in theirs if name.startswith(("blobs/", "releases/"))} | {"checkpoint"}
            if wanted <= ours or time.monotonic() > end:
                break
            time.sleep(0.2)
    assert wanted <= ours
    for name in ours - {"checkpoint", "index.html"}:
        if name in theirs:
            assert theirs[name].read_bytes() == (tmp_path / "public" / name).read_bytes(), name
