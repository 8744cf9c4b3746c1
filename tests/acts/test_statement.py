"""Statements: every kind is read back as it was written, in one spelling, within its size."""

import json
from base64 import b64decode
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon, dsse
from comity.acts import statement
from comity.acts.charter import Accession
from comity.acts.consent import ConsentGiven, ConsentRefused, SealConsent
from comity.acts.motion import Vote
from comity.acts.refs import Head, Ref
from comity.acts.statement import CHARTER_LIMIT, KINDS, LIMIT, Act, Body
from comity.errors import FormatError
from comity.model.reason import CODES, Reason
from tests.builders.assembly import charter_of, party, signer

SIGNER = signer("m1", "sign")
HEAD = Head(size=0, root=canon.digest(b""))
REF = Ref(index=7, digest=canon.digest(b"seven"))

DIGESTS = st.binary(max_size=4).map(canon.digest)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: DIGESTS,  # a text that is a digest is good for every field but one
    int: st.integers(-canon.SAFE, canon.SAFE),
    bool: st.booleans(),
    bytes: st.binary(max_size=40),
    type(None): st.none(),
    Reason: st.sampled_from(sorted(CODES)).map(lambda code: Reason(code=code)),
}
DECIMALS = st.none() | st.sampled_from(["0", "0.25", "12", "3.00000001"])


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that an act may hold."""
    hint = getattr(hint, "__supertype__", hint)
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, inner))
    if origin is dict:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2)
    if inner:
        return st.one_of(*map(values, inner))
    fields = {name: values(of) for name, of in get_type_hints(hint).items()}
    return st.builds(hint, **{name: DECIMALS if name == "epsilon" else of for name, of in fields.items()})


def act(body: Body) -> Act:
    return Act(actor="m1", origin="example.org/log", head=HEAD, body=body)


def plain(leaf: bytes) -> dict[str, Any]:
    """The statement within a leaf."""
    statement: dict[str, Any] = json.loads(b64decode(json.loads(leaf)["payload"]))
    return statement


def resigned(changed: dict[str, Any]) -> bytes:
    return dsse.seal(canon.encode(changed), dsse.IN_TOTO, SIGNER)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_back_as_it_was_written(kind: str) -> None:
    """For any body whose texts are digests."""

    @given(values(KINDS[kind]))
    def check(body: Body) -> None:
        leaf = statement.sign(act(body), SIGNER)
        read = statement.read(leaf)
        assert act(body) == read.act
        assert kind == read.act.kind
        assert canon.digest(leaf) == read.digest
        assert leaf == canon.encode(read.envelope)

    check()


def test_the_frame_is_an_in_toto_statement() -> None:
    """in-toto attestation framework, Statement v1."""
    vote = plain(statement.sign(act(Vote(motion=REF, choice="yes")), SIGNER))
    assert {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "motion", "digest": {"sha256": canon.hex_of(REF.digest)}}],
        "predicateType": "https://w3id.org/comity/vote/v1",
        "predicate": {
            "actor": "m1",
            "origin": "example.org/log",
            "head": {"size": 0, "root": HEAD.root},
            "body": {"motion": {"index": 7, "digest": REF.digest}, "choice": "yes"},
        },
    } == vote


@pytest.mark.parametrize(
    "change",
    [
        {"subject": []},
        {"subject": [{"name": "motion", "digest": {"sha256": "0" * 64}}]},
        {"predicateType": "https://w3id.org/comity/vote/v2"},
        {"predicateType": "https://w3id.org/comity/poll/v1"},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"more": 1},
        {"predicate": None},
        {"predicate": []},
        {"predicate": {"actor": "m1"}},
    ],
)
def test_another_frame_is_refused(change: dict[str, Any]) -> None:
    leaf = statement.sign(act(Vote(motion=REF, choice="yes")), SIGNER)
    with pytest.raises(FormatError):
        statement.read(resigned({**plain(leaf), **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"choice": "maybe"},
        {"choice": None},
        {"weight": 2},
        {"motion": {"index": "7", "digest": REF.digest}},
        {"motion": {"index": 7, "digest": "seven"}},
        {"motion": {"index": 7}},
    ],
)
def test_another_body_is_refused(change: dict[str, Any]) -> None:
    whole = plain(statement.sign(act(Vote(motion=REF, choice="yes")), SIGNER))
    whole["predicate"]["body"] |= change
    with pytest.raises(FormatError):
        statement.read(resigned(whole))


@pytest.mark.parametrize("change", [{"actor": 1}, {"origin": None}, {"head": {"size": 0}}, {"more": 1}])
def test_another_predicate_is_refused(change: dict[str, Any]) -> None:
    whole = plain(statement.sign(act(Vote(motion=REF, choice="yes")), SIGNER))
    whole["predicate"] |= change
    with pytest.raises(FormatError):
        statement.read(resigned(whole))


def test_a_reason_outside_the_closed_list_is_refused() -> None:
    body = ConsentRefused(study=REF.digest, period="1", reasons=(Reason(code="budget.spent"),))
    whole = plain(statement.sign(act(body), SIGNER))
    whole["predicate"]["body"]["reasons"][0]["code"] = "because"
    with pytest.raises(FormatError):
        statement.read(resigned(whole))


def test_a_statement_over_16_kib_is_neither_written_nor_read() -> None:
    """16 KiB of leaf: the payload is a third larger in base64."""
    big = Vote(motion=REF, choice="yes")
    long = Act(actor="m" * LIMIT, origin="o", head=HEAD, body=big)
    with pytest.raises(FormatError, match="too large"):
        statement.sign(long, SIGNER)
    with pytest.raises(FormatError, match="too large"):
        statement.read(dsse.seal(statement.payload(long), dsse.IN_TOTO, SIGNER))


def test_a_charter_may_name_as_many_founders_as_a_log_entry_holds() -> None:
    """60 offices do not fit into 16 KiB; all others kinds do with room."""
    charter = charter_of([party(f"member-{i:03}") for i in range(150)])
    leaf = statement.sign(act(charter), SIGNER)
    assert LIMIT < len(leaf) <= CHARTER_LIMIT == 65535
    assert charter == statement.read(leaf).act.body
    with pytest.raises(FormatError, match="too large"):
        statement.sign(act(charter_of([party(f"member-{i:03}") for i in range(250)])), SIGNER)


def test_a_consent_with_hybrid_keys_fits() -> None:
    keys = SealConsent(attempt=1, rate=100, mask_key=b"m" * 1216, envelope_key=b"e" * 1216)
    body = ConsentGiven(study=REF.digest, period="1", sealed=keys, national=True, binding=REF.digest, policy=REF.digest)
    assert len(statement.sign(act(body), SIGNER)) < LIMIT // 2


def test_an_accession_is_about_the_charter_and_the_party() -> None:
    joining = party("m1")
    body = Accession(charter=REF.digest, party=joining)
    assert (("charter", REF.digest), ("m1", canon.digest(canon.encode(joining)))) == body.about()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for leaf in (data, dsse.seal(data, dsse.IN_TOTO, SIGNER)):
        with pytest.raises(FormatError):
            statement.read(leaf)
