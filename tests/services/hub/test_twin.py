"""The hub's twin log: it holds the log's releases and nothing else, and is published under the charter's quorum."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from comity.acts.key import KeyRevoked
from comity.adapters.log import LogStore
from comity.assembly import twin
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.services.hub.twin import STORE
from comity.tlog import sigsum
from comity.tlog.checkpoint import Checkpoint
from tests.builders.assembly import Assembly
from tests.builders.twin import TwinHub, released


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[TwinHub]:
    """A hub of four members, before anything is released."""
    hub = TwinHub(tmp_path, Assembly(4))
    yield hub
    hub.close()


def test_a_log_without_releases_has_a_twin_that_asks_for_nothing(hub: TwinHub) -> None:
    hub.take()
    hub.twin.once()

    assert (None, None) == (hub.pending(), hub.published())


def test_each_release_is_a_leaf_over_its_record_in_the_logs_order(hub: TwinHub) -> None:
    study = hub.assembly.adopt("study", b"{}")
    records = [released(hub.assembly, study, str(period)) for period in range(3)]
    hub.take()
    hub.twin.once()

    key = hub.assembly.signers[HUB, "sign"].public
    found = [sigsum.Leaf.parse(leaf) for leaf in hub.leaves(3)]
    assert [True] * 3 == [leaf.says(sha256(r).digest(), key) for leaf, r in zip(found, records, strict=True)]


def test_a_release_waits_until_the_log_that_holds_it_is_published(hub: TwinHub) -> None:
    """Before that, no node has it in its own state."""
    hub.take()
    study = hub.assembly.adopt("study", b"{}")
    released(hub.assembly, study, "1")
    for leaf in hub.assembly.leaves[hub.sequencer.state.size :]:
        hub.sequencer.accept(leaf)
    hub.twin.once()
    assert None is hub.pending()

    hub.take()
    hub.twin.once()
    assert 1 == Checkpoint.of(hub.pending() or pytest.fail("nothing is pending")).size


def test_it_is_published_under_the_quorum_and_not_before(hub: TwinHub) -> None:
    released(hub.assembly, hub.assembly.adopt("study", b"{}"), "1")
    hub.take()
    hub.twin.once()

    hub.cosign("m1", "m2")  # of four witnesses, three
    assert None is hub.published()
    hub.cosign("m3")

    note = hub.published()
    assert note is not None
    assert 3 == len(twin.policy(hub.sequencer.state).check(note).names)
    assert None is hub.pending()


def test_a_line_that_does_not_count_is_not_taken(hub: TwinHub) -> None:
    released(hub.assembly, hub.assembly.adopt("study", b"{}"), "1")
    hub.take()
    hub.twin.once()
    asked = hub.pending()
    assert asked is not None

    other = hub.line(asked, "m1").replace("/m1 ", "/m2 ")
    assert not hub.twin.cosign(other)
    assert hub.twin.cosign(hub.line(asked, "m1"))


def test_policy_and_key_lie_beside_the_published_twin(hub: TwinHub) -> None:
    released(hub.assembly, hub.assembly.adopt("study", b"{}"), "1")
    hub.take()
    hub.twin.once()
    hub.cosign()

    policy = (hub.public / "sigsum" / "policy").read_text()
    log = sigsum.raw_public(hub.assembly.signers[HUB, "log"].public).hex()
    assert policy.startswith(f"log {log}\nwitness {hub.assembly.charter.origin}/m1 ")
    assert (hub.public / "sigsum" / "hub.pub").read_text().startswith("ssh-ed25519 ")


@pytest.mark.parametrize("lost", [(), (STORE,), ("public",), (STORE, "public")])
def test_after_a_restart_it_is_the_same_whatever_was_lost(tmp_path: Path, lost: tuple[str, ...]) -> None:
    """All of it follows from the log: what is made again has the same bytes, and asks for cosignatures anew."""
    hub = TwinHub(tmp_path, Assembly(4))
    study = hub.assembly.adopt("study", b"{}")
    released(hub.assembly, study, "1")
    hub.take()
    hub.twin.once()
    hub.cosign()
    released(hub.assembly, study, "2")
    hub.take()
    hub.twin.once()
    before = hub.pending()
    assert before is not None
    hub.close()
    for name in lost:
        shutil.rmtree(tmp_path / name) if name == "public" else (tmp_path / name).unlink()

    hub = TwinHub(tmp_path, hub.assembly)
    hub.take()
    hub.twin.once()

    assert before == hub.pending()
    hub.cosign()
    assert 2 == Checkpoint.of(hub.published() or pytest.fail("not published")).size
    hub.close()


def test_a_store_that_says_something_else_is_refused(tmp_path: Path) -> None:
    hub = TwinHub(tmp_path, Assembly(4))
    released(hub.assembly, hub.assembly.adopt("study", b"{}"), "1")
    hub.take()
    hub.twin.once()
    hub.close()
    with LogStore.open(tmp_path / STORE) as store:
        store.append([bytes(sigsum.Leaf.of(sha256(b"never released").digest(), hub.assembly.signers[HUB, "sign"]))])

    with pytest.raises(NotVerified, match="not that of the log's releases"):
        TwinHub(tmp_path, hub.assembly)


def test_a_new_key_of_a_witness_is_asked_for_a_new_cosignature(hub: TwinHub) -> None:
    """Else a reader who trusts the keys as they stand would find too few."""
    released(hub.assembly, hub.assembly.adopt("study", b"{}"), "1")
    hub.take()
    hub.twin.once()
    hub.cosign("m1", "m2", "m3")
    hub.twin.once()
    assert None is hub.pending()

    key = hub.assembly.signers["m3", "witness"].public
    hub.assembly.say("m3", KeyRevoked(purpose="witness", key=key))
    hub.take()
    hub.twin.once()
    assert None is not hub.pending()
    hub.cosign("m1", "m2", "m4")
    assert None is hub.pending()
