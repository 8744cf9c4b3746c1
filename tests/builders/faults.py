"""An error at any line of a piece of Comity's own code: the k-th one that runs raises, and nothing else is touched.

For claims that nothing fails open: whatever breaks, and wherever, the answer is not yes. Every access to an attribute,
a mapping or a file stands on some line, so that this is harder than a fake which breaks in one place.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

CODE = "/src/comity/"


def lines(work: Callable[[], object], *, event: str = "line", within: str = CODE) -> int:
    """How many lines (or calls) of Comity's code some work runs."""
    count = 0

    def see() -> None:
        nonlocal count
        count += 1

    _traced(work, see, event, within)
    return count


def broken(
    work: Callable[[], Any], at: int, error: Callable[[], BaseException], *, event: str = "line", within: str = CODE
) -> Any:
    """What the work gives if its line number `at`, from 0 on, raises; the error itself where it gets out."""
    count = -1

    def see() -> None:
        nonlocal count
        count += 1
        if count == at:
            raise error()

    try:
        return _traced(work, see, event, within)
    except Exception as e:
        return e


def _traced(work: Callable[[], Any], see: Callable[[], None], event: str, within: str) -> Any:
    def trace(frame: FrameType, happened: str, arg: object) -> Any:
        if within not in frame.f_code.co_filename:
            return None
        if happened == event:
            see()
        return trace if event == "line" else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return work()
    finally:
        sys.settrace(before)
