"""What `comity estimate` and `comity audit request` say before anything is signed: which option, and what there is."""

from pathlib import Path

import pytest

from comity.cli.main import run
from comity.errors import NotAdmitted, UsageError
from comity.model.reason import CODES
from comity.services.node import audits, estimates
from tests.builders.audits import Figured
from tests.builders.estimates import Estimates, draft
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("object",), "--reason: an objection says why; found none; wanted data-error, "),
        (("object", "--reason", "mood"), "--reason: no reason of the closed list; found mood; wanted data-error, "),
        (("accept", "--reason", "legal"), "--reason: only an objection has reasons; found legal"),
        (("replace", "--reason", "legal", "--counter", "x.csv"), "--reason: only an objection has reasons"),
        (("replace",), "--counter: which values take its place?"),
        (("accept", "--counter", "x.csv"), "--counter: who accepts has no other values; found x.csv"),
    ],
)
def test_an_answer_names_the_option_that_is_missing_or_too_much(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run(["estimate", "answer", "7", *words])
    assert told in capsys.readouterr().err


def test_help_lists_every_code_of_an_objection(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["estimate", "answer", "--help"])
    printed = capsys.readouterr().out
    listed = {code.partition(".")[2] for code in CODES if code.startswith("objection.")}
    assert set() == {word for word in listed if word.partition("-")[0] not in printed}


def test_a_settlement_that_cannot_be_names_those_that_can(tmp_path: Path) -> None:
    log = Estimates()
    early, objected = log.propose(), log.propose(draft("13.5"))
    log.tick()
    log.say("m1", log.answered(objected, "objected", "legal"))
    log.tick()
    with Hub(log) as hub:
        hub.publish(log.time)
        home = office(tmp_path / "un", hub, id="un")
        with pytest.raises(NotAdmitted, match="the country still has time to answer"):
            estimates.settle(home, early.index, "withheld", patience=0)
        with pytest.raises(NotAdmitted, match=r"found published; wanted aggregates-only, withheld$"):
            estimates.settle(home, objected.index, "published", patience=0)


def test_who_does_not_answer_for_a_release_is_told_from_who_does(tmp_path: Path) -> None:
    log = Figured()
    log.tick()
    with Hub(log) as hub:
        hub.publish(log.time)
        home = office(tmp_path / "m1", hub)
        with pytest.raises(UsageError, match=r"ASKED: .* found m5; wanted hub, m2, m3, m4;"):
            audits.request(home, log.joint.index, 0, "m5", "Why?", patience=0)
