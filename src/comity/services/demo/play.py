"""How a story is played: its steps in order, how long each took, and that a failure names its step.

Decides the clean end (no process outlives it) and what is kept of the times. Which steps there are is each story's own.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.errors import ComityError, DemoFailed
from comity.services.demo.commands import Commands
from comity.services.demo.places import Places
from comity.services.demo.processes import Processes
from comity.services.demo.show import Show
from comity.services.demo.stage import Play, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a story, by the number that it has there."""

    number: int
    title: str
    play: Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Wall time of one step, in seconds."""

    number: int
    title: str
    seconds: float


def numbered(told: Sequence[tuple[str, Play]]) -> tuple[Step, ...]:
    """Steps from 0 on: what happens before anybody acts."""
    return tuple(Step(number=number, title=title, play=play) for number, (title, play) in enumerate(told))


def through(place: Places, steps: Sequence[Step], *, size: int, show: Show, about: Mapping[str, Any]) -> list[Timing]:
    """Play all steps; every process has ended when this returns or raises.

    Args:
        about: facts that `timings.json` begins with.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    timings: list[Timing] = []
    with Processes(place.logs, place.root) as processes:
        stage = Stage(places=place, commands=Commands(processes, show), show=show, size=size)
        for step in steps:
            show.step(step.number, step.title)
            began = time.monotonic()
            try:
                step.play(stage)
            except ComityError as error:
                raise _named(step, error) from error
            seconds = round(time.monotonic() - began, 2)
            timings.append(Timing(number=step.number, title=step.title, seconds=seconds))
            _keep(place, {**about, "data": stage.cast.data} if stage.cast else about, timings)
    return timings


def _named(step: Step, error: ComityError) -> DemoFailed:
    """The same error, with its step."""
    found = DemoFailed(f"step {step.number} ({step.title}): {error}")
    found.tail = getattr(error, "tail", "")
    return found


def _keep(place: Places, about: Mapping[str, Any], timings: Sequence[Timing]) -> None:
    """`timings.json`, as far as the story has come."""
    steps = [{"number": one.number, "title": one.title, "seconds": one.seconds} for one in timings]
    text = {**about, "steps": steps, "seconds": round(sum(one.seconds for one in timings), 2)}
    place.timings.write_text(json.dumps(text, indent=1) + "\n", "utf-8")
