"""Our own published vectors (docs/vectors): we read them as they say, and making them again makes the same bytes."""

import ast
import json
import subprocess
import sys
from base64 import b64decode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FormatError, Refused
from comity.keys import MlDsa44Signer, Verifier
from comity.tlog import merkle
from comity.tlog.cosignature import time_of
from comity.tlog.note import SignatureLine, Vkey
from comity.tlog.proof import Proof
from comity.tlog.quorum import Policy
from comity.tlog.tile import ENTRIES, Edge, Tile, bundles, decode_bundle, encode_bundle, hash_entries, hash_tiles

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "vectors"
Case = dict[str, Any]


@cache
def vectors(name: str) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = json.loads((FOLDER / name).read_text())
    return found


def why(case: Case) -> str:
    return str(case["why"]).replace(" ", "-")


def cases(name: str, group: str = "cases") -> Any:
    return pytest.mark.parametrize("case", vectors(name)[group], ids=why)


def entry(index: int) -> bytes:
    return b"entry %d" % index


def test_made_again_they_have_the_same_bytes(root: Path, tmp_path: Path) -> None:
    """`make vectors`, into another folder."""
    subprocess.run([sys.executable, "make/vectors", str(tmp_path)], cwd=root, check=True, capture_output=True)
    made = {file.name: sha256(file.read_bytes()).hexdigest() for file in tmp_path.iterdir()}
    kept = {file.name: sha256(file.read_bytes()).hexdigest() for file in FOLDER.glob("*.json")}
    assert made == kept, "way out: make vectors"


@pytest.mark.parametrize("file", ["tree.py", "tiles.py"])
def test_the_answers_are_not_asked_of_the_code_that_they_are_for(root: Path, file: str) -> None:
    """Roots, paths and tiles come from their definitions: a fault of ours would otherwise be published as the truth."""
    asked = list(ast.walk(ast.parse((root / "make/vectors" / file).read_text())))
    named = [node.module for node in asked if isinstance(node, ast.ImportFrom)]
    named += [name.name for node in asked if isinstance(node, ast.Import) for name in node.names]
    assert [] == [name for name in named if str(name).startswith("comity")]


def test_every_kind_of_answer_is_among_them() -> None:
    """A set of vectors that only accepts, or only refuses, shows nothing."""
    assert {True, False} == {case["time"] is None for case in vectors("cosignature.json")["cases"]}
    assert {True, False} == {case["size"] is None for case in vectors("proof.json")["cases"]}
    assert {True, False} == {case["reads"] for case in vectors("policy.json")["cases"]}
    assert {True, False} == {asked["enough"] for case in vectors("policy.json")["cases"] for asked in case["asked"]}


@pytest.mark.parametrize("case", vectors("tiles.json")["logs"], ids=lambda case: str(case["size"]))
def test_a_log_consists_of_the_files_that_are_listed(case: Case) -> None:
    """Made here by the writer's own walk, from the edge of the older log on."""
    size, since = case["size"], case["since"]
    leaves = hash_entries(entry(index) for index in range(size))
    edge, _ = Edge().extend(leaves[:since])
    grown, full = edge.extend(leaves[since:])
    listed = dict([*full, *grown.partial()])
    found = {str(tile): listed[tile] for tile in hash_tiles(size, since)}
    for bundle in bundles(size, since):
        start = bundle.index * 256
        found[str(bundle)] = encode_bundle(entry(index) for index in range(start, start + bundle.width))
    told = {file["path"]: (file["length"], file["sha256"]) for file in case["files"]}
    assert told == {path: (len(data), sha256(data).hexdigest()) for path, data in found.items()}
    assert b64decode(case["root"]) == grown.root() == merkle.root(leaves)


@cases("tiles.json", "bundles")
def test_a_bundle_is_read_as_it_says(case: Case) -> None:
    data = b64decode(case["bytes"])
    if case["entries"] is None:
        with pytest.raises(FormatError):
            decode_bundle(data, case["width"])
    else:
        entries = tuple(map(b64decode, case["entries"]))
        assert entries == decode_bundle(data, case["width"])
        assert data == encode_bundle(entries)


@pytest.mark.parametrize("case", vectors("tiles.json")["paths"], ids=lambda case: case["path"])
def test_a_path_is_read_as_it_says(case: Case) -> None:
    if case["tile"] is None:
        with pytest.raises(FormatError):
            Tile.parse(case["path"])
    else:
        level = case["tile"]["level"]
        tile = Tile(ENTRIES if level == "entries" else level, case["tile"]["index"], case["tile"]["width"])
        assert tile == Tile.parse(case["path"])
        assert case["path"] == str(tile)


@cases("cosignature.json")
def test_a_cosignature_holds_at_the_time_that_is_given(case: Case) -> None:
    line, key = SignatureLine.parse(case["line"]), Vkey.parse(case["vkey"])
    assert case["time"] == time_of(line, key, case["checkpoint"])


@cases("policy.json")
def test_a_policy_is_read_as_it_says(case: Case) -> None:
    data = b64decode(case["policy"])
    if not case["reads"]:
        with pytest.raises(FormatError):
            Policy.parse(data)
        return
    quorum = Policy.parse(data).quorum
    for asked in case["asked"]:
        assert asked["enough"] == quorum.satisfied_by(asked["names"])


@cases("proof.json")
def test_a_proof_shows_what_it_says(case: Case) -> None:
    policy, data = Policy.parse(case["policy"]), b64decode(case["entry"])
    if case["size"] is None:
        with pytest.raises((FormatError, Refused)):
            Proof.parse(case["proof"]).verify(data, policy)
    else:
        proof = Proof.parse(case["proof"])
        assert case["size"] == proof.verify(data, policy).checkpoint.size
        assert case["proof"] == str(proof)


def test_every_policy_that_refuses_a_proof_accepts_another() -> None:
    """So what is refused is the proof."""
    every = vectors("proof.json")["cases"]
    assert {case["policy"] for case in every} == {case["policy"] for case in every if case["size"] is not None}


def test_the_kept_signatures_of_ml_dsa_hold_under_keys_of_their_seeds() -> None:
    for case in vectors("ml-dsa-44.json")["cases"]:
        key = MlDsa44Signer(b64decode(case["seed"])).public
        assert f"ml-dsa-44:{case['public']}" == key
        assert Verifier(key).verifies(b64decode(case["signature"]), b64decode(case["message"]))
