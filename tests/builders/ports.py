"""Ports for services that tests start, whose address must be known before they listen."""

import random
import socket
from pathlib import Path
from typing import Final

RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")  # that the kernel takes from for whoever names no port
MANY: Final = 8_000

_ours: list[socket.socket] = []  # held until this process ends


def free_port() -> int:
    """A port where nobody listens, and which no other test is given as long as this process lives.

    It lies below those that the kernel gives away, so no connection and no server elsewhere comes by it in between.
    Tests of other processes leave it alone: its name, as an abstract address of Unix, can be bound once.
    """
    above = int(RANGE.read_text().split()[0])
    below = range(max(1024, above - MANY), above)
    for port in random.SystemRandom().sample(below, len(below)):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0comity-test-port-{port}")
            with socket.create_server(("127.0.0.1", port)):
                pass
        except OSError:
            name.close()
            continue
        _ours.append(name)
        return port
    raise AssertionError("this machine has no port left")


def free_address() -> str:
    """The same, as `host:port`."""
    return f"127.0.0.1:{free_port()}"
