"""What stands on the pages: beside what the builders did, word by word; and what never does."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.motion import Choice, Vote
from comity.acts.terms import Amendment, Terms
from comity.pages.assembly.sheet import HALL, NORMS
from tests.builders.assembly import Assembly, host_of
from tests.builders.estimates import PERIOD, Estimates, draft
from tests.builders.pages import Full, Page, pages


@pytest.fixture(scope="module")
def full() -> Full:
    return Full()


@pytest.fixture(scope="module")
def made(full: Full) -> dict[str, bytes]:
    return pages(full)


def motion(full: Full, made: dict[str, bytes], name: str) -> Page:
    return Page(made[f"assembly/motions/{full.named(name)}.html"])


def test_the_assembly_shows_members_offices_and_what_is_in_force(full: Full, made: dict[str, bytes]) -> None:
    text = Page(made[HALL]).text
    assert "4 members are in good standing." in text
    assert "m4 Botswana member 1 out, since leaf" in text
    assert "chair m2 (Sweden) 2023-" in text
    for thing in (
        "leisure-norm/1.0.0 norm since",
        "SDG/1.24 outside norm to be recognised since",
        "leisure/1.0.0 study",
    ):
        assert thing in text
    assert f"motion {full.open.index} norm open/1.0.0 un" in text
    assert f"Root {full.state.roots[full.state.size]}" in text


def test_the_charters_rules_stand_in_words_and_as_they_were_changed(made: dict[str, bytes]) -> None:
    text = Page(made[HALL]).text
    assert "The majority must also be reached in at least 1 group of members." in text
    assert "For the first 20 seconds it is commented on and not voted on" in text
    assert "State that hosts the hub m5 (Australia)" in text
    assert "Time to answer a request for an audit 500 seconds" in text  # adopted, where the founders had 30 days


def test_estimates_and_audits_are_counted_by_how_they_stand(made: dict[str, bytes]) -> None:
    text = Page(made[HALL]).text
    wanted = ("asked, not answered yet 1", "estimate published 1", "published side by side 1", "withheld 1")
    assert [] == [line for line in (*wanted, "all together 4", "refused 1", "all together 3") if line not in text]


def test_norms_show_their_source_and_who_keeps_apart(full: Full, made: dict[str, bytes]) -> None:
    page = Page(made[NORMS])
    for told in (
        "Leisure time, version 1.0.0",
        "Source the members",
        "Drafted and moved by m1 (Finland)",
        "m3 (South Africa) question:q7",
        "The law asks for another wording.",
        "Authority IAEG-SDGs",
        "Where it was published https://unstats.un.org/x",
    ):
        assert told in page.text
    assert f"motions/{full.named('leisure-norm/1.0.0')}.html" in page.links


def test_a_comment_stands_beside_its_answer(full: Full, made: dict[str, bytes]) -> None:
    text = motion(full, made, "leisure-norm/1.0.0").text
    wanted = "Is the wording “leisure” the one of the survey? Answer: taken in part"
    assert wanted in text
    assert "Yes, but for question 7." in text


def test_a_changed_draft_says_so_and_its_comment_was_not_answered(full: Full, made: dict[str, bytes]) -> None:
    page = motion(full, made, "leisure-norm/0.9.0")
    assert "Its mover has put another draft in its place." in page.text
    assert "Not answered." in page.text
    assert f"{full.named('leisure-norm/1.0.0')}.html" in page.links


def test_the_roll_has_weights_groups_and_who_did_not_vote(full: Full, made: dict[str, bytes]) -> None:
    text = motion(full, made, "leisure-norm/1.0.0").text
    assert "yes 4 no 1 abstained 0 did not vote 1 all who have a vote 6" in text
    assert "north 3 0 0 0 3" in text
    assert "m2 (Sweden) Sweden north 2 yes" in text
    assert "m5 (Australia) Australia 1 did not vote" in text


def test_votes_that_count_once_a_member_are_shown_so(full: Full, made: dict[str, bytes]) -> None:
    text = motion(full, made, "leisure/1.0.0").text
    assert "Every member counts once." in text
    assert "m2 (Sweden) Sweden north 1 yes" in text
    assert "all who have a vote 5" in text


def test_the_hosts_office_is_recused_on_the_hub() -> None:
    full = Full()
    host = full.motion("hub", Terms(hub=host_of("elsewhere")), name="elsewhere", mover="m1")
    full.tick()
    text = Page(pages(full)[f"assembly/motions/{host.index}.html"]).text
    assert "m5 (Australia) Australia 1 recused: its state hosts the hub" in text
    assert "all who have a vote 4" in text  # m1, m2 with two, m3
    full.decide(host)
    assert "recused: its state hosts the hub" in Page(pages(full)[f"assembly/motions/{host.index}.html"]).text
    assert "Address http" in text


def test_terms_are_told_in_words(full: Full, made: dict[str, bytes]) -> None:
    assert "Office chair Nominated by m2 (Sweden) From 2023-" in motion(full, made, "chair").text
    assert "Time to answer a request for an audit 500 seconds" in motion(full, made, "shorter audits").text


def test_a_member_shows_what_it_said_and_what_it_was_silent_on(made: dict[str, bytes]) -> None:
    third, second = (Page(made[f"assembly/members/{id}.html"]).text for id in ("m3", "m2"))
    assert "How often it voted: yes 5, no 1, abstained 0." in third
    assert "leisure/1.0.0 1 The study offers less noise than the national policy asks for" in third
    assert "leisure-norm/1.0.0 question:q7" in third
    assert "Studies in force to which it has neither consented nor said no Study Period leisure/1.0.0 1" in second
    assert "Terms of offices for which this member nominates, the newest first" in second


def test_an_estimate_shows_values_only_where_they_were_opened(full: Full, made: dict[str, bytes]) -> None:
    told = {kind: Page(made[f"assembly/estimates/{ref.index}.html"]).text for kind, ref in full.estimates.items()}
    assert "SEX F 11.5" in told["accepted"]
    assert "Mind the break in 2009." in told["accepted"]
    assert "SEX F 21.5" in told["objected"]
    assert "SEX F 77.7" in told["objected"]
    assert "objection.definition" in told["objected"]
    assert "It did not answer in time." in told["silent"]
    for kind in ("silent", "open"):
        assert "SEX" not in told[kind]


def test_a_value_of_another_country_or_period_stands_on_no_page() -> None:
    """The log holds a record's digest alone; what it is about shows when it is opened."""
    log = Estimates()
    wrong = [draft("55.5", area="002"), draft("66.6", period="1999")]
    refs = [log.say("un", replace(log.proposal(one), period=PERIOD)) for one in wrong]
    for ref, one in zip(refs, wrong, strict=True):
        log.say("m1", log.answered(ref, "accepted"))
        log.say("un", log.settled(ref, "published", opened=one))
        log.body(one.data)
    shown = pages(log)
    for ref, value in zip(refs, ("55.5", "66.6"), strict=True):
        told = Page(shown[f"assembly/estimates/{ref.index}.html"]).text
        assert value not in told
        assert "is about another series, period or area than was asked about here" in told


def test_no_page_holds_a_box_or_a_draft_that_was_not_opened(full: Full, made: dict[str, bytes]) -> None:
    """Though the hub holds the boxes: an estimate's page never asks for one."""
    asked = set[str]()

    class Watched(dict[str, bytes]):
        def __contains__(self, name: object) -> bool:
            asked.add(str(name))
            return super().__contains__(name)

    held = full.bodies
    full.bodies = Watched(held)  # type: ignore[assignment]
    pages(full)
    full.bodies = held
    assert set() == asked & set(full.state.boxes)
    assert asked


def test_a_request_is_answered_refused_or_waits(full: Full, made: dict[str, bytes]) -> None:
    answered, refused, waits = (Page(made[f"assembly/audits/{ref.index}.html"]) for ref in full.audits)
    assert "Why is it so high?" in answered.text
    name = canon.hex_of(canon.digest(b"pages of the field book"))
    assert f"../../blobs/sha256/{name[:2]}/{name}" in answered.links
    assert "audit.law" in refused.text
    assert "There is no answer yet." in waits.text


def test_silence_follows_from_the_time(full: Full) -> None:
    log = Full()
    waits = log.audits[2]
    log.tick(log.state.audits[waits.index].deadline + 1)
    text = Page(pages(log)[f"assembly/audits/{waits.index}.html"]).text
    assert "There is no answer, and its time is over." in text


def test_an_unanswered_estimate_says_what_silence_counted_as_when_it_began() -> None:
    """Or that its country could not answer; whatever the charter says by now."""
    log = Estimates(silence="objected")
    asked, other = log.propose(draft("1.5")), log.propose(draft("2.5"), member="m2")
    log.tick()
    log.withdraw("m2")
    log.tick(log.facts(asked).deadline + 1)
    log.adopt("charter", Terms(charter=Amendment(rules={}, silence="accepted")))
    silent, absent = (Page(pages(log)[f"assembly/estimates/{ref.index}.html"]).text for ref in (asked, other))
    assert "a country that does not answer in time counts as having objected." in silent
    assert "It was out of good standing when its time was over, and could not answer" in absent
    assert "counts as having" not in absent


def test_a_change_of_hub_is_shown() -> None:
    log = Assembly(4)
    log.move("second")
    log.tick()
    text = Page(pages(log)[HALL]).text
    assert f"example.org/assembly {log.origin}" in text


def test_a_long_log_shows_the_newest_and_says_how_many_there_are() -> None:
    log = Estimates()
    for n in range(52):
        log.say("un", log.proposal(draft(period=str(1900 + n))))
    text = Page(pages(log)["assembly/members/m1.html"]).text
    assert "Estimates for its country, the newest first: the newest 50 of 52" in text
    assert "SI_POV_DAY1 1951" in text
    assert "SI_POV_DAY1 1901 " not in text


@pytest.mark.parametrize(
    ("votes", "told"),
    [
        ({"m1": "yes"}, ["quorum was not reached: 1 of 4 votes took part", "asks for 50 per cent"]),
        (
            {"m1": "yes", "m2": "no"},
            ["Too few said yes: 1 of the 2 votes that said yes or no", "more than 50 per cent"],
        ),
        ({}, ["quorum was not reached: 0 of 4 votes took part", "0 of the 0 votes"]),
    ],
)
def test_a_rejected_motion_says_what_its_votes_lacked(votes: dict[str, Choice], told: list[str]) -> None:
    log = Assembly(4)
    ref = log.motion("study", b"{}")
    for member, choice in votes.items():
        log.say(member, Vote(motion=ref, choice=choice))
    log.decide(ref)
    page = Page(pages(log)[f"assembly/motions/{ref.index}.html"]).text
    assert "Rejected, at the tick of leaf" in page
    assert page.index("Roll call") < page.rindex("The text")
    assert [] == [words for words in told if words not in page]


def test_a_consensus_that_was_broken_says_by_how_many() -> None:
    charter = Assembly(4).charter
    rule = replace(charter.rules["study"], method="consensus", objections=1, quorum=0, share=0)
    log = Assembly(charter=replace(charter, rules={**charter.rules, "study": rule}))
    ref = log.motion("study", b"{}")
    log.say("m2", Vote(motion=ref, choice="no"))
    log.decide(ref)
    page = Page(pages(log)[f"assembly/motions/{ref.index}.html"]).text
    assert "One member said no, and consensus asks for fewer than 1." in page
