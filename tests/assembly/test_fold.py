"""The fold: any bytes have a meaning or stand as a breach, and every reader finds the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon, dsse
from comity.acts import statement
from comity.acts.charter import Withdrawal
from comity.acts.motion import Comment, Vote
from comity.acts.refs import Blob, Head, Ref
from comity.acts.statement import LIMIT, Act
from comity.assembly import digest, fold, queries
from comity.assembly.state import State
from comity.model.reason import Reason
from tests.builders.assembly import Assembly, blob, party, signer
from tests.builders.kinds import every_kind

CHARTERLESS = fold.start()


def states(leaves: list[bytes]) -> list[State]:
    """The state before each leaf, and behind the last."""
    found = [fold.start()]
    for leaf in leaves:
        found.append(fold.step(found[-1], leaf)[0])
    return found


LOG = every_kind().leaves  # from the charter over motions, an exchange, releases, audits and estimates to another hub
STATES = states(LOG)


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4)


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]


# Laws


@settings(max_examples=25)
@given(st.integers(0, len(LOG)))
def test_a_prefix_and_the_rest_are_the_whole(cut: int) -> None:
    """A node that goes on from its cache finds what another finds from the first leaf, to the last digest."""
    state = fold.replay(LOG[:cut])
    for leaf in LOG[cut:]:
        state, _ = fold.step(state, leaf)
    assert STATES[-1] == state
    assert digest.of(STATES[-1]) == digest.of(state)


def test_equal_logs_give_equal_states_and_other_logs_others() -> None:
    assert fold.replay(LOG) == fold.replay(list(LOG))
    assert fold.replay(LOG) != fold.replay(LOG[:-1])


SPOILT = st.builds(
    lambda leaf, at, flip: leaf[:at] + bytes([leaf[at % len(leaf)] ^ flip]) + leaf[at + 1 :],
    st.sampled_from(LOG),
    st.integers(0, 900),
    st.integers(1, 255),
)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(LOG) | SPOILT | st.binary(max_size=50), max_size=25), st.integers(0, len(LOG)))
def test_no_leaves_whatever_stop_the_fold(leaves: list[bytes], start: int) -> None:
    """Each is judged alike at the door and in the fold, and what is against the rules changes nothing but the log."""
    state, spelt = STATES[start], digest.of(STATES[start])
    for leaf in leaves:
        before = state
        reasons = fold.admit(state, leaf)
        state, found = fold.step(state, leaf)
        assert reasons == found
        assert before.size + 1 == state.size
        if reasons:
            assert (before.size, reasons) == (state.breaches[-1].index, state.breaches[-1].reasons)
            assert meaning(before) == meaning(state)
        else:
            assert before.breaches == state.breaches
    assert spelt == digest.of(STATES[start])


def meaning(state: State) -> dict[str, object]:
    """All but the log itself and its breaches."""
    log = {"size", "range", "roots", "digests", "breached"}
    return {name: getattr(state, name) for name in State.__dataclass_fields__ if name not in log}


@given(st.permutations(LOG[1:]))
@settings(max_examples=20)
def test_no_order_of_true_leaves_stops_the_fold(leaves: list[bytes]) -> None:
    state = fold.replay([LOG[0], *leaves])
    assert len(LOG) == state.size


@settings(max_examples=20)
@given(st.integers(1, len(LOG) - 2))
def test_a_log_with_one_leaf_left_out_is_told_apart(left_out: int) -> None:
    """Every statement behind the gap names a head that this log never had."""
    short = LOG[:left_out] + LOG[left_out + 1 :]
    state = fold.replay(short)
    assert STATES[-1].roots[len(short)] != state.roots[len(short)]
    before = [breach.index for breach in STATES[left_out].breaches]
    assert [*before, *range(left_out, len(short))] == [breach.index for breach in state.breaches]


@pytest.mark.parametrize("yes", [2, 3])
def test_without_one_decisive_vote_norm_and_study_are_not_in_force(yes: int) -> None:
    """Adoption is asked of the fold alone, and the fold counts."""
    assembly = Assembly(4)
    norm = assembly.motion("norm", b'{"norm":1}')
    study = assembly.motion("study", b'{"study":1}')
    for motion in (norm, study):
        assembly.vote(motion, "yes", *assembly.members[:yes])
        assembly.vote(motion, "no", *assembly.members[yes:])
    assembly.decide(norm)
    in_force = yes == 3
    assert in_force == bool(queries.adopted(assembly.state, canon.digest(b'{"norm":1}'), "norm"))
    assert in_force == bool(queries.adopted(assembly.state, canon.digest(b'{"study":1}'), "study"))


def test_a_door_that_only_asks_changes_nothing(assembly: Assembly) -> None:
    leaf = assembly.leaf("m1", Withdrawal(charter=assembly.state.charter_digest or canon.digest(b"")))
    before = fold.replay(assembly.leaves)
    assert () == fold.admit(assembly.state, leaf)
    assert before == assembly.state


# The place of a leaf


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff" * 100, b"[" * 9000, b'"x"', b"null", LOG[3][:-1], LOG[3] + b" "])
def test_bytes_that_are_no_statement_are_malformed(assembly: Assembly, data: bytes) -> None:
    assert ["act.malformed"] == codes(fold.admit(assembly.state, data))


def test_a_leaf_over_16_kib_is_too_large(assembly: Assembly) -> None:
    assert ["act.too-large"] == codes(fold.admit(assembly.state, b"x" * (LIMIT + 1)))
    assert ["act.malformed"] == codes(fold.admit(assembly.state, b"x" * LIMIT))


def test_a_charter_may_be_larger_and_nothing_else_at_leaf_0() -> None:
    many = Assembly([party(f"member-{i:03}") for i in range(100)], ready=False)
    assert len(many.leaves[0]) > LIMIT
    assert not many.state.breaches
    assert ["act.too-large"] == codes(fold.admit(CHARTERLESS, b"x" * 65536))


def test_a_statement_for_another_log_is_refused(assembly: Assembly) -> None:
    leaf = assembly.leaf("m1", Withdrawal(charter=canon.digest(b"")), origin="example.org/other")
    assert ["act.origin"] == codes(fold.admit(assembly.state, leaf))


def test_a_head_that_this_log_never_had_is_refused(assembly: Assembly) -> None:
    """A split view becomes evidence: the signer saw another root at this size."""
    body = Withdrawal(charter=canon.digest(b""))
    size = assembly.state.size
    for head in (
        Head(size=size, root=canon.digest(b"other")),
        Head(size=size + 1, root=assembly.state.roots[size]),
        Head(size=-1, root=canon.digest(b"")),
    ):
        assert ["act.head"] == codes(fold.admit(assembly.state, assembly.leaf("m1", body, head=head)))


def test_a_statement_held_back_for_too_many_leaves_is_refused(assembly: Assembly) -> None:
    """Nobody keeps a signed vote to use it when it suits."""
    leaf = assembly.leaf("m1", Withdrawal(charter=assembly.state.charter_digest or canon.digest(b"")))
    signed_at = assembly.state.size
    while assembly.state.size < signed_at + fold.RECENT:
        assembly.smuggle(b"noise %d" % assembly.state.size)
    assert [] == codes(fold.admit(assembly.state, leaf))
    assembly.smuggle(b"one more")
    assert ["act.head"] == codes(fold.admit(assembly.state, leaf))


def test_the_same_leaf_counts_once(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    leaf = assembly.leaf("m1", Comment(motion=motion, text=blob(b"well"), language="en"))
    assembly.append(leaf)
    assert ["act.replayed"] == codes(assembly.smuggle(leaf))
    assert 1 == len(assembly.state.motions[motion.index].comments)
    assert assembly.leaves.index(leaf) == assembly.state.digests[canon.digest(leaf)]


def test_a_leaf_that_was_a_breach_cannot_be_said_again(assembly: Assembly) -> None:
    """Its bytes are in the log; the actor signs anew, with a newer head."""
    leaf = assembly.leaf("m1", Vote(motion=Ref(index=9, digest=canon.digest(b"")), choice="yes"))
    assert ["act.unknown-thing"] == codes(assembly.smuggle(leaf))
    assert ["act.replayed"] == codes(fold.admit(assembly.state, leaf))


# The signer


def test_a_stranger_has_no_say(assembly: Assembly) -> None:
    body = Withdrawal(charter=assembly.state.charter_digest or canon.digest(b""))
    assert ["act.signer"] == assembly.refused("nobody", body, by=signer("nobody", "sign"))


@pytest.mark.parametrize(("owner", "purpose"), [("m2", "sign"), ("m1", "officer"), ("m1", "witness"), ("hub", "sign")])
def test_another_key_is_refused(assembly: Assembly, owner: str, purpose: str) -> None:
    """Not another's, and not one's own for another purpose."""
    body = Withdrawal(charter=assembly.state.charter_digest or canon.digest(b""))
    assert ["act.signer"] == assembly.refused("m1", body, by=signer(owner, purpose))


def test_a_signature_that_does_not_hold_is_refused(assembly: Assembly) -> None:
    body = Withdrawal(charter=assembly.state.charter_digest or canon.digest(b""))
    act = Act(actor="m1", origin=assembly.charter.origin, head=assembly.head(), body=body)
    envelope = dsse.parse(assembly.leaf("m1", body), dsse.IN_TOTO)
    other = Act(actor="m1", origin=act.origin, head=assembly.head(0), body=body)
    forged = canon.encode(
        dsse.Envelope(payload=statement.payload(other), payloadType=dsse.IN_TOTO, signatures=envelope.signatures)
    )
    assert ["act.signature"] == codes(fold.admit(assembly.state, forged))


def test_one_who_left_has_no_say(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assembly.withdraw("m4")
    assert ["act.not-standing"] == assembly.refused("m4", Vote(motion=motion, choice="yes"))


# Bodies beside the log


def test_bodies_that_an_effective_leaf_names_are_known_by_size(assembly: Assembly) -> None:
    assembly.motion("study", b"{}")
    assert {canon.digest(b"{}"): 2} == assembly.state.bodies


def test_a_false_size_does_not_shut_out_a_body(assembly: Assembly) -> None:
    """Whoever names another's body first with a small size must not keep the true one away."""
    motion = assembly.motion("study", b"{}")
    text = blob(b"a remark")
    assembly.say("m2", Comment(motion=motion, text=Blob(digest=text.digest, size=1), language="en"))
    assembly.say("m3", Comment(motion=motion, text=text, language="en"))
    assert 8 == assembly.state.bodies[text.digest]


def test_a_body_of_negative_size_or_without_a_digest_is_malformed(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    text = blob(b"")
    for wrong in (Blob(digest=text.digest, size=-1), Blob(digest=canon.Digest("x"), size=1)):
        assert ["act.malformed"] == assembly.refused("m2", Comment(motion=motion, text=wrong, language="en"))


def test_a_breach_names_no_bodies(assembly: Assembly) -> None:
    stranger = assembly.leaf(
        "m1", Comment(motion=Ref(index=0, digest=canon.digest(b"")), text=blob(b"x"), language="en")
    )
    assembly.smuggle(stranger)
    assert {} == assembly.state.bodies
