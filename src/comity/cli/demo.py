"""`comity demo`: a whole assembly on this machine. Draws the stories that `services.demo` tells."""

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from comity.errors import DemoFailed
    from comity.services.demo.places import Places
    from comity.services.demo.play import Timing
    from comity.services.demo.show import Show

app = typer.Typer(no_args_is_help=True, add_completion=False, callback=lambda: None)


class Size(StrEnum):
    """Rosters of the example."""

    SIXTY, TWELVE = "60", "12"


class Data(StrEnum):
    """Whose people."""

    WVS, SYNTHETIC = "wvs", "synthetic"


@app.command()
def run(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Everything goes here; emptied at the start.")],
    members: Annotated[Size, typer.Option("--members", help="How many offices.")] = Size.SIXTY,
    data: Annotated[
        Data, typer.Option("--data", help="wvs: respondents of the World Values Survey; synthetic: made up here.")
    ] = Data.WVS,
    example: Annotated[
        Path | None, typer.Option("--example", metavar="FOLDER", help="What is played; else that of this repository.")
    ] = None,
) -> None:
    """An assembly from charter to verified release: real data, real processes, then every forgery refused.

    Starts a hub and at least twelve nodes on loopback and plays one question to its end: votes, consents and a refusal,
    sealed answers, a node killed on the way, releases, verification offline, forgeries, truth beside result. Everything
    is under FOLDER afterwards; no process stays.

    Example: `comity demo run --out build/demo --members 12`
    """
    from comity.services.demo import story

    played = example or _example("world_values")
    _play(out, lambda shown: story.run(out, members=int(members), data=data.value, example=played, show=shown))


@app.command()
def geo(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Everything goes here; emptied at the start.")],
    example: Annotated[
        Path | None, typer.Option("--example", metavar="FOLDER", help="What is played; else that of this repository.")
    ] = None,
) -> None:
    """A whole country on maps that the command makes itself: areas by zone and class, beside the truth in closed form.

    Starts a hub, four members and a producer of open data on loopback: norms and studies are voted, maps are added and
    bound, areas are computed block by block, killed on the way and taken up again, released, verified offline, computed
    again from the maps, forged and refused. Everything is synthetic, and is under FOLDER afterwards; no process stays.

    Example: `comity demo geo --out build/demo-geo`
    """
    from comity.services.demo.geo import story

    played = example or _example("geo_country")
    _play(
        out,
        lambda shown: story.run(out, example=played, show=shown),
        again="Compute it:  .venv/bin/comity reproduce {release} --inputs {input} --blocks 5",
    )


@app.command()
def succession(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Everything goes here; emptied at the start.")],
    example: Annotated[
        Path | None, typer.Option("--example", metavar="FOLDER", help="What is played; else that of this repository.")
    ] = None,
) -> None:
    """A hub that is left behind: the members vote, its folder is deleted, another hub goes on, everyone follows.

    Starts a hub, a mirror and five nodes on loopback; a question is answered and released at the first hub, the log
    goes over out of the mirror's files, another question is answered at the second hub, and both releases verify. The
    first hub, started again from a copy, stays alone. Everything is synthetic; no process stays.

    Example: `comity demo succession --out build/demo-succession`
    """
    from comity.services.demo.succession import story

    _play(out, lambda shown: story.run(out, example=example or _example("moving_hub"), show=shown), last=story.LAST)


@app.command()
def assembly(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Everything goes here; emptied at the start.")],
    example: Annotated[
        Path | None, typer.Option("--example", metavar="FOLDER", help="What is played; else that of this repository.")
    ] = None,
) -> None:
    """Everything that an assembly decides: norms, reservations, estimates, an election, audits, and counts of it all.

    Starts a hub, six offices and an agency on loopback: a norm goes from its draft over comments and an amendment to
    force, is replaced and reserved; an outside norm is recognised; estimates end in all five ways; a chair is elected;
    audits are answered, refused and met with silence. Everything is synthetic; no process stays.

    Example: `comity demo assembly --out build/demo-assembly`
    """
    from comity.services.demo.assembly import story

    _play(out, lambda shown: story.run(out, example=example or _example("six_offices"), show=shown), last=story.LAST)


@app.command()
def log(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder.")],
    leaves: Annotated[int, typer.Option("--leaves", metavar="N", help="How many.")] = 1_000_000,
) -> None:
    """A log of any length, with made-up entries, a signed checkpoint and a policy: to try readers on.

    Its keys are known to everyone. Audit it: `comity log audit FOLDER --policy FOLDER/policy`.

    Example: `comity demo log --leaves 20000 --out build/long-log`
    """
    from comity.cli import progress, show
    from comity.services.demo import log as long_log
    from comity.tlog.spelling import b64

    with progress.telling() as tell:
        head = long_log.make(out, leaves, tell=tell)
    show.facts({"origin": head.origin, "size": head.size, "root": b64(head.root), "out": str(out)}, as_json=False)


def _play(
    out: Path, run: "Callable[[Show], tuple[Places, Sequence[Timing]]]", *, again: str = "", last: str = ""
) -> None:
    """Tell a story to its end, or say what failed and where to look.

    again: how its release is computed again. last: what the reader is told at the very end.
    """
    from comity.errors import DemoFailed

    shown = _Terminal() if sys.stdout.isatty() else _Plain()
    try:
        places, timings = run(shown)
    except DemoFailed as error:
        _failed(shown, error, out / "logs")
        raise
    except KeyboardInterrupt:
        shown.write(f"\ninterrupted: every process was ended; what there is stays in {out}")
        raise
    finally:
        shown.still()
    _end(shown, places, timings, again)
    if last:
        shown.write(f"\n{last}")


class _Plain:
    """Lines, as a log file wants them; progress is not shown."""

    def step(self, number: int, title: str) -> None:
        """A step begins."""
        self.say("")
        self.write(f"[{number}] {title}")

    def say(self, line: str) -> None:
        """A fact of the step."""
        self.write(f"    {line}" if line else "")

    def loud(self, line: str) -> None:
        """Something that nobody may overlook."""
        for text in ("!" * 100, f"!!! {line}", "!" * 100):
            self.write(text)

    def tell(self, done: int, total: int, what: str) -> None:
        """Progress."""

    def still(self) -> None:
        """No progress is shown from now on."""

    def write(self, line: str) -> None:
        """One line."""
        print(line, flush=True)


class _Terminal(_Plain):
    """The same on a terminal: steps stand out, and what is waited for is seen while it is waited for."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(highlight=False, soft_wrap=True)
        self.status: Any = None

    def step(self, number: int, title: str) -> None:
        """A step begins."""
        self.still()
        self.console.print()
        self.console.print(f"[{number}] {title}", style="bold", markup=False)

    def loud(self, line: str) -> None:
        """Something that nobody may overlook."""
        self.still()
        self.console.print(f"!!! {line} !!!", style="bold white on red", markup=False)

    def tell(self, done: int, total: int, what: str) -> None:
        """Progress."""
        if self.status is None:
            self.status = self.console.status("")
            self.status.start()
        self.status.update(f"{what} ({done} of {total})")

    def write(self, line: str) -> None:
        """One line."""
        self.still()
        self.console.print(line, markup=False)

    def still(self) -> None:
        """Wipe the progress away."""
        if self.status is not None:
            self.status.stop()
            self.status = None


def _example(name: str) -> Path:
    """An example of this repository: below the working directory, or beside the package."""
    beside = Path(__file__).resolve().parents[3] / "examples" / name
    here = Path("examples") / name
    return here if here.is_dir() or not beside.is_dir() else beside


def _failed(shown: _Plain, error: "DemoFailed", logs: Path) -> None:
    """The last lines of what failed, and where the rest is; the error itself is printed by `cli.main`."""
    shown.write("")
    if error.tail:
        shown.write("The last lines of its output:")
        for line in error.tail.splitlines():
            shown.say(line)
    shown.write(f"All logs: {logs}; all commands, in order: {logs / 'commands.log'}. Every process was ended.")


def _end(shown: _Plain, places: "Places", timings: "Sequence[Timing]", again: str) -> None:
    """What took how long, and what the reader can look at now."""
    shown.write("")
    for one in timings:
        shown.write(f"{one.seconds:7.1f} s  [{one.number}] {one.title}")
    shown.write(f"{sum(one.seconds for one in timings):7.1f} s  in all (also in {_short(places.timings)})")
    shown.write("")
    release, charter = _short(places.release), _short(places.charter)
    shown.write(f"The folder:  {_short(places.out)}")
    shown.write(f"The page:    {release}/index.html")
    if again:
        shown.write(again.format(release=release, input=_short(places.input)))
    shown.write(f"Verify it:   .venv/bin/comity verify {release} --charter $(cat {charter})")
    if places.figure.exists():
        shown.write(f"One figure:  .venv/bin/comity verify {_short(places.figure)} --policy {_short(places.policy)}")


def _short(path: Path) -> str:
    """Relative to the working directory, where that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
