"""Torchwood's spicy-torchwood checks an entry of our log offline."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.keys import MlDsa44Signer
from comity.tlog import merkle, spicy
from comity.tlog.cosignature import cosign
from comity.tlog.note import Vkey
from comity.tlog.proof import Proof
from tests.interop.conftest import Programs
from tests.tlog import a_log

ENTRIES = [b"entry %d" % place for place in range(300)]
HASHES = [merkle.leaf_hash(entry) for entry in ENTRIES]


def proof(place: int, size: int) -> Proof:
    """Of an entry under a checkpoint with cosignatures, which that program does not look at."""
    note = a_log.signed(a_log.checkpoint(HASHES[:size]), 1, 2, 3)
    return Proof(place, merkle.inclusion(place, size, HASHES), note)


def write(folder: Path, place: int, size: int) -> Path:
    """An entry and its proof, as that program wants them."""
    file = folder / "entry"
    file.write_bytes(ENTRIES[place])
    file.with_name(f"entry{spicy.SUFFIX}").write_text(spicy.text(proof(place, size)))
    return file


@pytest.mark.parametrize(("place", "size"), [(0, 1), (0, 2), (6, 7), (255, 257), (299, 300)])
def test_it_accepts_an_entry_of_our_log(programs: Programs, tmp_path: Path, place: int, size: int) -> None:
    file = write(tmp_path, place, size)

    assert (0, "Spicy signature(s) verified! 🌶️\n") == programs.run(
        "spicy-torchwood", "-verify", str(a_log.HUB_KEY), file
    )


def test_it_refuses_a_changed_entry(programs: Programs, tmp_path: Path) -> None:
    file = write(tmp_path, 6, 7)
    file.write_bytes(b"entry 7")

    status, said = programs.run("spicy-torchwood", "-verify", str(a_log.HUB_KEY), file)

    assert 0 != status
    assert "could not verify inclusion" in said


def test_it_refuses_the_proof_of_another_entry(programs: Programs, tmp_path: Path) -> None:
    file = write(tmp_path, 6, 7)
    file.with_name("entry.spicy").write_text(spicy.text(proof(5, 7)))

    assert 0 != programs.run("spicy-torchwood", "-verify", str(a_log.HUB_KEY), file)[0]


def test_it_refuses_another_logs_key(programs: Programs, tmp_path: Path) -> None:
    other = Vkey(a_log.ORIGIN, a_log.signer(9).public)

    assert 0 != programs.run("spicy-torchwood", "-verify", str(other), write(tmp_path, 6, 7))[0]


def test_lines_by_keys_that_it_does_not_know_are_no_matter(programs: Programs, tmp_path: Path) -> None:
    """An ML-DSA-44 cosignature under the note: a reader without that algorithm passes over it."""
    given = proof(6, 7)
    line = cosign(given.note.text, "witness.example/m", 1_800_000_000, MlDsa44Signer(bytes(32)))
    file = write(tmp_path, 6, 7)
    file.with_name("entry.spicy").write_text(spicy.text(replace(given, note=given.note.with_lines(line))))

    assert 0 == programs.run("spicy-torchwood", "-verify", str(a_log.HUB_KEY), file)[0]
