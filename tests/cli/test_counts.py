"""Reciprocity, influence and a recount at the command line, from what a hub publishes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from comity import canon
from comity.assembly import fold
from comity.assembly.state import State
from comity.cli.main import run
from comity.services import reading
from tests.builders.assembly import Assembly, party
from tests.sample import norm, study
from tests.services.node.hub import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Members with 3, 1, 1 votes and a custodian that drafts; a study of two periods; a sum, a refusal, a breach."""
    members = [party("m1", weight=3), party("m2"), party("m3"), party("m4")]
    assembly = Assembly(members, others=[party("agency", role="custodian")])
    first = assembly.motion("norm", norm(), mover="agency", name="trust/1.0.0")
    assembly.vote(first, "yes", "m1", "m2")
    assembly.vote(first, "no", "m3")
    assembly.decide(first)
    asked = assembly.adopt("study", study(), name="trust-waves/1.0.0")
    assembly.run(asked, period="2010-2014")
    assembly.refuse("m2", asked, period="2005-2009")
    assembly.smuggle(b"nonsense")
    assembly.tick()
    with Hub(assembly) as served:
        served.publish(assembly.time)
        yield served


def words(hub: Hub, *command: str) -> list[str]:
    return ["assembly", *command, "--hub", hub.address, "--charter", canon.digest(canon.encode(hub.assembly.charter))]


def told(hub: Hub, capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert run([*words(hub, *command), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_reciprocity_counts_periods_that_the_studys_text_lists(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(hub, capsys, "reciprocity")
    by_id = {account["id"]: account for account in found["accounts"]}
    assert ["agency", "m1", "m2", "m3", "m4"] == list(by_id)
    assert (2, 1, 1, 0) == tuple(by_id["m2"][name] for name in ("asked", "consented", "refused", "silent"))
    assert (2, 1, 0, 1) == tuple(by_id["m3"][name] for name in ("asked", "consented", "refused", "silent"))
    assert {"policy.noise-below-floor": 1} == by_id["m2"]["refusals-by-code"]
    assert {"count": 1, "of": 1} == by_id["m4"]["in-the-sum"]
    assert None is by_id["agency"]["cosigned"]
    acts = sum(sum(one["acts"].values()) for one in [*found["accounts"], found["hub"]])
    assert {"count": 1, "of": acts + 1} == found["hub"]["leaves-against-the-rules"]
    assert run(words(hub, "reciprocity")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["id", "role", "studies-moved", "asked"]
    assert "m2  policy.noise-below-floor         1" in lines


def test_influence_is_exact_in_json_and_rounded_in_print(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Votes 3, 1, 1, 1 and four of six to adopt: m1 swings 7 of 8, the others one each."""
    found = told(hub, capsys, "influence")
    (rule,) = found["power"]
    assert (4, 6) == (rule["quota"], rule["of"])
    assert [("m1", "7", "7/8", "7/10"), ("m2", "1", "1/8", "1/10")] == [
        (seat["id"], seat["swings"], seat["decisive"], seat["banzhaf"]) for seat in rule["members"][:2]
    ]
    agency, m1, _, m3, _ = found["members"]
    assert {"count": 1, "of": 1} == agency["norms-adopted"]
    assert (2, 0, 0) == tuple(m1["votes"][name] for name in ("with-outcome", "against-outcome", "did-not-vote"))
    assert (1, 1, 2) == tuple(m3["votes"][name] for name in ("with-outcome", "against-outcome", "of"))
    assert ("1", None) == (found["concentration"]["norms-moved"], found["concentration"]["answers"])
    assert run(words(hub, "influence")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    1    0.1250   0.1000   0.0833        3  m2, m3, m4" in lines
    assert "answers          -" in lines


def test_a_recount_shows_the_roll_and_agrees(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    index = next(iter(hub.assembly.state.motions))
    found = told(hub, capsys, "recount", str(index))
    assert ("adopted", "adopted", []) == (found["recount"], found["fold"], found["differs-in"])
    assert (4, 1, 0, 1, 6) == tuple(found[name] for name in ("yes", "no", "abstain", "did-not-vote", "of"))
    absent = {"member": "m4", "votes": 1, "choice": None, "leaf": None, "group": "", "counts": True, "too-late": False}
    assert absent == found["roll"][3]
    assert run(words(hub, "recount", str(index))) == 0
    assert "m3          1  no        10  yes     no" in capsys.readouterr().out.splitlines()


def test_a_recount_that_differs_says_in_what_and_exits_with_1(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first count that is wrong: the fold says that the motion was rejected."""
    index = next(iter(hub.assembly.state.motions))

    def wrong(leaves: Any) -> State:
        state = fold.start()
        for leaf in leaves:
            state, _ = fold.step(state, leaf)
        motion = replace(state.motions[index], outcome="rejected")
        return state.having(motions={**state.motions, index: motion})

    monkeypatch.setattr(reading.fold, "replay", wrong)
    assert run(words(hub, "recount", str(index))) == 1
    printed = capsys.readouterr()
    assert ["differs-in", "outcome"] in [line.split() for line in printed.out.splitlines()]
    assert f"motion {index}: two counts of this motion differ; found outcome" in printed.err


def test_a_motion_that_is_none_is_a_usage_error(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(hub, "recount", "0")) == 2
    assert "no such motion" in capsys.readouterr().err


def test_a_motion_that_was_rejected_says_why(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Six votes, none of which took part."""
    log = hub.assembly
    motion = log.motion("study", b"{}")
    log.decide(motion)
    hub.publish(log.time)
    assert run(["motion", "show", str(motion.index), *words(hub)[1:]]) == 0
    assert "The quorum was not reached: 0 of 6 votes took part" in capsys.readouterr().out
