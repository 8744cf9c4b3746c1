"""Who is in the story and which maps there are: reads `cast.toml` of the example. Decides nothing."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.model import area
from comity.services.demo.cast import Cast, Member

FILE: Final = "cast.toml"
NODES: Final = "All members are demonstration nodes on one machine; no office took part or was asked."
CLAIMS: Final = "Vesland is invented, and so is every map of it: no figure says anything about any place."


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file that the producer adds to its source."""

    id: str
    file: str
    kind: str
    product: str = ""
    field: str = ""


@dataclass(slots=True, kw_only=True)
class Country:
    """The example, and what the story finds out on its way."""

    cast: Cast
    producer: Member
    layers: tuple[Layer, ...]
    studies: dict[str, str] = field(default_factory=dict)  # 2: short name -> digest, in the order of the story
    releases: dict[str, Path] = field(default_factory=dict)  # 5: short name -> folder


def read(example: Path) -> Country:
    """The cast as the example's author wrote it."""
    text = tomllib.loads((example / FILE).read_text("utf-8"))
    members = tuple(_member(one["id"], one["area"], "refuses", witness=True) for one in text["members"])
    cast = Cast(
        data="synthetic", fallback=False, label="an invented country", nodes=NODES, claims=CLAIMS,
        convenor=text["convenor"], moves=text["moves"], comments=text["convenor"], members=members,
    )  # fmt: skip
    return Country(
        cast=cast,
        producer=_member(text["producer"]["id"], text["producer"]["area"], "answers", witness=False),
        layers=tuple(Layer(**one) for one in text["layers"]),
    )


def _member(id: str, m49: str, role: str, *, witness: bool) -> Member:
    return Member(id=id, area=m49, name=area.name(m49), rows=0, role=role, witness=witness, process=id)
