"""Every kind of act is explained: what it says, by which rule, what followed; and a leaf without effect says why."""

import inspect
import re
from typing import get_args

import pytest

from comity.acts import statement
from comity.acts.charter import Matter
from comity.acts.consent import PolicyPublished
from comity.acts.exchange import ExchangeRefused, Step
from comity.acts.key import KeyRegistered, KeyRevoked, Purpose
from comity.acts.motion import Choice, Comment, MotionWithdrawn, Vote
from comity.acts.refs import Blob, Ref
from comity.acts.release import ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.acts.statement import KINDS
from comity.assembly import accounts, explain, fold, outcomes
from comity.canon import Digest, digest
from comity.errors import FormatError
from comity.keys import MlDsa44Signer
from comity.model.member import HUB, Role
from comity.model.reason import CODES, Reason
from comity.pages import explain as worded
from comity.pages import words
from tests.builders.assembly import FIGURES, Assembly, party, signer


@pytest.fixture(scope="module")
def log() -> Assembly:
    """A log that holds every kind, some of them twice, and breaches."""
    made = Assembly(5, others=[party("cu", role="custodian")])
    made.adopt("norm", b"{}", name="trust/1.0.0")
    study = made.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    taken = made.motion("norm", b'{"b":2}', name="trust/2.0.0", mover="m3")
    made.say("m2", Comment(motion=taken, text=made.body(b"Why?"), language="en"))
    made.say("m3", MotionWithdrawn(motion=taken))
    made.say("m1", ReleaseAnnounced(study=study, period="1", time=made.time + 5000, earlier=("m2",)))
    made.say("m1", PolicyPublished(policy=made.body(b"policy")))
    made.run(study)
    closed = next(x.closed.ref for x in made.state.exchanges.values() if x.closed)
    first = made.say(HUB, _release(made, closed))
    made.say(HUB, _release(made, closed, replaces=first))
    made.say(HUB, ReleaseWithdrawn(release=first, reason=Reason(code="study.not-sound")))
    consent = made.consent("m1", study, period="2", national=True, sealed=None)
    answer = made.national(consent)
    made.say("m1", _release(made, answer))
    made.refuse("m2", study, period="2")
    for member in ("m3", "m4", "m5"):
        last = made.consent(member, study, period="3")
    made.revoke(last)
    made.consent("m1", study, period="3"), made.consent("m2", study, period="3")
    left = made.open(study, period="3")
    made.say("m1", ExchangeRefused(exchange=left, step="shares", reason=Reason(code="seal.box"), blames=("m2",)))
    made.close(left, failed=Reason(code="seal.too-few"))
    made.say("m4", KeyRevoked(purpose="witness", key=made.parties["m4"].keys.witness))
    made.say("m4", KeyRegistered(purpose="witness", key=signer("new", "witness").public))
    made.withdraw("m5")
    made.smuggle(b"nonsense")
    made.smuggle(made.leaf("m1", Vote(motion=Ref(index=1, digest=digest(b"")), choice="yes")))
    made.tick()
    return made


def _release(made: Assembly, source: Ref, replaces: Ref | None = None) -> ReleasePublished:
    return ReleasePublished(
        release=made.body(b"release %d" % made.state.size),
        figures=FIGURES,
        inputs=(source.index,),
        replaces=replaces,
        reason=Reason(code="study.not-sound") if replaces else None,
    )


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
    by_motion = {"motion", "motion/withdrawn", "comment", "vote"}
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
    assert worded.follows(motion) == ("Motion 8 was adopted by the tick at leaf 15.", "trust/1.0.0 is in force by it.")
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
    assert "no tick holds it yet" in worded.when(told(log, "tick", last=True))


def test_leaves_one_by_one_tell_what_is_known_when_they_come(log: Assembly) -> None:
    """A feed's entry is worded once: it must not wait for what comes later."""
    states, found = zip(*explain.each(fold.start(), log.leaves), strict=True)
    assert log.state == states[-1]
    assert list(range(len(log.leaves))) == [leaf.index for leaf in found]
    motion = next(leaf for leaf in found if leaf.kind == "motion")
    assert ("Motion 8 is open: no tick has decided it.",) == worded.follows(motion)
    decides = next(leaf for leaf in found if "norms" in leaf.topics and leaf.kind == "tick")
    assert ("The members’ votes adopted motion 8: the norm trust/1.0.0.",) == worded.follows(decides)


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
    "follows.motion": ("open", "adopted", "rejected", "withdrawn"),
    "follows.tick": ("adopted", "rejected"),
    "follows.shared": ("in", "out"),
    "follows.survivors": ("in", "out"),
}


@pytest.mark.parametrize("room", WORDED)
def test_every_word_of_a_closed_list_is_in_the_catalogue(room: str) -> None:
    """A new role, matter or purpose without words fails here, and not before a reader."""
    assert [word for word in WORDED[room] if f"{room}.{word}" not in words.EN] == []


def test_every_outcome_has_words() -> None:
    """All that stand in the code; those that are made of parts are above."""
    codes = re.findall(r'code="([a-z.]+)"', inspect.getsource(outcomes))
    codes += re.findall(r'"(key\.[a-z]+)"', inspect.getsource(outcomes))
    assert len(codes) > 15
    assert [code for code in codes if f"follows.{code}" not in words.EN] == []


def test_an_ml_dsa_key_is_told_by_its_beginning_and_whether_it_serves() -> None:
    """1312 bytes are for no reader."""
    log = Assembly(4)
    key = MlDsa44Signer(bytes(32)).public
    log.say("m1", KeyRegistered(purpose="witness-ml-dsa", key=key))
    registered = explain.one(log.leaves, 6, log.state)
    assert "a new key for post-quantum cosignatures (ML-DSA): ml-dsa-44:" in worded.what(registered)
    assert len(worded.what(registered)) < 200
    assert ("The key for post-quantum cosignatures (ML-DSA) is the one that serves.",) == worded.follows(registered)
    log.say("m1", KeyRevoked(purpose="witness-ml-dsa", key=key))
    gone = explain.one(log.leaves, 6, log.state)
    assert ("The key for post-quantum cosignatures (ML-DSA) serves no more.",) == worded.follows(gone)
