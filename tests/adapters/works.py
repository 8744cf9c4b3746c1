"""Works for the pool that say which process did a block, or fall over at one."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from comity.errors import SourceError
from comity.model.blocks import Block, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Squares:
    """The part of a block is its place squared; at the row `bad` something happens instead."""

    bad: int = -1
    how: str = ""
    wait: float = 0.0

    @contextmanager
    def start(self) -> Iterator[Callable[[Block], Part]]:
        yield self.do

    def do(self, block: Block) -> Part:
        time.sleep(self.wait)
        if block.row == self.bad:
            fall(self.how)
        return Part(block=block, values={"0": str((block.row * 100 + block.column) ** 2), "1": str(os.getpid())})

    def named(self, block: Block) -> str:
        return f"block {block.row}, {block.column}"


def fall(how: str) -> None:
    """In each of the ways that a worker may end."""
    match how:
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exits":
            os._exit(3)
        case "refuses":
            raise SourceError("cut", where="a.tif: row 2", found="5 bytes", wanted="9", way_out="fetch it again")
        case "memory":
            raise MemoryError
        case "bug":
            raise KeyError("nobody thought of this")
        case "sleeps":
            time.sleep(600)
