"""The pages of an assembly of the tests, as bytes by path, and a reader that is as strict as a page must bear."""

from dataclasses import replace
from html.parser import HTMLParser

from comity import canon
from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.charter import Office, Rule
from comity.acts.key import KeyRegistered
from comity.acts.motion import Comment, Motion
from comity.acts.refs import Ref
from comity.acts.release import ReleasePublished
from comity.acts.terms import Amendment, Appointment, Terms
from comity.assembly.state import State
from comity.canon import Digest
from comity.keys import box_text
from comity.model.reason import Reason
from comity.stages.publish.assembly import Edition
from tests.builders.assembly import FIGURES, Assembly, blob, charter_of, party
from tests.builders.estimates import SECONDS, Estimates, draft, secret

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Kept:
    """Bodies in a dict (`pages.assembly.texts.Bodies`)."""

    def __init__(self, bodies: dict[Digest, bytes]) -> None:
        self.bodies = bodies

    def has(self, name: Digest, /) -> bool:
        return name in self.bodies

    def get(self, name: Digest, /) -> bytes:
        return self.bodies[name]


def pages(assembly: Assembly, edition: Edition | None = None, state: State | None = None) -> dict[str, bytes]:
    """Pages that an edition would write now; all of them, unless it has made some before."""
    edition = edition or Edition()
    leaf = assembly.leaves.__getitem__
    return dict(edition.changed(state or assembly.state, leaf, Kept(assembly.bodies)))


class Page(HTMLParser):
    """A page read strictly: every tag is closed where it must be, no id stands twice; its text, tables and links."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.heads: list[tuple[str, str | None]] = []  # th -> its scope
        self.captions = self.tables = 0
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(data.decode())
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    @property
    def text(self) -> str:
        """All words of the page, with one space between."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert not [name for name in named if name.startswith("on")]
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.heads += [("th", named.get("scope"))] if tag == "th" else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


HOSTILE = "<script>alert(1)</script> \u202etxt.exe\u202c \x1b[2K &amp; <b>".encode()
ENDINGS = ("accepted", "objected", "silent", "open")
RULE = Rule(method="majority", share=50, quorum=50, objections=0, seconds=60)


class Full(Estimates):
    """An assembly in which everything happened that a page shows.

    m1 to m5, in two groups; m5's state hosts the hub, m4 is suspended in the end. Custodians un and who.
    """

    def __init__(self) -> None:
        areas = {"m1": "246", "m2": "752", "m3": "710", "m4": "072", "m5": "036"}
        members = [party(id, area=area, weight=1 + (id == "m2")) for id, area in areas.items()]
        founders = charter_of(
            [*members, *(party(id, role="custodian") for id in ("un", "who"))],
            rules={"norm": replace(RULE, consultation=20), "study": replace(RULE, groups=1, counted="members")},
        )
        charter = replace(
            founders,
            host="m5",
            groups={"north": ("246", "752"), "south": ("072", "710")},
            offices=(Office(id="chair", seconds=10_000, terms=2, excludes=(), host=False),),
            estimate_seconds=SECONDS,
        )
        Assembly.__init__(self, charter=charter)
        for id in ("m1", "m2", "un"):
            self.say(id, KeyRegistered(purpose="box", key=box_text(secret(id).public)))
        _norms(self)
        study = self.adopt("study", b"{}", name="leisure/1.0.0")
        self.estimates = _estimates(self)
        term = Appointment(office="chair", member="m2", starts=self.time + 70, until=self.time + 5_000)
        self.adopt("office", Terms(office=term), name="chair")
        self.adopt("charter", Terms(charter=Amendment(rules={}, audit_seconds=500)), name="shorter audits")
        self.refuse("m3", study)
        release = _release(self, self.national(self.consent("m1", study, national=True)))
        self.audits = _audits(self, release)
        self.adopt("suspension", self.parties["m4"], name="m4")
        self.open = self.motion("norm", b"not decided", name="open/1.0.0", mover="un")
        self.estimates["open"] = self.propose(draft("41.5", period="2014", area="246"))
        self.tick()

    def remark(self, motion: Ref, text: bytes) -> Comment:
        """A comment on a motion, whose text is nowhere yet."""
        return Comment(motion=motion, text=blob(text), language="en")

    def named(self, name: str) -> int:
        """The leaf of the last motion of this name."""
        return max(index for index, motion in self.state.motions.items() if motion.name == name)


def _norms(made: Estimates) -> None:
    """A draft that is changed after comments, adopted with a reservation, and an outside norm."""
    draft = made.motion("norm", b'{"title": "Leisure", "version": "0.9.0"}', name="leisure-norm/0.9.0")
    made.comment(draft, "m3", HOSTILE)
    text = made.body(b'{"title": "Leisure time", "version": "1.0.0", "authority": {"source": "the members"}}')
    body = Motion(
        matter="norm",
        thing=text,
        name="leisure-norm/1.0.0",
        replaces=None,
        closes=made.time + 60,
        amends=draft,
        review=made.time + 10_000,
    )
    motion = made.say("m1", body)
    made.tick()
    answered = made.comment(motion, "m2", "Is the wording “leisure” the one of the survey?".encode())
    made.reply(answered, "taken-in-part", b"Yes, but for question 7.")
    made.consult(motion)
    made.vote(motion, "yes", "m1", "m2", "m4")
    made.vote(motion, "no", "m3")
    made.decide(motion)
    assert made.state.motions[motion.index].outcome == "adopted"
    made.reserve("m3", text.digest, "question:q7", text=b"The law asks for another wording.")
    outside = {
        "id": "SDG",
        "version": "1.24",
        "title": "SDG DSD",
        "authority": "IAEG-SDGs",
        "address": "https://unstats.un.org/x",
    }
    made.adopt("norm-recognised", canon.encode(outside), name="SDG/1.24")


def _estimates(made: Estimates) -> dict[str, Ref]:
    """One published, one that stands beside the country's value, one replaced, one met by silence, one open."""
    asked = {kind: "m2" if kind == "objected" else "m1" for kind in ENDINGS}
    areas = {id: party.area for id, party in made.parties.items()}
    ours = {
        kind: draft(f"{n}1.5", period=f"201{n}", area=areas[asked[kind]]) for n, kind in enumerate(ENDINGS, start=1)
    }
    theirs = draft("77.7", period="2012", salt=b"\x02" * 32, area=areas["m2"])
    put = {kind: made.propose(ours[kind], member=asked[kind]) for kind in ENDINGS[:-1]}
    made.say("m1", made.answered(put["accepted"], "accepted-with-note", note=b"Mind the break in 2009."))
    made.say("m2", made.answered(put["objected"], "objected", "definition", counter=theirs))
    made.tick()
    made.tick(made.time + SECONDS + 1)
    made.say("un", made.settled(put["accepted"], "published", opened=ours["accepted"]))
    made.say("un", made.settled(put["objected"], "side-by-side", opened=ours["objected"], counter=theirs))
    made.say("un", made.settled(put["silent"], "withheld"))
    for record in (ours["accepted"], ours["objected"], theirs):
        made.body(record.data)
    return put


def _release(made: Estimates, source: Ref) -> Ref:
    body = made.body(b"the record of a release")
    figures = replace(FIGURES, count=2)
    said = ReleasePublished(release=body, figures=figures, inputs=(source.index,), replaces=None, reason=None)
    return made.say("m1", said)


def _audits(made: Estimates, release: Ref) -> tuple[Ref, Ref, Ref]:
    """One answered with evidence, one refused, one that waits."""
    figures = (0, 1)
    why = made.body(b"Why is it so high?")
    asked = [
        made.say("m2", AuditRequested(release=release, figure=n, asked="m1", text=why, language="en")) for n in figures
    ]
    evidence = (made.body(b"pages of the field book"),)
    made.say("m1", AuditAnswered(audit=asked[0], answer="answered", reasons=(), evidence=evidence))
    refusal = (Reason(code="audit.law"),)
    made.say("m1", AuditAnswered(audit=asked[1], answer="refused", reasons=refusal, evidence=()))
    text = made.body(b"And why is this one?")
    waits = made.say("m3", AuditRequested(release=release, figure=0, asked="m1", text=text, language="en"))
    return asked[0], asked[1], waits
