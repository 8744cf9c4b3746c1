"""The family of audits: who may ask whom about which figure, and who answers; silence follows from the time."""

from dataclasses import replace
from typing import Any

import pytest

from comity import canon
from comity.acts.audit import AuditRequested
from comity.acts.refs import Ref
from comity.acts.release import ReleaseWithdrawn
from comity.acts.tick import Tick
from comity.assembly import audits, explain
from comity.assembly.rules import audit as rules
from comity.canon import Digest
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.pages import explain as worded
from tests.builders.assembly import Assembly, blob
from tests.builders.audits import Figured, answered

NOWHERE = Ref(index=999, digest=canon.digest(b"nowhere"))
LAW = Reason(code="audit.law")


@pytest.fixture
def log() -> Figured:
    return Figured()


def test_a_member_asks_who_is_in_the_sum_or_published_it(log: Figured) -> None:
    """m5 answered, and is not in the sum: it answers for nothing in this release."""
    found = [log.refused("m1", log.asks(asked=asked)) for asked in ("m2", "m3", "m4", HUB, "m5", "agency")]
    assert [[], [], [], [], ["act.unknown-thing"], ["act.unknown-thing"]] == found
    assert ("hub", "m1", "m2", "m3", "m4") == audits.accountable(log.state, log.state.releases[log.joint.index])


def test_of_a_members_own_release_it_alone_is_asked(log: Figured) -> None:
    found = [log.refused("m2", log.asks(release=log.own, asked=asked)) for asked in ("m1", HUB, "m3")]
    assert [[], ["act.unknown-thing"], ["act.unknown-thing"]] == found


@pytest.mark.parametrize("actor", ["agency", "maps"])
def test_only_members_ask(log: Figured, actor: str) -> None:
    assert ["act.signer"] == log.refused(actor, log.asks())


def test_nobody_asks_itself(log: Figured) -> None:
    assert ["act.malformed"] == log.refused("m2", log.asks(asked="m2"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"figure": 2}, "act.unknown-thing"),
        ({"figure": -1}, "act.unknown-thing"),
        ({"release": NOWHERE}, "act.unknown-thing"),
        ({"language": "English!"}, "act.malformed"),
        ({"text": blob(b"")}, "act.malformed"),
    ],
)
def test_a_figure_that_is_not_there_or_a_text_that_is_none_is_refused(
    log: Figured, fields: dict[str, Any], code: str
) -> None:
    assert [code] == log.refused("m1", log.asks(**fields))


def test_a_leaf_that_is_no_release_is_none(log: Figured) -> None:
    assert ["act.unknown-thing"] == log.refused("m1", log.asks(release=log.ref(0)))


def test_a_release_that_was_taken_back_is_asked_about_all_the_same(log: Figured) -> None:
    """Or whoever published a figure would escape the question by taking it back."""
    before = log.request()
    log.say(HUB, ReleaseWithdrawn(release=log.joint, reason=Reason(code="seal.spoiled")))
    assert [[], []] == [log.refused("m1", log.asks(asked=asked)) for asked in ("m3", HUB)]
    assert ["act.unknown-thing"] == log.refused("m1", log.asks(figure=2))
    assert [] == log.refused("m2", answered(before, evidence=1))


def test_who_has_left_is_not_asked_for_it_cannot_answer(log: Figured) -> None:
    log.withdraw("m2")
    assert ["act.unknown-thing"] == log.refused("m1", log.asks())


def test_the_same_is_asked_once_while_it_waits_and_by_another_or_about_another_figure(log: Figured) -> None:
    first = log.request()
    assert ["act.repeated"] == log.refused("m1", log.asks(text=blob(b"Why, again?")))
    assert [[], [], []] == [
        log.refused("m3", log.asks()),
        log.refused("m1", log.asks(figure=1)),
        log.refused("m1", log.asks(asked="m3")),
    ]
    log.wait()
    assert ["act.repeated"] == log.refused("m1", log.asks())
    log.say("m2", answered(first, LAW))
    assert [] == log.refused("m1", log.asks())


def test_no_actor_buries_another_under_requests(log: Figured, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many may wait; an answer makes room. Others may ask, and others may be asked."""
    monkeypatch.setattr(rules, "OPEN", 2)
    first = log.request()
    log.request(figure=1)
    again = log.release(HUB, log.ref(log.state.releases[log.joint.index].inputs[0]))
    assert ["audit.too-many"] == log.refused("m1", log.asks(release=again))
    assert [[], []] == [log.refused("m3", log.asks(release=again)), log.refused("m1", log.asks(asked="m3"))]
    log.say("m2", answered(first, LAW))
    assert [] == log.refused("m1", log.asks(release=again))


def test_only_who_is_asked_answers_and_once(log: Figured) -> None:
    audit = log.request()
    assert [["act.signer"]] * 3 == [log.refused(id, answered(audit, evidence=1)) for id in ("m1", "m3", HUB)]
    log.say("m2", answered(audit, evidence=1))
    assert ["act.repeated"] == log.refused("m2", answered(audit, LAW))
    assert ["act.unknown-thing"] == log.refused("m2", answered(NOWHERE, LAW))


def test_the_hub_answers_for_its_release(log: Figured) -> None:
    audit = log.request(asked=HUB)
    assert ["act.signer"] == log.refused("m1", answered(audit, LAW))
    log.say(HUB, answered(audit, evidence=2))
    assert "answered" == audits.standing(log.state.audits[audit.index], log.time)


def test_a_refusal_names_codes_of_audits_and_an_answer_evidence(log: Figured) -> None:
    audit = log.request()
    said = {
        "bare": answered(audit),
        "evidence": answered(audit, evidence=16),
        "too much": answered(audit, evidence=17),
        "refusal": answered(audit, LAW, Reason(code="audit.burden")),
        "twice": answered(audit, LAW, LAW),
        "another family": answered(audit, Reason(code="policy.officer")),
        "mixed": answered(audit, LAW, Reason(code="policy.officer")),
        "both": replace(answered(audit, LAW), evidence=(blob(b"e"),)),
        "reasons of an answer": replace(answered(audit, evidence=1), reasons=(LAW,)),
    }
    sound = {"evidence", "refusal"}
    expected = {name: [] if name in sound else ["act.malformed"] for name in said}
    found = {name: sorted(set(log.refused("m2", body))) for name, body in said.items()}
    assert expected == found


def test_silence_begins_behind_the_deadline_by_the_logs_own_time(log: Figured) -> None:
    """A tick at the deadline itself is still in time."""
    audit = log.request()
    log.tick()
    facts = log.state.audits[audit.index]
    assert log.time + 2_592_000 == facts.deadline
    assert facts.deadline + 1 in log.state.deadlines
    assert ["open", "open", "silent"] == [audits.standing(facts, facts.deadline + i) for i in (-1, 0, 1)]


def test_time_to_answer_begins_with_the_tick_that_holds_the_request(log: Figured) -> None:
    """Or whoever asks when the last tick is long past would shorten it; a tick of an older head begins nothing."""
    size, audit = log.state.size, log.request()
    later = log.time + 2 * log.charter.audit_seconds
    log.say(HUB, Tick(checkpoint=log.cosigned(later, size=size)))
    assert "open" == audits.standing(log.state.audits[audit.index], log.time)
    log.tick(later + 10)
    found = log.state.audits[audit.index]
    assert (later + 10, later + 10 + log.charter.audit_seconds) == (found.opened, found.deadline)


@pytest.mark.parametrize(("reasons", "word"), [((), "answered late"), ((LAW,), "refused late")])
def test_a_late_answer_stands_as_late(log: Figured, reasons: tuple[Reason, ...], word: str) -> None:
    audit, other = log.request(), log.request("m3")
    log.tick()
    log.tick(log.state.audits[audit.index].deadline)
    log.say("m2", answered(other, *reasons, evidence=0 if reasons else 1))
    log.wait()
    log.say("m2", answered(audit, *reasons, evidence=0 if reasons else 1))
    found = [audits.standing(log.state.audits[one.index], log.time + 10**9) for one in (audit, other)]
    assert [word, word.removesuffix(" late")] == found


def test_what_waits_is_what_has_no_answer(log: Figured) -> None:
    """The index of open requests against all requests."""
    first, second, third = log.request(), log.request(figure=1), log.request("m3")
    log.say("m2", answered(first, LAW))
    found = sorted(index for listed in log.state.asking.values() for index in listed)
    assert sorted(i for i, audit in log.state.audits.items() if audit.answer is None) == found
    assert [second.index, third.index] == found


def test_nothing_is_asked_before_the_log_has_a_time() -> None:
    assembly = Assembly(4, ready=False)
    assembly.accede("m1", "m2")
    body = AuditRequested(release=NOWHERE, figure=0, asked="m2", text=blob(b"?"), language="en")
    assert ["act.unknown-thing", "act.unknown-thing"] == assembly.refused("m1", body)


def test_evidence_is_a_body_that_everyone_may_have(log: Figured) -> None:
    audit = log.request()
    log.say("m2", answered(audit, evidence=2))
    digests: list[Digest] = [canon.digest(b"Why?"), canon.digest(b"evidence 0"), canon.digest(b"evidence 1")]
    assert [True] * 3 == [one in log.state.bodies for one in digests]


def told(log: Figured, ref: Ref) -> list[str]:
    """A leaf in words: what it says, and what followed."""
    leaf = explain.one(log.leaves, ref.index, log.state)
    return [worded.what(leaf), *worded.follows(leaf)]


def test_a_request_its_silence_and_a_late_refusal_are_told_in_words(log: Figured) -> None:
    """The study was adopted a minute and 10 seconds after 22:13:20; 10 seconds later a tick holds the requests."""
    audit, hubs, other = log.request(figure=1), log.request(asked=HUB), log.request("m3")
    log.tick()
    until = "2023-12-14 22:14:40 UTC"
    assert [
        f"m1 asks m2 about figure 2 of the release at leaf {log.joint.index} (thing/1, period 1), in “en”; the text"
        f" lies beside the log. m2 has until {until} to answer.",
        f"It waits for an answer until {until}.",
    ] == told(log, audit)
    intime = log.say("m2", answered(other, evidence=2))
    log.wait()
    assert f"It was met with silence: no answer came by {until}." == told(log, hubs)[1]
    late = log.say("m2", answered(audit, LAW))
    silence = f"It was met with silence by {until}; a refusal came late, at leaf {late.index}."
    assert [silence, f"It was answered at leaf {intime.index}, in time."] == [told(log, audit)[1], told(log, other)[1]]
    assert [
        f"m2 refuses to answer what m1 asked at leaf {audit.index} about figure 2 of the release at leaf"
        f" {log.joint.index} (thing/1, period 1): The national law forbids to show what is asked.",
        f"It came late: the time to answer was over at {until}.",
    ] == told(log, late)
    assert told(log, intime)[0].endswith("with evidence beside the log: 2.")
    assert ("audits",) == explain.one(log.leaves, late.index, log.state).topics
