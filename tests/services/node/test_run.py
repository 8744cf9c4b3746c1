"""An assembly of real processes: seven offices, a hub, one question; and what each node made of it.

m2's policy asks for more noise than the study has; m3's and m4's want their officer, and m4's never comes; m7 is killed
after its shares. All others answer by policy alone.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from comity import canon
from comity.acts import statement
from comity.adapters.vault import Question, Vault
from comity.assembly import audits as meanings
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts
from comity.assembly.state import State
from comity.canon import digest
from comity.cli.main import run as command
from comity.errors import Locked, NotAdmitted, UsageError
from comity.model import extract
from comity.model.job import Silent
from comity.model.release import Release
from comity.services import reading
from comity.services.node import audits, desk, doctor, floor, run
from comity.services.node.office import Office
from comity.services.node.preview import DryRun
from tests.builders.offices import BINDING, POLICY, Offices, counts, study

pytestmark = pytest.mark.timeout(400)
STUDY = study(step=10, send=2, consent=15)
PERIOD = STUDY.periods[0].id


@dataclass(frozen=True)
class Story:
    """What happened."""

    offices: Offices
    state: State
    dry: DryRun
    asked: tuple[str, ...]  # statuses that m3's officer saw: before and after approving
    doctor: tuple[doctor.Check, ...]  # of m1, while all ran

    @property
    def exchange(self) -> ExchangeFacts:
        return list(self.state.exchanges.values())[-1]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with Offices(tmp_path_factory.mktemp("offices"), members=7) as offices:
        home = offices.home
        (home("m2") / "policy.toml").write_text(POLICY.replace("noise_floor = 16", "noise_floor = 64"))
        for id in ("m3", "m4"):
            (home(id) / "policy.toml").write_text(POLICY.replace("officer = false", "officer = true"))
        offices.start(*offices.ids[:6], together=True)
        offices.start("m7")
        offices.adopt(STUDY)
        offices.until(lambda state: bool(queries.standing(state, "study")))
        dry = desk.dry_run(home("m3"), STUDY.id, PERIOD)
        before = desk.asked(home("m3"))[0].status
        desk.approve(home("m3"), STUDY.id, PERIOD)
        looked = doctor.doctor(home("m1"))
        offices.until(lambda state: any("m7" in x.shares and x.shared for x in state.exchanges.values()))
        offices.kill("m7")
        state = offices.until(lambda state: len(state.releases) == 5 and bool(state.exchanges), patience=200)
        after = desk.asked(home("m3"))[0].status
        told = Story(offices, state, dry, (before, after), looked)
        for facts in state.releases.values():
            body(told, facts.release.digest)  # all is sent before a test stops a node
        yield told


def body(story: Story, name: canon.Digest) -> bytes:
    """A body that the log names. It may be put a moment after its statement: say, then send."""
    end = time.monotonic() + 60
    with Office.open(story.offices.home("m1"), runs=False) as office:
        while (found := office.client.blob(name)) is None and time.monotonic() < end:
            time.sleep(0.2)
    assert found is not None
    return found


def test_those_who_consented_are_on_the_roster_and_no_others(story: Story) -> None:
    members = {story.state.consents[index].member for index in story.exchange.opened.members}
    assert {"m1", "m3", "m5", "m6", "m7"} == members


def test_a_policy_refuses_by_its_code(story: Story) -> None:
    refused = [(said.member, [reason.code for reason in said.reasons]) for said in story.state.refusals.values()]
    assert ("m2", ["policy.noise-below-floor"]) in refused
    assert {"m2"} == {member for member, _ in refused}


def test_an_officer_who_never_comes_says_nothing(story: Story) -> None:
    assert ("m4",) == queries.silent(story.state, STUDY.digest, PERIOD)


def shown_of(counted: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int | None]:
    """What m3 shows: not the 3 women and 4 men of answer 1, nor, as all women and all men are known, those of answer 2,
    who are the fewest."""
    hidden = {key for key, n in counted.items() if n < 5} | {("2", "M"), ("2", "F")}
    return {key: None if key in hidden else n for key, n in counted.items()}


def test_an_officer_sees_the_table_before_it_is_answered(story: Story) -> None:
    """As counted from the file, beside what would be shown: 1 to 4 persons are not, and what gives them away."""
    mine = counts(2)
    assert mine == {cell.key: cell.counted for cell in story.dry.cells}
    assert shown_of(mine) == {c.key: c.shown for c in story.dry.cells}
    assert {"threshold", "secondary", ""} == {c.reason for c in story.dry.cells}
    assert 5 == story.dry.suppressed_below
    assert (sum(mine.values()) + 2, sum(mine.values()), 2) == (
        story.dry.coverage.rows,
        story.dry.coverage.counted,
        story.dry.coverage.missing,
    )
    assert ("waits for the officer", "consented") == story.asked


def test_a_node_killed_after_its_shares_is_a_drop_out(story: Story) -> None:
    answers = {said.ref.index: member for member, said in story.exchange.answers.items()}
    assert story.exchange.survivors is not None
    assert {"m1", "m3", "m5", "m6"} == {answers[index] for index in story.exchange.survivors.members}


def test_the_sum_is_the_survivors_truth_and_noise(story: Story) -> None:
    """Each part has variance 36 / (4 - 1); ten standard deviations of four parts are never left."""
    assert story.exchange.closed is not None
    assert story.exchange.closed.sum is not None
    found = np.frombuffer(body(story, story.exchange.closed.sum.digest), "<i8")
    truth = np.array([sum(counts(place)[key] for place in (0, 2, 4, 5)) for key in counts(0)])
    assert np.abs(found - truth).max() < 10 * (4 * 36 / 3) ** 0.5
    assert (found != truth).any()


def test_every_vector_is_another_one(story: Story) -> None:
    vectors = [said.body.digest for said in story.exchange.answers.values()]
    assert len(vectors) == len(set(vectors))


def test_each_office_publishes_its_own_table(story: Story) -> None:
    """When the exchange is over, which m7 did not live to see. Small cells are suppressed, status Q."""
    national = {facts.publisher: facts for facts in story.state.releases.values() if facts.publisher != "hub"}
    assert {"m1", "m3", "m5", "m6"} == set(national)
    release = canon.decode(body(story, national["m3"].release.digest), Release)
    shown = {figure.key: figure.value for figure in release.figures if figure.measure == "n"}
    wanted = {key: None if n is None else str(n) for key, n in shown_of(counts(2)).items()}
    assert wanted == {key: shown[key] for key in wanted}


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("id", ["m1", "m3"])
def test_what_an_office_answered_with_is_counted_again_at_home(
    story: Story, tmp_path: Path, id: str, *, sealed: bool
) -> None:
    """The record opens the answer's commitment, says what the log says, and a second count of the file says the same;
    of another office's file it says that file and table are others."""
    home, folder = story.offices.home(id), story.offices.folder
    (tmp_path / "home.toml").write_text(BINDING)
    with reading.at_home(home) as log:
        leaf = story.exchange.answers[id].ref.index if sealed else national(story, id)
        record = extract.read(audits.record(home, log, leaf), where="record")
        opened = meanings.opened(log.log.state, log.log.leaves, record)
        assert meanings.Opened(index=leaf, member=id, sealed=sealed, differs=()) == opened
        (file,) = record.basis.files
        assert digest((folder / f"{id}.csv").read_bytes()) == file.digest
        mine = audits.rerun(log, record, file=folder / f"{id}.csv", binding=tmp_path / "home.toml", tell=Silent())
        at_home = audits.rerun_at_home(home, log, record, workers=1, tell=Silent())
        other = audits.rerun(log, record, file=folder / "m6.csv", binding=tmp_path / "home.toml", tell=Silent())
    assert [(), ()] == [mine.differs, at_home.differs]
    assert ("files", "table") == other.differs


def test_the_salt_of_one_answer_is_not_that_of_another(story: Story) -> None:
    """Sealed and published table are the same table, of the same file; nobody can see that from the log."""
    home = story.offices.home("m1")
    with reading.at_home(home) as log:
        leaves = (story.exchange.answers["m1"].ref.index, national(story, "m1"))
        one, two = (extract.read(audits.record(home, log, leaf), where="record") for leaf in leaves)
    assert one.basis == two.basis
    assert one.salt != two.salt
    assert one.commitment != two.commitment


def national(story: Story, id: str) -> int:
    """Leaf index of an office's own table."""
    state = story.state
    return next(said.ref.index for given, said in state.nationals.items() if state.consents[given].member == id)


def audited(story: Story, capsys: pytest.CaptureFixture[str], *words: str, exit: int = 0) -> Any:
    """A command of `comity audit`: its facts, or its error."""
    assert exit == command(["audit", *words, "--json"]), capsys.readouterr().err
    told = capsys.readouterr()
    return json.loads(told.err.splitlines()[-1] if exit else told.out)


def test_a_member_asks_another_and_is_answered_by_commands(
    story: Story, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One is answered with evidence that anyone fetches, one refused by codes, the hub's is open; m4 never answered."""
    home = {id: ["--home", str(story.offices.home(id))] for id in ("m1", "m3", "m5")}
    joint = next(str(i) for i, release in story.state.releases.items() if release.publisher == "hub")
    cell = ["--cell", "1,F", "--measure", "n"]
    (tmp_path / "note.txt").write_text("The sample was redesigned.")
    said = {
        asked: audited(story, capsys, "request", joint, asked, "Why so few?", *cell, *home["m1"])
        for asked in ("m3", "m5", "hub")
    }
    three, five, hub = (str(one["audit/requested"]) for one in said.values())
    outside = audited(story, capsys, "request", joint, "m4", "Why?", *cell, *home["m1"], exit=2)
    assert "found m4; wanted hub, m3" in outside["message"]
    wrong = audited(story, capsys, "answer", five, str(tmp_path / "note.txt"), *home["m3"], exit=1)
    assert ["act.signer"] == wrong["reasons"]
    audited(story, capsys, "answer", three, str(tmp_path / "note.txt"), *home["m3"])
    audited(story, capsys, "refuse", five, "law", "burden", *home["m5"])
    audited(story, capsys, "refuse", five, "weather", *home["m5"], exit=2)
    story.offices.until(lambda state: all(state.audits[int(one)].answer for one in (three, five)))
    listed = {row["request"]: row for row in audited(story, capsys, "list", "--hub", story.offices.address)}
    assert ["answered", "refused", "open"] == [listed[int(one)]["standing"] for one in (three, five, hub)]
    assert ["audit.burden", "audit.law"] == listed[int(five)]["codes"]
    hubs = ["--home", str(story.offices.folder / "hub")]
    audited(story, capsys, "refuse", three, "law", *hubs, exit=1)
    refused = audited(story, capsys, "refuse", hub, "burden", *hubs)
    story.offices.until(lambda state: state.audits[int(hub)].answer is not None)
    assert refused == audited(story, capsys, "refuse", hub, "burden", *hubs)
    out = tmp_path / "shown"
    shown = audited(story, capsys, "show", three, "--out", str(out), "--hub", story.offices.address)
    assert ("Why so few?", 1) == (shown["question"], len(shown["evidence"]))
    assert {b"Why so few?", b"The sample was redesigned."} == {path.read_bytes() for path in out.iterdir()}


def test_a_record_is_opened_checked_and_counted_again_by_commands(
    story: Story, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home, record = str(story.offices.home("m3")), tmp_path / "record.json"
    leaf = str(story.exchange.answers["m3"].ref.index)
    audited(story, capsys, "open", leaf, "--out", str(record), "--home", home)
    assert 0o600 == record.stat().st_mode & 0o777
    checked = audited(story, capsys, "check", str(record), "--hub", story.offices.address)
    assert (int(leaf), "m3", []) == (checked["answer"], checked["member"], checked["differs-in"])
    again = audited(story, capsys, "rerun", str(record), "--home", home)
    assert ([], "the table is the one that was answered with") == (again["different"], again["says"])
    forged = tmp_path / "forged.json"
    forged.write_bytes(record.read_bytes().replace(b'"id":"survey"', b'"id":"census"'))
    audited(story, capsys, "check", str(forged), "--hub", story.offices.address, exit=1)
    (tmp_path / "home.toml").write_text(BINDING)
    files = ["--source", str(story.offices.folder / "m6.csv"), "--binding", str(tmp_path / "home.toml")]
    differs = audited(story, capsys, "rerun", str(record), *files, "--hub", story.offices.address, exit=1)
    assert "files, table" in differs["message"]
    audited(story, capsys, "rerun", str(record), *files[:2], "--hub", story.offices.address, exit=2)
    audited(story, capsys, "open", leaf, "--out", str(record), "--home", str(story.offices.home("m1")), exit=2)


def test_nothing_secret_is_kept_when_all_is_over(story: Story) -> None:
    """What stays says only that something was answered, listed and sent."""
    story.offices.stop("m1")
    for id in ("m1", "m3", "m5", "m6"):
        vault = Vault(story.offices.home(id) / "seal.db")
        kept = {name.rpartition("/")[2] for name in vault.memory(Question(study=STUDY.digest, period=PERIOD))}
        assert kept <= {"answered", "listed", "table.sent", "gone"}, id


def test_every_body_that_left_is_in_the_journal(story: Story) -> None:
    """Statements, manifest and boxes, vector, list of shares, table, release, cosignatures, the request for boxes."""
    entries = desk.egress(story.offices.home("m1"))
    sent = {entry.digest for entry in entries}
    said = [story.exchange.shares["m1"], story.exchange.answers["m1"], story.exchange.unmask["m1"]]
    assert {one.body.digest for one in said} <= sent
    assert {facts.release.digest for facts in story.state.releases.values() if facts.publisher == "m1"} <= sent
    assert {"statement", "body", "cosignature", "request"} == {entry.kind for entry in entries}
    with Office.open(story.offices.home("m1"), runs=False) as office:
        office.follower.poll()
        leaves = office.follower.reader.leaves(0, office.follower.state.size)
    mine = [leaf for leaf in leaves if statement.read(leaf).act.actor == "m1"]
    assert {digest(leaf) for leaf in mine[1:]} <= sent  # leaf 0 went to the hub's operator by hand


def test_the_ledger_names_what_was_paid_for(story: Story) -> None:
    (line,) = desk.ledger(story.offices.home("m1"))
    assert STUDY.noise is not None
    assert (STUDY.digest, PERIOD, STUDY.noise.epsilon) == (line.study, line.period, line.charged.epsilon)
    assert () == desk.ledger(story.offices.home("m2"))


def test_a_sound_node_is_told_to_be_sound(story: Story) -> None:
    assert [] == [check for check in story.doctor if not check.ok]


def test_an_answer_that_was_given_is_not_given_again(story: Story) -> None:
    with pytest.raises(UsageError, match="answered in the log already"):
        desk.decline(story.offices.home("m3"), STUDY.id, PERIOD)


def test_a_second_vote_is_refused_and_the_same_one_is_not_a_second(story: Story) -> None:
    offices = story.offices
    motion = next(iter(story.state.motions))
    size = offices.state().size
    with pytest.raises(NotAdmitted, match=r"act\.(closed|repeated)"):
        floor.vote(offices.home("m1"), motion, "no")
    with pytest.raises(NotAdmitted, match=r"act\.closed"):
        floor.comment(offices.home("m1"), motion, "too late")
    assert size == offices.state().size


def test_what_is_not_there_is_said_with_what_is(story: Story) -> None:
    home = story.offices.home("m1")
    with pytest.raises(UsageError, match="TRUST-WAVES"):
        desk.dry_run(home, "NO-SUCH-STUDY", PERIOD)
    with pytest.raises(UsageError, match=PERIOD):
        desk.dry_run(home, STUDY.id, "1999")
    with pytest.raises(UsageError, match="no such motion"):
        floor.vote(home, 100_000, "yes", patience=0)


def test_a_folder_is_one_processs(story: Story) -> None:
    offices = story.offices
    offices.start("m3")
    with pytest.raises(Locked, match="process"):
        run.run([offices.home("m3")])
    assert 0 == offices.stop("m3")


def test_a_hub_that_went_away_is_one_line_and_the_node_stays(story: Story) -> None:
    offices = story.offices
    offices.start("m5")
    offices.kill("hub")
    offices.wait("m5", "way out: check the address and the network")
    lines = offices.output("m5").splitlines()
    offices.start_hub()
    assert 1 == sum("does not answer" in line for line in lines)
    assert 0 == offices.stop("m5")
