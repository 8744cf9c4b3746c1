"""A box of an estimate: taken when a leaf names it, given to its addressee alone, never shown, forgotten in time."""

import shutil
from pathlib import Path

import pytest

from comity import canon, dsse
from comity.acts.estimate import Sealed
from comity.acts.motion import Comment
from comity.acts.refs import Ref
from comity.acts.request import Request
from comity.acts.tick import Tick
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.canon import Digest, digest
from comity.errors import NotAdmitted
from comity.services.hub.keeper import Keeper
from tests.builders.assembly import blob
from tests.builders.estimates import Estimates, draft

DRAFT, COUNTER = draft("12.5"), draft("9.1")


class Place:
    """A hub's bodies over a log that the test writes."""

    def __init__(self, home: Path) -> None:
        self.home, self.log = home, Estimates()
        self.open()

    def open(self) -> None:
        """The hub as it starts on this folder."""
        self.held = Held(self.home, files := Blobs(self.home / "blobs"))
        self.keeper = Keeper(lambda: self.log.state, self.held, files, Blobs(self.home / "public" / "blobs"))
        self.keeper.show()

    def again(self) -> None:
        self.held.close()
        self.open()

    def boxes(self, actor: str, estimate: int, *, by: str = "") -> tuple[bytes, ...]:
        """What the hub gives for a request by this actor, signed by its own key or by another's."""
        asked = Request(actor=actor, exchange=estimate, head=self.log.head(), origin=self.log.charter.origin)
        signer = self.log.signers[by or actor, "sign"]
        return self.keeper.boxes(dsse.seal(canon.encode(asked), dsse.REQUEST, signer))

    def public(self) -> set[Digest]:
        return {Digest(f"sha256:{path.name}") for path in (self.home / "public").rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def put(place: Place) -> tuple[Ref, bytes]:
    """An estimate for m1, and its box, which the hub has."""
    ref = place.log.propose(DRAFT)
    box = place.log.bodies[place.log.facts(ref).value.box.digest]
    assert 1 == place.keeper.keep((box,))
    return ref, box


def test_its_addressee_gets_it_and_nobody_else(place: Place) -> None:
    ref, box = put(place)
    assert (box,) == place.boxes("m1", ref.index)
    for other in ("m2", "m3", "un", "who"):
        assert () == place.boxes(other, ref.index)
        with pytest.raises(NotAdmitted):
            place.boxes("m1", ref.index, by=other)


def test_a_counter_value_is_the_custodians(place: Place) -> None:
    ref, box = put(place)
    place.log.say("m1", place.log.answered(ref, "replaced", counter=COUNTER))
    answer = place.log.facts(ref).answer
    assert answer is not None
    assert answer.counter is not None
    theirs = place.log.bodies[answer.counter.box.digest]
    place.keeper.keep((theirs,))
    assert ((theirs,), (box,), ()) == tuple(place.boxes(id, ref.index) for id in ("un", "m1", "who"))


def test_it_survives_a_restart_and_is_never_public(place: Place) -> None:
    ref, box = put(place)
    place.again()
    assert (box,) == place.boxes("m1", ref.index)
    assert digest(box) not in place.public()


def test_whoever_names_it_as_a_public_body_shows_it_to_nobody(place: Place) -> None:
    ref, box = put(place)
    motion = place.log.motion("study", b"{}")
    place.log.say("m2", Comment(motion=motion, text=blob(box), language="en"))
    place.keeper.keep((box,))
    place.keeper.publish([box])
    place.again()
    assert digest(box) not in place.public()
    assert (box,) == place.boxes("m1", ref.index)


def test_a_text_of_everyone_stays_one_if_a_leaf_names_it_as_a_box(place: Place) -> None:
    """A leaf may name any digest as its box; norms, comments and files of releases are what they are."""
    log, texts = place.log, [b"a norm that circulated before it was moved", b"We agree.", b"a file of a release"]
    refs = [
        log.say("un", log.proposal(one, value=Sealed(draft=one.digest, box=blob(text))))
        for one, text in zip([draft("1"), draft("2"), draft("3")], texts, strict=True)
    ]
    motion = log.motion("norm", texts[0])
    log.say("m2", Comment(motion=motion, text=blob(texts[1]), language="en"))
    place.keeper.keep((texts[0], texts[1]))
    place.keeper.publish([texts[2]])
    for ref in refs:
        assert () == place.boxes("m1", ref.index)
        log.say("m1", log.answered(ref, "objected", "definition"))
        log.say("un", log.settled(ref, "withheld"))
    log.tick(log.time + log.charter.challenge_seconds + 1)
    log.tick(log.time + 1)
    place.keeper.forget()
    shutil.rmtree(place.home / "public")
    place.again()
    names = {digest(text) for text in texts}
    assert names == {name for name in names if Blobs(place.home / "blobs").has(name)}
    assert {digest(texts[0]), digest(texts[1])} <= place.public()


def test_a_body_that_no_leaf_names_or_of_another_size_is_not_taken(place: Place) -> None:
    value = place.log.sealed(DRAFT, "un", "m1")
    box = place.log.bodies[value.box.digest]
    with pytest.raises(NotAdmitted):
        place.keeper.keep((box,))
    lies = type(value)(draft=value.draft, box=type(value.box)(digest=value.box.digest, size=value.box.size + 1))
    place.log.say("un", place.log.proposal(value=lies))
    with pytest.raises(NotAdmitted):
        place.keeper.keep((box,))


def test_what_a_settlement_opens_is_public_and_the_box_is_forgotten_when_it_cannot_be_challenged_any_more(
    place: Place,
) -> None:
    ref, box = put(place)
    place.log.say("m1", place.log.answered(ref, "accepted"))
    with pytest.raises(NotAdmitted):
        place.keeper.keep((DRAFT.data,))
    place.log.say("un", place.log.settled(ref, "published", opened=DRAFT))
    place.keeper.keep((DRAFT.data,))
    assert DRAFT.digest in place.public()
    place.log.tick(place.log.time + place.log.charter.challenge_seconds)
    place.keeper.forget()
    assert (box,) == place.boxes("m1", ref.index)
    place.log.tick(place.log.time + 1)
    place.keeper.forget()
    assert () == place.boxes("m1", ref.index)
    assert not (place.home / "blobs" / "sha256" / canon.hex_of(digest(box))[:2] / canon.hex_of(digest(box))).exists()
    with pytest.raises(NotAdmitted):
        place.keeper.keep((box,))


@pytest.mark.parametrize("answer", ["", "accepted"])
def test_an_estimate_that_is_not_settled_keeps_its_box_for_a_year(place: Place, answer: str) -> None:
    ref, box = put(place)
    place.log.tick()
    if answer:
        place.log.say("m1", place.log.answered(ref, "accepted"))
    year = 366 * 86_400
    place.log.tick(place.log.facts(ref).deadline + place.log.charter.challenge_seconds + year)
    place.keeper.forget()
    assert (box,) == place.boxes("m1", ref.index)
    place.log.tick(place.log.time + 1)
    place.keeper.forget()
    assert () == place.boxes("m1", ref.index)
    assert not Blobs(place.home / "blobs").has(digest(box))
    assert [] == place.log.refused("un", place.log.settled(ref, "withheld"))


def test_a_box_that_comes_after_others_were_looked_through_is_forgotten_too(place: Place) -> None:
    """And one that waits while the log rests for years is there when its country's time begins."""
    put(place)
    place.keeper.forget()
    head = place.log.cosigned(place.log.time + 10**9)
    later, box = put(place)
    place.log.say("hub", Tick(checkpoint=head))
    place.keeper.forget()
    assert (box,) == place.boxes("m1", later.index)
    place.log.tick()
    place.log.say("m1", place.log.answered(later, "accepted"))
    place.log.say("un", place.log.settled(later, "withheld"))
    place.log.tick(place.log.time + place.log.charter.challenge_seconds + 1)
    place.keeper.forget()
    assert () == place.boxes("m1", later.index)
