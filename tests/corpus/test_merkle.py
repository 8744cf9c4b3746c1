"""The tree against what others published: all 518 vectors of transparency-dev/merkle, and RFC 6962's reference tree."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.tlog import merkle

Case = dict[str, Any]


@pytest.fixture(scope="module")
def tlog(corpus: Path) -> Path:
    """The published data about logs."""
    return corpus / "tlog"


def vectors(tlog: Path, kind: str) -> list[Case]:
    """Vectors of one kind, each with its file for the message of a failure."""
    folder = tlog / "transparency-dev-merkle" / "testdata"
    return [{**json.loads(file.read_text()), "file": str(file.relative_to(folder))} for file in folder.glob(kind)]


def raw(text: str | None) -> bytes:
    return b64decode(text) if text else b""


def path(case: Case) -> list[bytes]:
    return [raw(step) for step in case["proof"] or []]


def wrong(cases: list[Case], verdict: Callable[[Case], bool]) -> list[str]:
    """Files whose verdict is not the published one."""
    return [case["file"] for case in cases if verdict(case) == case["wantErr"]]


def is_subtree(case: Case) -> bool:
    """Whether it has leaves, and begins at a multiple of the smallest power of two that holds them."""
    start, end = case["start"], case["end"]
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def test_there_is_no_vector_that_is_not_looked_at(tlog: Path) -> None:
    assert 98 + 98 + 204 + 118 == 518 == len(vectors(tlog, "**/*.json"))


def test_inclusion_proofs_are_judged_as_published(tlog: Path) -> None:
    def verdict(case: Case) -> bool:
        leaf, root = raw(case["leafHash"]), raw(case["root"])
        return merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], root, path(case))

    cases = vectors(tlog, "inclusion/**/*.json")
    assert 98 == len(cases)
    assert [] == wrong(cases, verdict)


def test_consistency_proofs_are_judged_as_published(tlog: Path) -> None:
    def verdict(case: Case) -> bool:
        before, after = raw(case["root1"]), raw(case["root2"])
        return merkle.verify_consistency(case["size1"], before, case["size2"], after, path(case))

    cases = vectors(tlog, "consistency/**/*.json")
    assert 98 == len(cases)
    assert [] == wrong(cases, verdict)


def test_inclusion_in_a_subtree_is_judged_as_published(tlog: Path) -> None:
    """A subtree is a tree of its own: its leaves count from its start."""

    def verdict(case: Case) -> bool:
        index, size = case["leafIdx"] - case["start"], case["end"] - case["start"]
        found = merkle.verify_inclusion(raw(case["leafHash"]), index, size, raw(case["root"]), path(case))
        return is_subtree(case) and found

    cases = vectors(tlog, "subtreeinclusion/**/*.json")
    assert 204 == len(cases)
    assert [] == wrong(cases, verdict)


def test_consistency_of_a_subtree_is_judged_as_published(tlog: Path) -> None:
    """A subtree from leaf 0 is an older log.

    Later subtrees are for certificates of Merkle trees; Comity cosigns whole logs only (tlog-cosignature: a checkpoint
    starts at 0), so it has no proof of them. None of the vectors wants one to hold, but of subtrees without a leaf: six
    that every tree contains. Those Comity does not prove: sizes start at 1 (RFC 9162, 2.1.4).
    """

    def verdict(case: Case) -> bool:
        before, after = raw(case["root1"]), raw(case["root2"])
        whole = is_subtree(case) and case["start"] == 0
        return whole and merkle.verify_consistency(case["end"], before, case["size"], after, path(case))

    cases = vectors(tlog, "subtreeconsistency/**/*.json")
    empty = [case for case in cases if case["start"] == case["end"] and not case["wantErr"]]
    assert 118 == len(cases)
    assert 6 == len(empty)
    assert {merkle.EMPTY} == {raw(case["root1"]) for case in empty}
    assert sorted(case["file"] for case in empty) == sorted(wrong(cases, verdict))


def test_the_reference_tree_of_rfc_6962_has_its_roots_and_nodes(tlog: Path) -> None:
    tree = json.loads((tlog / "rfc6962-reference-tree.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in tree["leaf_inputs"]]
    for size, expected in enumerate(tree["root_hashes_size_0_to_8"]):
        assert expected == merkle.root(leaves[:size]).hex()
        assert expected == merkle.Range().extend(leaves[:size]).root().hex()
    assert set(tree["node_hashes_flat"]) >= {leaf.hex() for leaf in leaves}
