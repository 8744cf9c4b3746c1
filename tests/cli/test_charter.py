"""A charter by commands alone: amended, its offices filled, a candidate admitted, and its witnesses replaced.

Hub and nodes are processes of their own; what the charter is afterwards is read by a stranger, who checks the log.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from comity.model.moment import iso
from tests.builders.ports import free_address
from tests.cli.test_life import RULES, Life

IDS: Final = ("ke", "no", "pe", "mw")
HEAD: Final = """\
name = "Three offices and a candidate"
origin = "example.org/three"
challenge_seconds = 60
host = "pe"
recused = ["hub", "charter"]
"""
OFFICES: Final = """
[groups]
south = ["604", "404"]
north = ["578"]

[[offices]]
id = "clerk"
seconds = 31536000
terms = 0
excludes = ["chair"]
host = true

[[offices]]
id = "chair"
seconds = 63072000
terms = 2
excludes = []
host = false
"""
AMENDMENT: Final = """\
audit_seconds = 864000

[rules.study]
method = "majority"
share = 66
quorum = 50
objections = 0
seconds = 1
counted = "members"
groups = 2
"""
YEAR: Final = 31_536_000  # seconds
ALL: Final = ("ke", "no", "pe", "mw")

pytestmark = pytest.mark.long  # half a minute; what the commands say is in test_office.py


def decided(life: Life, *words: str, by: tuple[str, ...], home: str = "ke") -> dict[str, Any]:
    """What a command moved, voted for by these: its row, once a tick has decided it."""
    motion = life.ok(*words, "--open", "2", "--home", home)["motion"]
    life.ok("vote", "cast", str(motion), "yes", *[word for id in by for word in ("--home", id)])
    for _ in range(100):
        row: dict[str, Any] = next(row for row in life.ok("motion", "list", "--home", "ke") if row["motion"] == motion)
        if row["outcome"] != "open":
            return row
        time.sleep(0.2)
    raise AssertionError(row)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Founded and running; all have acceded, mw as a candidate."""
    place = tmp_path_factory.mktemp("charter")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        here = Life(place)
        here.homes = [word for id in IDS for word in ("--home", id)]
        try:
            _found(here)
            yield here
        finally:
            for process in here.processes.values():
                process.kill()
                process.wait(30)


def _found(life: Life) -> None:
    (life.place / "charter.toml").write_text(f"{HEAD}{RULES}{OFFICES}")
    (life.place / "change.toml").write_text(AMENDMENT)
    listen = free_address()
    life.ok("hub", "init", "--home", "hub", "--listen", listen, "--address", f"http://{listen}")
    for id, area in zip(IDS, ("404", "578", "604", "454"), strict=True):
        life.ok(
            "node", "init", "--home", id, "--id", id, "--area", area, *(("--role", "candidate") if id == "mw" else ())
        )
    parties = [word for id in IDS for word in ("--party", f"{id}/party.json")]
    witnesses = [word for id in IDS[:3] for word in ("--witness", id)]
    draft = ("charter", "draft", "charter.toml", "--hub", "hub/hub.json", "--convenor", "ke", "--out", "charter.json")
    life.ok(*draft, *parties, *witnesses)
    life.ok("charter", "sign", "charter.json", "--home", "ke", "--out", "charter.leaf")
    life.charter = life.ok("hub", "found", "charter.leaf", "--home", "hub")["charter"]
    life.hub = f"http://{listen}"
    life.start("hub", "hub", "run", "--home", "hub")
    life.wait("hub", "listening")
    life.ok("node", "join", *life.homes, "--hub", life.hub, "--charter", life.charter)
    life.start("node", "node", "run", "--poll", "0.1", *life.homes)
    life.ok("charter", "accede", *life.homes)
    life.wait("hub", "published")


def stranger(life: Life, *words: str) -> Any:
    """What a command shows to one who has the hub's address and the charter's digest alone."""
    return life.ok(*words, "--hub", life.hub, "--charter", life.charter)


def test_the_charter_is_told_in_plain_words(life: Life) -> None:
    code, out, err = life.give("charter", "show", "--home", "no")
    assert 0 == code, err
    told = {line[:22].strip(): line[22:] for line in out.splitlines()}
    assert "365 days at most, not beside chair" == told["office clerk"]
    assert "730 days at most, 2 in a row, not by the host's office" == told["office chair"]
    assert "the host's office has no vote on charter, hub" == told["recused"]
    assert "members of areas 404, 604" == told["group south"]
    assert "no motion" == told["amended-by"]


def test_an_amendment_shows_old_beside_new_and_changes_the_charter_for_everyone(life: Life) -> None:
    """The host's office, recused from it, is refused its vote."""
    row = decided(life, "charter", "amend", "change.toml", by=("ke", "no"))
    assert ("adopted", "charter: rule study, audits") == (row["outcome"], row["name"])
    text = stranger(life, "charter", "show")["text"]
    assert (864000, 2, "members") == (
        text["audit_seconds"],
        text["rules"]["study"]["groups"],
        text["rules"]["study"]["counted"],
    )
    (life.place / "again.toml").write_text("audit_seconds = 3\n")
    out = life.ok("charter", "amend", "again.toml", "--home", "ke")
    assert [("audits", "an answer is due after 10 days; then it is silence")] == [
        (change["article"], change["now"]) for change in out["changes"]
    ]
    code, _, err = life.give("vote", "cast", str(out["motion"]), "yes", "--home", "pe")
    assert (1, True) == (code, "vote.recused" in err)
    life.ok("motion", "withdraw", str(out["motion"]), "--home", "ke")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('host = "ke"\n', 3, "unknown field host"),
        ("", 1, "motion.terms"),
        ("audit_seconds = -1\n", 1, "motion.terms"),
        ("audit_seconds = 'x'\n", 3, "audit_seconds"),
        ("=", 3, "correct the line it names"),
    ],
)
def test_what_no_charter_holds_is_refused_in_one_line(life: Life, text: str, code: int, words: str) -> None:
    (life.place / "wrong.toml").write_text(text)
    found, _, err = life.give("charter", "amend", "wrong.toml", "--home", "ke")
    assert (code, 1, True) == (found, len(err.splitlines()), words in err)


def test_an_office_is_filled_by_a_vote_and_not_by_the_host(life: Life) -> None:
    now = int(time.time())
    first, last = iso(now - 1000), iso(now + YEAR)
    words = ("office", "nominate", "chair", "pe", "--from", first, "--until", last, "--home", "ke")
    code, _, err = life.give(*words)
    assert (1, True) == (code, "office.conflict" in err)
    assert (
        "adopted" == decided(life, "office", "nominate", "chair", "no", *words[4:8], by=("ke", "no", "pe"))["outcome"]
    )
    (chair, clerk) = stranger(life, "office", "list")
    assert ("chair", "no", last, "clerk", "vacant") == (
        chair["office"],
        chair["held-by"],
        chair["until"],
        clerk["office"],
        clerk["held-by"],
    )
    assert [("no", "held")] == [(row["member"], row["is"]) for row in stranger(life, "office", "terms")]
    code, _, err = life.give("office", "nominate", "chair", "no", "--from", "soon", "--until", last, "--home", "ke")
    assert (2, True) == (code, "--from: not a time; found soon" in err)


def test_a_candidate_becomes_a_member_and_then_a_witness(life: Life) -> None:
    """Two of three witnesses are others afterwards; the hub goes on, and everyone finds their quorum under its head."""
    code, _, err = life.give("vote", "cast", "0", "yes", "--home", "mw")
    assert 2 == code, err
    assert "adopted" == decided(life, "charter", "admit", "mw", by=("ke", "no", "pe"))["outcome"]
    life.ok("charter", "accede", "--home", "mw")
    row = decided(life, "charter", "witnesses", "ke", "mw", home="mw", by=ALL)
    assert ("adopted", "witnesses: ke, mw") == (row["outcome"], row["name"])
    wanted = decided(life, "charter", "witnesses", "pe", "mw", "no", by=ALL)
    assert "adopted" == wanted["outcome"]
    head = stranger(life, "log", "verify")
    assert {"mw", "no", "pe"} >= set(head["cosigned-by"])
    assert ("2 of 3 witnesses", wanted["decided-at"] + 1) <= (head["quorum"], head["size"])
    policy = (life.place / "hub/public/policy").read_text()
    assert ["mw", "no", "pe"] == [line.split("/")[2].split()[0] for line in policy.splitlines() if "witness " in line]
    audited = life.ok("log", "audit", str(life.place / "hub/public"), "--charter", life.charter)
    assert ("folded", "none") == (audited["leaves"], str(audited["leaves-without-effect"] or "none"))
    recounted = stranger(life, "assembly", "recount", str(wanted["motion"]))
    assert ("adopted", "adopted") == (recounted["recount"], recounted["fold"])


def test_a_restarted_hub_and_node_stand_where_they_stood(life: Life) -> None:
    """The head that is published bears the new witnesses alone."""
    for name, words in (
        ("hub", ("hub", "run", "--home", "hub")),
        ("node", ("node", "run", "--poll", "0.1", *life.homes)),
    ):
        code, printed = life.stop(name)
        assert 0 == code, printed
        life.start(name, *words)
    life.wait("hub", "listening")
    assert "adopted" == decided(life, "charter", "witnesses", "ke", "no", "pe", home="ke", by=ALL)["outcome"]
    assert ["ke", "no", "pe"] == stranger(life, "charter", "show")["text"]["witnesses"]
