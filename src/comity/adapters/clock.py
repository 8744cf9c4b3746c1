"""The only `now` of Comity. Everything below `adapters` is told the time; nothing there asks for it."""

import time


def now() -> int:
    """POSIX seconds, UTC, whole."""
    return int(time.time())
