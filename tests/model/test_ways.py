"""Ways out are of reasons that exist, and name commands that exist."""

import re
from pathlib import Path

from comity.model import ways
from comity.model.reason import CODES, Reason

COMMAND = re.compile(r"`comity ([a-z-]+ [a-z-]+)")
COMMANDS = Path(__file__).parents[2] / "docs" / "commands.md"


def test_every_way_out_is_of_a_reason() -> None:
    assert set() == {key.partition(" ")[0] for key in ways.WAYS} - set(CODES)


def test_every_command_that_is_named_exists() -> None:
    known = set(re.findall(r"^### `comity ([a-z-]+ [a-z-]+)`$", COMMANDS.read_text("utf-8"), re.MULTILINE))
    named = {command for way in ways.WAYS.values() for command in COMMAND.findall(way)}
    assert "motion list" in named
    assert set() == named - known


def test_the_thing_has_its_own_way_before_the_code() -> None:
    own, common = Reason(code="motion.terms", params={"what": "nothing"}), Reason(code="motion.terms")
    assert ways.WAYS["motion.terms nothing"] == ways.out([own])
    assert ways.WAYS["motion.terms"] == ways.out([common])


def test_each_way_is_said_once_and_a_reason_without_one_says_nothing() -> None:
    early, box = Reason(code="estimate.early"), Reason(code="estimate.box")
    assert f"{ways.WAYS['estimate.early']}; {ways.WAYS['estimate.box']}" == ways.out([early, early, box])
    assert "" == ways.out([Reason(code="act.malformed", params={"what": "size"})])
