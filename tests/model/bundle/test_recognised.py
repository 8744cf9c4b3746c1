"""An outside norm is the bytes that were recognised, wherever somebody puts others."""

from dataclasses import replace

import pytest

from comity import canon
from comity.errors import FormatError
from comity.model.bundle import recognised
from comity.model.bundle.recognised import Recognised

FILE = b"<Structure/>"
RECORD = Recognised(
    id="SDG_DSD",
    version="1.4",
    title="SDG data structure",
    authority="IAEG-SDGs",
    address="https://unstats.example/SDG_DSD.xml",
    digest=canon.digest(FILE),
    size=12,
    media_type="application/xml",
    retrieved="2024-02-29",
    licence="UN terms of use",
)


def test_the_record_reads_and_writes_the_same_bytes() -> None:
    text = canon.encode(RECORD)
    assert RECORD == recognised.decode(text, where="recognised.json")
    assert text == canon.encode(recognised.decode(text, where="recognised.json"))
    assert "SDG_DSD/1.4" == RECORD.name


def test_a_file_is_the_one_recognised_or_it_is_not() -> None:
    """One byte more or other under the same address, and everyone sees it."""
    assert "" == RECORD.differs(FILE)
    assert RECORD.differs(b"<Structure />").endswith(", 13 bytes for 12")
    assert canon.digest(b"<structure/>") == RECORD.differs(b"<structure/>")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"id": "SDG DSD"}, "not an SDMX id"),
        ({"version": ""}, "version is empty"),
        ({"version": "1/4"}, "has a /"),
        ({"authority": ""}, "authority or title is empty"),
        ({"address": "unstats.example"}, "address is none"),
        ({"address": "https://a b"}, "address has a space"),
        ({"digest": "sha256:12"}, "digest is none"),
        ({"size": 0}, "size is not 1 or more"),
        ({"media_type": "xml"}, "media_type is none"),
        ({"retrieved": "2023-02-29"}, "retrieved is no date"),
        ({"title": "SDG\n"}, "not one line of text"),
    ],
)
def test_a_record_that_nobody_could_check_by_is_refused(changes: dict[str, object], found: str) -> None:
    with pytest.raises(FormatError) as caught:
        recognised.decode(canon.encode(replace(RECORD, **changes)), where="recognised.json")  # type: ignore[arg-type]
    assert found in caught.value.found
