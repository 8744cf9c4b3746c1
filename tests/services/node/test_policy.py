"""A policy at work in a real node: what it may rest on, what breaks in it, and who says yes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.acts import statement
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.cli.main import run as command
from comity.errors import ConfigError, UsageError
from comity.model import policy as policies
from comity.model.reason import Reason
from comity.services.node import approval, desk, intake, officers, question, replay, setup
from comity.stages.consent import Decision
from tests import sample
from tests.builders import faults
from tests.builders.offices import BINDING, POLICY
from tests.services.node.test_node import STUDY, Scene, scene  # noqa: F401 (a fixture)

PERIOD = STUDY.periods[0].id
FOUR_EYES = POLICY.replace("officer = false", "officer = true\nfour_eyes = true")
NAMED = POLICY.replace('movers = ["*"]', 'movers = ["*"]\nsources = ["survey"]')
STRICTER = {
    "as it is": POLICY,
    "one source": NAMED,
    "another source": NAMED.replace('"survey"', '"census"'),
    "coarse": POLICY + '\n[[finest]]\ndimension = "ANSWER"\nmost = 2\n',
    "few cells": POLICY.replace("officer = false", "officer = false\ncells = 7"),
    "clear": POLICY + "\n[decided]\nshare = 99\nvotes = 5\n",
    "many": POLICY.replace("witnesses = 0", "witnesses = 0\nmembers = 6"),
    "cheap": POLICY.replace('delta = "0.001"', 'delta = "0.001"\nstudy = "0.1"'),
    "poor": POLICY.replace('epsilon = "6"', 'epsilon = "0.1"'),
}
ROWS = {
    "nobody": "",
    "one person": "7,6,1,1\n",
    "a person twice": "7,6,1,1\n7,6,1,2\n",
    "answers on no list": "".join(f"{uid},6,99,7\n" for uid in range(50)),
    "all alike": "".join(f"{uid},6,4,2\n" for uid in range(500)),
}


def decide(scene: Scene) -> Decision:  # noqa: F811
    """What the running node would decide now."""
    node = scene.node()
    try:
        node.round()
        office = node.office
        (asked,) = question.every(office)
        return question.decide(office, office.policy, question.asked(office, asked))
    finally:
        node.office.close()


def install(scene: Scene, text: str) -> None:  # noqa: F811
    setup.install(scene.home, text.encode(), where="policy.toml")


def test_no_refusal_depends_on_data(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    """Attack: a refusal that depends on data. Whatever rows stand in the file, the node says the same of the study."""
    node = scene.node()
    install(scene, POLICY.replace("officer = false", "officer = true"))  # so that it reads the log and says nothing
    node.round()
    (asked,) = question.every(node.office)
    for rule, text in STRICTER.items():
        install(scene, text)
        found = set()
        for rows in ROWS.values():
            (tmp_path / "people.csv").write_text(f"uid,wave,q42,sex\n{rows}")
            decision = question.decide(node.office, node.office.policy, question.asked(node.office, asked))
            found.add((decision.waits, *((reason.code, *sorted(reason.params.items())) for reason in decision.reasons)))
        assert 1 == len(found), rule
        assert (rule in ("as it is", "one source", "clear")) == (found == {(False,)}), rule
    node.office.close()


def test_a_fact_that_breaks_in_the_node_never_consents(scene: Scene) -> None:  # noqa: F811
    """Attack: a policy that fails half-way. Every call on the way to a decision raises in turn."""
    node = scene.node()
    node.round()
    office = node.office
    (asked,) = question.every(office)

    def work() -> Any:
        return question.decide(office, office.policy, question.asked(office, asked))

    assert work().consents
    within = "/src/comity/services/node/"
    count = faults.lines(work, within=within)
    found = [faults.broken(work, at, lambda: OSError("torn"), within=within) for at in range(count)]
    office.close()
    assert count > 20
    assert [] == [one for one in found if isinstance(one, Decision) and one.consents]


def test_a_binding_that_changed_after_consent_answers_nothing(scene: Scene) -> None:  # noqa: F811
    """Attack: binding changed after consent. The node counts under the binding that the log has, or not at all."""
    assert [ConsentGiven] == scene.rounds()
    scene.hub.publish(scene.hub.assembly.time)
    intake.bind(scene.home, "survey", BINDING.replace('1 = "M", 2 = "F"', '2 = "M", 1 = "F"'), where="binding.toml")
    assert [ConsentGiven] == scene.rounds(2)
    assert [True] == ["the binding is not the one that was consented with" in line for line in scene.lines]
    assert [] == scene.hub.bodies
    intake.bind(scene.home, "survey", BINDING, where="binding.toml")
    scene.rounds()
    assert 1 == len(scene.lines)


def test_a_deviation_without_a_reservation_is_refused(scene: Scene) -> None:  # noqa: F811
    """And answered once the assembly reads of it."""
    intake.bind(scene.home, "survey", 'deviations = ["asked by telephone"]\n' + BINDING, where="binding.toml")
    assert (Reason(code="norm.not-reserved"),) == decide_quietly(scene).reasons
    scene.hub.assembly.reserve("m1", sample.norm().digest, "variable:Q1")
    scene.hub.publish(scene.hub.assembly.time)
    assert () == decide_quietly(scene).reasons


def decide_quietly(scene: Scene) -> Decision:  # noqa: F811
    install(scene, POLICY.replace("officer = false", "officer = true"))
    return decide(scene)


# Four eyes


@pytest.fixture
def eyes(scene: Scene) -> Scene:  # noqa: F811
    """Two officers, and a policy that wants both."""
    install(scene, FOUR_EYES)
    for name in ("ana", "ben"):
        officers.add(scene.home, name, f"the secret of {name}")
    return scene


def say(scene: Scene, name: str, answer: Callable[..., approval.Approval] = desk.approve) -> approval.Approval:  # noqa: F811
    return answer(scene.home, STUDY.id, PERIOD, officer=name, secret=f"the secret of {name}")


def test_two_different_officers_are_waited_for(eyes: Scene) -> None:
    assert [] == eyes.rounds()
    say(eyes, "ana")
    say(eyes, "ana")
    assert [] == eyes.rounds()
    assert 0 == desk.missing(eyes.home, say(eyes, "ben"))
    assert [ConsentGiven] == eyes.rounds()


def test_one_of_two_declines_and_the_node_refuses(eyes: Scene) -> None:
    say(eyes, "ana")
    say(eyes, "ben", desk.decline)
    assert [ConsentRefused] == eyes.rounds()
    body = statement.read(eyes.hub.statements[0]).act.body
    assert isinstance(body, ConsentRefused)
    assert (Reason(code="policy.officer"),) == body.reasons


def test_nobody_says_yes_under_anothers_name(eyes: Scene) -> None:
    for name, secret in (("ana", "the secret of ben"), ("eve", "the secret of eve"), ("ana", "")):
        with pytest.raises(UsageError, match="no officer here has this name and secret"):
            desk.approve(eyes.home, STUDY.id, PERIOD, officer=name, secret=secret)
    with pytest.raises(UsageError, match="each says who it is"):
        desk.approve(eyes.home, STUDY.id, PERIOD)
    with pytest.raises(ConfigError, match="not a name of an officer"):
        desk.approve(eyes.home, STUDY.id, PERIOD, officer="../ana", secret="the secret of ana")
    assert [] == eyes.rounds()


def test_an_answer_without_a_name_does_not_count_for_four_eyes(scene: Scene) -> None:  # noqa: F811
    """Given while one officer was enough; and the policy that asks for two is another one anyway."""
    install(scene, POLICY.replace("officer = false", "officer = true"))
    given = desk.approve(scene.home, STUDY.id, PERIOD)
    install(scene, FOUR_EYES)
    named = [approval.answers(scene.home, given.study, PERIOD, given.policy, given.binding, named=n) for n in (0, 1)]
    assert [1, 0] == [len(found) for found in named]
    assert [] == scene.rounds()


def test_a_changed_policy_asks_both_anew(eyes: Scene) -> None:
    say(eyes, "ana")
    say(eyes, "ben")
    install(eyes, FOUR_EYES.replace("threshold = 5", "threshold = 6"))
    assert [] == eyes.rounds()


def test_the_secret_is_nowhere_on_disk(eyes: Scene) -> None:
    say(eyes, "ana")
    held = [path for path in eyes.home.rglob("*") if path.is_file() and b"the secret of" in path.read_bytes()]
    assert [] == held
    with pytest.raises(ConfigError, match="there is an officer of this name"):
        officers.add(eyes.home, "ana", "another secret of ana")
    with pytest.raises(ConfigError, match="too short"):
        officers.add(eyes.home, "cid", "short")


# What another policy would have answered


def test_another_policy_is_asked_about_what_was_answered(scene: Scene) -> None:  # noqa: F811
    assert [ConsentGiven] == scene.rounds()
    scene.hub.publish(scene.hub.assembly.time)
    before = {path: path.read_bytes() for path in scene.home.glob("*.toml")}
    for rule, code in (
        ("another source", "policy.source-not-named"),
        ("coarse", "policy.geography-too-fine"),
        ("few cells", "policy.too-many-cells"),
        ("many", "policy.too-few-members"),
        ("cheap", "policy.study-too-dear"),
        ("poor", "budget.spent"),
    ):
        (one,) = replay.replay(scene.home, policies.read(STRICTER[rule]))
        assert ("consented", "would refuse", [code], True) == (
            one.then,
            one.now,
            [reason.code for reason in one.reasons],
            one.changed,
        )
    (same,) = replay.replay(scene.home, policies.read(POLICY))
    (asks,) = replay.replay(scene.home, policies.read(FOUR_EYES))
    assert ("would consent", False) == (same.now, same.changed)
    assert ("would wait for the officer", False) == (asks.now, asks.changed)
    assert before == {path: path.read_bytes() for path in scene.home.glob("*.toml")}


def test_a_refusal_may_have_been_a_yes(scene: Scene) -> None:  # noqa: F811
    install(scene, STRICTER["few cells"])
    assert [ConsentRefused] == scene.rounds()
    scene.hub.publish(scene.hub.assembly.time)
    (one,) = replay.replay(scene.home, policies.read(POLICY))
    assert ("refused", ["policy.too-many-cells"], "would consent", True) == (
        one.then,
        [reason.code for reason in one.then_reasons],
        one.now,
        one.changed,
    )


def test_the_commands_say_so(eyes: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four eyes and the replay as an officer types them."""
    from comity.cli.main import run

    def ok(*words: str, code: int = 0) -> tuple[Any, str]:
        assert code == run([*words, "--home", str(eyes.home), "--json"]), capsys.readouterr()
        out, err = capsys.readouterr()
        return (json.loads(out) if out else None), err

    for name in ("ana", "ben", "cid"):
        (tmp_path / f"{name}.txt").write_text(f"the secret of {name}\n")
    ok("consent", "officer", "cid", "--secret", str(tmp_path / "cid.txt"))
    asked = ("consent", "give", STUDY.id, PERIOD)
    _, err = ok(*asked, code=2)
    assert "each says who it is" in err
    _, err = ok(*asked, "--officer", "ana", code=2)
    assert "go together" in err
    _, err = ok(*asked, "--officer", "ana", "--secret", str(tmp_path / "ben.txt"), code=2)
    _, err = ok(*asked, "--officer", "ana", "--secret", str(tmp_path / "ana.txt"))
    assert "waits for 1 more of its officers" in err
    _, err = ok(*asked, "--officer", "cid", "--secret", str(tmp_path / "cid.txt"))
    assert "waits for" not in err
    assert [ConsentGiven] == eyes.rounds()
    eyes.hub.publish(eyes.hub.assembly.time)
    (tmp_path / "new.toml").write_text(STRICTER["few cells"])
    rows, err = ok("policy", "what-if", "--policy", str(tmp_path / "new.toml"))
    assert [("consented", "would refuse", ["policy.too-many-cells"])] == [
        (row["then"], row["now"], row["codes"]) for row in rows
    ]
    assert "of 1 questions 1 that were consented to would be refused, and 0" in err


def test_a_method_or_source_that_the_office_does_not_have_is_told_by_explain(
    scene: Scene,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    never = '[never]\nmethods = ["regresion"]\nsources = ["taxes"]\n\n[national]'
    install(scene, POLICY.replace("[national]", never, 1))
    explain = ["policy", "explain", "--home", str(scene.home)]
    assert 0 == command(explain)
    told = capsys.readouterr().out
    assert "Look again: no method here is called regresion:" in told
    assert "Look again: this office has no source taxes:" in told
    assert 0 == command([*explain, "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert (["regresion"], ["taxes"]) == (facts["name-no-method"], facts["name-no-source"])


def test_an_entry_of_the_list_that_names_no_cell_is_told_by_explain(
    scene: Scene,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Sentences stand without the hub; whether the list names a cell does not."""
    listed = 'threshold = 5\nsensitive = [{ SEX = "F" }, { SEX = "FEMALE" }, { SXE = "F" }]'
    install(scene, POLICY.replace("threshold = 5", listed))
    explain = ["policy", "explain", "--home", str(scene.home)]
    assert 0 == command(explain)
    told = capsys.readouterr().out
    assert ["Look again: SEX=FEMALE,", "Look again: SXE=F,"] == [
        line.partition(" of the")[0] for line in told.splitlines() if line.startswith("Look")
    ]
    assert 0 == command([*explain, "--json"])
    assert ["SEX=FEMALE", "SXE=F"] == json.loads(capsys.readouterr().out)["name-no-cell"]
    settings = scene.home / "comity.toml"
    settings.write_text(settings.read_text().replace(scene.hub.address, "http://127.0.0.1:9"))
    assert 0 == command([*explain, "--json"])
    found = capsys.readouterr()
    assert "name-no-cell" not in json.loads(found.out)
    assert "is not known" in found.err
