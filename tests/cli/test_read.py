"""What anyone reads of a log at the command line: true facts of a real log, and what must be said beside them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from comity import canon
from comity.acts.motion import Comment
from comity.cli.main import run
from tests.builders.assembly import Assembly, party
from tests.builders.seal import World
from tests.services.node.hub import Hub


class Reader:
    """Runs commands against a hub."""

    def __init__(self, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub, self.capsys = hub, capsys
        self.charter = canon.digest(canon.encode(hub.assembly.charter))

    def json(self, *words: str, exit_code: int = 0) -> Any:
        """The facts of a command under the pinned charter; nothing else may be said."""
        assert exit_code == run([*words, "--hub", self.hub.address, "--charter", self.charter, "--json"])
        told = self.capsys.readouterr()
        assert "" == told.err
        return json.loads(told.out)

    def text(self, *words: str, pin: bool = True) -> tuple[str, str]:
        """What people read of a command, and what is said beside it."""
        pinned = ["--charter", self.charter] if pin else []
        assert 0 == run([*words, "--hub", self.hub.address, *pinned])
        told = self.capsys.readouterr()
        return told.out, told.err


@pytest.fixture
def reader(capsys: pytest.CaptureFixture[str]) -> Iterator[Reader]:
    """Four members; a norm and a study in force, a motion open and commented, an exchange, a refusal, a breach."""
    assembly = Assembly(4)
    assembly.adopt("norm", b"{}", name="trust/1.0.0")
    study = assembly.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    motion = assembly.motion("norm", b'{"b":2}', name="trust/2.0.0", mover="m3")
    text = assembly.body(b"Why four answers?")
    assembly.say("m2", Comment(motion=motion, text=text, language="en"))
    assembly.vote(motion, "no", "m1", "m2")
    assembly.run(study)
    assembly.refuse("m1", study, period="2")
    assembly.smuggle(b"nonsense")
    assembly.tick()
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        yield Reader(hub, capsys)


def test_the_head_is_the_checkpoint(reader: Reader) -> None:
    head, state = reader.json("log", "head"), reader.hub.assembly.state
    assert (reader.charter, True, state.size) == (head["charter"], head["pinned"], head["size"])
    assert (["m1", "m2", "m3", "m4"], "3 of 4 witnesses") == (head["cosigned-by"], head["quorum"])
    assert head["time"].endswith("Z")


def test_every_leaf_is_listed_and_one_without_effect_says_why(reader: Reader) -> None:
    rows = reader.json("log", "list")
    assert list(range(len(reader.hub.assembly.leaves))) == [row["leaf"] for row in rows]
    assert ["none: act.malformed"] == [row["effect"] for row in rows if row["effect"] != "yes"]
    votes = reader.json("log", "list", "--kind", "vote", "--actor", "m2")
    assert ["leaf 6 yes", "leaf 13 yes", "leaf 20 no"] == [row["about"] for row in votes]


def test_a_leaf_is_shown_field_by_field(reader: Reader) -> None:
    leaf = reader.json("log", "show", "22")
    data = reader.hub.assembly.leaves[22]
    assert ("vote", "m1", "no", canon.digest(data)) == (
        leaf["kind"],
        leaf["actor"],
        leaf["body"]["choice"],
        leaf["digest"],
    )
    shown, _ = reader.text("log", "show", "22")
    assert "motion.index   20" in shown.splitlines()
    assert "unreadable" == reader.json("log", "show", "45")["kind"]


def test_a_leaf_that_is_not_there_is_a_usage_error(reader: Reader) -> None:
    assert 2 == run(["log", "show", "9999", "--hub", reader.hub.address, "--json"])
    assert "no such leaf" in json.loads(reader.capsys.readouterr().err)["message"]


def test_who_pins_nothing_is_told_so_beside_the_facts(reader: Reader) -> None:
    out, err = reader.text("log", "head", pin=False)
    assert "pinned       no" in out.splitlines()
    assert f"comity: under a charter you did not pin: give --charter {reader.charter}" in err


def test_another_charter_is_refused(reader: Reader) -> None:
    other = "sha256:" + 64 * "0"
    assert 1 == run(["log", "head", "--hub", reader.hub.address, "--charter", other])
    assert "comity: verify.failed: leaf 0: the log begins with another charter" in reader.capsys.readouterr().err


def test_a_log_with_a_leaf_left_out_does_not_verify(reader: Reader) -> None:
    assert "root-from-leaves       yes" in reader.text("log", "verify")[0].splitlines()
    leaves = reader.hub.assembly.leaves
    reader.hub.tiles([*leaves[:3], *leaves[4:], leaves[1]])
    assert 1 == run(["log", "verify", "--hub", reader.hub.address])


def test_breaches_are_worded(reader: Reader) -> None:
    (breach,) = reader.json("assembly", "breaches")
    assert (45, ["act.malformed"]) == (breach["leaf"], breach["codes"])
    out, err = reader.text("log", "verify")
    assert "comity assembly breaches" in err
    assert "leaves-without-effect  1" in out.splitlines()


def test_members_and_what_is_in_force(reader: Reader) -> None:
    members = reader.json("assembly", "members")
    assert [("m1", True, True), ("m2", True, True)] == [(m["id"], m["standing"], m["witness"]) for m in members[:2]]
    things = reader.json("assembly", "in-force")
    assert [("norm", "trust/1.0.0"), ("study", "trust-waves/1.0.0")] == [(t["matter"], t["name"]) for t in things]
    assert things[:1] == reader.json("norm", "list")
    assert things[1:] == reader.json("study", "list")


def test_an_agency_is_in_good_standing_without_a_vote_and_speaks_for_no_area(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assembly = Assembly(2, others=[party("agency", role="custodian")])
    with Hub(assembly) as hub:
        hub.date = ""
        hub.publish(assembly.time)
        reader = Reader(hub, capsys)
        found = next(row for row in reader.json("assembly", "members") if row["id"] == "agency")
        assert (None, "custodian", 0, True) == tuple(found[key] for key in ("area", "role", "votes", "standing"))
        lines = reader.text("assembly", "members")[0].splitlines()
    assert "in good standing" in next(line for line in lines if line.startswith("agency"))


def test_motions_and_what_came_of_them(reader: Reader) -> None:
    rows = reader.json("motion", "list")
    assert [(6, "adopted", 4, 0), (13, "adopted", 4, 0), (20, "open", 0, 2)] == [
        (row["motion"], row["outcome"], row["yes"], row["no"]) for row in rows
    ]
    shown = reader.json("motion", "show", "20")
    assert ({"m1": "no", "m2": "no"}, "Why four answers?") == (shown["votes"], shown["comments"][0]["text"])
    assert "Why four answers?" in reader.text("motion", "show", "20")[0]
    assert 2 == run(["motion", "show", "7", "--hub", reader.hub.address])
    assert "no such motion" in reader.capsys.readouterr().err


def test_a_comment_that_was_taken_down_is_said_to_be(reader: Reader) -> None:
    name = canon.hex_of(canon.digest(b"Why four answers?"))
    del reader.hub.files[f"blobs/sha256/{name[:2]}/{name}"]
    assert "(the text is not kept any more)" == reader.json("motion", "show", "20")["comments"][0]["text"]


def test_how_far_studies_and_exchanges_are(reader: Reader) -> None:
    one, two = reader.json("assembly", "studies")
    assert (4, 0, 0, "sum opened") == (one["consents"], one["refusals"], one["silent"], one["outcome"])
    assert (["m1"], ["m2", "m3", "m4"], "not opened") == (two["refused"], two["has-not-spoken"], two["outcome"])
    (exchange,) = reader.json("assembly", "exchanges")
    assert (4, 4, 4, 4) == tuple(exchange[name] for name in ("roster", "shared", "answered", "survivors"))


def test_what_a_joint_sum_waits_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Three of five consented, and with one colluding four must: t = max(floor((n + 1) / 2) + 1, 4)."""
    world = World(5)
    for id in ("m1", "m2", "m3"):
        world.act(world.office(id))
    with Hub(world.assembly) as hub:
        hub.date = ""
        hub.publish(world.assembly.time)
        name = canon.hex_of(world.study.digest)
        hub.files[f"blobs/sha256/{name[:2]}/{name}"] = canon.encode(world.study)
        assert 0 == run(["assembly", "studies", "--hub", hub.address])
    assert "not opened: 3 of 4 sealed consents needed" in capsys.readouterr().out


def test_the_charter_in_words(reader: Reader) -> None:
    shown, _ = reader.text("charter", "show")
    wanted = "rule norm             more than 50 % yes of yes and no, 50 % of all votes cast, open 60 s at least"
    assert wanted in shown.splitlines()
    assert "m1" == reader.json("charter", "show")["text"]["convenor"]


def test_no_release_is_said_and_none_is_fetched(reader: Reader) -> None:
    assert "Nothing was published yet.\n" == reader.text("release", "list")[0]
    assert 2 == run(["release", "fetch", "--hub", reader.hub.address, "--out", "nowhere"])
    assert "no joint release was published yet" in reader.capsys.readouterr().err
