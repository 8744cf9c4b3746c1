"""Offices and amendments at the command line: m1's own folder says them, a small hub logs them, everyone reads them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.charter import Office
from comity.acts.motion import Motion
from comity.acts.terms import Amendment, Appointment, Terms
from comity.cli.main import run
from tests.builders.assembly import Assembly, charter_of, host_of, party
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office

CHAIR = Office(id="chair", seconds=10**8, terms=2, excludes=(), host=False)
CLERK = Office(id="clerk", seconds=10**8, terms=1, excludes=("chair",), host=True)
FIRST, LAST = 4_102_444_800, 4_133_980_800  # GNU date: 2100-01-01 and 2101-01-01, UTC


class Desk:
    """m1's folder and its hub, and commands given there."""

    def __init__(self, home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.hub, self.capsys = str(home), hub, capsys

    def ok(self, *words: str) -> Any:
        """The facts of a command that must end with yes."""
        code = run([*words, "--home", self.home, "--json"])
        told = self.capsys.readouterr()
        assert 0 == code, told.err
        return json.loads(told.out)

    def no(self, *words: str) -> tuple[int, str]:
        """Exit code and the one line of a command that must end otherwise."""
        code = run([*words, "--home", self.home])
        told = self.capsys.readouterr()
        assert ("", 1) == (told.out, len(told.err.splitlines()))
        return code, told.err

    def moved(self, facts: dict[str, Any]) -> Motion:
        """The motion that a command said; then all vote for it, and a tick decides it."""
        assembly = self.hub.assembly
        index = facts["motion"]
        body = statement.read(assembly.leaves[index]).act.body
        assert isinstance(body, Motion)
        motion = assembly.ref(index)
        assembly.vote(motion, "yes")
        assembly.decide(motion)
        self.hub.publish(assembly.time)
        assert "adopted" == assembly.state.motions[index].outcome
        return body


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """Four members, of whom m4 is the host, and a candidate."""
    parties = [*(party(f"m{i}") for i in range(1, 5)), party("waits", role="candidate")]
    assembly = Assembly(charter=replace(charter_of(parties), offices=(CHAIR, CLERK), host="m4"))
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        hub.publish(assembly.time)
        yield Desk(home, hub, capsys)


def test_a_nomination_is_a_motion_that_holds_its_term(desk: Desk) -> None:
    said = desk.ok("office", "nominate", "chair", "m2", "--from", "2100-01-01", "--until", "2101-01-01T00:00:00Z")
    body = desk.moved(said)
    wanted = Appointment(office="chair", member="m2", starts=FIRST, until=LAST)
    assert ("office", "chair: m2 from 2100-01-01", Terms(office=wanted)) == (body.matter, body.name, body.terms)
    chair, clerk = desk.ok("office", "list")
    assert ("vacant", "m2", "vacant", None) == (chair["held-by"], chair["then"], clerk["held-by"], clerk["then"])
    assert ["to come"] == [row["is"] for row in desk.ok("office", "terms")]
    for time, held, then, stands in ((FIRST, "m2", None, "held"), (LAST, "vacant", None, "over")):
        desk.hub.assembly.tick(time)
        desk.hub.publish(time)
        chair = desk.ok("office", "list")[0]
        assert (held, then) == (chair["held-by"], chair["then"])
        assert [stands] == [row["is"] for row in desk.ok("office", "terms")]


def test_the_term_of_a_member_that_left_is_void(desk: Desk) -> None:
    desk.moved(desk.ok("office", "nominate", "clerk", "m3", "--from", "2100-01-01", "--until", "2101-01-01"))
    desk.hub.assembly.withdraw("m3")
    desk.hub.publish(desk.hub.assembly.time)
    assert ["void"] == [row["is"] for row in desk.ok("office", "terms")]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("king", "m2", "2100-01-01", "2101-01-01"), 2, "OFFICE: no such office; found king; wanted chair, clerk"),
        (("chair", "m9", "2100-01-01", "2101-01-01"), 2, "MEMBER: no member in good standing; found m9; wanted m1, m2"),
        (("chair", "m2", "2100-01-01", "2110-01-01"), 2, "too long a term; found 3652 days; wanted 100000000 s"),
        (("chair", "m4", "2100-01-01", "2101-01-01"), 1, "office.conflict"),
        (("chair", "m2", "2101-01-01", "2100-01-01"), 2, "wanted after 2101-01-01T00:00:00Z"),
        (("chair", "m2", "1 January", "2100-01-01"), 2, "--from: not a time; found 1 January; wanted a day such as"),
        (("chair", "m2", "2100-01-01", "never"), 2, "--until: not a time"),
    ],
)
def test_a_nomination_that_cannot_be_is_one_line(desk: Desk, words: tuple[str, ...], code: int, told: str) -> None:
    name, member, first, last = words
    found, line = desk.no("office", "nominate", name, member, "--from", first, "--until", last)
    assert (code, True) == (found, told in line)


def test_an_assembly_without_offices_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Hub(Assembly(4)) as hub:
        hub.date = ""
        home = str(office(tmp_path / "office", hub))
        hub.publish(hub.assembly.time)
        for words, told in ((("list",), "The charter has no office.\n"), (("terms",), "Nobody was elected.\n")):
            assert 0 == run(["office", *words, "--home", home])
            assert told == capsys.readouterr().out


def test_an_amendment_is_moved_with_old_beside_new(desk: Desk, tmp_path: Path) -> None:
    text = tmp_path / "change.toml"
    text.write_text('audit_seconds = 864000\nrecused = ["witnesses", "hub"]\n')
    said = desk.ok("charter", "amend", str(text))
    assert [("recused", "hub", "hub, witnesses"), ("audits", "30 days", "10 days")] == [
        (change["article"], _end(change["now"]), _end(change["then"])) for change in said["changes"]
    ]
    body = desk.moved(said)
    wanted = Amendment(rules={}, recused=("hub", "witnesses"), audit_seconds=864000)
    assert ("charter: recused, audits", Terms(charter=wanted)) == (body.name, body.terms)
    shown = desk.ok("charter", "show")
    assert (864000, [said["motion"]]) == (shown["text"]["audit_seconds"], shown["amended-by"])


def _end(words: str) -> str:
    """What an article's words say in the end, without what follows a semicolon."""
    return words.partition(";")[0].replace(" on ", " after ").rpartition(" after ")[2]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ('host = "m1"\n', 3, "unknown field host"),
        ("", 1, "motion.terms"),
        ("audit_seconds = -1\n", 1, "motion.terms"),
        ("=", 3, "correct the line it names"),
        (None, 2, "change.toml"),
    ],
)
def test_an_amendment_that_cannot_be_is_one_line(
    desk: Desk, tmp_path: Path, text: str | None, code: int, told: str
) -> None:
    file = tmp_path / "change.toml"
    if text is not None:
        file.write_text(text)
    found, line = desk.no("charter", "amend", str(file))
    assert (code, True) == (found, told in line)


def test_witnesses_are_moved_as_a_set(desk: Desk) -> None:
    body = desk.moved(desk.ok("charter", "witnesses", "m3", "m1", "m3"))
    assert ("witnesses: m1, m3", Terms(witnesses=("m1", "m3"))) == (body.name, body.terms)
    assert ["m1", "m3"] == desk.ok("charter", "show")["text"]["witnesses"]
    code, line = desk.no("charter", "witnesses", "waits")
    assert (1, True) == (code, "motion.terms" in line)


def test_a_candidate_is_admitted_by_the_keys_that_it_has(desk: Desk) -> None:
    desk.moved(desk.ok("charter", "admit", "waits", "--weight", "2"))
    admitted = next(thing for thing in desk.hub.assembly.state.in_force.values() if thing.matter == "member")
    desk.hub.assembly.join(replace(party("waits"), weight=2))
    assert ("waits", 2) == (admitted.name, desk.hub.assembly.state.members["waits"].party.weight)
    code, line = desk.no("charter", "admit", "m2")
    assert (2, True) == (code, "m2: no candidate; found a member" in line)


def test_a_motion_on_the_hub_keeps_its_date_and_its_place(desk: Desk, tmp_path: Path) -> None:
    """None of the options is dropped: one that a hub cannot have is refused by the log's rules."""
    files = []
    for name in ("first", "second"):
        files.append(str(tmp_path / f"{name}.json"))
        Path(files[-1]).write_bytes(canon.encode(host_of(name)))
    first = desk.ok("motion", "move", "hub", files[0])["motion"]
    desk.hub.publish(desk.hub.assembly.time)
    code, line = desk.no("motion", "move", "hub", files[1], "--review", "2100-01-01")
    assert (1, True) == (code, "act.malformed" in line)
    second = desk.ok("motion", "move", "hub", files[1], "--starts", "2100-01-01", "--amends", str(first))
    body = desk.moved(second)
    assert (FIRST, desk.hub.assembly.ref(first)) == (body.starts, body.amends)
