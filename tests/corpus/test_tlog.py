"""The log against what others published: notes, keys, whole logs, and a witness's talk."""

import json
import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from comity.errors import FormatError
from comity.keys import key_id
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.spelling import b64
from comity.tlog.tile import ENTRIES, Tile, decode_bundle, hash_tiles, node_reader
from comity.tlog.witness import Request

TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"  # its tests' key
LITE = "torchwood/litewitness-testdata"


@pytest.fixture(scope="module")
def tlog(corpus: Path) -> Path:
    """The published data about logs."""
    return corpus / "tlog"


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
    """Each of the sizes that it published, from its entries and from its tiles, and what it says of itself."""
    log = tlog / "tessera" / "testdata" / "log"
    notes = [Note.parse(file.read_bytes()) for file in log.glob("checkpoint*")]
    heads = [Checkpoint.of(note) for note in notes]
    assert [*range(16), 15] == sorted(head.size for head in heads)
    assert all(note.signed_by(Vkey.parse(TESSERA)) for note in notes)
    told = json.loads((log / ".state" / "treeState").read_text())
    assert (told["size"], told["root"]) in {(head.size, b64(head.root)) for head in heads}
    for head in heads:
        if head.size:
            entries = decode_bundle((log / str(Tile(ENTRIES, 0, head.size))).read_bytes(), head.size)
            assert head.root == merkle.root([merkle.leaf_hash(entry) for entry in entries])
            node = node_reader(head.size, lambda tile: (log / str(tile)).read_bytes())
            assert head.root == merkle.span(0, head.size, node)


def test_the_tiles_of_a_sunlight_mirror_make_its_checkpoint(tlog: Path) -> None:
    """300 leaves: a full tile, a partial one, and one of the level above.

    The tiles, bundles, names and issuers beside its other checkpoints are placeholders that say `fake`.
    """
    log = next((tlog / "sunlight-skylight" / "testdata" / "witness" / "mirror").glob("000de*"))
    head = Checkpoint.of(Note.parse((log / "checkpoint").read_bytes()))
    assert {Tile(0, 0), Tile(0, 1, 44), Tile(1, 0, 1)} == set(hash_tiles(head.size))
    assert head.root == merkle.span(0, 300, node_reader(300, lambda tile: (log / str(tile)).read_bytes()))


def test_cosignatures_of_sunlight_hold_at_their_time(tlog: Path) -> None:
    """Of two witnesses and of a mirror, by their published keys."""
    data = tlog / "sunlight-skylight" / "testdata"
    for name, told in (
        ("witness/000de*/checkpoint", "witness/witness.v0.json"),
        ("witness/mirror/000de*/checkpoint", "witness/mirror/mirror.v0.json"),
        ("witness2/88ad7*/checkpoint", "witness2/witness.v0.json"),
    ):
        note = Note.parse(next(data.glob(name)).read_bytes())
        (text,) = json.loads((data / told).read_text())["verifier_keys"]
        times = [time_of(line, Vkey.parse(text), note.text) for line in note.signatures]
        assert [0x69546780] == [time for time in times if time is not None]


def test_a_signature_of_another_kind_is_read_past(tlog: Path) -> None:
    """Certificate logs sign as RFC 6962 has it (0x05, ECDSA): a line that is kept, and a key that is not known."""
    tree = tlog / "sunlight-skylight" / "testdata" / "tree"
    note = Note.parse((tree / "checkpoint").read_bytes())
    material = b"\x05" + b64decode(json.loads((tree / "log.v3.json").read_text())["log_id"])
    assert 300 == Checkpoint.of(note).size
    assert ["rome2026h1.example.org"] == [line.name for line in note.signatures]
    assert note.signatures[0].id == sha256(b"rome2026h1.example.org\n" + material).digest()[:4]
    with pytest.raises(FormatError, match="unknown algorithm"):
        Vkey.parse(f"rome2026h1.example.org+{note.signatures[0].id.hex()}+{b64(material)}")


def test_the_keys_in_torchwoods_lists_of_logs_are_read(tlog: Path) -> None:
    """Sigsum logs are called by the hash of their key; one list gives a log a name of its own."""
    found = re.findall(r"^vkey (\S+)$", (tlog / LITE / "loglist.txt").read_text(), re.M)
    assert 7 == len(found)
    for text in found:
        key = Vkey.parse(text)
        assert text == str(key)
        assert "sigsum.org/v1/tree/" + key_id(key.key) == key.name


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
