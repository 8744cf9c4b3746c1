"""Carries out every attack of the book, with its guards and without them: `make attacks`; writes docs/attacks.md.

One line an attack: its name, its guards, by what it is refused, and whether it bites when they are removed. Exit 1 if
one is not refused, or does not bite; the page stays as it is then. What it says follows from the book; a test asks that
it is the newest one.
"""

import ast
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.attacks import book  # noqa: E402

PAGE = ROOT / "docs" / "attacks.md"
VISIBLE = ROOT / "tests" / "attacks" / "visible.md"


HEAD = """# Attacks

Made by `make attacks`, which carries out every attack below against the real code: with all its guards, where it must
be refused, and without them, where it must succeed. So none of them is a test that cannot fail, and no guard is named
that stops nothing ([how a guard is removed](adr/0016-how-a-guard-is-removed.md)).

*Each alone*: any one of the guards is enough, and the attack is played with each of them alone. *Together*: it succeeds
as soon as one of them is missing. Guards are functions and constants under `comity`. *Refused by* is the code of the
error ([errors](errors.md)), the reason in the log, the status of HTTP, the claim of `comity verify` that fails, or what
becomes of the attack instead.
"""


def main() -> int:
    """The whole book; what the process ends with."""
    attacks = book.book().values()
    refused = bitten = 0
    for attack in attacks:
        trials = [(trial, _tried(attack, trial)) for trial in attack.trials()]
        wrong = [(trial, outcome) for trial, outcome in trials if not trial.ends(outcome)]
        stands = all(trial.by is None for trial, _ in wrong)
        bites = all(trial.by is not None for trial, _ in wrong)
        refused, bitten = refused + stands, bitten + bites
        said = f"refused: {attack.by}" if stands else f"NOT REFUSED: {_said(wrong)}"
        guards = ", ".join(guard.name for guard in attack.guards)
        print(f"{attack.name}: {guards}; {said}; {'bites' if bites else 'DOES NOT BITE'}", flush=True)
    print(f"{len(attacks)} attacks: {refused} refused, {bitten} bite")
    if not refused == bitten == len(attacks):
        return 1
    PAGE.write_text(page())
    return 0


def _said(wrong: list[tuple[book.Trial, book.Outcome]]) -> str:
    """How the plays ended that were to be refused, and were not, or by something else."""
    return "; ".join(f"{outcome.how} (is to be {trial})" for trial, outcome in wrong if trial.by is not None)


def _tried(attack: book.Attack, trial: book.Trial) -> book.Outcome:
    """One play in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="attack-") as place:
        return book.tried(attack, trial, Path(place))


def page() -> str:
    """docs/attacks.md."""
    return "\n".join([HEAD, *_chapters(), *_seal(), VISIBLE.read_text()])


def _chapters() -> Iterator[str]:
    """A table a chapter."""
    attacks = book.book().values()
    for chapter in book.CHAPTERS:
        module = f"tests.attacks.{chapter}"
        file = ROOT.joinpath("tests", "attacks", *chapter.split(".")).with_suffix(".py")
        yield f"## {_first(file.read_text())}\n"
        yield "| attack | who wants what | guards | refused by |\n|---|---|---|---|"
        for attack in (one for one in attacks if one.play.__module__ == module):
            yield f"| {attack.name} | {attack.says} | {_guards(attack)} | {attack.by} |"
        yield ""


def _guards(attack: book.Attack) -> str:
    rows = [f"`{guard.name}`: {guard.says}" for guard in attack.guards]
    how = "" if len(rows) == 1 else "each alone: " if attack.needed == book.EACH else "together: "
    return how + "; ".join(rows)


def _seal() -> Iterator[str]:
    """Attacks on the seal, on maps and on files, which are tests of their own, by the words that stand over them."""
    yield "## On the seal, on maps and on files that members bring\n"
    yield "Tests of their own, in `tests/attacks`; guards are taken away there where several stand behind each other.\n"
    yield "| tested in | attack and guards |\n|---|---|"
    for file in sorted((ROOT / "tests" / "attacks").glob("test_*.py")):
        if file.name != "test_book.py":
            said = ast.get_docstring(ast.parse(file.read_text())) or ""
            yield f"| `{file.name}` | {' '.join(said.split())} |"
    yield ""


def _first(source: str) -> str:
    """The first paragraph of a module's docstring, as a heading."""
    return " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split()).rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
