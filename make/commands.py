"""Writes docs/commands.md from the commands themselves: `make commands`. A test asks that the page is the newest one.

Decides nothing about wording: what stands here stands in `--help`.
"""

import inspect
import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

from comity.cli.main import GROUPS, app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """# Commands

Made by `make commands` from the commands' own `--help`. Exit: 0 yes; 1 the answer is no; 2 usage or configuration;
3 bad input; 4 the world, try again; 70 a fault of Comity's own (see [errors](errors.md)).
"""


def cell(text: str | None) -> str:
    """Text on one line that does not end a cell."""
    return " ".join((text or "").split()).replace("|", "\\|")


def spelt(parameter: Any) -> str:
    """`--json`, `--out DIRECTORY` or `FOLDER`, as the reader types it."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag or parameter.count else f"{names} {parameter.metavar or parameter.name.upper()}"


def command_page(path: str, command: Any) -> str:
    """One command, its paragraphs and its parameters; a group is its own line and its commands."""
    depth = "#" * (1 + path.count(" "))
    parts = [f"{depth} `{path}`\n", inspect.cleandoc(command.help or command.short_help or "") + "\n"]
    if subcommands := getattr(command, "commands", None):
        parts += [command_page(f"{path} {name}", subcommands[name]) for name in subcommands]
        return "\n".join(parts)
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    if rows := [f"| `{spelt(parameter)}` | {cell(getattr(parameter, 'help', ''))} |" for parameter in shown]:
        parts.append("\n".join(["| given | what |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def page() -> str:
    """Every group, in the order of `comity --help`."""
    root: Any = get_command(app)
    pages = [command_page(f"comity {name}", root.resolve_command(None, [name])[1]) for name in GROUPS]
    return "\n".join([HEAD, *pages])


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"comity: wrote docs/{PAGE.name}\n")
