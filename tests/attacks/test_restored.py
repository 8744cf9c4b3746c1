"""A restored backup that would answer twice: the node forgot what it said and spent, and a hub would like it again.

Guards: it answers nothing before a checkpoint that was cosigned after the restore, so no hub can show it the log from
before its answer; what the log says it took part in counts as spent; and no secret of an exchange is in a backup. Each
weakened node answers a second time, cosigns what is smaller, or spends anew.
"""

import shutil
from pathlib import Path

import pytest

from comity.acts import statement
from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer, ExchangeRefused
from comity.acts.refs import Ref
from comity.adapters.growth import Growth
from comity.adapters.ledger import Ledger
from comity.adapters.log import LogStore
from comity.assembly import queries
from comity.assembly.state import State
from comity.services.node import backup, desk, floor, restored, setup
from comity.services.node import charges as charges_of
from comity.services.node.office import Office
from tests.builders.offices import POLICY, Offices, study
from tests.services.node.test_node import STUDY, Scene, scene  # noqa: F401

PERIOD = STUDY.periods[0].id


def answers(scene: Scene) -> set[bytes]:  # noqa: F811
    """Every answer that the hub was ever given by m1, signed."""
    return {leaf for leaf in scene.hub.statements if isinstance(statement.read(leaf).act.body, Answer)}


@pytest.fixture
def loss(scene: Scene, tmp_path: Path) -> Scene:  # noqa: F811
    """m1 consents, is backed up, answers with its own table; then its disk is lost, and the backup is put back.

    The hub shows the log from before the answer, as the quorum had cosigned it then.
    """
    assembly = scene.hub.assembly
    assert [ConsentGiven] == scene.rounds(2)
    backup.backup(scene.home, tmp_path / "copy")
    scene.hub.publish(assembly.time + 1)
    before = dict(scene.hub.files)
    scene.rounds(3)
    assert 1 == len(answers(scene))
    shutil.rmtree(scene.home)
    backup.restore(tmp_path / "copy", scene.home, now=assembly.time + 2)
    scene.hub.files = before
    scene.lines.clear()
    return scene


def fresh(scene: Scene) -> None:  # noqa: F811
    """Witnesses saw the log once more."""
    scene.hub.publish(scene.hub.assembly.time + 3)


def test_a_log_from_before_its_answer_gets_no_second_one(loss: Scene) -> None:
    said = len(loss.said)
    loss.rounds(3)
    assert said == len(loss.said)
    assert 1 == sum("this node was restored" in line for line in loss.lines)


def test_a_node_that_did_not_wait_would_answer_twice(loss: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restored, "settle", lambda office: True)
    loss.rounds(3)
    assert 2 == len(answers(loss))


def test_once_the_log_is_read_its_answer_stands(loss: Scene) -> None:
    loss.rounds(2)
    fresh(loss)
    loss.rounds(3)
    assert 1 == len(answers(loss))
    assert None is restored.marked(loss.home)


def test_a_question_that_it_had_not_answered_is_answered_once(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    """A restored node is no dead node."""
    backup.backup(scene.home, tmp_path / "copy")
    shutil.rmtree(scene.home)
    backup.restore(tmp_path / "copy", scene.home, now=scene.hub.assembly.time + 2)
    assert [] == scene.rounds(2)
    fresh(scene)
    assert [ConsentGiven] == scene.rounds(2)


def _in_an_exchange(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    """m1 is on the roster of an exchange; its ledger is from before it."""
    assembly = scene.hub.assembly
    scene.rounds(2)
    backup.backup(scene.home, tmp_path / "copy")
    for member in sorted(set(assembly.members) - {"m1"}):
        assembly.consent(member, STUDY.digest, period=PERIOD)
    now, step = assembly.time, STUDY.timing.step
    deadlines = (now + step, now + 2 * step, now + 3 * step, now + 4 * step)
    assembly.open(STUDY.digest, period=PERIOD, deadlines=deadlines)
    shutil.rmtree(scene.home)
    backup.restore(tmp_path / "copy", scene.home, now=assembly.time + 2)
    fresh(scene)


def charges(home: Path) -> list[tuple[str, str, str]]:
    ledger = Ledger(home / "ledger.db")
    try:
        return [(line.charged.key, line.charged.source, line.charged.epsilon) for line in ledger.lines()]
    finally:
        ledger.close()


def test_an_exchange_that_the_ledger_forgot_counts_as_spent(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    _in_an_exchange(scene, tmp_path)
    scene.rounds(2)
    assert STUDY.noise is not None
    assert [(f"{STUDY.digest} {PERIOD} 1", "survey", STUDY.noise.epsilon)] == charges(scene.home)


def test_an_exchange_whose_secrets_are_gone_goes_on_without_it(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    _in_an_exchange(scene, tmp_path)
    scene.rounds(2)
    (left,) = (body for body in map(_body, scene.hub.statements) if isinstance(body, ExchangeRefused))
    assert "seal.memory-lost" == left.reason.code


def _body(leaf: bytes) -> object:
    return statement.read(leaf).act.body


def _asked_for_less(scene: Scene, tmp_path: Path) -> Growth:  # noqa: F811
    """m1 cosigned a longer log than its backup knows; the hub asks for one in between."""
    assembly = scene.hub.assembly
    scene.hub.ask()
    scene.rounds()
    backup.backup(scene.home, tmp_path / "copy")
    assembly.motion("study", b"{}", mover="m2")
    between = str(scene.hub.ask())
    assembly.motion("study", b"[]", mover="m2")
    scene.hub.ask()
    scene.rounds()
    shutil.rmtree(scene.home)
    backup.restore(tmp_path / "copy", scene.home, now=assembly.time + 2)
    scene.hub.publish(assembly.time + 1)
    scene.hub.files["checkpoint.pending"] = between.encode()
    scene.hub.lines.clear()
    scene.skew = 20
    scene.rounds(2)
    return Growth(scene.home / "witness.db")


def test_a_restored_witness_cosigns_nothing_smaller_than_what_is_published(
    scene: Scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    growth = _asked_for_less(scene, tmp_path)
    assert ([], scene.hub.assembly.state.size) == (scene.hub.lines, growth.last(scene.hub.assembly.origin).memory.size)


def test_a_witness_that_trusted_its_backup_would_cosign_less(
    scene: Scene,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restored, "_remember", lambda office: None)
    _asked_for_less(scene, tmp_path)
    assert [] != scene.hub.lines


def test_a_folder_that_was_copied_back_by_hand_is_found_out_by_the_log(
    scene: Scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    """With its old secrets and all: the log holds an answer that this journal never saw."""
    assembly = scene.hub.assembly
    scene.rounds(2)
    shutil.copytree(scene.home, tmp_path / "by-hand")
    scene.hub.publish(assembly.time + 1)
    scene.rounds(3)
    assert 1 == len(answers(scene))
    shutil.rmtree(scene.home)
    shutil.copytree(tmp_path / "by-hand", scene.home)
    scene.hub.publish(assembly.time + 2)
    scene.skew = 5
    scene.rounds(3)
    assert any("older than what its node said" in line for line in scene.lines)
    assert None is not restored.marked(scene.home)
    scene.hub.publish(assembly.time + 9)
    scene.rounds(2)
    assert (1, None) == (len(answers(scene)), restored.marked(scene.home))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_restored_in_the_middle_of_an_exchange_and_after_it(tmp_path: Path) -> None:
    """Real nodes, a real hub: m1's disk is lost once it dealt its shares, and again once all is over."""
    asked = study(step=6)
    with Offices(tmp_path, members=5) as offices:
        home, copy = offices.home("m1"), tmp_path / "copy"
        offices.start()
        offices.adopt(asked)
        offices.until(lambda state: any(one.member == "m1" for one in state.consents.values()), patience=120)
        backup.backup(home, copy)
        offices.until(lambda state: any("m1" in x.shares for x in state.exchanges.values()), patience=120)
        offices.kill("m1")
        shutil.rmtree(home)
        again(offices, copy)
        offices.until(lambda state: any(x.closed for x in state.exchanges.values()), patience=120)
        once = said(offices)
        offices.kill("m1")
        shutil.rmtree(home)
        again(offices, copy)
        later = study(step=7, send=2)
        offices.decide("study", later, voters=("m2", "m3", "m4"))  # the log grows, so it is cosigned
        state = offices.until(lambda state: later.digest in _consented(state), patience=120)
        assert None is restored.marked(home)
        assert once <= said(offices)
        first = min(state.exchanges)
        assert "m1" not in state.exchanges[first].answers
        named = [_question(body) for body in map(_body, said(offices)) if isinstance(body, Answer)]
        assert len(named) == len(set(named))
        rosters = {x.study for x in state.exchanges.values() if "m1" in queries.members_of(state, x)}
        assert rosters <= {line.study for line in desk.ledger(home)} | {later.digest}


def again(offices: Offices, copy: Path) -> None:
    from comity.adapters import clock

    backup.restore(copy, offices.home("m1"), now=clock.now())
    offices.start("m1")


def said(offices: Offices) -> set[bytes]:
    """Everything of m1's that is in the hub's log."""
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        return {leaf for leaf in store.leaves(1, store.size) if statement.read(leaf).act.actor == "m1"}


def _consented(state: State) -> set[str]:
    return {one.study for one in state.consents.values() if one.member == "m1"}


def _question(body: Answer) -> tuple[int, int]:
    """What an answer is to: an exchange, or a consent."""
    return (body.exchange.index if body.exchange else -1, body.consent.index if body.consent else -1)


def _answered(scene: Scene) -> Ref:  # noqa: F811
    """m1 has answered in an exchange, and charged before: the log has the answer, and the ledger the charge."""
    assembly = scene.hub.assembly
    for member in assembly.members:
        assembly.consent(member, STUDY.digest, period=PERIOD)
    now, step = assembly.time, STUDY.timing.step
    deadlines = (now + step, now + 2 * step, now + 3 * step, now + 4 * step)
    exchange = assembly.open(STUDY.digest, period=PERIOD, deadlines=deadlines)
    for member in assembly.members:
        assembly.shares(exchange, member)
    assembly.shared(exchange)
    assembly.answer(exchange, "m1", epsilon="1.5")
    fresh(scene)
    return exchange


def test_budget_after_restore_of_the_ledger_alone(scene: Scene) -> None:  # noqa: F811
    """Budget after restore: ledger.db is set back to an older one, and nothing else of the folder is.

    The journal knows all that was said, so only the log can tell: it holds an answer that nothing was charged for.
    """
    _answered(scene)
    with Office.open(scene.home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        state = office.follower.state
        assert charges_of.forgotten(office, state)
        office.ledger.put_down(charges_of.owed(office, state, lambda _: "survey"))
        assert not charges_of.forgotten(office, state)
    assert STUDY.noise is not None
    assert [(f"{STUDY.digest} {PERIOD} 1", "survey", STUDY.noise.epsilon)] == charges(scene.home)


def test_a_node_without_that_guard_would_spend_its_budget_again(
    scene: Scene,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its journal is whole: taken for one that knows all, it counts as never restored, and its ledger stays empty."""
    monkeypatch.setattr(restored, "_acts", lambda state, member: iter(()))  # the journal has them all
    monkeypatch.setattr(charges_of, "forgotten", lambda office, state: False)
    _answered(scene)
    scene.rounds(2)
    assert (None, []) == (restored.marked(scene.home), charges(scene.home))


def test_a_node_with_that_guard_counts_it_as_spent(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(restored, "_acts", lambda state, member: iter(()))
    _answered(scene)
    scene.skew = 5
    scene.rounds(1)
    assert None is not restored.marked(scene.home)
    scene.hub.publish(scene.hub.assembly.time + 9)
    scene.rounds(2)
    assert STUDY.noise is not None
    assert None is restored.marked(scene.home)
    assert [STUDY.noise.epsilon] == [epsilon for _, _, epsilon in charges(scene.home)]


NOISY = POLICY.replace("threshold = 5", 'threshold = 5\nway = "noise"\nnoise = "discrete-laplace 2"')


def _published(scene: Scene) -> list[tuple[str, str, str]]:  # noqa: F811
    """m1 answers with its own table, protected by noise; then ledger.db is gone."""
    setup.install(scene.home, NOISY.encode(), where="policy.toml")
    scene.rounds(2)
    scene.hub.publish(scene.hub.assembly.time + 1)
    scene.rounds(3)
    assert 1 == len(answers(scene))
    fresh(scene)
    scene.rounds(1)
    before = charges(scene.home)
    for path in scene.home.glob("ledger.db*"):
        path.unlink()
    assert [] == charges(scene.home)
    return before


@pytest.mark.parametrize("policy", [NOISY, NOISY.replace('version = "1"', 'version = "2"')], ids=["same", "changed"])
def test_an_own_table_with_noise_is_charged_again_after_a_restore(scene: Scene, policy: str) -> None:  # noqa: F811
    """At what it had cost, also by a later version of the policy with the same law."""
    before = _published(scene)
    setup.install(scene.home, policy.encode(), where="policy.toml")
    assert ["discrete-laplace"] == [key.split(" table ")[1].split()[0] for key, _, _ in before]
    with Office.open(scene.home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        state = office.follower.state
        assert charges_of.forgotten(office, state)
        office.ledger.put_down(charges_of.owed(office, state, lambda _: "survey"))
    assert before == charges(scene.home)


def test_a_table_that_nobody_can_price_any_more_costs_a_whole_budget(scene: Scene) -> None:  # noqa: F811
    """Its law is in no policy at hand, and its bytes are shown by nobody; that is no sign of a restore by itself."""
    _published(scene)
    setup.install(scene.home, POLICY.encode(), where="policy.toml")
    for path in scene.home.glob("journal.db*"):  # the hub holds tables back until they are released
        path.unlink()
    with Office.open(scene.home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        (line,) = charges_of.owed(office, office.follower.state)
        assert not charges_of.forgotten(office, office.follower.state)
    assert charges_of.WHOLE == line.charged.cost
