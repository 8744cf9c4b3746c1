"""A charter that no assembly could be founded on is refused where it is drafted, before anybody signs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.acts.charter import Hub
from comity.cli.main import run
from tests.builders.assembly import party, signer


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The keys of a hub and of two founders, and a text whose host is one of them."""
    hub = Hub(sign=signer("hub", "sign").public, log=signer("hub", "log").public, address="https://hub.invalid")
    (tmp_path / "hub.json").write_bytes(canon.encode(hub))
    for id in ("coast", "lakes"):
        (tmp_path / f"{id}.json").write_bytes(canon.encode(party(id)))
    example = Path(__file__).parents[2] / "examples" / "six_offices" / "charter.toml"
    (tmp_path / "charter.toml").write_text(example.read_text("utf-8"))
    return tmp_path


def drafted(place: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    """How the command ends, and what it says as JSON."""
    parties = [word for id in ("coast", "lakes") for word in ("--party", str(place / f"{id}.json"))]
    words = ["--hub", str(place / "hub.json"), *parties, "--convenor", "lakes", "--witness", "lakes"]
    ends = run(["charter", "draft", str(place / "charter.toml"), *words, "--out", str(place / "out.json"), "--json"])
    printed = capsys.readouterr()
    return ends, json.loads(printed.err.splitlines()[-1] if ends else printed.out)


def test_a_text_that_holds_becomes_a_charter(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends, told = drafted(place, capsys)
    assert (0, canon.digest((place / "out.json").read_bytes())) == (ends, told["charter"])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('host = "coast"', 'host = "hills"', "host"),
        ('recused = ["charter", "hub"]', 'recused = ["hub", "hub"]', "recused"),
        ("share = 66", "share = 101", "rules (charter)"),
        ("challenge_seconds = 2592000", "challenge_seconds = -1", "challenge_seconds"),
        ('inland = ["901"', 'inland = ["904"', "groups"),
        ('excludes = ["chair"]', 'excludes = ["auditor"]', "offices"),
        ('origin = "six.', 'origin = "six\\n.', "origin"),
    ],
)
def test_what_no_assembly_can_be_founded_on_is_named_and_not_written(
    place: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, field: str
) -> None:
    text = (place / "charter.toml").read_text()
    assert old in text
    (place / "charter.toml").write_text(text.replace(old, new, 1))
    ends, told = drafted(place, capsys)
    assert 3 == ends
    assert f"found {field};" in told["message"]
    assert not (place / "out.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nhub = {", "\nhubs = {", "rules: no rule for a matter; wanted hub"),
        ('method = "majority"', 'method = "most"', "wanted consensus, majority"),
        ("challenge_seconds", "challenge_second", "challenge_seconds"),
    ],
)
def test_a_word_that_no_charter_has_is_told_from_those_that_it_has(
    place: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    text = (place / "charter.toml").read_text()
    assert old in text
    (place / "charter.toml").write_text(text.replace(old, new, 1))
    ends, told = drafted(place, capsys)
    assert (3, True) == (ends, said in told["message"]), told
