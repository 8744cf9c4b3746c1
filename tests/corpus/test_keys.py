"""Keys and signatures against what others published: the edge cases of Ed25519 (CCTV), and Wycheproof."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FormatError
from comity.keys import Verifier, public_text, register


@pytest.fixture(scope="module")
def edges(corpus: Path) -> list[dict[str, Any]]:
    """Community Cryptography Test Vectors: every combination of low-order and non-canonical points."""
    cases = json.loads((corpus / "tlog" / "cctv-ed25519" / "ed25519vectors.json").read_text())
    return [{**case, "flags": set(case["flags"] or ())} for case in cases]


@pytest.fixture(scope="module")
def wycheproof(corpus: Path) -> list[dict[str, Any]]:
    """Groups of tests, each under one key."""
    groups: list[dict[str, Any]] = json.loads((corpus / "tlog" / "wycheproof" / "ed25519_test.json").read_text())[
        "testGroups"
    ]
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


def test_signatures_of_registered_keys_are_judged_without_cofactor(edges: list[dict[str, Any]]) -> None:
    """What is accepted here is accepted by every verifier of RFC 8032, with or without the cofactor."""
    cases = [case for case in edges if is_registered(case["key"])]
    disputed = {"low_order_residue", "non_canonical_R", "reencoded_k"}
    wrong = []
    for case in cases:
        verifier = Verifier(public_text(bytes.fromhex(case["key"])))
        holds = verifier.verifies(bytes.fromhex(case["sig"]), case["msg"].encode())
        if holds != (not case["flags"] & disputed):
            wrong.append(case["number"])
    assert len(cases) > 300
    assert [] == wrong


def test_signatures_are_judged_as_wycheproof_judges_them(wycheproof: list[dict[str, Any]]) -> None:
    wrong = []
    for group in wycheproof:
        verifier = Verifier(public_text(bytes.fromhex(group["publicKey"]["pk"])))
        for case in group["tests"]:
            holds = verifier.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            if holds != (case["result"] == "valid"):
                wrong.append(case["tcId"])
    assert 151 == sum(len(group["tests"]) for group in wycheproof)
    assert [] == wrong
