"""Our published vectors read by others: tlog-scales, and the standard library where it has no word for a thing."""

import json
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tlog_scales import signing, tiles
from tlog_scales.reader import Tile, TilesReader
from tlog_scales.tlog import Checkpoint, InclusionProof
from tlog_scales.writer import TilesWriter

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "vectors"
Case = dict[str, Any]


def vectors(name: str, group: str = "cases") -> list[Case]:
    found: list[Case] = json.loads((FOLDER / name).read_text())[group]
    return found


def why(case: Case) -> str:
    return str(case["why"]).replace(" ", "-")


def holds(check: Callable[[], object]) -> bool:
    """It says no in many ways."""
    try:
        check()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("case", vectors("tiles.json", "logs")[1:7], ids=lambda case: str(case["size"]))
def test_it_writes_the_files_that_are_listed(case: Case, tmp_path: Path) -> None:
    """It grows to the older size first; the root is the one that it signs."""
    writer = TilesWriter.create(tmp_path / "log", "log.example/assembly")
    signer = signing.PlainEd25519Signer("log.example/assembly", b"1" * 32)
    for index in range(case["size"]):
        if index == case["since"]:
            writer.commit([signer], gc=False)
        writer.add_leaf(b"entry %d" % index)
    writer.commit([signer], gc=False)
    for file in case["files"]:
        data = (tmp_path / "log" / file["path"]).read_bytes()
        assert (file["length"], file["sha256"]) == (len(data), sha256(data).hexdigest()), file["path"]
    head = Checkpoint.from_text((tmp_path / "log" / "checkpoint").read_text())
    assert (case["size"], b64decode(case["root"])) == (head.size, head.root_hash)


def test_it_finds_the_root_of_the_large_logs() -> None:
    """From leaf hashes alone, without a file: sizes with two and three levels of tiles."""

    class Leaves(TilesReader):
        def _get_from_tile(self, l: int, n: int, i: int) -> bytes:  # noqa: E741
            place = 256 * n + i
            if l == 0:
                return tiles.leaf_hash(b"entry %d" % place)
            middle = [self._get_from_tile(l - 1, place, at) for at in range(256)]
            while len(middle) > 1:
                middle = [sha256(b"\x01" + a + b).digest() for a, b in zip(middle[::2], middle[1::2], strict=True)]
            return middle[0]

    for case in vectors("tiles.json", "logs"):
        reader = Leaves(None)  # type: ignore[arg-type]
        reader.set_size(case["size"])
        assert b64decode(case["root"]) == reader.calculate_root_hash()


@pytest.mark.parametrize("case", [case for case in vectors("tiles.json", "bundles") if case["entries"]], ids=why)
def test_it_reads_the_good_bundles(case: Case) -> None:
    """The bad ones are no question to it: it does not compare a bundle with its width."""
    assert list(map(b64decode, case["entries"])) == Tile.from_entries_bytes(b64decode(case["bytes"])).entries


@pytest.mark.parametrize(
    "case", [case for case in vectors("tiles.json", "paths") if case["tile"]], ids=lambda c: c["path"]
)
def test_it_spells_the_good_paths(case: Case) -> None:
    level, index, width = case["tile"]["level"], case["tile"]["index"], case["tile"]["width"]
    assert case["path"] == "/".join(tiles.tile_path(-1 if level == "entries" else level, index, width % 256))


# It drops extension lines of a checkpoint, and puts no bound on time.
UNREAD = {"an extension line added", "an extension line is signed (0x04)", "a time beyond 2^63 - 1, signed"}


@pytest.mark.parametrize("case", [case for case in vectors("cosignature.json") if case["why"] not in UNREAD], ids=why)
def test_it_judges_cosignatures_as_they_say(case: Case) -> None:
    key = signing.Vkey.from_string(case["vkey"])
    head = Checkpoint.from_text(f"{case['checkpoint']}\n{case['line']}\n")
    assert case["vkey"] == key.serialize()
    assert (case["time"] is not None) == holds(lambda: head.verify(key))
    if case["time"] is not None:
        assert case["time"] == int.from_bytes(head.signatures[0].payload[:8], "big")


def policy_of(text: str) -> tuple[signing.Vkey, list[signing.Vkey], int]:
    """Log, witnesses and threshold of the plain policies that the proofs are checked under."""
    rows = [line.split(" ") for line in text.splitlines()]
    (log,) = [signing.Vkey.from_string(row[1]) for row in rows if row[0] == "log"]
    (least,) = [int(row[2]) for row in rows if row[0] == "group"]
    return log, [signing.Vkey.from_string(row[2]) for row in rows if row[0] == "witness"], least


def shows(case: Case) -> bool:
    """The proof taken apart by hand, its parts checked by tlog-scales."""
    text, log, witnesses, least = case["proof"], *policy_of(case["policy"])
    top, _, note = text.partition("\n\n")
    header, *rows = top.split("\n")
    rows = [row for row in rows if not (row is rows[0] and row.startswith("extra "))]
    if header != "c2sp.org/tlog-proof@v1" or not rows or not rows[0].startswith("index ") or note[-1:] != "\n":
        return False
    index = rows[0].removeprefix("index ")
    head = Checkpoint.from_text(note)
    if str(int(index)) != index or head.origin != log.name or "\r" in text:
        return False
    valid = signing.VkeySet(log, *witnesses).verify(head.signatures, head)
    names = {key.name for key, _ in valid}
    leaf = tiles.leaf_hash(b64decode(case["entry"]))
    path = [b64decode(row, validate=True) for row in rows[1:]]
    InclusionProof(int(index), head.size, path).check(leaf, head.root_hash)
    return log.name in names and len(names & {witness.name for witness in witnesses}) >= least


@pytest.mark.parametrize("case", vectors("proof.json"), ids=why)
def test_it_judges_proofs_as_they_say(case: Case) -> None:
    try:
        found = shows(case)
    except Exception:
        found = False
    assert (case["size"] is not None) == found


@pytest.mark.parametrize("case", [case for case in vectors("policy.json") if case["reads"]], ids=why)
def test_it_reads_every_key_of_the_good_policies(case: Case) -> None:
    """It has no word for a policy, but for the keys in it."""
    for line in b64decode(case["policy"]).decode(errors="replace").splitlines():
        for word in line.split():
            if word.count("+") > 1 and line.lstrip().startswith(("log", "witness")):
                assert word == signing.Vkey.from_string(word).serialize()
                assert holds(signing.Vkey.from_string(word).get_verifier)


@pytest.mark.parametrize("case", vectors("ml-dsa-44.json"), ids=lambda case: case["message"][-12:])
def test_the_messages_of_ml_dsa_are_those_that_it_signs(case: Case) -> None:
    """Each message is the struct as tlog-scales spells it, for the one checkpoint that it can be of."""
    message = b64decode(case["message"])
    name = message[13 : 13 + message[12]].decode()
    rest = message[13 + message[12] :]
    time, origin = int.from_bytes(rest[:8], "big"), rest[9 : 9 + rest[8]].decode()
    size, root = int.from_bytes(rest[9 + rest[8] + 8 :][:8], "big"), rest[-32:]
    head = Checkpoint(origin, size, root, [])
    assert message == signing._mldsa44_signature_payload(name, time, head)
