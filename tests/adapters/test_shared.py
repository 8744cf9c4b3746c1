"""Offices of one process ask a hub once for what they read alike, and never for long."""

import threading
import time

import pytest

from comity.adapters.shared import KEPT, LARGEST, Answer, Shared


class Hub:
    """Counts how often it is asked."""

    def __init__(self, content: bytes | None = b"leaf") -> None:
        self.asked, self.content = 0, content

    def __call__(self) -> Answer:
        self.asked += 1
        time.sleep(0.01)
        return Answer(self.content, 7)


def test_many_offices_at_once_ask_once() -> None:
    shared, hub, found = Shared(fresh=5), Hub(), []
    threads = [
        threading.Thread(target=lambda: found.append(shared.moving("checkpoint", hub).content)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (1, [b"leaf"] * 12) == (hub.asked, found)


def test_a_file_that_changes_is_asked_for_again_when_it_is_not_fresh() -> None:
    shared, hub = Shared(fresh=0.05), Hub(b"one")
    assert b"one" == shared.moving("checkpoint", hub).content
    hub.content = b"two"
    time.sleep(0.06)
    assert b"two" == shared.moving("checkpoint", hub).content


def test_a_file_that_lasts_is_asked_for_once_but_a_missing_one_again() -> None:
    shared, hub = Shared(fresh=0), Hub(None)
    assert shared.lasting("tile", hub).content is None
    hub.content = b"leaf"
    assert [b"leaf", b"leaf"] == [shared.lasting("tile", hub).content for _ in range(2)]
    assert 2 == hub.asked


def test_what_a_hub_served_wrongly_once_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """All offices of the process would refuse it until somebody starts them again."""
    monkeypatch.setattr("comity.adapters.shared.LASTS", 0.05)
    shared, hub = Shared(fresh=0), Hub(b"a page of a proxy that is out of order")
    shared.lasting("tile", hub)
    hub.content = b"leaf"
    time.sleep(0.06)
    assert b"leaf" == shared.lasting("tile", hub).content


def test_memory_stays_small() -> None:
    shared, hub = Shared(fresh=0), Hub()
    for number in range(KEPT + 1):
        shared.lasting(f"tile {number}", hub)
    shared.lasting("tile 0", hub)
    assert KEPT + 2 == hub.asked
    large = Hub(bytes(LARGEST + 1))
    shared.lasting("blob", large)
    shared.lasting("blob", large)
    assert 2 == large.asked


def test_the_hubs_clock_comes_with_the_answer() -> None:
    """An office that never asks itself would else take its own clock to be alone."""
    assert 7 == Shared(fresh=1).moving("checkpoint", Hub()).date
