"""The `comity` command: its groups, loaded when called, and the one place where errors become lines and exit codes.

Exit: 0 yes; 1 the answer is no; 2 usage or configuration; 3 bad input; 4 the world (retry); 70 our bug; 130 Ctrl-C.
With `--json` an error is one JSON object on standard error instead of a line.
"""

import inspect
import json
import sys
import traceback
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from comity.cli import show
from comity.errors import ComityError, DiskFull, UsageError

# name -> (module with a Typer `app`, or a function that is one command; one line of help)
GROUPS: Final[dict[str, tuple[str, str]]] = {
    "verify": ("comity.cli.verify:verify", "Check a release offline, or one figure of it."),
    "node": ("comity.cli.node:app", "An office's own node: set it up, run it, ask it how it is."),
    "source": ("comity.cli.source:app", "National data at home: name a file or table, bind it to a norm, check it."),
    "policy": ("comity.cli.policy:app", "What this office's node may answer: install it, explain it, try it."),
    "dry-run": ("comity.cli.dry_run:dry_run", "An office's own table for a study, before and after protection."),
    "protect": ("comity.cli.protect:app", "An office's own tables, protected: what is hidden, and the proof of it."),
    "rehearse": ("comity.cli.rehearse:rehearse", "A study on made-up people: for training, and before there are data."),
    "consent": ("comity.cli.consent:app", "What is asked of this office, and its officer's yes or no."),
    "ledger": ("comity.cli.ledger:app", "The privacy budget spent, and every byte that left."),
    "charter": ("comity.cli.charter:app", "Found an assembly, and join one."),
    "motion": ("comity.cli.motion:app", "Move, comment, withdraw and list motions."),
    "office": ("comity.cli.office:app", "Offices of the assembly: who holds them, and nominations."),
    "vote": ("comity.cli.vote:app", "Cast this member's vote."),
    "norm": ("comity.cli.norm:app", "Norms: pack a directory into the bundle that is voted on."),
    "reservation": ("comity.cli.reservation:app", "A norm applied but for some of its parts, and said so."),
    "register": ("comity.cli.register:app", "Indicators, their agencies and tiers: import the published lists, show."),
    "study": ("comity.cli.study:app", "Studies: pack the text that is voted on, and list what is in force."),
    "estimate": ("comity.cli.estimate:app", "Estimates about a country, put to that country first."),
    "hub": ("comity.cli.hub:app", "The hub: set it up, found its log, run it."),
    "witness": ("comity.cli.witness:app", "A witness without data: cosigns checkpoints that only grow."),
    "mirror": ("comity.cli.mirror:app", "A copy of a hub's public files, served without any key."),
    "log": ("comity.cli.log.app:app", "The log: read it, have a leaf explained or proven, audit it, follow it."),
    "assembly": ("comity.cli.assembly:app", "What follows from the log: members, motions, what is in force, breaches."),
    "release": ("comity.cli.release:app", "Releases: list them, fetch one into a folder, keep one figure as a file."),
    "reproduce": ("comity.cli.reproduce:reproduce", "Make a release's files again and compare them byte for byte."),
    "audit": ("comity.cli.audit:app", "Ask about a published figure, answer or refuse; count again for a court."),
    "progress": ("comity.cli.assess:progress", "Is a published series on its way to its target, and by which rule."),
    "about": ("comity.cli.about:about", "What is installed here: versions, digests, a bill of materials."),
    "demo": ("comity.cli.demo:app", "A whole assembly on this machine, from charter to verified release."),
}

NO_INTEGER: Final = "Input should be a valid integer, unable to parse string as an integer"  # as Typer's parser says it


class Lazy(TyperGroup):
    """Loads a group's module when the group is called, so that `comity verify` never waits for the rest."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(GROUPS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Name and line of help only: the list of groups needs no more."""
        if cmd_name not in GROUPS:
            return None
        line = GROUPS[cmd_name][1]
        named = typer.Typer(help=line, short_help=line)
        named.callback()(lambda: None)
        command = get_command(named)
        command.name, command.short_help = cmd_name, line
        return command

    def invoke(self, ctx: Any) -> Any:
        """A command; Ctrl-C that it does not answer itself is said (Typer would end without a word)."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The group that is called, whole."""
        if args and args[0] in GROUPS:
            command = _load(args[0])
            if "--help" in args:
                _flow(command)
            return args[0], command, args[1:]
        return super().resolve_command(ctx, args)


def _load(name: str) -> Any:
    """A group's commands, or the one command that a function is."""
    target, line = GROUPS[name]
    module, _, attribute = target.partition(":")
    thing = getattr(import_module(module), attribute)
    if not isinstance(thing, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(thing)
        thing = single
    command = get_command(thing)
    command.name, command.short_help, command.help = name, line, command.help or line
    return command


def _flow(command: Any) -> None:
    """Paragraphs of help as one line each, so that a terminal breaks them where it ends and nowhere else.

    Brackets stay: to Rich `comity[spark]` would be a word and a style.
    """
    from rich.markup import escape

    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    command.help = escape("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))
    for one in getattr(command, "commands", {}).values():
        _flow(one)


app = typer.Typer(
    cls=Lazy,
    no_args_is_help=True,
    add_completion=False,
    help="Statistical offices answer common questions together; their data stay at home, and anyone can check.",
)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    """Statistical offices answer common questions together; their data stay at home, and anyone can check."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"comity {installed('comity')}")
        raise typer.Exit


def main() -> NoReturn:
    """Run a command; every error ends in one clear line and the exit code of its class."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text: it is shown all the same
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command with these arguments and give its exit code."""
    as_json = "--json" in arguments
    try:
        result = get_command(app).main(args=arguments, prog_name="comity", standalone_mode=False)
    except ComityError as e:
        return _fail(e, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", "stopped before it was done", 130, as_json)
    except BrokenPipeError:
        return 0
    except OSError as e:
        return _fail(_of(e), as_json)
    except Exception as e:
        if hasattr(e, "exit_code") and hasattr(e, "format_message"):  # a usage error, by whichever click Typer carries
            return _usage(e, as_json)
        if isinstance(e, ModuleNotFoundError) and (wanted := _extra(e)):
            return _fail(wanted, as_json)
        traceback.print_exc()
        line = f"our bug: {type(e).__name__}: {e}; please report it with the lines above"
        return _say(ComityError.code, line, ComityError.exit, as_json)
    return int(result) if isinstance(result, int) else 0


def _extra(e: ModuleNotFoundError) -> ComityError | None:
    """A library that an extra of the package would have brought, as an error of ours."""
    from comity.cli import extras

    return extras.missing(e)


def _of(e: OSError) -> ComityError:
    """A file that cannot be read or written, as an error of ours."""
    import errno

    if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull("disk full", where=str(e.filename or ""), way_out="free some space and run the command again")
    return UsageError(
        e.strerror or str(e), where=str(e.filename or "file"), way_out="check the path and its permissions"
    )


def _usage(e: Any, as_json: bool) -> int:
    """A mistake in the command's own words; a bare group has printed its help already."""
    if not e.format_message():
        return int(e.exit_code)
    command = e.ctx.command_path if getattr(e, "ctx", None) else "comity"
    line = " ".join(e.format_message().split()).rstrip(".").replace(NO_INTEGER, "not a whole number")
    return _say(UsageError.code, f"{line}; way out: {command} --help", UsageError.exit, as_json)


def _fail(e: ComityError, as_json: bool) -> int:
    return _say(e.code, show.error(e), e.exit, as_json, [reason.code for reason in getattr(e, "reasons", ())])


def _say(code: str, line: str, exit_code: int, as_json: bool, reasons: list[str] | None = None) -> int:
    if as_json:
        told = {"code": code, "message": line, "exit": exit_code} | ({"reasons": reasons} if reasons else {})
        print(json.dumps(told, ensure_ascii=False), file=sys.stderr)
    else:
        print(f"comity: {line}" if code == ComityError.code else f"comity: {code}: {line}", file=sys.stderr)
    return exit_code
