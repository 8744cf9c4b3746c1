"""Keys are made once, kept to their owner, and a file that is no key of ours is one clear line."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity.adapters import durable
from comity.adapters.keyring import ACTOR, NEXT, OLD, Keyring
from comity.errors import ConfigError
from comity.keys import Verifier, box_text


def test_a_key_signs_as_the_public_key_that_it_was_made_with(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    public = keyring.make("sign")
    assert public == keyring.signer("sign").public
    assert Verifier(public).verifies(keyring.signer("sign").sign(b"yes"), b"yes")
    assert 0o600 == ((tmp_path / "keys" / "sign").stat().st_mode & 0o777)


def test_keys_of_one_actor_are_three(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    made = [keyring.make(purpose) for purpose in ACTOR]
    keys = keyring.public()
    assert made == [keys.sign, keys.officer, keys.witness]
    assert 3 == len(set(made))


def test_a_key_is_never_made_over_another(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    public = keyring.make("sign")
    with pytest.raises(ConfigError, match="there already"):
        keyring.make("sign")
    assert public == keyring.signer("sign").public


def test_a_published_key_is_read(tmp_path: Path) -> None:
    """RFC 8410, 10.3: the example private key, and the public key of the certificate beside it (10.1)."""
    text = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
    pem = f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n".encode()
    (tmp_path / "keys").mkdir()
    durable.write(tmp_path / "keys" / "sign", pem, mode=0o600)
    assert "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=" == Keyring(tmp_path).signer("sign").public


FOREIGN = {
    "text": b"not a key",
    "empty": b"",
    "another algorithm": generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "cut short": Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())[:-40],
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_key_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "keys").mkdir()
    durable.write(tmp_path / "keys" / "sign", data, mode=0o600)
    with pytest.raises(ConfigError, match="not an Ed25519 secret key"):
        Keyring(tmp_path).signer("sign")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    keyring.make("sign")
    (tmp_path / "keys" / "sign").chmod(0o640)
    with pytest.raises(ConfigError, match="others may read"):
        keyring.signer("sign")


def test_no_key_is_a_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no sign key"):
        Keyring(tmp_path).signer("sign")


def test_the_second_cosigning_key_is_of_ml_dsa_44(tmp_path: Path) -> None:
    """Kept as RFC 9881 has it: the 32 bytes of its seed, which make the same key again."""
    keyring = Keyring(tmp_path)
    public = keyring.make("witness-ml-dsa")
    assert public.startswith("ml-dsa-44:")
    signer = Keyring(tmp_path).signer("witness-ml-dsa")
    assert public == signer.public
    assert Verifier(public).verifies(signer.sign(b"yes"), b"yes")
    assert 0o600 == ((tmp_path / "keys" / "witness-ml-dsa").stat().st_mode & 0o777)


@pytest.mark.parametrize(("purpose", "other"), [("sign", "witness-ml-dsa"), ("witness-ml-dsa", "sign")])
def test_a_key_of_another_algorithm_is_refused(tmp_path: Path, purpose: str, other: str) -> None:
    keyring = Keyring(tmp_path)
    keyring.make(other)
    (tmp_path / "keys" / other).rename(tmp_path / "keys" / purpose)
    with pytest.raises(ConfigError, match=r"not an (Ed25519|ML-DSA-44) secret key"):
        keyring.signer(purpose)


@pytest.mark.parametrize("purpose", ["sign", "witness-ml-dsa"])
def test_a_key_waits_until_it_is_promoted(tmp_path: Path, purpose: str) -> None:
    """Asked for again it is the same one; the key before it is kept, and serves no more."""
    keyring = Keyring(tmp_path)
    first = keyring.prepare(purpose)
    assert (first, False) == (keyring.prepare(purpose), keyring.has(purpose))
    keyring.promote(purpose)
    second = keyring.prepare(purpose)
    assert first == keyring.signer(purpose).public != second
    for _ in range(2):
        keyring.promote(purpose)
        assert (second, first) == (keyring.signer(purpose).public, keyring.signer(purpose + OLD).public)
    assert not keyring.has(purpose + NEXT)
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}


def test_a_key_for_boxes_opens_what_was_sealed_to_it_and_to_the_one_before(tmp_path: Path) -> None:
    """The file holds 32 bytes; the key that waits for the log opens already, and an older one does not any more."""
    keyring = Keyring(tmp_path)
    made = [keyring.make("box")]
    assert 32 == len(base64.b64decode((tmp_path / "keys" / "box").read_bytes(), validate=False))
    assert 0o600 == ((tmp_path / "keys" / "box").stat().st_mode & 0o777)
    for _ in range(2):
        made.append(keyring.prepare("box"))
        assert made[-1] == keyring.prepare("box")
        keyring.promote("box")
    assert made[-1] == keyring.public_of("box")
    assert made[:0:-1] == [box_text(key.public) for key in keyring.openers()]


@pytest.mark.parametrize("data", [b"", b"AAAA\n", b"not base64", b"A" * 44])
def test_a_file_that_holds_no_key_for_boxes_is_refused(tmp_path: Path, data: bytes) -> None:
    keyring = Keyring(tmp_path)
    keyring.make("box")
    durable.write(tmp_path / "keys" / "box", data, mode=0o600)
    with pytest.raises(ConfigError, match="not the secret of a box key"):
        keyring.openers()


def test_an_office_without_a_key_for_boxes_opens_none(tmp_path: Path) -> None:
    assert () == Keyring(tmp_path).openers()
