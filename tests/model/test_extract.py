"""The record of an extract: one spelling, one commitment, and nothing of the data in what the log holds of it."""

import json
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from zlib import compress

import pytest

from comity import canon
from comity.errors import FormatError
from comity.model.extract import MAGIC, Basis, File, Record, is_shown, read
from comity.model.study import Method

FILE = canon.digest(b"a file of people")
BASIS = Basis(
    source="survey",
    files=(File(id="survey", digest=FILE),),
    plan=None,
    cube=canon.digest(b"a table"),
    software="comity 0.1.0",
    engine="duckdb 1.4.2",
)
RECORD = Record(
    extract=MAGIC,
    salt="ab" * 32,
    member="m1",
    study=canon.digest(b"study"),
    period="2020",
    method=Method(name="table", version="1", digest=canon.digest(b"method")),
    binding=canon.digest(b"binding"),
    basis=BASIS,
)


def test_a_record_reads_as_it_was_written_and_its_commitment_is_the_digest_of_its_bytes() -> None:
    data = canon.encode(RECORD)
    assert RECORD == read(data, where="record")
    assert "sha256:" + sha256(data).hexdigest() == RECORD.commitment


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, salt="ac" * 32),
        replace(RECORD, member="m2"),
        replace(RECORD, period="2021"),
        replace(RECORD, binding=canon.digest(b"another")),
        replace(RECORD, basis=replace(BASIS, files=(File(id="survey", digest=canon.digest(b"another")),))),
        replace(RECORD, basis=replace(BASIS, cube=canon.digest(b"another"))),
        replace(RECORD, basis=replace(BASIS, software="comity 0.2.0")),
        replace(RECORD, basis=replace(BASIS, plan=canon.digest(b"plan"))),
    ],
)
def test_any_other_fact_is_another_commitment(other: Record) -> None:
    assert RECORD.commitment != other.commitment


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        canon.encode(RECORD) + b"\n",
        canon.encode(RECORD).replace(b"ab" * 32, b"AB" * 32),
        canon.encode(RECORD).replace(b"ab" * 32, b"ab" * 31),
        canon.encode(RECORD).replace(MAGIC.encode(), b"comity-extract/2"),
        canon.encode(RECORD).replace(b'"period"', b'"periods"'),
    ],
)
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read(data, where="record")


def test_a_file_that_shows_a_record_in_the_clear_is_known() -> None:
    data = canon.encode(RECORD)
    shown = (data, json.dumps(json.loads(data), indent=2).encode(), b"see below:\n" + data + b"\n")
    assert [True, True, True, False] == [is_shown(one) for one in (*shown, b"We committed by comity-extract/1.")]


def test_a_record_that_is_hidden_on_purpose_is_not_found() -> None:
    """It is a guard against the wrong file, and says so."""
    data = canon.encode(RECORD)
    hidden = (data.replace(b'"salt"', b'"\\u0073alt"'), data.decode().encode("utf-16"), b64encode(data), compress(data))
    assert [False] * 4 == [is_shown(one) for one in hidden]
