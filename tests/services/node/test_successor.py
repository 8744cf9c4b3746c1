"""A running node goes by itself to the hub that the members chose, and loses nothing that it said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.consent import PolicyPublished
from comity.model.job import Silent
from comity.services import config
from comity.services.node import floor, follow, setup, successor
from comity.services.node.office import Office
from comity.services.node.run import Node
from tests.builders.assembly import Assembly, blob, host_of
from tests.builders.offices import POLICY
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office


@dataclass
class Move:
    """m1's node at a first hub; the members have chosen a second one, which does not answer yet."""

    home: Path
    first: Hub
    second: Hub
    lines: list[str] = field(default_factory=list)

    def node(self) -> Node:
        return Node.open(self.home, self.lines.append, tell=Silent(), now=lambda: self.first.assembly.time + 50)

    def take_over(self) -> None:
        """The second hub begins right behind what is published at the first."""
        assembly = self.second.assembly = self.first.assembly.copied()
        host = host_of("second", address=self.second.address)
        (motion,) = [one.ref for one in assembly.state.motions.values() if one.matter == "hub"]
        assembly.take_over(host, motion, assembly.cosigned(assembly.time + 1))

    @property
    def named(self) -> str:
        """The hub that the node's folder names."""
        return config.node(self.home).hub


@pytest.fixture
def move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    follow._states.clear()
    monkeypatch.setattr(successor, "AGAIN", 0)
    assembly = Assembly(4)
    with Hub(assembly) as first, Hub(assembly) as second:
        first.date = second.date = ""
        home = office(tmp_path / "office", first)
        setup.install(home, POLICY.encode(), where="policy.toml")
        assembly.choose(host_of("second", address=second.address))
        first.publish(assembly.time)
        yield Move(home, first, second)


def said(hub: Hub) -> list[statement.Act]:
    return [statement.read(leaf).act for leaf in hub.statements]


def test_the_node_goes_where_the_log_goes_on_and_its_folder_says_so(move: Move) -> None:
    node = move.node()
    node.round()
    assert move.first.address == move.named
    move.take_over()
    move.second.publish(move.first.assembly.time + 5)
    node.round()
    assert move.second.address == move.named
    assert move.second.assembly.state == node.office.follower.state
    assert [
        f"m1: the log goes on at {move.second.address}, by the members' decision; comity.toml names it from now on"
    ] == [line for line in move.lines if "goes on" in line]
    node.office.close()
    again = move.node()
    again.round()
    assert move.second.assembly.state == again.office.follower.state
    again.office.close()


def test_a_node_whose_hub_is_gone_goes_as_well_and_cosigns_before_there_is_a_quorum(move: Move) -> None:
    node = move.node()
    node.round()
    move.take_over()
    move.first.files.clear()
    move.second.ask()
    node.round()
    assert move.second.address == move.named
    assert ["second.example.org/assembly/m1"] == [line.name for line in move.second.lines]
    node.office.close()


def test_who_only_says_that_it_is_the_second_hub_is_not_followed(move: Move) -> None:
    """It shows the log as it is, or one of its own: the first hub goes on being asked."""
    node = move.node()
    node.round()
    for assembly in (move.first.assembly.copied(), Assembly(4)):
        move.second.assembly = assembly
        text = assembly.cosigned(assembly.time + 5).replace("example.org", "second.example.org")
        move.second.publish(assembly.time + 5, text=text)
        node.round()
        assert move.first.address == move.named
    move.first.assembly.tick()
    move.first.publish(move.first.assembly.time)
    node.round()
    assert move.first.assembly.state == node.office.follower.state
    node.office.close()


def test_what_the_old_hub_acknowledged_and_took_with_it_is_said_anew(move: Move) -> None:
    """Under the log's new name, once; and the broken promise is no evidence against the new hub."""
    node = move.node()
    node.round()
    move.take_over()
    body = PolicyPublished(policy=blob(b"a policy"))
    assert move.first.assembly.state.size == node.office.say(body).index
    move.second.publish(move.first.assembly.time + 5)
    node.round()
    (again,) = said(move.second)
    assert ("second.example.org/assembly", body) == (again.origin, again.body)
    move.second.publish(move.first.assembly.time + 6)
    node.round()
    node.round()
    assert 1 == len(move.second.statements)
    assert canon.digest(b"a policy") in node.office.follower.state.bodies
    assert not (move.home / "evidence").exists()
    node.office.close()


def test_what_was_refused_by_the_old_hub_is_not_tried_again(move: Move) -> None:
    node = move.node()
    node.round()
    move.take_over()
    with pytest.raises(Exception, match="act"):
        node.office.say(PolicyPublished(policy=blob(b"a policy")), purpose="officer")
    move.second.publish(move.first.assembly.time + 5)
    node.round()
    assert [] == said(move.second)
    node.office.close()


def test_a_command_of_an_office_whose_node_does_not_run_finds_the_hub_as_well(move: Move) -> None:
    """The first hub is gone; what the node had read before says where to look."""
    node = move.node()
    node.round()
    node.office.close()
    move.take_over()
    move.second.publish(move.first.assembly.time + 5)
    text = (move.home / "comity.toml").read_text()
    (move.home / "comity.toml").write_text(text.replace(move.first.address, "http://127.0.0.1:9"))
    with Office.open(move.home, runs=False) as office:
        office.now = lambda: move.first.assembly.time + 50
        state = floor.until(office, lambda state: bool(state.successions), 5)
    assert move.second.assembly.state == state
    assert move.second.address == move.named
