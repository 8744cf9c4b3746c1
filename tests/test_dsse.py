"""The envelope: what is signed, how it is spelt, and whose signature it carries."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon, dsse
from comity.errors import FormatError
from comity.keys import Ed25519Signer, Verifier, key_id

SIGNER = Ed25519Signer(b"1" * 32)
OTHER = Ed25519Signer(b"2" * 32)


def test_what_is_signed_is_spelt_as_the_protocol_shows() -> None:
    """The example of DSSE's protocol.md."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert expected == dsse.pae("http://example.com/HelloWorld", b"hello world")


@given(st.text(max_size=10), st.binary(max_size=20), st.text(max_size=10), st.binary(max_size=20))
def test_two_payloads_are_never_signed_as_one(a: str, x: bytes, b: str, y: bytes) -> None:
    """Lengths stand before type and payload, so nothing can move from one into the other."""
    try:
        same = dsse.pae(a, x) == dsse.pae(b, y)
    except UnicodeEncodeError:
        return
    assert same == ((a, x) == (b, y))


@given(st.binary(max_size=200))
def test_an_envelope_is_read_back(payload: bytes) -> None:
    data = dsse.seal(payload, dsse.IN_TOTO, SIGNER)
    envelope = dsse.parse(data, dsse.IN_TOTO)
    assert payload == envelope.payload
    assert data == canon.encode(envelope)
    assert dsse.signed_by(envelope, Verifier(SIGNER.public))
    assert not dsse.signed_by(envelope, Verifier(OTHER.public))


def test_field_names_are_those_of_the_standard() -> None:
    plain = json.loads(dsse.seal(b"x", dsse.IN_TOTO, SIGNER))
    assert {"payload", "payloadType", "signatures"} == set(plain)
    assert [{"keyid", "sig"}] == [set(signature) for signature in plain["signatures"]]
    assert key_id(SIGNER.public) == plain["signatures"][0]["keyid"]
    assert b"x" == base64.b64decode(plain["payload"])


def test_a_signature_under_another_type_does_not_hold() -> None:
    """A signed request to the hub is never a statement."""
    plain = json.loads(dsse.seal(b"x", dsse.REQUEST, SIGNER))
    envelope = dsse.parse(canon.encode({**plain, "payloadType": dsse.IN_TOTO}), dsse.IN_TOTO)
    assert not dsse.signed_by(envelope, Verifier(SIGNER.public))


def test_a_keyid_that_names_another_key_does_not_hold() -> None:
    plain = json.loads(dsse.seal(b"x", dsse.IN_TOTO, SIGNER))
    plain["signatures"][0]["keyid"] = key_id(OTHER.public)
    envelope = dsse.parse(canon.encode(plain), dsse.IN_TOTO)
    assert not dsse.signed_by(envelope, Verifier(SIGNER.public))
    assert not dsse.signed_by(envelope, Verifier(OTHER.public))


def spoilt(**change: object) -> bytes:
    return canon.encode({**json.loads(dsse.seal(b"x", dsse.IN_TOTO, SIGNER)), **change})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        dsse.seal(b"x", dsse.REQUEST, SIGNER),
        dsse.seal(b"x", dsse.IN_TOTO, SIGNER) + b"\n",
        spoilt(signatures=[]),
        spoilt(signatures=[{"keyid": "", "sig": dsse.b64(b"s" * 64)}] * 2),
        spoilt(signatures=[{"keyid": "", "sig": dsse.b64(b"s" * 63)}]),
        spoilt(payload="eA"),
        spoilt(more=1),
    ],
)
def test_another_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        dsse.parse(data, dsse.IN_TOTO)
