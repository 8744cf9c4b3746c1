"""A node cosigns the hub's twin log when it holds the log's releases in their order, and nothing else ever."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.assembly import twin, witnesses
from comity.errors import NotVerified, Unreachable
from comity.model.member import HUB
from comity.services.node import conflict
from comity.services.node import twin as duty
from comity.tlog import note as notes
from comity.tlog import sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, Vkey
from comity.tlog.tile import encode_bundle
from tests.builders.assembly import START, Assembly
from tests.builders.twin import TwinHub, released
from tests.services.node.hub import Hub


@dataclass
class Node:
    """m1's node, as far as the twin goes; the hub serves what its files hold."""

    home: Path
    hub: Hub
    growth: Growth
    journal: Journal
    client: Client

    def answer(self, now: int, member: str = "m1") -> bool:
        assembly = self.hub.assembly
        signer = assembly.signers[member, "witness"]
        return duty.answer(self.home, assembly.state, self.growth, self.journal, self.client, signer, member, now)

    def signed(self) -> int:
        return self.growth.last(twin.log(self.hub.assembly.state).name).memory.size

    def serve(self, leaves: list[bytes], *, origin: str | None = None, by: str = "log") -> Note:
        """Ask for cosignatures of these leaves, whatever they are."""
        assembly = self.hub.assembly
        name = origin or twin.log(assembly.state).name
        text = str(Checkpoint(name, len(leaves), root([leaf_hash(leaf) for leaf in leaves])))
        asked = Note(text, (notes.sign(text, name, assembly.signers[HUB, by]),))
        self.hub.files["sigsum/checkpoint.pending"] = str(asked).encode()
        self.hub.files[f"sigsum/tile/entries/000.p/{len(leaves)}"] = encode_bundle(leaves)
        return asked


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """Two releases are in the log."""
    assembly = Assembly(4, witnesses=["m1", "m2", "m3"])
    study = assembly.adopt("study", b"{}")
    for period in ("1", "2"):
        released(assembly, study, period)
    with Hub(assembly) as hub, Client(hub.address) as client:
        growth, journal = Growth(tmp_path / "witness.db"), Journal(tmp_path / "journal.db")
        yield Node(tmp_path, hub, growth, journal, client)
        growth.close()
        journal.close()


def leaves(node: Node) -> list[bytes]:
    """What the twin must hold."""
    assembly = node.hub.assembly
    sign = assembly.signers[HUB, "sign"]
    return [bytes(sigsum.Leaf.of(digest, sign)) for digest in twin.files(assembly.state)]


def test_the_twin_that_the_hub_makes_is_cosigned_and_remembered(tmp_path: Path, node: Node) -> None:
    hub = TwinHub(tmp_path, node.hub.assembly)
    hub.take()
    hub.twin.once()
    for path in (hub.public / "sigsum").rglob("*"):
        if path.is_file():
            node.hub.files[path.relative_to(hub.public).as_posix()] = path.read_bytes()
    asked = hub.pending()
    assert asked is not None

    assert node.answer(START)

    vkey = Vkey.parse(witnesses.vkey(node.hub.assembly.charter, "m1"))
    assert START == time_of(node.hub.lines[-1], vkey, asked.text)
    assert 2 == node.signed()
    assert hub.twin.cosign(str(node.hub.lines[-1]))
    hub.close()


def test_it_grows_and_is_cosigned_again(node: Node) -> None:
    node.serve(leaves(node)[:1])
    assert node.answer(START)
    node.serve(leaves(node))
    assert node.answer(START + 1)

    assert 2 == node.signed()


def test_a_twin_beyond_what_this_node_has_read_waits(node: Node) -> None:
    extra = bytes(sigsum.Leaf.of(sha256(b"next").digest(), node.hub.assembly.signers[HUB, "sign"]))
    node.serve([*leaves(node), extra])

    assert not node.answer(START)
    assert [] == node.hub.lines


def stranger(node: Node) -> list[bytes]:
    leaf = sigsum.Leaf.of(sha256(b"never released").digest(), node.hub.assembly.signers[HUB, "sign"])
    return [leaves(node)[0], bytes(leaf)]


def by_another_key(node: Node) -> list[bytes]:
    first, _ = leaves(node)
    digest = twin.files(node.hub.assembly.state)[1]
    return [first, bytes(sigsum.Leaf.of(digest, node.hub.assembly.signers["m1", "sign"]))]


def unsigned(node: Node) -> list[bytes]:
    first, second = leaves(node)
    return [first, second[:40] + bytes([second[40] ^ 1]) + second[41:]]


FALSE: dict[str, Callable[[Node], list[bytes]]] = {
    "a file that was never released": stranger,
    "the releases in another order": lambda node: leaves(node)[::-1],
    "one release twice": lambda node: [leaves(node)[0]] * 2,
    "a leaf by another key": by_another_key,
    "a signature that does not hold": unsigned,
    "an entry that is no leaf": lambda node: [leaves(node)[0], b"{}"],
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_not_the_logs_releases_is_never_cosigned(node: Node, name: str) -> None:
    node.serve(FALSE[name](node))

    with pytest.raises(NotVerified, match="not that of the log's releases"):
        node.answer(START)

    assert ([], 0) == (node.hub.lines, node.signed())


def test_a_twin_that_goes_back_is_never_cosigned(node: Node) -> None:
    node.serve(leaves(node))
    assert node.answer(START)
    node.serve(leaves(node)[:1])

    with pytest.raises(NotVerified, match="does not grow"):
        node.answer(START + 1)
    assert not (node.home / "evidence").exists()  # older, and not contradicting


@pytest.mark.parametrize("size", [1, 2])
def test_a_second_view_of_the_twin_is_evidence_by_the_logs_key_alone(node: Node, size: int) -> None:
    """As of the log: a file that convicts, kept once, and a node that says nothing more."""
    node.serve(leaves(node)[:size])
    assert node.answer(START)
    node.serve([*stranger(node)[::-1]])

    for later in (1, 2):
        with pytest.raises(NotVerified, match="does not grow"):
            node.answer(START + later)

    (kept,) = (node.home / "evidence").iterdir()
    assert "split-view.evidence" == kept.name
    Evidence.parse(kept.read_bytes()).verify(twin.log(node.hub.assembly.state))
    with pytest.raises(NotVerified, match="two views"):
        conflict.halt(node.home)


def test_files_that_do_not_make_the_root_are_never_cosigned(node: Node) -> None:
    node.serve(leaves(node))
    node.hub.files["sigsum/tile/entries/000.p/2"] = encode_bundle(leaves(node)[::-1])

    with pytest.raises(NotVerified, match="root"):
        node.answer(START)


def test_files_that_are_not_served_are_no_reason_to_sign(node: Node) -> None:
    node.serve(leaves(node))
    node.hub.files.pop("sigsum/tile/entries/000.p/2")

    with pytest.raises(Unreachable, match="missing"):
        node.answer(START)


@pytest.mark.parametrize(("origin", "by"), [("sigsum.org/v1/tree/" + "0" * 64, "log"), (None, "sign")])
def test_a_twin_under_another_name_or_key_is_never_cosigned(node: Node, origin: str | None, by: str) -> None:
    node.serve(leaves(node), origin=origin, by=by)

    with pytest.raises(NotVerified, match="not signed by the hub's log key"):
        node.answer(START)


def test_memory_is_on_disk_before_the_line_leaves(node: Node) -> None:
    """A hub that does not answer gets the same line again, and no other."""
    node.serve(leaves(node))
    found: list[int] = []
    node.client.cosign = lambda line: bool(found.append(node.signed())) or True  # type: ignore[method-assign]

    assert node.answer(START)
    assert [2] == found


def test_who_looks_and_when(node: Node) -> None:
    """A witness whose log has a release that it has not signed for; later only now and then."""
    state, growth = node.hub.assembly.state, node.growth
    assert duty.waits(state, growth, "m1", START, START)
    assert not duty.waits(state, growth, "m4", 0, START)  # no rule counts it
    assert not duty.waits(Assembly(4).state, growth, "m1", 0, START)

    node.serve(leaves(node))
    node.answer(START)
    assert not duty.waits(state, growth, "m1", START, START + duty.AGAIN - 1)
    assert duty.waits(state, growth, "m1", START, START + duty.AGAIN)
