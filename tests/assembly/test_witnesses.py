"""Whose cosignatures count: the charter's witnesses, with their keys as they stand."""

from itertools import combinations

import pytest

from comity.acts.key import KeyRevoked
from comity.acts.terms import Terms
from comity.assembly import fold, witnesses
from comity.errors import FormatError, QuorumShort
from comity.keys import MlDsa44Signer
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey
from tests.builders.assembly import ORIGIN, START, Assembly, charter_of, naming, party, signer


@pytest.mark.parametrize(
    ("count", "least"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (15, 10)]
)
def test_the_threshold_follows_from_the_number_of_witnesses(count: int, least: int) -> None:
    """W = 15 gives f = 4 and 10: more than (15 + 4) / 2."""
    charter = charter_of([party(f"m{i:02}") for i in range(count)])
    (group,) = witnesses.quorum(charter).groups
    assert least == group.least


@pytest.mark.parametrize("count", range(1, 16))
def test_any_two_quorums_share_an_honest_witness_and_the_honest_ones_are_one(count: int) -> None:
    """Whichever f of W are bad, for every number of witnesses that a charter may have.

    Least and first quorum against every other, which is all of them up to the names; and by counting: two quorums of q
    share 2q - W at least.
    """
    quorum = witnesses.quorum(charter_of([party(f"m{i:02}") for i in range(count)]))
    names, bad = [witness.name for witness in quorum.witnesses], (count - 1) // 3
    least = next(n for n in range(1, count + 1) if quorum.satisfied_by(names[:n]))
    assert 2 * least - count > bad
    assert quorum.satisfied_by(names[bad:])
    assert not quorum.satisfied_by(names[: least - 1])
    if count <= 10:
        first = set(names[:least])
        assert all(len(first & set(other)) > bad for other in combinations(names, least))
        assert all(quorum.satisfied_by(set(names) - set(liars)) for liars in combinations(names, bad))


def test_keys_are_called_by_origin_and_member() -> None:
    charter = charter_of([party("m1"), party("m2")])
    expected = Vkey(f"{ORIGIN}/m2", signer("m2", "witness").public, COSIGNATURE)
    assert str(expected) == witnesses.vkey(charter, "m2")
    assert str(Vkey(ORIGIN, signer("hub", "log").public)) == witnesses.log_vkey(charter)


def test_charter_and_state_name_the_same_keys_until_one_is_changed() -> None:
    assembly = Assembly(4)
    assert witnesses.policy(assembly.charter) == witnesses.policy(assembly.state)
    new = signer("m1", "new witness")
    assembly.say("m1", naming("m1", "witness", new))
    assert Vkey(f"{ORIGIN}/m1", new.public, COSIGNATURE) in witnesses.vkeys(assembly.state)
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


def test_who_would_be_a_witness_is_awaited_while_the_motion_is_open() -> None:
    """The head that holds the decision is the first to want its cosignature: it asks before it has read that."""
    assembly = Assembly(5, witnesses=["m1", "m2"])
    assert [True, True, False, False] == [witnesses.awaited(assembly.state, f"m{i}") for i in (1, 2, 3, 4)]
    motion = assembly.motion("witnesses", Terms(witnesses=("m1", "m3")))
    assert [True, True, True, False] == [witnesses.awaited(assembly.state, f"m{i}") for i in (1, 2, 3, 4)]
    assembly.vote(motion, "yes")
    assembly.decide(motion)
    assert [True, False, True, False] == [witnesses.awaited(assembly.state, f"m{i}") for i in (1, 2, 3, 4)]


def test_a_witness_that_left_cosigns_until_the_members_name_others() -> None:
    """And a founder's key of leaf 0 is not looked up for who founded nothing."""
    assembly = Assembly(4)
    assembly.withdraw("m4")
    assert 4 == len(witnesses.quorum(assembly.state).witnesses)
    assembly.adopt("witnesses", Terms(witnesses=("m1", "m2", "m3")))
    assert [f"{ORIGIN}/m{i}" for i in (1, 2, 3)] == [one.name for one in witnesses.quorum(assembly.state).witnesses]
    assert 2 == witnesses.quorum(assembly.state).groups[0].least


def test_nobody_witnesses_a_log_without_a_charter() -> None:
    with pytest.raises(FormatError):
        witnesses.quorum(fold.start())


def lattice(id: str) -> MlDsa44Signer:
    """A member's second key."""
    return MlDsa44Signer(id.encode().ljust(32))


def with_second_keys(assembly: Assembly, *ids: str) -> Assembly:
    for id in ids:
        assembly.say(id, naming(id, "witness-ml-dsa", lattice(id)))
    return assembly


def test_a_second_key_cosigns_beside_the_first_and_counts_for_no_rule() -> None:
    assembly = Assembly(4)
    before = witnesses.policy(assembly.state)
    with_second_keys(assembly, "m2")
    vkey = Vkey(f"{ORIGIN}/m2", lattice("m2").public, MLDSA_COSIGNATURE)
    assert vkey == witnesses.mldsa_cosigner(assembly.state, "m2")
    assert {vkey} == set(witnesses.vkeys(assembly.state)) - set(witnesses.vkeys(assembly.charter))
    assert before == witnesses.policy(assembly.state)


def test_the_second_policy_never_asks_for_fewer_witnesses_than_the_charter() -> None:
    """3 of 4 have a key: all three are wanted. With 2 there is no such policy, nor when one revokes its key again."""
    assembly = with_second_keys(Assembly(4), "m1", "m2")
    with pytest.raises(QuorumShort, match="ML-DSA-44 key"):
        witnesses.mldsa_policy(assembly.state)
    (group,) = witnesses.mldsa_policy(with_second_keys(assembly, "m3").state).quorum.groups
    assert (3, 3) == (group.least, len(group.members))
    (group,) = witnesses.mldsa_policy(with_second_keys(assembly, "m4").state).quorum.groups
    assert (3, 4) == (group.least, len(group.members))
    for id in ("m1", "m2"):
        assembly.say(id, KeyRevoked(purpose="witness-ml-dsa", key=lattice(id).public))
    with pytest.raises(QuorumShort):
        witnesses.mldsa_policy(assembly.state)


def test_a_member_that_is_no_witness_is_in_no_policy() -> None:
    assembly = with_second_keys(Assembly(4, witnesses=["m1"]), "m1", "m2")
    assert [f"{ORIGIN}/m1"] == [w.name for w in witnesses.mldsa_policy(assembly.state).quorum.witnesses]


def test_a_line_names_one_key_of_one_member() -> None:
    assembly = with_second_keys(Assembly(4), "m1")
    text = str(assembly.checkpoint())
    first = cosign(text, f"{ORIGIN}/m1", START, signer("m1", "witness"))
    second = cosign(text, f"{ORIGIN}/m1", START, lattice("m1"))
    found = [witnesses.named(assembly.state, line) for line in (first, second)]
    assert [COSIGNATURE, MLDSA_COSIGNATURE] == [vkey.algorithm for vkey in found if vkey]
    for name in (f"{ORIGIN}/m2", f"{ORIGIN}/", "m1", "example.org/other/m1"):
        assert witnesses.named(assembly.state, SignatureLine(name, first.id, first.signature)) is None
