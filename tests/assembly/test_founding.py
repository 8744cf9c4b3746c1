"""How a charter comes about, and how many founders fit into it."""

import pytest

from comity import canon
from comity.acts.charter import Charter
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.assembly import founding
from comity.errors import FormatError
from comity.tlog.tile import LARGEST_ENTRY
from tests.builders.assembly import charter_of, party, signer

MODEL = charter_of([party("m000")])


def drafted(count: int) -> Charter:
    """A charter of so many founders, of whom fifteen are witnesses."""
    parties = [party(f"m{number:03}") for number in range(count)]
    rules, seconds = MODEL.rules, MODEL.challenge_seconds
    draft = founding.Draft(name=MODEL.name, origin=MODEL.origin, challenge_seconds=seconds, rules=rules)
    ids = [one.id for one in parties]
    return founding.charter(draft, MODEL.hub, reversed(parties), convenor="m000", witnesses=ids[:15])


def signed(charter: Charter) -> bytes:
    """Leaf 0."""
    head = Head(size=0, root=canon.digest(b""))
    return sign(Act(actor="m000", origin=charter.origin, head=head, body=charter), signer("m000", "sign"))


def test_as_many_founders_as_fit_are_drafted_and_their_charter_can_be_signed() -> None:
    """One more would make it larger than a log's entry: by its own length, not by an estimate."""
    with pytest.raises(FormatError) as refused:
        drafted(193)
    assert refused.value.found.startswith("193 founders, ")
    fit = int(refused.value.wanted.split(": ")[1].split()[0])
    assert len(signed(drafted(fit))) <= LARGEST_ENTRY < len(signed(drafted(fit))) + len(signed(drafted(16))) // 16
    with pytest.raises(FormatError, match=f"{fit + 1} founders"):
        drafted(fit + 1)


def test_a_charter_that_is_too_long_without_any_founder_is_refused_in_a_line() -> None:
    draft = founding.Draft(name="A" * 400_000, origin=MODEL.origin, challenge_seconds=0, rules=MODEL.rules)
    with pytest.raises(FormatError, match="too long a charter"):
        founding.charter(draft, MODEL.hub, [party("m000")], convenor="m000", witnesses=["m000"])


def test_who_is_no_founder_neither_convenes_nor_witnesses() -> None:
    draft = founding.Draft(name="", origin=MODEL.origin, challenge_seconds=0, rules={})
    for convenor, witness in (("m001", "m000"), ("m000", "m001")):
        with pytest.raises(FormatError, match="not a founder"):
            founding.charter(draft, MODEL.hub, [party("m000")], convenor=convenor, witnesses=[witness])


TEXT = 'name = "x"\norigin = "example.org/x"\nchallenge_seconds = 1\n[rules]\n'
OFFICES = """
[[offices]]
id = "clerk"
seconds = 5
terms = 0
excludes = ["judge", "chair"]
host = true

[[offices]]
id = "chair"
seconds = 5
terms = 0
excludes = []
host = true

[[offices]]
id = "judge"
seconds = 5
terms = 0
excludes = []
host = true
"""


def test_what_a_text_leaves_out_is_as_a_charter_has_it() -> None:
    draft = founding.read(TEXT)
    made = founding.charter(draft, MODEL.hub, [party("m000")], convenor="m000", witnesses=["m000"])
    wanted = Charter(
        name="x",
        origin="example.org/x",
        convenor="m000",
        founders=(party("m000"),),
        hub=MODEL.hub,
        witnesses=("m000",),
        rules={},
        challenge_seconds=1,
    )
    assert wanted == made


def test_sets_stand_in_any_order_in_a_text() -> None:
    """One spelling in the log: sorted."""
    top = 'recused = ["witnesses", "hub"]\n'
    draft = founding.read(f'{top}{TEXT}\n[groups]\neast = ["404", "008"]\n{OFFICES}')
    assert ("hub", "witnesses") == draft.recused
    assert {"east": ("008", "404")} == draft.groups
    assert ["chair", "clerk", "judge"] == [office.id for office in draft.offices]
    assert ("chair", "judge") == draft.offices[1].excludes


def test_an_amendment_names_only_what_changes() -> None:
    change = founding.amendment(f'recused = ["witnesses", "hub"]\n{OFFICES}')
    assert (("hub", "witnesses"), ["chair", "clerk", "judge"]) == (
        change.recused,
        [office.id for office in change.offices or ()],
    )
    assert {None} == {change.groups, change.silence, change.audit_seconds, change.estimate_seconds}
    assert {} == change.rules


@pytest.mark.parametrize(
    "text", ['host = "m1"', 'origin = "x"', 'name = "x"', "founders = []", "[hub]", "convenor = 1"]
)
def test_what_no_motion_amends_is_no_field_of_an_amendment(text: str) -> None:
    with pytest.raises(FormatError, match="unknown field"):
        founding.amendment(text)


@pytest.mark.parametrize("text", ["[rules.norm]\nmethod = 'majority'", "silence = 'yes'", "audit_seconds = 1.5", "="])
def test_an_amendment_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"amendment\.toml"):
        founding.amendment(text)
