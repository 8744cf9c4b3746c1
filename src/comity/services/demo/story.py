"""The demonstration's story, in order: which steps there are, what they are called, how long each took.

Decides the order, the clean start, the clean end, and that a failure names its step. What a step does is its own file.
The demonstration starts commands and reads what they print: it imports no hub, node, stage or fold.
"""

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from comity.errors import ComityError, DemoFailed
from comity.services.demo import deciding, exchange, founding, people, places, releases, truth, verifying
from comity.services.demo.commands import Commands
from comity.services.demo.places import Places
from comity.services.demo.processes import Processes
from comity.services.demo.show import Show
from comity.services.demo.stage import Play, Stage

Data = Literal["wvs", "synthetic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story, by the number that it has there."""

    number: int
    title: str
    play: Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Wall time of one step, in seconds."""

    number: int
    title: str
    seconds: float


def steps(data: Data) -> tuple[Step, ...]:
    """The story."""
    told: list[tuple[str, Play]] = [
        ("People: each member's respondents go to its own folder", partial(people.play, data=data)),
        ("A charter, a hub, and offices that join by their own key", founding.play),
        ("A norm and a study are moved, discussed and voted; another motion fails", deciding.play),
        ("Each node decides by its own policy", exchange.consents),
        ("Counts at home, noise, seal; the hub opens only the sum", exchange.exchange),
        ("Each member publishes its own table, small cells suppressed", releases.national),
        ("The joint release, fetched as any reader fetches it", releases.joint),
        ("Verified offline; every forgery is refused, and named", verifying.play),
        ("Truth beside result", truth.play),
    ]
    return tuple(Step(number=number, title=title, play=play) for number, (title, play) in enumerate(told))


def run(out: Path, *, members: int, data: Data, example: Path, show: Show) -> tuple[Places, tuple[Timing, ...]]:
    """Play the whole story in an empty folder; every process has ended when this returns or raises.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    place = places.clean(out, example)
    timings: list[Timing] = []
    with Processes(place.logs, place.root) as processes:
        stage = Stage(places=place, commands=Commands(processes, show), show=show, size=members)
        for step in steps(data):
            show.step(step.number, step.title)
            began = time.monotonic()
            try:
                step.play(stage)
            except ComityError as error:
                raise _named(step, error) from error
            seconds = round(time.monotonic() - began, 2)
            timings.append(Timing(number=step.number, title=step.title, seconds=seconds))
            _keep(place, members, stage.cast.data if stage.cast else data, timings)
    return place, tuple(timings)


def _named(step: Step, error: ComityError) -> DemoFailed:
    """The same error, with its step."""
    found = DemoFailed(f"step {step.number} ({step.title}): {error}")
    found.tail = getattr(error, "tail", "")
    return found


def _keep(place: Places, members: int, data: str, timings: list[Timing]) -> None:
    """`timings.json`, as far as the story has come."""
    steps = [{"number": one.number, "title": one.title, "seconds": one.seconds} for one in timings]
    text = {"members": members, "data": data, "steps": steps, "seconds": round(sum(one.seconds for one in timings), 2)}
    place.timings.write_text(json.dumps(text, indent=1) + "\n", "utf-8")
