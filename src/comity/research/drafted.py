"""A study's draft as the text that a sponsoring member moves: `study.toml`, as `comity study pack` reads it.

Decides the spelling, and what its first lines tell the sponsor; that the text says what was drafted is `ask`'s check.
"""

import json
from collections.abc import Iterator

from comity.errors import visible
from comity.model.study import Draft

_SCALARS = ("id", "version", "title", "goal", "related", "rehearsal", "norm", "method")
_LISTS = ("dimensions", "measures")
_NUMBERS = ("bound", "colluding")
_NOISE = ("sigma2", "cells", "delta", "epsilon", "protects")
_TIMING = ("consent", "step", "send")


def toml(draft: Draft, comments: tuple[str, ...]) -> str:
    """The draft as TOML, each comment a line above it."""
    return "\n".join([*(f"# {visible(line)}".rstrip() for line in comments), "", *_lines(draft), ""])


def _lines(draft: Draft) -> Iterator[str]:
    for names in (_SCALARS, _LISTS, _NUMBERS):
        yield from (f"{name} = {_spelt(getattr(draft, name))}" for name in names)
        yield ""
    if draft.parameters:
        yield "[parameters]"
        yield from (f"{_text(name)} = {_text(value)}" for name, value in sorted(draft.parameters.items()))
        yield ""
    if draft.noise is not None:
        yield "[noise]"
        yield from (f"{name} = {_spelt(getattr(draft.noise, name))}" for name in _NOISE)
        yield ""
    for period in draft.periods:
        yield from ("[[periods]]", f"id = {_text(period.id)}", f"value = {_text(period.value)}", "")
    yield "[timing]  # seconds"
    yield from (f"{name} = {getattr(draft.timing, name)}" for name in _TIMING)


def _spelt(value: object) -> str:
    """A value of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_spelt, value))}]"
    return _text(str(value))


def _text(value: str) -> str:
    """A basic string (TOML 1.0): JSON's escapes are among its own; DEL, which JSON leaves, is escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
