"""`comity protect`: an office's own tables, protected. Needs no node, norm or hub; nothing leaves the machine."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from comity.cli import progress, protect_check, protect_files, show
from comity.errors import ConfigError, Refused, UsageError

if TYPE_CHECKING:
    from comity.adapters.cell_files import Spelling
    from comity.model.protection import Rules
    from comity.stages.protect.cells import Cells
    from comity.stages.protect.outcome import Outcome
    from comity.stages.protect.problem import Pattern, Problem

NAMED: Final = 5  # cells that a line of refusal names
TABLES: Final = "tables"
PUBLISH: Final = "publish"
HOME: Final = "home"
EXACT: Final = 2_000  # cells: beyond, a programme of whole numbers gives no bound in any reasonable time


class Files(TyperGroup):
    """`comity protect A.csv` is `comity protect tables A.csv`: a word that is no command is a file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [TABLES, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Files,
    no_args_is_help=True,
    add_completion=False,
    callback=lambda: None,
    help="An office's own tables, protected. A CUBE in place of a command: `tables`.",
)


app.command("check")(protect_check.check)


@app.command(TABLES)
def tables(
    cubes: Annotated[
        list[Path], typer.Argument(metavar="CUBE...", help="Tables as .csv or .parquet; several are linked.")
    ],
    rules: Annotated[Path, typer.Option("--rules", metavar="FILE.toml", help="Which cells are sensitive.")],
    structure: protect_files.Structure = None,
    counts: protect_files.Counts = False,
    published: Annotated[
        list[Path] | None,
        typer.Option("--published", metavar="FILE", help="What is published of these cells already, blanks included."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="A new folder; without it nothing is written.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--time-limit", metavar="SECONDS", min=0, help="Stop improving then; a safe pattern comes first."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Look for the cheapest pattern, of 2,000 cells at most.")
    ] = False,
    as_json: show.Json = False,
) -> None:
    """Hide what is sensitive in tables, and as little else as an attacker's sums leave safe.

    A file has a line for each cell: columns of codes, OBS_VALUE, CONTRIBUTORS and, if rules look at them, LARGEST1,
    LARGEST2, ... (or as a structure names them); margins (_T) as they are, or none. FOLDER/publish gets the same files
    without what is hidden; FOLDER/home what must stay at home: the pattern with reasons, intervals, and a report.

    With Ctrl-C the best safe pattern until then is written, and the command ends with 130.

    Example: `comity protect turnover.csv --rules rules.toml --structure structure.toml --out protected`
    """
    from comity.adapters import durable
    from comity.stages.protect import outcome as outcomes
    from comity.stages.protect import placing, tables
    from comity.stages.protect.outcome import Outcome

    if out is not None:
        durable.refuse_used(out)
    asked, given = _rules(rules), _given(cubes)
    form = protect_files.form(structure, counts, (cells for cells, _ in given))
    asked = asked.pooled(form.touched)
    placed = placing.placed([cells for cells, _ in given], form)
    for file, _ in _given(published or []):
        placed = placing.published(placed, file, form)
    _refuse_unmatched(placed, asked, rules)
    linked = tables.link([one.table for one in placed], asked)
    outcomes.refuse_absent(placed, linked)
    pattern, stopped = _chosen(linked.problem, seconds, exact=exact)
    outcome = Outcome(placed=placed, linked=linked, pattern=pattern)
    _refuse_unprotectable(outcome)
    facts = _facts(outcome, stopped)
    if out is not None:
        _write(out, outcome, dict(zip((cells for cells, _ in given), (way for _, way in given), strict=True)), facts)
    nothing = None if as_json else "nothing: name a folder with --out"
    show.facts({**facts, "written": str(out) if out else nothing}, as_json=as_json)
    if out is not None and not as_json:
        typer.echo(f"{out / PUBLISH} may be published; {out / HOME} must stay at home.")
    if stopped == INTERRUPTED:
        said = "the best safe pattern until then was written" if out else "nothing was to be written"
        typer.echo(f"comity: interrupted: {said}", err=True)
        raise typer.Exit(130)


DONE: Final = "done"
LIMIT: Final = "time limit"
INTERRUPTED: Final = "Ctrl-C"


def _rules(file: Path) -> "Rules":
    from comity.model import protection

    rules = protection.read(protect_files.content(file, "rules"), where=str(file))
    if rules.way != "suppression":
        raise ConfigError(
            "a way that this command does not go",
            where=f"{file}: way",
            found=rules.way,
            wanted="suppression",
            way_out="let a node protect the table: see docs/policy.md",
        )
    return rules


def _given(paths: list[Path]) -> "list[tuple[Cells, Spelling]]":
    from comity.adapters import cell_files

    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise UsageError(
            "two files of one name", where=", ".join(names), wanted="a name for each", way_out="rename one"
        )
    return [cell_files.read(path) for path in paths]


def _refuse_unmatched(placed: Any, rules: "Rules", file: Path) -> None:
    from comity.stages.protect import primary

    if entries := primary.unmatched(tuple(one.table for one in placed), rules):
        raise ConfigError(
            "names no cell of any table",
            where=f"{file}: sensitive",
            found=", ".join(f"{id}={code}" for id, code in entries[0].items()),
            wanted="dimensions and codes of the tables",
        )


def _chosen(problem: "Problem", seconds: float | None, *, exact: bool) -> "tuple[Pattern, str]":
    """A safe pattern, and why no better one was looked for."""
    from comity.stages.protect import outcome
    from comity.stages.protect.exact import optimum
    from comity.stages.protect.suppression.choose import choose

    if exact and problem.cells > EXACT:
        raise UsageError(
            "too many cells to look for the cheapest pattern",
            where="--exact",
            found=f"{problem.cells:,}",
            wanted=f"{EXACT:,} at most",
            way_out="leave --exact out: the gap says how much cheaper a pattern might be",
        )
    until = None if seconds is None else time.monotonic() + seconds
    safe: list[Any] = []

    def enough() -> bool:
        return until is not None and time.monotonic() >= until

    with progress.telling() as tell:
        try:
            pattern = choose(problem, enough=enough, found=safe.append, tell=tell)
            if exact and not pattern.optimal:
                pattern = optimum(problem, pattern, enough=enough, tell=tell)
        except KeyboardInterrupt:
            if not safe:
                raise
            return outcome.kept(problem, safe[-1], tell=tell), INTERRUPTED
    return pattern, LIMIT if enough() and not pattern.optimal else DONE


def _refuse_unprotectable(outcome: "Outcome") -> None:
    from comity.stages.protect import outcome as outcomes

    lost = outcomes.unprotectable(outcome)
    if lost:
        more = f", and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        raise Refused(
            "no pattern protects every sensitive cell, so nothing is written",
            found="; ".join(f"{cell} ({why})" for cell, why in lost[:NAMED]) + more,
            way_out="merge codes so that the cell is none of its own, or leave out a margin beside it",
        )


def _facts(outcome: "Outcome", stopped: str) -> dict[str, Any]:
    from comity.stages.protect import outcome as outcomes

    return {**outcomes.summary(outcome), "stopped": stopped}


def _write(out: Path, outcome: "Outcome", spellings: "dict[Cells, Spelling]", facts: dict[str, Any]) -> None:
    """What may be published, and what stays at home, in one new folder: whole, or not there."""
    import json

    from comity.adapters import cell_files, durable
    from comity.adapters.cell_files import Spelling
    from comity.stages.protect import outcome as outcomes

    home = {
        "pattern.csv": cell_files.written(outcomes.pattern_lines(outcome), Spelling()),
        "intervals.csv": cell_files.written(outcomes.interval_lines(outcome), Spelling()),
        "report.json": (json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode(),
    }
    with durable.folder(out) as folder:
        (folder / HOME).mkdir(mode=0o700)
        for name, data in home.items():
            durable.write(folder / HOME / name, data, mode=0o600)
        for cells, lines in outcomes.handed_out(outcome):
            durable.write(folder / PUBLISH / cells.name, cell_files.written(lines, spellings[cells]))
