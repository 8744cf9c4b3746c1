"""Whose signature a leaf bears is told by the keys that the log has named before it, and by nothing else."""

from comity.acts.key import KeyRevoked
from comity.acts.motion import Motion
from comity.services.audit.signers import Signers
from tests.builders.assembly import Assembly, naming, signer


def unsigned(leaves: list[bytes]) -> list[int]:
    """Leaves that bear no signature of the log's keys."""
    signers = Signers()
    return [index for index, leaf in enumerate(leaves) if not signers.signed(leaf)]


def motion(log: Assembly, name: str) -> Motion:
    return Motion(matter="norm", thing=log.body(name.encode()), name=name, replaces=None, closes=log.time + 60)


def test_a_whole_log_bears_its_signatures() -> None:
    """The charter names its own convenor's key, an accession its own."""
    log = Assembly(4)
    log.adopt("norm", b"{}")
    assert [] == unsigned(log.leaves)


def test_a_signature_that_does_not_hold_and_a_strangers_are_none() -> None:
    log = Assembly(4)
    log.smuggle(log.leaf("m1", motion(log, "one"), by=signer("stranger", "sign")))
    good = log.leaf("m1", motion(log, "two"))
    at = good.index(b'"sig":"') + 10
    log.smuggle(good[:at] + (b"A" if good[at : at + 1] != b"A" else b"B") + good[at + 1 :])
    log.smuggle(b"nonsense")
    log.smuggle(good)
    assert [6, 7, 8] == unsigned(log.leaves)


def test_a_key_signs_from_the_leaf_that_registers_it() -> None:
    log = Assembly(4)
    new = signer("m1 again", "sign")
    log.smuggle(log.leaf("m1", motion(log, "one"), by=new))
    log.say("m1", naming("m1", "sign", new))
    log.say("m1", motion(log, "two"), by=new)
    assert [6] == unsigned(log.leaves)


def changed(log: Assembly) -> int | None:
    """The first leaf by which a witness changed its key."""
    signers = Signers()
    for leaf in log.leaves:
        signers.signed(leaf)
    return signers.changed


def test_a_witness_that_changes_its_key_is_seen_and_nobody_else() -> None:
    """Not a member that is no witness, not another purpose, not a stranger's word."""
    log = Assembly(5, witnesses=("m1", "m2", "m3", "m4"))
    log.say("m5", naming("m5", "witness", signer("m5 again", "witness")))
    log.say("m1", naming("m1", "sign", signer("m1 again", "sign")))
    said = naming("m1", "witness", signer("m1 again", "witness"))
    log.smuggle(log.leaf("m1", said, by=signer("stranger", "officer")))
    assert changed(log) is None
    log.say("m1", said)
    assert len(log.leaves) - 1 == changed(log)
    other = Assembly(4)
    other.say("m2", KeyRevoked(purpose="witness", key=signer("m2", "witness").public))
    assert len(other.leaves) - 1 == changed(other)
