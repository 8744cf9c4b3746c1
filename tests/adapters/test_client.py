"""The node's calls to its hub: what comes back is bytes or one clear line."""

import contextlib
import gzip
import socket
import threading
import time

import pytest

from comity.acts.charter import Withdrawal
from comity.adapters.client import Acknowledged, Client, Rejected
from comity.errors import Unreachable
from comity.tlog.merkle import leaf_hash
from tests.builders.assembly import Assembly
from tests.builders.ports import free_port
from tests.services.node.hub import Hub


def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    with Hub(Assembly(1)) as hub, Client(hub.address) as client:
        assert client.moving("checkpoint") is None
        hub.files["checkpoint"] = b"one"
        first = client.moving("checkpoint")
        assert b"one" == first
        assert client.moving("checkpoint") is first
        hub.files["checkpoint"] = b"two"
        assert b"two" == client.moving("checkpoint")
        assert [0, 3, 0, 3] == [size for _, _, size in hub.asked]


@pytest.mark.parametrize("ranges", [True, False])
def test_only_what_is_new_of_a_file_is_asked(ranges: bool) -> None:
    """And a server that knows no ranges is understood too."""
    with Hub(Assembly(1)) as hub, Client(hub.address) as client:
        hub.ranges, hub.files["tile/entries/000.p/2"] = ranges, b"0123456789"
        assert b"789" == client.file("tile/entries/000.p/2", since=7)
        assert client.file("tile/entries/000.p/3") is None


def test_a_statement_is_acknowledged_with_its_place() -> None:
    assembly = Assembly(2)
    with Hub(assembly) as hub, Client(hub.address) as client:
        leaf = assembly.leaf("m1", Withdrawal(charter=assembly._digest()))
        place = assembly.state.size
        ack = Acknowledged(index=place, leaf=leaf_hash(leaf).hex(), receipt=hub.receipt(place, leaf))
        assert ack == client.state(leaf)


def test_a_refusal_carries_its_reasons() -> None:
    assembly = Assembly(2)
    with Hub(assembly) as hub, Client(hub.address) as client:
        leaf = assembly.leaf("m1", Withdrawal(charter=assembly._digest()), by=assembly.signers["m2", "sign"])
        with pytest.raises(Rejected, match=r"act\.signer") as told:
            client.state(leaf)
        assert ["act.signer"] == [reason.code for reason in told.value.reasons]


def test_bodies_and_boxes_travel_in_frames() -> None:
    with Hub(Assembly(1)) as hub, Client(hub.address) as client:
        client.put([b"one", b"", b"three"])
        assert [b"one", b"", b"three"] == hub.bodies
        hub.boxes = (b"a", b"b")
        assert (b"a", b"b") == client.boxes(b"signed request")
        assert [b"signed request"] == hub.requests


def test_a_hub_that_is_not_there_is_one_line_and_soon() -> None:
    start = time.monotonic()
    with Client(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(Unreachable, match="way out") as told:
        client.moving("checkpoint")
    assert time.monotonic() - start < 5
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("address", ["", "ftp://example.org", "http://", "http://.", "http://x..y", "not an address"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(Unreachable), Client(address) as client:
        client.moving("checkpoint")


def test_another_server_is_not_a_hub() -> None:
    with Hub(Assembly(1)) as hub, Client(f"{hub.address}/elsewhere") as client, pytest.raises(Unreachable) as told:
        client.state(b"leaf")
    assert "something else" in str(told.value)


def answering(head: bytes, *parts: bytes, pause: float = 0.0) -> str:
    """A server for one call that answers with these bytes, whatever it is asked; its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, contextlib.suppress(OSError):
            caller, _ = listening.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
                for part in parts:
                    caller.sendall(part)
                    time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_an_answer_that_never_ends_is_cut_off() -> None:
    """A hub fills no node's memory."""
    piece = bytes(2**20)
    address = answering(b"connection: close", *[piece] * 64)
    with Client(address) as client, pytest.raises(Unreachable, match="more than 1048576 bytes"):
        client.moving("checkpoint")


def test_an_answer_byte_by_byte_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time; the whole never would."""
    monkeypatch.setattr("comity.adapters.client.GRACE", 0.3)
    with Client(answering(b"connection: close", *[b"x"] * 600, pause=0.05)) as client:
        start = time.monotonic()
        with pytest.raises(Unreachable, match=r"\d+ bytes in \d seconds"):
            client.moving("checkpoint")
        assert time.monotonic() - start < 10


def test_an_answer_is_never_unpacked() -> None:
    """A packed megabyte of zeros would be a gigabyte; and what is a blob is its bytes as they are."""
    packed = gzip.compress(bytes(2**20))
    head = b"content-encoding: gzip\r\ncontent-length: %d" % len(packed)
    with Client(answering(head, packed)) as client:
        assert packed == client.file("blobs/sha256/00/00")
