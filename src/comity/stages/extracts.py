"""The record behind an answer, in the member's side as a state machine: made where the table is answered with.

Decides that each answer has a record of its own, with a salt of its own, on disk before its commitment is said. What a
record holds is `model.extract`; who opens it, and to whom, is the office's affair.
"""

from typing import Final

from comity import canon
from comity.acts.exchange import Extract
from comity.canon import Digest
from comity.model import extract as records
from comity.model.extract import Basis, Record
from comity.stages.dice import Dice
from comity.stages.effects import Commit, Home

SALT: Final = 32  # bytes


def committed(home: Home, study: Digest, basis: Basis, dice: Dice) -> tuple[Commit, bytes]:
    """A fresh record to put away, and what an answer to this study says of it, as memory keeps it."""
    record = Record(
        extract=records.MAGIC,
        salt=dice(SALT).hex(),
        member=home.member,
        study=study,
        period=home.period,
        method=home.study.method,
        binding=home.binding,
        basis=basis,
    )
    said = Extract(commitment=record.commitment, binding=home.binding, software=basis.software)
    return Commit(record=canon.encode(record)), canon.encode(said)


def kept(memory: bytes) -> Extract:
    """What an answer says of its record, out of memory."""
    return canon.decode(memory, Extract, where="seal.db")
