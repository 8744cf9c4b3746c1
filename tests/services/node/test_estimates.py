"""A custodian, a country and a hub, each with its own folder and keys: from a draft to what anyone may read of it."""

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.adapters.blobs import Blobs
from comity.adapters.journal import Journal
from comity.adapters.keyring import NEXT, OLD, Keyring
from comity.assembly import queries
from comity.assembly.state import State
from comity.cli.main import run
from comity.errors import ComityError, NotAdmitted, NotVerified, SealBroken, Unreachable, UsageError
from comity.model import estimate
from comity.services.node import doctor, drafts, estimates, keys
from comity.services.node.drafts import Shown
from comity.services.node.office import Office
from comity.stages import estimate as boxes
from tests.builders.estimates import CSV
from tests.builders.offices import BUSY, Offices

SECONDS = 3
OWN = CSV.replace(b"12.5,10.1,14.9", b"9.1,,").replace(b"Household survey 2018", b"Census 2019")


@dataclass(frozen=True)
class Story:
    """What was said, by what it came to: leaf indices of the estimates."""

    offices: Offices
    asked: Mapping[str, int]

    def home(self, id: str) -> Path:
        return self.offices.home(id)

    def shown(self, id: str, name: str) -> Shown:
        return drafts.show(self.home(id), self.asked[name])[0]

    def public(self) -> dict[str, bytes]:
        """Every body that the hub shows to everyone."""
        found = (self.offices.folder / "hub" / "public" / "blobs").rglob("*")
        return {f"sha256:{path.name}": path.read_bytes() for path in found if path.is_file()}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Four estimates of m1's country: one it objects to, one it replaces, one it accepts, one it does not answer."""
    place = tmp_path_factory.mktemp("estimates")
    with Offices(place, members=3, custodians=["agency"], terms={"estimate_seconds": SECONDS}) as offices:
        offices.start(*offices.ids, together=True)
        offices.accede()
        agency, country = offices.home("agency"), offices.home("m1")
        for home in (agency, country, offices.home("m2")):
            keys.register(home, "box", patience=BUSY)
        asked = {}
        for place_, name in enumerate(("silent", "side-by-side", "country-data", "published")):
            draft = CSV.replace(b"11.0", b"11.%d" % place_)
            asked[name] = estimates.propose(agency, draft, member="m1").index
        keys.register(country, "box")  # a new key: the boxes were sealed to the one before
        objected = ("objection.definition", "objection.newer-data")
        estimates.answer(country, asked["side-by-side"], "objected", codes=objected, counter=OWN)
        estimates.answer(country, asked["country-data"], "replaced", counter=OWN)
        estimates.answer(country, asked["published"], "accepted-with-note", note="Provisional.")
        for name in ("side-by-side", "country-data", "published"):
            estimates.settle(agency, asked[name], name)  # type: ignore[arg-type]
        estimates.settle(agency, asked["silent"], "aggregates-only", patience=60)
        offices.until(lambda state: all(one.settled for one in state.estimates.values()))
        yield Story(offices, asked)


def test_each_estimate_ended_as_it_was_settled(story: Story) -> None:
    state = story.offices.state()
    ended = {index: facts.settled.outcome for index, facts in state.estimates.items() if facts.settled}
    wanted = {index: "aggregates-only" if name == "silent" else name for name, index in story.asked.items()}
    assert wanted == ended


def test_what_was_opened_is_public_and_nothing_else(story: Story) -> None:
    state, public = story.offices.state(), story.public()
    named = {name: state.estimates[index].value.draft for name, index in story.asked.items()}
    assert {"side-by-side", "published"} == {name for name, draft in named.items() if draft in public}
    assert 2 == sum(b"Census 2019" in body for body in public.values())
    assert b"Provisional." in public.values()
    assert not public.keys() & set(state.boxes)


def test_the_country_reads_its_own_by_the_key_before_and_others_read_nothing(story: Story) -> None:
    """Of an estimate that nobody opened: its custodian has it, its country opened it, another member gets no box."""
    assert Keyring(story.home("m1")).has("box" + OLD)
    mine, theirs = story.shown("m1", "silent"), story.shown("agency", "silent")
    assert mine.draft is not None
    assert ["12.5", "11.0"] == [row.value for row in mine.draft.rows]
    assert mine.draft == theirs.draft
    other = story.shown("m2", "silent")
    assert (None, None) == (other.draft, other.counter)
    assert mine.draft.digest == mine.facts.value.draft


def test_the_custodian_opens_what_the_country_put_in_its_place(story: Story) -> None:
    for name in ("side-by-side", "country-data"):
        counter = story.shown("agency", name).counter
        assert counter is not None
        assert "9.1" == counter.rows[0].value


def test_anyone_reads_what_is_public_and_only_that(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for name, index in story.asked.items():
        arguments = ["--hub", story.offices.address, "--charter", story.offices.digest, "--json"]
        assert 0 == run(["estimate", "show", str(index), *arguments])
        found[name] = json.loads(capsys.readouterr().out)
    values = {name: [(row.get("OBS_VALUE"), row.get("country")) for row in one["rows"]] for name, one in found.items()}
    assert [] == values["silent"]
    assert [("12.5", "9.1"), ("11.1", "11.0")] == values["side-by-side"]
    assert [(None, "9.1"), (None, "11.0")] == values["country-data"]
    assert [("12.5", None), ("11.3", None)] == values["published"]
    assert ["objection.definition", "objection.newer-data"] == found["side-by-side"]["codes"]
    assert ("Provisional.", None) == (found["published"]["note"], found["silent"]["note"])


def test_counts_are_of_public_files_alone(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["estimate", "counts", "--hub", story.offices.address, "--json"])
    (one,) = json.loads(capsys.readouterr().out)
    assert ("agency", "m1", 4) == (one["custodian"], one["country"], one["proposed"])
    answers = {name: one[name] for name in ("accepted-with-note", "objected", "replaced", "silent", "open")}
    assert {"accepted-with-note": 1, "objected": 1, "replaced": 1, "silent": 1, "open": 0} == answers
    assert (1, 0) == (one["aggregates-only"], one["waits"])


def test_an_opened_draft_is_a_file_only_where_somebody_asks_for_one(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For this user alone; and it is what was put."""
    out, own = tmp_path / "opened.csv", tmp_path / "own.csv"
    own.write_bytes(OWN)
    arguments = ["--home", str(story.home("m1")), "--out", str(out), "--beside", str(own)]
    assert 0 == run(["estimate", "show", str(story.asked["silent"]), *arguments])
    assert 0o600 == stat.S_IMODE(out.stat().st_mode)
    salt = bytes(32)
    assert estimate.of_csv(CSV, salt, where="") == estimate.of_csv(out.read_bytes(), salt, where="")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("F ")]
    assert ["F", "12.5", "10.1", "14.9", "E", "M", "9.1"] == line.split()


def test_a_command_given_twice_is_one_statement(story: Story) -> None:
    agency, size = story.home("agency"), story.offices.state().size
    draft = CSV.replace(b"11.0", b"12.0")
    first = estimates.propose(agency, draft, member="m1")
    assert first == estimates.propose(agency, draft, member="m1")
    own = estimates.answer(story.home("m1"), first.index, "replaced", counter=OWN)
    assert own == estimates.answer(story.home("m1"), first.index, "replaced", counter=OWN)
    state = story.offices.until(lambda state: state.size > own.index)
    assert 2 == sum(leaf in (first.index, own.index) for leaf in range(size, state.size))
    assert 5 == len(state.estimates)


def test_a_command_that_was_killed_behind_its_statement_sends_the_box_when_it_is_given_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency, country = story.home("agency"), story.home("m1")
    draft = CSV.replace(b"11.0", b"16.0")

    def killed(office: Office, bodies: tuple[bytes, ...]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Office, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            estimates.propose(agency, draft, member="m1")
    state = story.offices.until(lambda state: queries.waiting(state, "m1"))
    (waiting,) = queries.waiting(state, "m1")
    index = waiting.ref.index
    with pytest.raises(Unreachable, match="no such box"):
        estimates.answer(country, index, "accepted")
    assert index == estimates.propose(agency, draft, member="m1").index
    told = estimates.answer(country, index, "accepted")
    story.offices.until(lambda state: state.size > told.index)


def test_a_box_that_the_hub_lost_is_sent_again_by_the_same_command(story: Story) -> None:
    """As after a succession, which begins with public files: nothing is said a second time."""
    agency, country = story.home("agency"), story.home("m1")
    draft = CSV.replace(b"11.0", b"14.0")
    first = estimates.propose(agency, draft, member="m1")
    story.offices.until(lambda state: first.index in state.estimates)
    answer = estimates.answer(country, first.index, "replaced", counter=OWN)
    state = story.offices.until(lambda state: state.size > answer.index)
    facts = state.estimates[first.index]
    assert facts.answer is not None
    assert facts.answer.counter is not None
    files = Blobs(story.offices.folder / "hub" / "blobs")
    boxes = (facts.value.box.digest, facts.answer.counter.box.digest)
    for name in boxes:
        assert files.has(name)
        files.drop(name)
    assert first == estimates.propose(agency, draft, member="m1")
    assert answer == estimates.answer(country, first.index, "replaced", counter=OWN)
    assert all(map(files.has, boxes))


def test_the_officer_is_told_once_what_waits_for_an_answer(story: Story) -> None:
    """By the running node, and by the doctor until it is answered."""
    ref = estimates.propose(story.home("agency"), CSV.replace(b"11.0", b"15.0"), member="m2", seconds=3600)
    story.offices.wait("m1", f"comity estimate show {ref.index}")
    story.offices.until(lambda state: ref.index in state.estimates)

    def told() -> str:
        return next(check.line for check in doctor.doctor(story.home("m2")) if check.name == "estimates")

    assert f"comity estimate show {ref.index}" in told()
    estimates.answer(story.home("m2"), ref.index, "accepted")
    story.offices.until(lambda state: state.estimates[ref.index].answer is not None)
    assert "none waits for this office's answer" == told()
    assert 1 == story.offices.output("m1").count(f"comity estimate show {ref.index}")
    (story.home("m2") / "keys" / "box").rename(story.home("m2") / "keys" / "lost")
    assert "register-key box" in told()
    (story.home("m2") / "keys" / "lost").rename(story.home("m2") / "keys" / "box")


def test_what_an_office_cannot_do_is_one_clear_line(story: Story, tmp_path: Path) -> None:
    agency, country = story.home("agency"), story.home("m1")
    settled = story.asked["published"]
    refused: dict[str, tuple[type[ComityError], object]] = {
        "no such member": (UsageError, lambda: estimates.propose(agency, CSV, member="m9", patience=0)),
        "no key to seal": (NotAdmitted, lambda: estimates.propose(agency, CSV, member="m3", patience=0)),
        "another area": (
            UsageError,
            lambda: estimates.propose(agency, CSV.replace(b",1,2020", b",4,2020"), member="m1"),
        ),
        "no such estimate": (UsageError, lambda: drafts.show(country, 1, patience=0)),
        "another country": (NotAdmitted, lambda: estimates.answer(story.home("m2"), settled, "accepted")),
        "does not take": (
            NotAdmitted,
            lambda: estimates.answer(country, settled, "objected", codes=("objection.legal",)),
        ),
        "about something else": (
            UsageError,
            lambda: estimates.answer(country, settled, "replaced", counter=OWN.replace(b"POV_DAY1", b"POV_DAY2")),
        ),
    }
    for words, (kind, call) in refused.items():
        with pytest.raises(kind, match=words):
            call()  # type: ignore[operator]


def test_nobody_accepts_what_it_could_not_open(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The custodian logs the digest of one record and seals another: the country finds out before it answers."""
    honest = boxes.seal

    def swapped(draft: estimate.Draft, key: str, way: boxes.Way) -> bytes:
        return honest(estimate.of_csv(OWN, draft.salt, where=""), key, way)

    with monkeypatch.context() as patch:
        patch.setattr(boxes, "seal", swapped)
        ref = estimates.propose(story.home("agency"), CSV.replace(b"11.0", b"13.0"), member="m1")
    with pytest.raises(NotVerified, match="another record"):
        estimates.answer(story.home("m1"), ref.index, "accepted")
    told = estimates.answer(story.home("m1"), ref.index, "objected", codes=("objection.data-error",))
    state = story.offices.until(lambda state: state.size > told.index)
    assert "answered" == queries.estimate_stage(state, state.estimates[ref.index])


def test_an_office_without_its_keys_says_so(story: Story, tmp_path: Path) -> None:
    """A copy of the folder without blobs and box keys: the box comes again, and does not open."""
    home = tmp_path / "m1"
    _copied(story.home("m1"), home)
    with pytest.raises(SealBroken, match="does not open"):
        drafts.show(home, story.asked["silent"])


def _copied(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        kept = path.relative_to(source)
        if path.is_file() and kept.parts[0] != "blobs" and kept.name not in ("box", "box" + OLD, "box" + NEXT, "lock"):
            (target / kept).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (target / kept).write_bytes(path.read_bytes())
            (target / kept).chmod(path.stat().st_mode & 0o777)


def test_the_journal_has_every_box_that_left(story: Story) -> None:
    state: State = story.offices.state()
    journal = Journal(story.home("agency") / "journal.db")
    try:
        left = {entry.digest for entry in journal.entries() if entry.kind == "body"}
    finally:
        journal.close()
    mine = {facts.value.box.digest for facts in state.estimates.values()}
    assert mine <= left
