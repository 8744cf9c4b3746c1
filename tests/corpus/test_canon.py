"""Canonical JSON against the vectors of RFC 8785's authors (cyberphone/json-canonicalization)."""

import json
from pathlib import Path

import pytest
import rfc8785

from comity import canon
from comity.errors import FormatError


@pytest.fixture(scope="module")
def jcs(corpus: Path) -> Path:
    return corpus / "tlog" / "jcs"


DAGESH = "\ufb33"  # the one key of the vectors that normal form C spells otherwise


@pytest.mark.parametrize("name", ["arrays", "french", "weird"])
def test_values_are_spelt_as_published(jcs: Path, name: str) -> None:
    """Order by UTF-16 code units, escapes, and bytes as the vectors give them in hexadecimal."""
    value = json.loads((jcs / "input" / f"{name}.json").read_text(encoding="utf-8"))
    expected = bytes.fromhex((jcs / "outhex" / f"{name}.txt").read_text())
    if name == "weird":
        last = f',"{DAGESH}":"{value.pop(DAGESH)}"}}'.encode()
        assert expected.endswith(last)
        expected = expected.removesuffix(last) + b"}"
    assert expected == canon.encode(value)
    assert value == canon.plain(expected)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_spelling_underneath_is_that_of_every_vector(jcs: Path, name: str) -> None:
    """So what Comity refuses it refuses by its own rule, not because it could not spell it."""
    value = json.loads((jcs / "input" / f"{name}.json").read_text(encoding="utf-8"))
    assert bytes.fromhex((jcs / "outhex" / f"{name}.txt").read_text()) == rfc8785.dumps(value)


@pytest.mark.parametrize("name", ["structures", "values", "unicode"])
def test_what_a_record_may_not_hold_is_refused_in_any_spelling(jcs: Path, name: str) -> None:
    """RFC 8785 allows floats and text outside normal form C; a record does not."""
    value = json.loads((jcs / "input" / f"{name}.json").read_text(encoding="utf-8"))
    with pytest.raises(FormatError):
        canon.encode(value)


@pytest.mark.parametrize("name", ["arrays", "french", "weird"])
def test_other_spellings_of_the_same_value_are_refused(jcs: Path, name: str) -> None:
    """The inputs differ from the outputs in order, spaces or escapes."""
    given = (jcs / "input" / f"{name}.json").read_bytes()
    with pytest.raises(FormatError):
        canon.plain(given)
