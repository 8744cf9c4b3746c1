"""How things look in a notebook: small HTML tables that load nothing, every text escaped.

Decides markup alone; what a thing says of itself, and that it says under which charter it stands, is the thing's.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from comity.errors import visible

_CELL: Final = "text-align:left;padding:2px 10px 2px 0;vertical-align:top"
_SMALL: Final = "font-size:90%;opacity:.8;margin:.3em 0"


def text(value: object) -> str:
    """Text of others as it may be shown in HTML."""
    return escape(visible(str(value)))


def title(words: object) -> str:
    """A heading that no document's outline counts."""
    return f'<p style="font-weight:600;margin:.6em 0 .2em">{text(words)}</p>'


def note(words: object) -> str:
    """A line in small type."""
    return f'<p style="{_SMALL}">{text(words)}</p>'


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a head."""
    head = "".join(f'<th style="{_CELL}">{text(column)}</th>' for column in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{_rows(rows)}</tbody></table>"


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Names and values, one a line."""
    return f"<table><tbody>{_rows(pairs)}</tbody></table>"


def whole(*parts: str) -> str:
    """One block, told apart from others by its class."""
    return f'<div class="comity">{"".join(parts)}</div>'


def lines(*told: object) -> str:
    """Lines of plain text; what others wrote cannot steer a terminal."""
    return "\n".join(visible(str(line)) for line in told)


def columns(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The same as plain text, in columns."""
    cells = [[visible(str(cell)) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def _rows(rows: Iterable[Sequence[object]]) -> str:
    return "".join("<tr>" + "".join(f'<td style="{_CELL}">{text(cell)}</td>' for cell in row) + "</tr>" for row in rows)
