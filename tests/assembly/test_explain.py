"""Every kind of act is explained: what it says, by which rule, what followed; and a leaf without effect says why."""

import importlib
import inspect
import re
from dataclasses import replace
from pkgutil import iter_modules
from typing import get_args

import pytest

from comity.acts import statement
from comity.acts.charter import Matter
from comity.acts.exchange import ExchangeOpened, ExchangeRefused, Step
from comity.acts.key import KeyRevoked, Purpose
from comity.acts.motion import Choice, Comment, Taken, Vote
from comity.acts.refs import Blob, Ref
from comity.acts.release import ReleaseAnnounced, ReleaseWithdrawn
from comity.acts.statement import KINDS
from comity.acts.terms import Terms
from comity.acts.tick import Tick
from comity.assembly import accounts, explain, fold, followed
from comity.assembly.rules.tick import Hindrance
from comity.canon import Digest, digest
from comity.errors import FormatError
from comity.keys import MlDsa44Signer
from comity.model.member import HUB, Role
from comity.model.reason import CODES, Reason
from comity.pages import explain as worded
from comity.pages import feed, words
from tests.builders.assembly import Assembly, naming, party, signer
from tests.builders.kinds import every_kind


@pytest.fixture(scope="module")
def log() -> Assembly:
    return every_kind()


def told(log: Assembly, kind: str, *, last: bool = False) -> explain.Explained:
    """The first leaf of a kind, or the last, explained at the end of the log."""
    found = [explain.one(log.leaves, index, log.state) for index in range(len(log.leaves)) if _kind(log, index) == kind]
    return found[-1 if last else 0]


def _kind(log: Assembly, index: int) -> str:
    try:
        return statement.read(log.leaves[index]).act.kind
    except FormatError:
        return "unreadable"


def test_every_kind_has_an_account_and_a_topic() -> None:
    """A new kind without words fails here."""
    assert set(KINDS.values()) == set(accounts.ACCOUNTS)
    by_motion = {"motion", "motion/withdrawn", "comment", "comment/answered", "vote"}
    assert set(KINDS) == set(explain.TOPICS) | by_motion


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_in_words_with_its_rule(log: Assembly, kind: str) -> None:
    leaf = told(log, kind)
    sentence, rule = worded.what(leaf), worded.rule(leaf)
    assert sentence[0].isupper() or sentence.startswith(leaf.actor)
    assert sentence.endswith(".")
    assert "assembly.rules." in rule
    assert "sha256:sha256" not in sentence
    assert leaf.topics


def test_every_reason_of_the_closed_list_is_worded() -> None:
    for code in CODES:
        leaf = explain.Explained(index=3, kind="unreadable", reasons=(Reason(code=code),))
        assert (words.reason(Reason(code=code)) + ".",) == worded.follows(leaf)
        assert worded.title(leaf).startswith("Without effect: ")


def test_what_followed_is_named_by_its_leaf(log: Assembly) -> None:
    motion = told(log, "motion")
    assert worded.follows(motion) == (
        "Motion 8 was adopted by the tick at leaf 15: 5 yes, 0 no, of 5 votes.",
        "trust/1.0.0 is in force by it.",
    )
    assert "m1 moves that the norm trust/1.0.0" in worded.what(motion)
    taken = told(log, "motion/withdrawn")
    assert "takes back its motion" in worded.what(taken)
    sealed = told(log, "consent/given")
    (exchange, *_) = sorted(log.state.exchanges)
    assert f"It was used in exchange {exchange}, attempt 1." in worded.follows(sealed)
    closed = told(log, "exchange/closed")
    assert len([line for line in worded.follows(closed) if line.startswith("The release at leaf")]) == 2
    first = told(log, "release/published")
    assert [line[:15] for line in worded.follows(first)] == ["It was replaced", "It was taken ba"]
    own = told(log, "release/published", last=True)
    assert worded.follows(own) == ("It stands: nobody has replaced it or taken it back.",)


def test_who_leaves_an_exchange_and_whom_it_blames_is_told(log: Assembly) -> None:
    leaf = told(log, "exchange/refused")
    assert "It blames m2." in worded.what(leaf)
    assert "A box did not arrive" in worded.what(leaf)
    assert any("ended without a sum" in line for line in worded.follows(leaf))


def test_a_leaf_without_effect_says_every_reason(log: Assembly) -> None:
    breaches = [explain.one(log.leaves, breach.index, log.state) for breach in log.state.breaches]
    assert ["unreadable", "vote"] == [leaf.kind for leaf in breaches]
    assert [("breaches",), ("breaches",)] == [leaf.topics for leaf in breaches]
    assert ("What the statement refers to is not in the log (what motion).",) == worded.follows(breaches[1])
    assert "evidence against the hub" in worded.effect(breaches[1])


def test_time_is_what_the_ticks_around_it_told(log: Assembly) -> None:
    assert worded.when(told(log, "charter")).startswith("Before 2023-11-14 22:13:20 UTC")
    vote = told(log, "vote")
    assert (vote.after, vote.before) == (1_700_000_000, 1_700_000_010)
    last = told(log, "tick", last=True)
    assert "At 2023-11-28 22:17:11 UTC, which this tick tells itself." == worded.when(last)
    assert log.time == last.after == 1_701_209_831  # by date -u


def test_a_leaf_that_no_tick_holds_was_there_when_the_quorum_had_seen_it() -> None:
    """Its checkpoint is cosigned, and that has a time."""
    log = Assembly(4)
    log.motion("norm", b"{}")
    new = explain.one(log.leaves, 6, log.state)
    assert "After 2023-11-14 22:13:20 UTC, which the last tick before it told; no tick holds it yet." == worded.when(
        new
    )
    seen = explain.one(log.leaves, 6, log.state, seen=1_700_000_007)
    assert worded.when(seen).startswith(
        "After 2023-11-14 22:13:20 UTC, which the last tick before it told, and before "
    )
    assert "before 2023-11-14 22:13:27 UTC, when the quorum had seen it" in worded.when(seen)
    bare = Assembly(4, ready=False)
    first = explain.one(bare.leaves, 0, bare.state, seen=1_700_000_007)
    assert worded.when(first).startswith("Before 2023-11-14 22:13:27 UTC, when the quorum had seen it")
    held = explain.one(log.leaves, 1, log.state, seen=1_700_000_007)
    assert worded.when(held).startswith("Before 2023-11-14 22:13:20 UTC, which the first tick told")


def test_who_drops_out_is_told_at_each_of_its_leaves_and_by_the_hub() -> None:
    """A member that dealt shares and went away, one that dealt none, and one that is in the sum."""
    log = Assembly(5)
    study = log.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    consents = {member: log.consent(member, study) for member in log.members}
    exchange = log.open(study)
    shares = {member: log.shares(exchange, member) for member in ("m1", "m2", "m3", "m4")}
    shared = log.shared(exchange)
    for member in ("m1", "m2", "m3"):
        log.answer(exchange, member)
    summed = log.survivors(exchange)
    log.close(exchange)

    def lines(ref: Ref) -> str:
        return " ".join(worded.follows(explain.one(log.leaves, ref.index, log.state)))

    missing = f"Its sealed answer did not come: it dropped out, and is not in the sum (leaf {summed.index})."
    assert missing in lines(consents["m4"])
    assert missing in lines(shares["m4"])
    assert f"Its shares did not come: it dropped out, and is not in the sum (leaf {shared.index})." in lines(
        consents["m5"]
    )
    assert f"Its sealed answer came, and the hub counted it into the sum, at leaf {summed.index}." in lines(
        shares["m1"]
    )
    assert "Of the members that consented, these are not in the sum: m4, m5." in lines(exchange)
    (_, told), *_ = explain.each(fold.replay(log.leaves[: summed.index]), log.leaves[summed.index :])
    assert worded.what(told).endswith("m1, m2, m3. These went on, and are not in the sum: m4.")
    assert f"3 members are in the sum of exchange {exchange.index}; not in it: m4" == worded.title(told)
    (_, told), *_ = explain.each(fold.replay(log.leaves[: shared.index]), log.leaves[shared.index :])
    assert worded.what(told).endswith("m1, m2, m3, m4. They go on; missing from here on: m5.")


def test_an_answer_that_the_hub_leaves_out_is_no_drop_out() -> None:
    """It came: whoever says otherwise would blame the member for what the hub did."""
    log = Assembly(5)
    study = log.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    for member in log.members:
        log.consent(member, study)
    exchange = log.open(study)
    shares = {member: log.shares(exchange, member) for member in log.members}
    log.shared(exchange)
    answers = {member: log.answer(exchange, member) for member in log.members}
    summed = log.survivors(exchange, tuple(answers[member].index for member in ("m1", "m2", "m3", "m4")))
    told = worded.follows(explain.one(log.leaves, shares["m5"].index, log.state))
    assert f"Its sealed answer came, but the hub left it out of the sum, at leaf {summed.index}." in told


def test_a_decision_is_told_with_its_votes_as_the_tick_found_them() -> None:
    """Not as they would count today: a member that left since had its vote then."""
    log = Assembly(4)
    motion = log.motion("norm", b"{}", name="trust/1.0.0")
    log.vote(motion, "yes", "m1", "m2", "m3")
    log.vote(motion, "no", "m4")
    tick = log.decide(motion)
    log.withdraw("m1")
    assert "3 yes, 1 no, of 4 votes." in worded.follows(explain.one(log.leaves, motion.index, log.state))[0]
    assert "3 yes, 1 no, of 4 votes." in worded.follows(explain.one(log.leaves, tick.index, log.state))[0]


def test_an_amendment_that_came_too_late_is_no_defeat() -> None:
    """Two amend one text: the second has the votes, and nothing to replace."""
    log = Assembly(4)
    old = log.adopt("norm", b"{}", name="trust/1.0.0")
    text = next(motion.ref for motion in log.state.motions.values() if motion.thing.digest == old)
    motions = [log.motion("norm", b'{"b":%d}' % n, name=f"trust/{n}", replaces=text) for n in (2, 3)]
    for motion in motions:
        log.vote(motion, "yes", *log.members)
    log.decide(motions[1])
    late = worded.follows(explain.one(log.leaves, motions[1].index, log.state))
    assert "was rejected" in late[0]
    assert "4 yes, 0 no, of 4 votes" in late[0]
    assert "would have adopted it, but meanwhile another decision has brought it into force, or has replaced" in late[1]


def test_a_title_holds_no_digest_and_stays_short(log: Assembly) -> None:
    """Feed readers show a line of it; the text of the entry has all."""
    leaves = [leaf for _, leaf in explain.each(fold.start(), log.leaves)]
    assert [] == [worded.title(leaf) for leaf in leaves if "sha256:" in worded.title(leaf)]
    assert [] == [title for leaf in leaves if len(title := feed.entry(leaf, 1).title) > feed.LONGEST]
    assert any("sha256:" in worded.what(leaf) for leaf in leaves)


@pytest.mark.parametrize("key", [key for key in words.EN if key.startswith("title.") and key != "title.none"])
def test_a_title_asks_for_no_more_than_its_sentence_has(key: str) -> None:
    """Every sentence of the kind, where the title is for all of them: or one of them would have no words."""
    of = key.replace("title.", "leaf.", 1)
    sentences = [text for name, text in words.EN.items() if name == of or name.startswith(f"{of}.")]
    titled = [name.replace("title.", "leaf.", 1) for name in words.EN if name.startswith(f"{key}.")]
    sentences = [text for text in sentences if text not in [words.EN.get(name) for name in titled]]
    asked = set(re.findall(r"{(\w+)}", words.EN[key]))
    assert sentences
    assert [] == [text for text in sentences if not asked <= set(re.findall(r"{(\w+)}", text))]


@pytest.mark.parametrize("by", [["m1"], ["m1", "m2"]])
def test_a_tick_without_a_quorum_tells_no_time(by: list[str]) -> None:
    """Nobody is to read the last tick's time as what its witnesses say."""
    log = Assembly(4)
    log.smuggle(log.leaf(HUB, Tick(checkpoint=log.cosigned(log.time + 3600, by=by))))
    told = explain.one(log.leaves, 6, log.state)
    assert "The hub logs as a tick a checkpoint of size 6 that tells no time." == worded.what(told)
    assert "Without effect: The hub logs as a tick what tells no time" == worded.title(told)
    assert "no tick holds it yet" in worded.when(told)


def test_a_weight_is_told_where_it_is_not_one_and_an_area_where_the_id_is_none() -> None:
    log = Assembly([party("sweden", area="752"), party("se", area="752", weight=3), party("m3"), party("m4")])
    motion = log.motion("norm", b"{}", name="trust/1.0.0", mover="sweden")
    log.vote(motion, "yes", "sweden", "se")
    one, three = (worded.what(explain.one(log.leaves, index, log.state)) for index in (7, 8))
    assert f"sweden votes yes on motion {motion.index} about the norm trust/1.0.0." == one
    assert f"se (Sweden) votes yes, with weight 3, on motion {motion.index} about the norm trust/1.0.0." == three


SECONDS = [2**53 - 1, -(2**53 - 1), 253_402_300_800, 0]


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_time_that_no_calendar_holds_is_told_all_the_same(seconds: int) -> None:
    """In an act that is admitted, and in one that is smuggled."""
    log = Assembly(4)
    study = log.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    at = replace(statement.read(log.leaves[6]).act.body, closes=seconds)
    deadlines = ExchangeOpened(study=study, period="1", attempt=1, roster=(), deadlines=(seconds,) * 4)
    for body in (at, ReleaseAnnounced(study=study, period="1", time=seconds, earlier=()), deadlines):
        (_, told), *_ = explain.each(log.state, [log.leaf("m1", body)])
        written = "1970-01-01 00:00:00 UTC" if seconds == 0 else f"second {abs(seconds)} "
        assert written in worded.what(told)
        assert explain.UNTOLD != told.kind


def test_leaves_one_by_one_tell_what_is_known_when_they_come(log: Assembly) -> None:
    """A feed's entry is worded once: it must not wait for what comes later."""
    states, found = zip(*explain.each(fold.start(), log.leaves), strict=True)
    assert log.state == states[-1]
    assert list(range(len(log.leaves))) == [leaf.index for leaf in found]
    motion = next(leaf for leaf in found if leaf.kind == "motion")
    assert ("Motion 8 is open: no tick has decided it.",) == worded.follows(motion)
    decides = next(leaf for leaf in found if "norms" in leaf.topics and leaf.kind == "tick")
    assert ("The members’ votes adopted motion 8, the norm trust/1.0.0: 5 yes, 0 no, of 5 votes.",) == worded.follows(
        decides
    )


def test_what_points_nowhere_is_told_all_the_same(log: Assembly) -> None:
    """Each kind in a breach: no reference of it leads anywhere."""
    nowhere, nothing = Ref(index=999, digest=digest(b"")), Blob(digest=Digest(digest(b"")), size=0)
    bodies = [
        Vote(motion=nowhere, choice="no"),
        Comment(motion=nowhere, text=nothing, language="en"),
        ReleaseWithdrawn(release=nowhere, reason=Reason(code="study.not-sound")),
        ExchangeRefused(exchange=nowhere, step="answer", reason=Reason(code="seal.box"), blames=()),
    ]
    for body in bodies:
        leaf = log.leaf("m1", body)
        (_, found), *_ = explain.each(log.state, [leaf])
        assert worded.title(found).startswith("Without effect: ")


WORDED = {
    "matter": get_args(Matter),
    "role": get_args(Role),
    "choice": get_args(Choice),
    "purpose": get_args(Purpose),
    "step": get_args(Step),
    "taken": get_args(Taken),
    "follows.motion": ("open", "adopted", "rejected", "withdrawn", "amended", *get_args(Hindrance)),
    "follows.tick": ("adopted", "rejected"),
    "follows.shared": ("in", "out"),
    "follows.part": ("in", "out", "missing", "silent", "left"),
    "follows.key": ("serves", "replaced", "revoked"),
    "follows.survivors": ("in", "out"),
}


@pytest.mark.parametrize("room", WORDED)
def test_every_word_of_a_closed_list_is_in_the_catalogue(room: str) -> None:
    """A new role, matter or purpose without words fails here, and not before a reader."""
    assert [word for word in WORDED[room] if f"{room}.{word}" not in words.EN] == []


def test_every_outcome_has_words() -> None:
    """All that stand in the code; those that are made of parts are above."""
    families = [importlib.import_module(one.name) for one in iter_modules(followed.__path__, f"{followed.__name__}.")]
    text = "".join(inspect.getsource(family) for family in families)
    codes = re.findall(r'code="([a-z.]+)"', text) + re.findall(r'"(key\.[a-z]+)"', text)
    assert len(codes) > 15
    assert [code for code in codes if f"follows.{code}" not in words.EN] == []


def test_an_ml_dsa_key_is_told_by_its_beginning_and_whether_it_serves() -> None:
    """1312 bytes are for no reader."""
    log = Assembly(4)
    second = MlDsa44Signer(bytes(32))
    key = second.public
    log.say("m1", naming("m1", "witness-ml-dsa", second))
    registered = explain.one(log.leaves, 6, log.state)
    assert "a new key for post-quantum cosignatures (ML-DSA): ml-dsa-44:" in worded.what(registered)
    assert len(worded.what(registered)) < 200
    assert ("The key for post-quantum cosignatures (ML-DSA) is the one that serves.",) == worded.follows(registered)
    log.say("m1", KeyRevoked(purpose="witness-ml-dsa", key=key))
    gone = explain.one(log.leaves, 6, log.state)
    assert ("It was revoked at leaf 7, and serves no more.",) == worded.follows(gone)


def test_a_motion_that_waits_for_its_witnesses_says_for_whom() -> None:
    log = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    motion = log.motion("witnesses", Terms(witnesses=("m1", "m5")))
    log.vote(motion, "yes")
    log.tick()
    log.say("hub", Tick(checkpoint=log.cosigned(log.time + 100, by=["m1", "m2", "m3"])))
    (follows,) = worded.follows(explain.one(log.leaves, motion.index, log.state))
    assert "is open although its time is over" in follows
    assert follows.endswith("have cosigned a checkpoint: m1, m5.")


def test_a_key_that_another_replaced_is_told_with_the_leaf_of_that() -> None:
    log = Assembly(4)
    for leaf, name in ((6, "second"), (7, "third")):
        assert leaf == log.say("m1", naming("m1", "witness", signer(name, "witness"))).index
    log.say("m2", naming("m2", "witness", signer("fourth", "witness")))
    first = explain.one(log.leaves, 6, log.state)
    assert ("Another key for cosignatures took its place at leaf 7.",) == worded.follows(first)
    assert ("The key for cosignatures is the one that serves.",) == worded.follows(
        explain.one(log.leaves, 7, log.state)
    )
