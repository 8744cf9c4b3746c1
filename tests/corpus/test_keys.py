"""Keys and signatures against what others published: the edge cases of Ed25519 (CCTV), and Wycheproof."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FormatError
from comity.keys import ML_DSA_44, Verifier, public_text, register


@pytest.fixture(scope="module")
def edges(corpus: Path) -> list[dict[str, Any]]:
    """Community Cryptography Test Vectors: every combination of low-order and non-canonical points."""
    cases = json.loads((corpus / "tlog" / "cctv-ed25519" / "ed25519vectors.json").read_text())
    return [{**case, "flags": set(case["flags"] or ())} for case in cases]


Wycheproof = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def wycheproof(corpus: Path) -> Wycheproof:
    """Groups of tests of a file, each group under one key."""

    def groups(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((corpus / "tlog" / "wycheproof" / name).read_text())["testGroups"]
        return found

    return groups


def is_registered(key: str) -> bool:
    try:
        register(public_text(bytes.fromhex(key)))
    except FormatError:
        return False
    return True


def test_exactly_the_degenerate_keys_are_refused(edges: list[dict[str, Any]]) -> None:
    """Small order or non-canonical: verifiers disagree on what such a key signed."""
    degenerate = {case["key"] for case in edges if case["flags"] & {"low_order_A", "non_canonical_A"}}
    sound = {case["key"] for case in edges} - degenerate
    assert 14 == len(degenerate)
    assert 8 == len(sound)
    assert sound == {case["key"] for case in edges if is_registered(case["key"])}


DISPUTED = {"low_order_R", "non_canonical_R", "low_order_residue", "reencoded_k"}


def test_a_signature_is_accepted_only_if_every_verifier_accepts_it(edges: list[dict[str, Any]]) -> None:
    """By class: of 914 signatures OpenSSL and Go accept 208, libsodium 43, and those 43 we accept.

    A signature is disputed if a point is of small order or spelt otherwise, or if only the cofactor makes it hold.
    """
    accepted = Counter[str]()
    for case in edges:
        key = public_text(bytes.fromhex(case["key"]))
        if not is_registered(case["key"]):
            accepted["key refused"] += 1
        elif Verifier(key).verifies(bytes.fromhex(case["sig"]), case["msg"].encode()):
            assert not case["flags"] & DISPUTED, case["number"]
            accepted["holds"] += 1
        else:
            assert case["flags"] & DISPUTED, case["number"]
            accepted["does not hold"] += 1
    assert {"key refused": 526, "does not hold": 345, "holds": 43} == accepted


@pytest.mark.parametrize(
    ("disputed", "cases"),
    [("low_order_R", 282), ("non_canonical_R", 176), ("low_order_residue", 247), ("reencoded_k", 88)],
)
def test_each_class_of_disputed_signatures_is_refused(edges: list[dict[str, Any]], disputed: str, cases: int) -> None:
    """Under keys that are registered; a signature may be in several classes."""
    found = [case for case in edges if disputed in case["flags"] and is_registered(case["key"])]
    assert cases == len(found)
    for case in found:
        verifier = Verifier(public_text(bytes.fromhex(case["key"])))
        assert not verifier.verifies(bytes.fromhex(case["sig"]), case["msg"].encode())


def test_signatures_are_judged_as_wycheproof_judges_them(wycheproof: Wycheproof) -> None:
    groups = wycheproof("ed25519_test.json")
    wrong = []
    for group in groups:
        verifier = Verifier(public_text(bytes.fromhex(group["publicKey"]["pk"])))
        for case in group["tests"]:
            holds = verifier.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            if holds != (case["result"] == "valid"):
                wrong.append(case["tcId"])
    assert 151 == sum(len(group["tests"]) for group in groups)
    assert [] == wrong


def test_signatures_of_ml_dsa_are_judged_as_wycheproof_judges_them(wycheproof: Wycheproof) -> None:
    """All but those with a context, which Comity never gives: under the empty one they must not hold."""
    groups = wycheproof("mldsa_44_verify_test.json")
    wrong, contexts, no_keys = [], 0, 0
    for group in groups:
        raw = bytes.fromhex(group["publicKey"])
        if len(raw) != 1312:
            with pytest.raises(FormatError):
                register(public_text(raw, ML_DSA_44))
            assert all(case["result"] == "invalid" for case in group["tests"])
            no_keys += len(group["tests"])
            continue
        verifier = Verifier(public_text(raw, ML_DSA_44))
        for case in group["tests"]:
            contexts += "ctx" in case
            expected = case["result"] == "valid" and not case.get("ctx")
            if expected != verifier.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])):
                wrong.append(case["tcId"])
    assert (180, 4, 8) == (sum(len(group["tests"]) for group in groups), no_keys, contexts)
    assert [] == wrong
