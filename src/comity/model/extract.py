"""What an answer was computed from, so that a court of audit can compute it again at home, years later.

The record stays at home: it names files by digest and the table as it was counted, and from a digest of unprotected
data anyone could test guesses of them. The log holds its commitment alone, the SHA-256 of the record with 32 random
bytes in it: nothing follows from it before the record is opened, two answers from equal data have unlike commitments,
and no other record has the same one. Whether the record is true is what computing again shows.
"""

from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.model.study import Method

MAGIC: Final = "comity-extract/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file that was read: the source itself, or a layer of it; by the SHA-256 of its bytes."""

    id: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What is known where a table is counted: from what, by what, and the table itself before any protection.

    plan: of areas, the digest of the plan of blocks; None for tables of persons, whose plan follows from study, norm,
        binding and period.
    cube: SHA-256 of the true table as `model.cube.encode` writes it, without a salt.
    """

    source: str  # its id at home
    files: tuple[File, ...]
    plan: Digest | None
    cube: Digest
    software: str  # such as "comity 0.1.0"
    engine: str  # such as "duckdb 1.4.2"
    salt: str = ""  # by which contributions were bounded, in hex; "" for areas


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The extract behind one answer."""

    extract: str  # MAGIC
    salt: str  # 64 hex digits, from dice, drawn for this answer
    member: str  # whose answer it is: nobody can lend its record to another
    study: Digest
    period: str
    method: Method
    binding: Digest
    basis: Basis

    def __post_init__(self) -> None:
        if self.extract != MAGIC:
            raise ValueError(f"{self.extract[:40]!r} is not {MAGIC}")
        if len(self.salt) != 64 or not set(self.salt) <= set("0123456789abcdef"):
            raise ValueError("the salt is not 64 hex digits")

    @property
    def commitment(self) -> Digest:
        """What the log holds of it."""
        return canon.digest(canon.encode(self))


def is_shown(data: bytes) -> bool:
    """Whether a file holds the text of a record in the clear: its salt is for a court alone.

    This stops a slip, such as the wrong file named, and no will: packed, encoded or escaped, a record is not found. A
    text that quotes a whole record in the clear is found; one that only names the format is not.
    """
    return MAGIC.encode() in data and b'"salt"' in data


def read(data: bytes, *, where: str) -> Record:
    """A record out of its file; FormatError for any other bytes than it is written with."""
    return canon.decode(data, Record, where=where)
