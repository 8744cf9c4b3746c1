"""Reservations: about a norm in force, by who applies it; the last one stands, and one without parts lifts it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts.motion import Reservation
from comity.assembly import fold, queries
from comity.canon import Digest, digest
from tests.builders.assembly import Assembly, blob, party, signer

NONE = digest(b"no norm")


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(3, others=[party("agency", role="custodian"), party("maps", role="producer")])


@pytest.fixture
def norm(assembly: Assembly) -> Digest:
    return assembly.adopt("norm", b"{}", name="trust/1.0.0")


def saying(norm: Digest, *parts: str, text: bytes | None = None, language: str = "") -> Reservation:
    return Reservation(norm=norm, parts=parts, text=blob(text) if text else None, language=language)


def test_a_reservation_names_its_member_parts_and_leaf(assembly: Assembly, norm: Digest) -> None:
    ref = assembly.reserve("m2", norm, "question:q7", "variable:AGE", text=b"Asked of adults only.")
    found = queries.reservation(assembly.state, norm, "m2")
    assert found is not None
    assert ("m2", norm, ("question:q7", "variable:AGE"), ref) == (found.member, found.norm, found.parts, found.ref)
    assert queries.reservation(assembly.state, norm, "m1") is None


def test_a_later_reservation_takes_the_place_of_the_earlier(assembly: Assembly, norm: Digest) -> None:
    assembly.reserve("m2", norm, "question:q7")
    assembly.reserve("m2", norm, "question:q8")
    found = queries.reservation(assembly.state, norm, "m2")
    assert found is not None
    assert ("question:q8",) == found.parts


def test_a_reservation_without_parts_lifts(assembly: Assembly, norm: Digest) -> None:
    entered = assembly.reserve("m2", norm, "question:q7")
    assembly.reserve("m1", norm, "question:q1")
    lifted = assembly.reserve("m2", norm)
    assert queries.reservation(assembly.state, norm, "m2") is None
    assert ["m1"] == [one.member for one in queries.reservations(assembly.state, norm)]
    assert ["act.unknown-thing"] == assembly.refused("m2", saying(norm))
    before = queries.reservation(assembly.state, norm, "m2", before=lifted.index)
    assert before is not None
    assert entered == before.ref
    assert queries.reservation(assembly.state, norm, "m2", before=entered.index) is None


def test_there_is_nothing_to_lift_at_first(assembly: Assembly, norm: Digest) -> None:
    assert ["act.unknown-thing"] == assembly.refused("m2", saying(norm))


def test_the_same_again_is_refused(assembly: Assembly, norm: Digest) -> None:
    assembly.reserve("m2", norm, "question:q7")
    assert ["act.repeated"] == assembly.refused("m2", saying(norm, "question:q7"))
    assert [] == assembly.refused("m2", saying(norm, "question:q7", text=b"Why.", language="en"))


def test_it_is_about_a_norm_in_force(assembly: Assembly, norm: Digest) -> None:
    study = assembly.adopt("study", b'{"a":1}')
    for thing in (NONE, study):
        assert ["norm.not-in-force"] == assembly.refused("m2", saying(thing, "question:q7"))
    recognised = assembly.adopt("norm-recognised", b'{"b":1}')
    assert [] == assembly.refused("m2", saying(recognised, "code:CL_SEX.F"))


def test_the_next_version_wants_its_own(assembly: Assembly, norm: Digest) -> None:
    """What was reserved of a version that is gone can still be lifted, and changes nothing of the next one."""
    assembly.reserve("m2", norm, "question:q7")
    old = assembly.state.in_force["norm", norm].motion
    new = assembly.adopt("norm", b'{"v":2}', name="trust/2.0.0", replaces=old)
    assembly.tick()
    assert queries.reservation(assembly.state, new, "m2") is None
    assert ["norm.not-in-force"] == assembly.refused("m2", saying(norm, "question:q8"))
    assert [] == assembly.refused("m2", saying(norm))


def test_who_has_data_may_reserve_and_nobody_else(assembly: Assembly, norm: Digest) -> None:
    said = saying(norm, "question:q7")
    assert [] == assembly.refused("maps", said)
    assert ["act.signer"] == assembly.refused("agency", said)
    assert ["act.signer"] == assembly.refused("m1", said, by=signer("m2", "sign"))
    assert ["act.signer"] == assembly.refused("hub", said)
    assembly.withdraw("m3")
    assert ["act.not-standing"] == assembly.refused("m3", said)


@pytest.mark.parametrize(
    "parts",
    [
        ("variable:B", "variable:A"),
        ("variable:A", "variable:A"),
        ("variable:",),
        ("A",),
        ("person:A",),
        ("variable:A B",),
        ("code:L.A.B.C.D",),
        ("variable:" + "A" * 65,),
        tuple(f"question:q{i:03}" for i in range(65)),
    ],
)
def test_parts_have_one_order_and_spelling(assembly: Assembly, norm: Digest, parts: tuple[str, ...]) -> None:
    assert ["act.malformed"] == assembly.refused("m2", saying(norm, *parts))


def test_sixty_four_parts_are_no_flood(assembly: Assembly, norm: Digest) -> None:
    assert [] == assembly.refused("m2", saying(norm, *(f"question:q{i:03}" for i in range(64))))


@pytest.mark.parametrize(("text", "language"), [(b"Why.", ""), (None, "en"), (b"Why.", "no language")])
def test_a_text_has_a_language_and_nothing_else_has(
    assembly: Assembly, norm: Digest, text: bytes | None, language: str
) -> None:
    assert ["act.malformed"] == assembly.refused("m2", saying(norm, "question:q7", text=text, language=language))


def test_a_mind_is_changed_so_often_and_no_more(assembly: Assembly, norm: Digest) -> None:
    """The last word stays; the next version of the norm begins anew, and others are not kept from theirs."""
    for _ in range(32):
        assembly.reserve("m2", norm, "question:q7")
        assembly.reserve("m2", norm)
    assert ["act.repeated"] == assembly.refused("m2", saying(norm, "question:q8"))
    assert [] == assembly.refused("m1", saying(norm, "question:q8"))
    other = assembly.adopt("norm", b'{"b":1}', name="b/1")
    assert [] == assembly.refused("m2", saying(other, "question:q8"))


WORDS = st.tuples(
    st.sampled_from(["m1", "m2", "maps", "agency", "m9"]),
    st.integers(0, 2),
    st.sampled_from([(), ("question:q1",), ("question:q1", "variable:A"), ("variable:A", "question:q1"), ("what",)]),
)


@settings(max_examples=25)
@given(st.lists(WORDS, max_size=12))
def test_what_stands_is_the_last_that_was_rightly_said(said: list[tuple[str, int, tuple[str, ...]]]) -> None:
    """Against a plain list of the right ones; what is not right changes nothing but the log."""
    assembly = Assembly(2, others=[party("agency", role="custodian"), party("maps", role="producer")])
    norms = [assembly.adopt("norm", b"{}", name="a/1"), assembly.adopt("norm", b'{"b":1}', name="b/1"), NONE]
    right: dict[tuple[str, int], tuple[str, ...]] = {}
    for who, which, parts in said:
        body, before = saying(norms[which], *parts), assembly.state
        by = signer(who, "sign")
        assembly.smuggle(assembly.leaf(who, body, by=by))
        stands = right.get((who, which), ())
        spelt = parts == tuple(sorted(parts)) and "what" not in parts
        if who in ("m1", "m2", "maps") and which < 2 and spelt and parts != stands:
            right[who, which] = parts
        else:
            assert before.reservations == assembly.state.reservations
            assert len(before.breached) + 1 == len(assembly.state.breached)
    for who in ("m1", "m2", "maps", "agency"):
        for which, norm in enumerate(norms):
            found = queries.reservation(assembly.state, norm, who)
            assert right.get((who, which), ()) == (found.parts if found else ())
    again = fold.replay(assembly.leaves)
    assert assembly.state.reservations == again.reservations
