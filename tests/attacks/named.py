"""Attacks by the names that a reader asks for: an entry names the file and the test that carries one out."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def is_carried_out(entry: str) -> bool:
    """Whether "attacks/test_some.py: test_this" names a test that stands there."""
    path, test = entry.split(": ")
    return f"\ndef {test}(" in (ROOT / path).read_text("utf-8")
