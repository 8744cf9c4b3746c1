"""A running node goes by itself to the hub that the members chose, and loses nothing that it said."""

import socket
import threading
import time
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
from comity.tlog.tile import ENTRIES, Tile
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
    monkeypatch.setattr(successor, "AGAIN", 0.0)
    assembly = Assembly(4)
    with Hub(assembly) as first, Hub(assembly) as second:
        first.date = second.date = ""
        home = office(tmp_path / "office", first)
        setup.install(home, POLICY.encode(), where="policy.toml")
        assembly.choose(host_of("second", address=second.address))
        first.publish(assembly.time)
        yield Move(home, first, second)


def looks(node: Node) -> None:
    """Rounds until a look at the chosen hub that began now has ended, and the node has taken what it brought."""
    if (running := node._search._thread) is not None:
        running.join(20)
        node.round()
    node._search._due = 0.0
    node.round()
    if (running := node._search._thread) is not None:
        running.join(20)
        node.round()


def said(hub: Hub) -> list[statement.Act]:
    return [statement.read(leaf).act for leaf in hub.statements]


def test_the_node_goes_where_the_log_goes_on_and_its_folder_says_so(move: Move) -> None:
    node = move.node()
    node.round()
    assert move.first.address == move.named
    move.take_over()
    move.second.publish(move.first.assembly.time + 5)
    looks(node)
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
    looks(node)
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
        looks(node)
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
    looks(node)
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
    looks(node)
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


@dataclass
class Deaf:
    """Takes every connection; answers nothing, or a byte now and then."""

    drips: bool
    asked: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def _take(self) -> None:
        while True:
            one, _ = self.listening.accept()
            self.asked.append(one)
            if self.drips:
                threading.Thread(target=self._drip, args=(one,), daemon=True).start()

    def _drip(self, one: socket.socket) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while True:
            one.sendall(b".")
            time.sleep(0.5)


def following(tmp_path: Path, address: str) -> tuple[Hub, Node, list[str]]:
    """A node whose hub works, and an assembly that has chosen another address."""
    assembly, lines = Assembly(4), list[str]()
    first = Hub(assembly)
    first.date = ""
    home = office(tmp_path / "office", first)
    setup.install(home, POLICY.encode(), where="policy.toml")
    assembly.choose(host_of("second", address=address))
    first.publish(assembly.time)
    return first, Node.open(home, lines.append, tell=Silent(), now=lambda: assembly.time + 50), lines


@pytest.mark.parametrize("drips", [False, True])
def test_a_chosen_hub_that_never_answers_holds_nobody_up(tmp_path: Path, drips: bool) -> None:
    """The node follows and cosigns at its own hub meanwhile."""
    follow._states.clear()
    deaf = Deaf(drips)
    first, node, _ = following(tmp_path, deaf.address)
    node.round()
    for cosigned in range(1, 5):
        first.assembly.tick()
        first.publish(first.assembly.time)
        first.ask()
        began = time.monotonic()
        node.round()
        assert time.monotonic() - began < 1
        assert first.assembly.state == node.office.follower.state
        assert cosigned == len(first.lines)
    assert 1 == len(deaf.asked)
    node.office.close()


def test_a_head_by_another_key_than_was_voted_on_is_told_once_and_nothing_is_fetched(move: Move) -> None:
    node = move.node()
    node.round()
    move.take_over()
    own = move.second.assembly.signers["hub", "log"]
    move.second.assembly.signers["hub", "log"] = move.first.assembly.signers["hub", "log"]
    move.second.publish(move.first.assembly.time + 5)
    looks(node)
    looks(node)
    assert 1 == len([line for line in move.lines if "not signed by the key that the members voted on" in line])
    assert not any("tile" in path for _, path, _ in move.second.asked)
    assert move.first.address == move.named
    move.second.assembly.signers["hub", "log"] = own
    move.second.publish(move.first.assembly.time + 5)
    looks(node)
    assert move.second.address == move.named
    node.office.close()


def test_a_head_without_its_leaves_leads_nowhere(move: Move) -> None:
    """However long the log is that it speaks of: the first part that is missing ends the look."""
    node = move.node()
    node.round()
    move.take_over()
    move.second.publish(move.first.assembly.time + 5)
    for path in [path for path in move.second.files if "entries" in path]:
        del move.second.files[path]
    looks(node)
    assert move.first.address == move.named
    size = move.second.assembly.state.size
    asked = {path.lstrip("/") for _, path, _ in move.second.asked if "entries" in path}
    assert {str(Tile(ENTRIES, 0, size)), str(Tile(ENTRIES, 0))} == asked
    node.office.close()
