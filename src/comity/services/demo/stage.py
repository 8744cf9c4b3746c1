"""What every step of the story works with, and what one step leaves for the next."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.services.demo.cast import Cast, Member
from comity.services.demo.commands import Commands, homes
from comity.services.demo.places import Places
from comity.services.demo.processes import Service
from comity.services.demo.show import Show


@dataclass(slots=True)
class Stage:
    """The demonstration under way. What later steps need stands here with the step that found it out."""

    places: Places
    commands: Commands
    show: Show
    size: int
    cast: Cast | None = None  # 0: who is in it
    address: str = ""  # 1: of the hub
    charter: str = ""  # 1: digest
    hub: Service | None = None  # 1
    pace: float = 1.0  # 1: seconds in which all offices say one thing, on this machine
    heard: int = 0  # 4: up to where the hub's lines were followed
    study: str = ""  # 2: digest of the study in force
    release: dict[str, Any] = field(default_factory=dict)  # 6: what `release fetch` said of it

    @property
    def who(self) -> Cast:
        """The cast, once the people are there."""
        if self.cast is None:
            raise AssertionError("step 0 comes first")
        return self.cast

    @property
    def running(self) -> Service:
        """The hub, once it runs."""
        if self.hub is None:
            raise AssertionError("step 1 comes first")
        return self.hub

    def home(self, member: Member | str) -> Path:
        """A member's state folder."""
        return self.places.home(member if isinstance(member, str) else member.id)

    def homes(self, members: Sequence[Member] | None = None) -> tuple[object, ...]:
        """`--home` of these members, or of all."""
        return homes([self.home(member) for member in (self.who.members if members is None else members)])

    def log(self, *words: object) -> Any:
        """Facts that a reader with the charter's digest gets from the hub."""
        return self.commands.facts(*words, "--hub", self.address, "--charter", self.charter)

    def hub_says(self, pattern: str, *, what: str, seconds: float = 60.0) -> "re.Match[str]":
        """Wait until the hub has written a line that matches."""

        def look() -> "re.Match[str] | None":
            return re.search(pattern, self.running.written(), re.MULTILINE)

        return self.commands.until(look, what=what, service=self.running, seconds=seconds)


Play = Callable[[Stage], None]
"""One step: plays, says what was seen, and raises DemoFailed if it was something else."""
