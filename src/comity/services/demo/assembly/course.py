"""Who decides in this story, and what one of its steps leaves for the next."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.services.demo.cast import Cast, Member

OFFICES: Final = ("north", "east", "south", "west", "middle", "coast")
RESERVES: Final = "west"
PUBLISH: Final = ("north", "west")  # the offices whose policy publishes their own table
AGENCY: Final = Member(id="agency", area="001", name="agency", rows=0, role="answers", witness=False, process="agency")
CAST: Final = Cast(
    data="synthetic",
    fallback=False,
    label="made-up people",
    nodes="",
    claims="",
    convenor=OFFICES[0],
    moves=OFFICES[0],
    comments=OFFICES[1],
    members=tuple(
        Member(id=id, area=f"{901 + i}", name=id, rows=0, role="answers", witness=True, process="offices")
        for i, id in enumerate(OFFICES)
    ),
)


@dataclass(slots=True)
class Course:
    """What happened so far, by leaf."""

    slower: int = 1  # 0: how many times longer this machine is given
    norm: int = 0  # 1: the motion that brought the first version into force
    version: int = 0  # 2: the motion that brought the second one
    candidates: dict[str, int] = field(default_factory=dict)  # 6: who stood for chair -> motion
    tables: dict[str, Path] = field(default_factory=dict)  # 4: whose table -> the folder of its release
    leaves: dict[str, int] = field(default_factory=dict)  # 4: whose table -> the leaf of its release
    estimates: dict[str, int] = field(default_factory=dict)  # 5: country -> leaf
    audits: dict[str, int] = field(default_factory=dict)  # 7: who is asked -> leaf
