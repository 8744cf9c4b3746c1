"""The witness's duty: a node cosigns what only grew, by its own memory, which is on disk first."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from comity import canon
from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.adapters.leaves import Leaves
from comity.assembly import witnesses
from comity.errors import ClockOff, NotVerified
from comity.keys import MlDsa44Signer, Signer
from comity.services.node import cosign
from comity.services.node.follow import Follower
from comity.tlog import cosignature
from comity.tlog.note import MLDSA_COSIGNATURE, Note, Vkey, sign
from tests.builders.assembly import ORIGIN, START, Assembly
from tests.services.node.hub import Hub
from tests.services.node.test_follow import fork


@dataclass
class Witness:
    """m1's node, as far as it cosigns; opened anew, it remembers what is on disk."""

    home: Path
    hub: Hub
    second: Signer | None = None

    def __post_init__(self) -> None:
        pinned = canon.digest(canon.encode(self.hub.assembly.charter))
        self.client = Client(self.hub.address)
        self.follower = Follower.open(self.home, self.client, pinned, Leaves(self.home / "cache.db"), keep=True)
        self.growth, self.journal = Growth(self.home / "witness.db"), Journal(self.home / "journal.db")

    def answer(self, now: int) -> bool:
        signer = self.hub.assembly.signers["m1", "witness"]
        return cosign.answer(
            self.follower, self.growth, self.journal, self.client, signer, "m1", now, second=self.second
        )

    @property
    def size(self) -> int:
        return self.growth.last(self.hub.assembly.charter.origin).memory.size


def time_of(hub: Hub, asked: Note) -> int | None:
    """What the last line posted says, if m1's key made it of this note."""
    vkey = Vkey.parse(witnesses.vkey(hub.assembly.charter, "m1"))
    return cosignature.time_of(hub.lines[-1], vkey, asked.text)


def test_a_log_under_the_pinned_charter_is_cosigned_from_its_first_leaf(tmp_path: Path) -> None:
    """Before anyone acceded, or no checkpoint would ever reach a quorum."""
    with Hub(Assembly(4, ready=False)) as hub:
        asked = hub.ask()
        assert Witness(tmp_path, hub).answer(START)
        assert START == time_of(hub, asked)


def test_nothing_pending_is_nothing_to_do(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        assert not Witness(tmp_path, hub).answer(START)
        assert [] == hub.lines


def test_growth_is_cosigned_and_remembered(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        witness = Witness(tmp_path, hub)
        for round_ in range(4):
            assembly.tick()
            asked = hub.ask()
            assert witness.answer(START + round_)
            assert START + round_ == time_of(hub, asked)
            assert assembly.state.size == Witness(tmp_path, hub).size


def test_memory_and_journal_are_on_disk_before_the_line_leaves(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        witness, seen = Witness(tmp_path, hub), []
        hub.ask()
        post = witness.client.cosign

        def watched(line: str) -> bool:
            again = Witness(tmp_path, hub)
            seen.append((again.size, [again.journal.body(entry.number) for entry in again.journal.entries()], line))
            return post(line)

        witness.client.cosign = watched  # type: ignore[method-assign]
        witness.answer(START)
        ((size, bodies, line),) = seen
        assert hub.assembly.state.size == size
        assert [line.encode()] == bodies


def test_the_same_size_is_cosigned_again_once_a_second(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        witness = Witness(tmp_path, hub)
        asked = hub.ask()
        assert [True, False, True, False] == [witness.answer(START + after) for after in (0, 0, 1, 1)]
        assert START + 1 == time_of(hub, asked)


def test_a_shrunk_log_is_not_cosigned(tmp_path: Path) -> None:
    """Also after a restart with an empty cache: the memory is the witness's own."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        Witness(tmp_path, hub).answer(START) if hub.ask() else None
        small = [*assembly.leaves[:-1]]
        hub.tiles(small)
        hub.files["checkpoint.pending"] = fork(assembly, small).encode()
        (tmp_path / "cache.db").unlink()
        with pytest.raises(NotVerified, match="does not grow"):
            Witness(tmp_path, hub).answer(START + 5)
        assert 1 == len(hub.lines)


@pytest.mark.parametrize("cache", [True, False])
def test_a_forked_log_is_not_cosigned(tmp_path: Path, cache: bool) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.ask()
        Witness(tmp_path, hub).answer(START)
        other = [*assembly.leaves[:-1], *assembly.leaves[1:4]]
        hub.tiles(other)
        hub.files["checkpoint.pending"] = fork(assembly, other).encode()
        if not cache:
            (tmp_path / "cache.db").unlink()
        with pytest.raises(NotVerified):
            Witness(tmp_path, hub).answer(START + 5)
        assert 1 == len(hub.lines)


def test_a_leaf_that_was_left_out_is_not_cosigned(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.ask()
        hub.tiles([*assembly.leaves[:2], *assembly.leaves[3:], assembly.leaves[1]])
        with pytest.raises(NotVerified):
            Witness(tmp_path, hub).answer(START)
        assert [] == hub.lines


def test_a_clock_that_went_back_signs_nothing(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.ask()
        Witness(tmp_path, hub).answer(START)
        assembly.tick()
        hub.ask()
        with pytest.raises(ClockOff):
            Witness(tmp_path, hub).answer(START - 1)
        assert 1 == len(hub.lines)


def test_a_second_key_signs_the_same_checkpoint_at_the_same_time_and_first(tmp_path: Path) -> None:
    """At the same size only now and then: its lines are long, and the hub keeps them."""
    key = MlDsa44Signer(b"2" * 32)
    vkey = Vkey(f"{ORIGIN}/m1", key.public, MLDSA_COSIGNATURE)
    with Hub(Assembly(4)) as hub:
        asked = hub.ask()
        witness = Witness(tmp_path, hub, second=key)
        assert witness.answer(START)
        assert [START, None] == [cosignature.time_of(line, vkey, asked.text) for line in hub.lines]
        assert START == time_of(hub, asked)
        for after in range(1, 25):
            witness.answer(START + after)
        seconds = [line for line in hub.lines if line.names(vkey)]
        assert (3, 25) == (len(seconds), len(hub.lines) - len(seconds))


def test_extension_lines_are_cosigned_by_the_first_key_alone(tmp_path: Path) -> None:
    """The second cannot sign them, and does not keep the first from it."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        text = f"{hub.ask().text}an extension line\n"
        asked = Note(text, (sign(text, assembly.charter.origin, assembly.signers["hub", "log"]),))
        hub.files["checkpoint.pending"] = str(asked).encode()
        assert Witness(tmp_path, hub, second=MlDsa44Signer(b"2" * 32)).answer(START)
        assert [START] == [time_of(hub, asked) for _ in hub.lines]
