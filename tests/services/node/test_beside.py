"""Tables made beside the node's other work: of the same people one at a time, each after the last was remembered."""

from collections.abc import Callable
from threading import Event
from typing import cast

import pytest

from comity.adapters.vault import Question
from comity.canon import digest
from comity.errors import SourceError
from comity.services.node import beside
from comity.services.node.beside import Beside, Key
from comity.stages.effects import Counted

US, THEM = ("household", "2020"), ("household", "2021")
POLICY, BOUND = digest(b"policy"), digest(b"binding")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not done at once is not waited for long."""
    monkeypatch.setattr(beside, "MOMENT", 0.05)


def key(name: str) -> Key:
    return Question(study=digest(name.encode()), period="2020"), POLICY, BOUND


def table() -> Counted:
    return cast(Counted, object())


def slowly(going: Event) -> Callable[[], Counted]:
    """A table that is there once it may be."""

    def make() -> Counted:
        assert going.wait(20)
        return table()

    return make


def fetched(tables: Beside, name: str) -> Counted:
    """Asked again and again, as a node does."""
    for _ in range(400):
        if (found := tables.made(key(name), table, people=US, name=name)) is not None:
            return found
        Event().wait(0.01)
    raise AssertionError("never made")


def test_the_next_table_of_the_same_people_is_begun_once_the_last_one_was_fetched() -> None:
    """Begun together, neither would be protected together with the other."""
    tables, going, begun = Beside(), Event(), list[str]()

    def second() -> Counted:
        begun.append("second")
        return table()

    assert tables.made(key("first"), slowly(going), people=US, name="first") is None
    assert tables.made(key("second"), second, people=US, name="second") is None
    assert tables.made(key("others"), table, people=THEM, name="others") is not None
    assert tables.made(key("areas"), slowly(going), people=None, name="areas") is None
    going.set()
    while not tables.ready():
        Event().wait(0.01)
    assert tables.made(key("second"), second, people=US, name="second") is None  # done, but nobody remembered it
    assert not begun
    fetched(tables, "first")
    assert tables.made(key("second"), second, people=US, name="second") is not None
    assert ["second"] == begun


def test_a_table_that_nobody_asks_for_any_more_keeps_none_of_the_same_people_waiting() -> None:
    tables, going = Beside(), Event()
    assert tables.made(key("first"), slowly(going), people=US, name="first") is None
    assert () == tables.ready()
    going.set()
    while not (ready := tables.ready()):
        Event().wait(0.01)
    tables.drop(ready)
    assert tables.made(key("second"), table, people=US, name="second") is not None


def test_one_that_was_fetched_meanwhile_is_not_dropped_and_an_error_is_its_askers() -> None:
    tables = Beside()

    def never() -> Counted:
        raise SourceError("gone", where="rows")

    with pytest.raises(SourceError):
        tables.made(key("first"), never, people=US, name="first")
    tables.drop((key("first"),))
    assert tables.made(key("first"), table, people=US, name="first") is not None
