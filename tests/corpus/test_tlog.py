"""The log against what others published: Merkle vectors, the reference tree, notes, keys, logs and a witness's talk."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FormatError
from comity.keys import public_text
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.tile import ENTRIES, Tile, decode_bundle, hash_tiles, node_reader
from comity.tlog.witness import Request

LITE = "torchwood/litewitness-testdata"


@pytest.fixture(scope="module")
def tlog(corpus: Path) -> Path:
    """The published data about logs."""
    return corpus / "tlog"


def vectors(tlog: Path, kind: str) -> list[dict[str, Any]]:
    """Test vectors of transparency-dev/merkle, each with its file for the message of a failure."""
    files = sorted((tlog / "transparency-dev-merkle" / "testdata" / kind).rglob("*.json"))
    return [{**json.loads(file.read_text()), "file": str(file.relative_to(tlog))} for file in files]


def raw(text: str | None) -> bytes:
    return b64decode(text) if text else b""


def wrong(cases: list[dict[str, Any]], verdict: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Files whose verdict is not the published one."""
    return [case["file"] for case in cases if verdict(case) == case["wantErr"]]


def test_inclusion_proofs_are_judged_as_published(tlog: Path) -> None:
    cases = vectors(tlog, "inclusion")
    assert 98 == len(cases)
    assert [] == wrong(
        cases,
        lambda case: merkle.verify_inclusion(
            raw(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            raw(case["root"]),
            [*map(raw, case["proof"] or [])],
        ),
    )


def test_consistency_proofs_are_judged_as_published(tlog: Path) -> None:
    cases = vectors(tlog, "consistency")
    assert 98 == len(cases)
    assert [] == wrong(
        cases,
        lambda case: merkle.verify_consistency(
            case["size1"], raw(case["root1"]), case["size2"], raw(case["root2"]), [*map(raw, case["proof"] or [])]
        ),
    )


def aligned(start: int, end: int) -> bool:
    """Whether a subtree may begin there: at a multiple of the smallest power of two that holds it."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def test_inclusion_in_a_subtree_is_judged_as_published(tlog: Path) -> None:
    """A subtree is a tree of its own: its leaves count from its start."""
    cases = vectors(tlog, "subtreeinclusion")
    assert 204 == len(cases)
    assert [] == wrong(
        cases,
        lambda case: (
            aligned(case["start"], case["end"])
            and merkle.verify_inclusion(
                raw(case["leafHash"]),
                case["leafIdx"] - case["start"],
                case["end"] - case["start"],
                raw(case["root"]),
                [*map(raw, case["proof"] or [])],
            )
        ),
    )


def test_consistency_of_a_first_subtree_is_judged_as_published(tlog: Path) -> None:
    """From leaf 0 a subtree is an older log. Comity does not use the others, of Merkle tree certificates."""
    cases = [case for case in vectors(tlog, "subtreeconsistency") if case["start"] == 0 and case["end"] > 0]
    assert len(cases) > 50
    assert [] == wrong(
        cases,
        lambda case: merkle.verify_consistency(
            case["end"], raw(case["root1"]), case["size"], raw(case["root2"]), [*map(raw, case["proof"] or [])]
        ),
    )


def test_the_reference_tree_of_rfc_6962_has_its_roots(tlog: Path) -> None:
    tree = json.loads((tlog / "rfc6962-reference-tree.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in tree["leaf_inputs"]]
    for size, expected in enumerate(tree["root_hashes_size_0_to_8"]):
        assert expected == merkle.root(leaves[:size]).hex()
        assert expected == merkle.Range().extend(leaves[:size]).root().hex()
    assert set(tree["node_hashes_flat"]) >= {leaf.hex() for leaf in leaves}


def test_published_keys_are_read_and_damaged_ones_refused(tlog: Path) -> None:
    """Bad: an unknown algorithm with the right id, an id of another key."""
    data = json.loads((tlog / "signed-note.json").read_text())
    for text in data["valid_vkeys"]:
        assert text == str(Vkey.parse(text))
    for text in data["bad_vkeys"]:
        with pytest.raises(FormatError):
            Vkey.parse(text)
    for text in data["signature_lines"]:
        assert text == str(SignatureLine.parse(text))


def test_the_note_of_the_standard_is_signed(tlog: Path) -> None:
    data = json.loads((tlog / "signed-note.json").read_text())
    note = Note.parse(data["c2sp_note"])
    keys = [Vkey.parse(text) for text in data["valid_vkeys"]]
    assert data["c2sp_note"] == str(note)
    assert [False, True] == [note.signed_by(key) for key in keys]


def test_the_tiles_of_tessera_make_its_checkpoints(tlog: Path) -> None:
    """Each of the sizes that it published, from its entries and from its tiles."""
    log = tlog / "tessera" / "testdata" / "log"
    sizes = [Checkpoint.of(Note.parse(file.read_bytes())) for file in log.glob("checkpoint*")]
    assert 10 < len(sizes)
    for head in sizes:
        if head.size:
            entries = decode_bundle((log / str(Tile(ENTRIES, 0, head.size))).read_bytes(), head.size)
            assert head.root == merkle.root([merkle.leaf_hash(entry) for entry in entries])
            node = node_reader(head.size, lambda tile: (log / str(tile)).read_bytes())
            assert head.root == merkle.span(0, head.size, node)


def test_the_tiles_of_a_sunlight_mirror_make_its_checkpoint(tlog: Path) -> None:
    """300 leaves: a full tile, a partial one, and one of the level above."""
    log = next((tlog / "sunlight-skylight" / "testdata" / "witness" / "mirror").glob("000de*"))
    head = Checkpoint.of(Note.parse((log / "checkpoint").read_bytes()))
    assert {Tile(0, 0), Tile(0, 1, 44), Tile(1, 0, 1)} == set(hash_tiles(head.size))
    assert head.root == merkle.span(0, 300, node_reader(300, lambda tile: (log / str(tile)).read_bytes()))


def test_cosignatures_of_sunlight_hold_at_their_time(tlog: Path) -> None:
    """Of the witness and of the mirror, by their published keys."""
    data = tlog / "sunlight-skylight" / "testdata" / "witness"
    for name, told in (("000de*/checkpoint", "witness.v0.json"), ("mirror/000de*/checkpoint", "mirror/mirror.v0.json")):
        note = Note.parse(next(data.glob(name)).read_bytes())
        (text,) = json.loads((data / told).read_text())["verifier_keys"]
        times = [time_of(line, Vkey.parse(text), note.text) for line in note.signatures]
        assert [0x69546780] == [time for time in times if time is not None]


def transcript(text: str) -> list[tuple[str, int, str]]:
    """Body, expected status and asserted answer of each request in a script of litewitness."""
    pattern = r"POST \S+add-checkpoint\n```\n(.*?)```\nHTTP (\d+)\n\[Asserts\]\nbody (.*?)\n"
    return [(body, int(status), answer) for body, status, answer in re.findall(pattern, text, re.DOTALL)]


def test_checkpoints_of_the_go_checksum_database_are_signed(tlog: Path) -> None:
    """An origin with spaces that is not its key's name."""
    script = (tlog / LITE / "sumdb.txt").read_text()
    key = Vkey.parse("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    requests = [Request.parse(body) for body, status, _ in transcript(script) if status == 200]
    assert requests
    for request in requests:
        assert "go.sum database tree" == Checkpoint.of(request.note).origin
        assert request.note.signed_by(key)
