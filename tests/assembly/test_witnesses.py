"""Whose cosignatures count: the charter's witnesses, with their keys as they stand."""

import pytest

from comity.acts.key import KeyRegistered, KeyRevoked
from comity.assembly import fold, witnesses
from comity.errors import FormatError, QuorumShort
from comity.tlog.note import COSIGNATURE, Note, Vkey
from tests.builders.assembly import ORIGIN, START, Assembly, charter_of, party, signer


@pytest.mark.parametrize(
    ("count", "least"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (15, 10)]
)
def test_the_threshold_follows_from_the_number_of_witnesses(count: int, least: int) -> None:
    """W = 15 gives f = 4 and 10: more than (15 + 4) / 2."""
    charter = charter_of([party(f"m{i:02}") for i in range(count)])
    (group,) = witnesses.quorum(charter).groups
    assert least == group.least


def test_keys_are_called_by_origin_and_member() -> None:
    charter = charter_of([party("m1"), party("m2")])
    expected = Vkey(f"{ORIGIN}/m2", signer("m2", "witness").public, COSIGNATURE)
    assert str(expected) == witnesses.vkey(charter, "m2")
    assert str(Vkey(ORIGIN, signer("hub", "log").public)) == witnesses.log_vkey(charter)


def test_charter_and_state_name_the_same_keys_until_one_is_changed() -> None:
    assembly = Assembly(4)
    assert witnesses.policy(assembly.charter) == witnesses.policy(assembly.state)
    new = signer("m1", "new witness").public
    assembly.say("m1", KeyRegistered(purpose="witness", key=new))
    assert Vkey(f"{ORIGIN}/m1", new, COSIGNATURE) in witnesses.vkeys(assembly.state)
    assert witnesses.policy(assembly.charter) != witnesses.policy(assembly.state)


def test_founders_cosign_before_they_accede() -> None:
    """The first checkpoint holds the charter alone."""
    assembly = Assembly(4, ready=False)
    policy = witnesses.policy(assembly.state)
    assert START == policy.check(Note.parse(assembly.cosigned(START))).time


def test_a_witness_without_a_valid_key_is_missing_and_the_threshold_stays() -> None:
    assembly = Assembly(4)
    assembly.say("m1", KeyRevoked(purpose="witness", key=signer("m1", "witness").public))
    quorum = witnesses.quorum(assembly.state)
    assert (3, ["m2", "m3", "m4"]) == (
        quorum.groups[0].least,
        [witness.name.rpartition("/")[2] for witness in quorum.witnesses],
    )
    with pytest.raises(FormatError):
        witnesses.vkey(assembly.state, "m1")


def test_a_quorum_that_cannot_be_reached_is_said_to_be_short() -> None:
    assembly = Assembly(4)
    for id in ("m1", "m2"):
        assembly.say(id, KeyRevoked(purpose="witness", key=signer(id, "witness").public))
    with pytest.raises(QuorumShort):
        witnesses.quorum(assembly.state)


def test_all_who_may_cosign_are_known_whether_counted_or_not() -> None:
    assembly = Assembly(5, witnesses=["m1"])
    assert [f"{ORIGIN}/m{i}" for i in range(1, 6)] == [vkey.name for vkey in witnesses.vkeys(assembly.state)]


def test_nobody_witnesses_a_log_without_a_charter() -> None:
    with pytest.raises(FormatError):
        witnesses.quorum(fold.start())
