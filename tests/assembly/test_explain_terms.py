"""A motion that holds its terms is told by what would change, and what came of it."""

from dataclasses import replace

import pytest

from comity.acts.charter import Matter
from comity.acts.motion import Motion
from comity.acts.terms import Amendment, Appointment, Terms
from comity.assembly import explain
from comity.pages import explain as worded
from tests.assembly.test_terms import CHAIR, CONSENSUS, host
from tests.builders.assembly import START, Assembly, blob, charter_of, encoded, party

AMENDED = Terms(charter=Amendment(rules={"study": CONSENSUS, "norm": CONSENSUS}, audit_seconds=7, silence="accepted"))
CHAIRED = Terms(office=Appointment(office="chair", member="m2", starts=START + 100, until=START + 900))


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(charter=replace(charter_of([party(f"m{i}") for i in range(1, 5)]), offices=(CHAIR,)))


@pytest.mark.parametrize(
    ("matter", "terms", "words"),
    [
        ("charter", AMENDED, "rules on: norm, study; other articles: what silence on an estimate counts as, "),
        (
            "office",
            CHAIRED,
            "m1 moves that m2 nominate for the office chair from 2023-11-14 22:15:00 UTC until 2023-11-14",
        ),
        ("witnesses", Terms(witnesses=("m1", "m2")), "m1 moves that the witnesses be m1, m2, and no others"),
        ("hub", host(), "m1 moves that the hub at http://127.0.0.1:8001 keep the log, under the name example.org/next"),
    ],
)
def test_what_would_change_is_told(assembly: Assembly, matter: Matter, terms: Terms, words: str) -> None:
    motion = assembly.motion(matter, terms)
    sentence = worded.what(explain.one(assembly.leaves, motion.index, assembly.state))
    assert words in sentence


def test_terms_of_another_matter_are_told_as_such_and_have_no_effect(assembly: Assembly) -> None:
    body = Motion(
        matter="charter", thing=blob(encoded(CHAIRED)), name="x", replaces=None, closes=START + 999, terms=CHAIRED
    )
    assembly.smuggle(assembly.leaf("m1", body))
    leaf = explain.one(assembly.leaves, len(assembly.leaves) - 1, assembly.state)
    assert worded.what(leaf).startswith("m1 moves on the charter: x")
    assert not leaf.effective


def test_what_came_of_it_is_told(assembly: Assembly) -> None:
    motion = assembly.motion("office", CHAIRED)
    assembly.vote(motion, "yes")
    assembly.decide(motion)
    leaf = explain.one(assembly.leaves, motion.index, assembly.state)
    assert "The term stands in the list of offices from that tick on." in worded.follows(leaf)
