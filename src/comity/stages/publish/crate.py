"""The folder described for machines: RO-Crate 1.1 metadata, as our own JSON-LD, and how a release is cited.

Names the release's own files, what they follow from, who made them and with what. A digest of each file that is made
before the description is in it; the page and `release.json` come after, and `release.json` names them all. Proofs that
lie beside a release (log, view, texts) are not parts of it: the log names the release, not the other way round.
Source: w3id.org/ro/crate/1.1; `sha256` and `creditText` are schema.org's, later than the context of RO-Crate 1.1.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from comity import canon
from comity.model import area, moment
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import tables, words
from comity.stages.publish import folder

VERSION: Final = "https://w3id.org/ro/crate/1.1"
CONTEXT: Final = (
    f"{VERSION}/context",
    {"sha256": "http://schema.org/sha256", "creditText": "http://schema.org/creditText"},
)
_FORMATS: Final = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
}
_WARNINGS: Final = ("synthetic", "demonstration")  # labels that a citation carries
_SOFTWARE: Final = "#comity"
_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Under whose roof a release is: the assembly's name and its hub's address, from the charter; "" for none."""

    name: str
    address: str


def metadata(release: Release, study: Study, norm: Norm, house: House, files: Mapping[str, bytes], m49: str) -> bytes:
    """`ro-crate-metadata.json` of a release.

    Args:
        release: its record, the list of files left out.
        study: its study.
        norm: the norm that the study names.
        house: whose assembly it is.
        files: what was made so far, by path; size and digest of each are described.
        m49: area of the member whose table it is; unused for a joint release.
    """
    parts = _parts(files)
    publisher, makers = _makers(release, house, m49)
    source, sources = _source(norm)
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": _title(release, study),
        "description": _description(release, study, norm),
        "datePublished": _time(release),
        "identifier": identifier(release),
        "creditText": citation(release, study, house, m49),
        "license": _link("#license"),
        "publisher": publisher,
        "author": [_link(entity["@id"]) for entity in makers if entity["@type"] == "Organization"],
        "temporalCoverage": _YEARS.sub(r"\1/\2", release.period),
        "measurementTechnique": _link("#method"),
        "isBasedOn": [_link("#study"), _link("#norm"), *source],
        "hasPart": [_link(part["@id"]) for part in parts],
        "mentions": _link("#making"),
    } | ({"citation": source[0]} if source else {})
    about = {
        "@id": folder.CRATE,
        "@type": "CreativeWork",
        "about": _link("./"),
        "conformsTo": _link(VERSION),
    }
    graph: list[Entity] = [
        about,
        root,
        *parts,
        *makers,
        *sources,
        *_texts(study, norm),
        *_making(release, study, publisher, parts),
    ]
    return canon.encode({"@context": CONTEXT, "@graph": [_short(entity) for entity in graph]})


def identifier(release: Release) -> str:
    """One line that names a release among all: log, publisher, study, period and the log's time."""
    return f"{release.origin} {release.publisher} {release.study} {release.period} {_time(release)}"


def citation(release: Release, study: Study, house: House, m49: str) -> str:
    """How to cite a release: makers, year, title, version, publisher, identifier (DataCite 4.5, its own citation).

    A citation travels alone: it says of itself where data are made up.
    """
    joint = release.kind == "joint"
    summed = sum(taking.part == "summed" for taking in release.takings)
    publisher = house.name if joint else _name(release.publisher, m49)
    labels = [text for code, text in tables.labels(release, study) if code in _WARNINGS]
    return words.say(
        "crate.citation",
        makers=words.count("crate.makers", summed, name=publisher) if joint else publisher,
        year=moment.year(release.time),
        title=_title(release, study),
        kind=words.say("list.join").join([words.say("crate.kind"), *labels]),
        version=study.version,
        publisher=publisher,
        identifier=identifier(release),
    )


def same(found: bytes, made: bytes) -> bool:
    """Whether two descriptions say the same of a folder, made by whatever version of Comity, and of other bytes in it.

    False for what is no description.
    """
    try:
        return _bare(found) == _bare(made)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _bare(data: bytes) -> object:
    """Without the version of the software, and without the sizes and digests of files that libraries write."""
    document = json.loads(data)
    for entity in document["@graph"]:
        if entity["@id"] == _SOFTWARE:
            entity.pop("softwareVersion", None)
        if entity["@id"] == folder.PARQUET:
            entity.pop("sha256", None), entity.pop("contentSize", None)
    return document


def _title(release: Release, study: Study) -> str:
    return words.say("page.title", title=study.title, period=release.period)


def _description(release: Release, study: Study, norm: Norm) -> str:
    """What a reader must know first: that data are made up, say; then the norm's own caution, and who reserved what."""
    labels = [text for _, text in tables.labels(release, study)]
    told = [*labels, norm.disclaimer or norm.title, *tables.reservations(release.reserved)]
    return words.say("list.join").join(told)


def _time(release: Release) -> str:
    return moment.iso(release.time)


def _parts(files: Mapping[str, bytes]) -> list[Entity]:
    """The record and the page, which are not made yet, and what is."""
    described = [_part(folder.RELEASE, None), _part(folder.PAGE, None)]
    return described + [_part(path, body) for path, body in sorted(files.items())]


def _part(path: str, body: bytes | None) -> Entity:
    known: Entity = {} if body is None else {"contentSize": str(len(body)), "sha256": canon.hex_of(canon.digest(body))}
    return {
        "@id": path,
        "@type": "File",
        "name": path,
        "description": words.say(f"file.{path}"),
        "encodingFormat": _FORMATS[path[path.rindex(".") :]],
    } | known


def _makers(release: Release, house: House, m49: str) -> tuple[Entity, list[Entity]]:
    """Link to who published, and everybody who made it: the members whose vectors are in the sum, or the one member."""
    if release.kind == "national":
        member = _member(release.publisher, m49)
        return _link(member["@id"]), [member]
    hub = {"@id": f"#{HUB}", "@type": "Organization", "name": house.name, "url": house.address}
    summed = [_member(taking.member, taking.area) for taking in release.takings if taking.part == "summed"]
    return _link(hub["@id"]), [hub, *summed]


def _member(id: str, m49: str) -> Entity:
    """No URL: the charter knows none of a member's."""
    return {"@id": f"#member-{id}", "@type": "Organization", "name": _name(id, m49)}


def _name(member: str, m49: str) -> str:
    return words.say("crate.member", area=area.name(m49), member=member)


def _source(norm: Norm) -> tuple[list[Entity], list[Entity]]:
    """What the norm's authority asks to be cited, if anything: links, and the entity."""
    name = norm.authority.citation or norm.authority.source
    if not name:
        return [], []
    return [_link("#source")], [{"@id": "#source", "@type": "CreativeWork", "name": name}]


def _texts(study: Study, norm: Norm) -> list[Entity]:
    """What the members adopted, each by its digest, and the terms of use."""
    return [
        {
            "@id": "#study",
            "@type": "CreativeWork",
            "name": study.title,
            "version": f"{study.id}/{study.version}",
            "identifier": study.digest,
        },
        {
            "@id": "#norm",
            "@type": "CreativeWork",
            "name": norm.title,
            "version": f"{norm.id}/{norm.version}",
            "identifier": study.norm,
        },
        {
            "@id": "#license",
            "@type": "CreativeWork",
            "name": words.say("crate.license"),
            "description": words.say("crate.terms", source=norm.authority.source or norm.title),
        },
    ]


def _making(release: Release, study: Study, publisher: Entity, parts: Sequence[Entity]) -> list[Entity]:
    """The act that made the files, and the two programs that it used."""
    method = study.method
    return [
        {
            "@id": "#making",
            "@type": "CreateAction",
            "name": words.say(f"crate.making.{release.kind}"),
            "agent": publisher,
            "instrument": [_link(_SOFTWARE), _link("#method")],
            "object": [_link("#study"), _link("#norm")],
            "result": [_link(part["@id"]) for part in parts],
            "endTime": _time(release),
        },
        {
            "@id": "#method",
            "@type": "SoftwareApplication",
            "name": f"{method.name}/{method.version}",
            "softwareVersion": method.version,
            "identifier": method.digest,
        },
        {
            "@id": _SOFTWARE,
            "@type": "SoftwareApplication",
            "name": "Comity",
            "description": words.say("crate.software"),
            "softwareVersion": version("comity"),
        },
    ]


def _link(id: str) -> Entity:
    return {"@id": id}


def _short(entity: Entity) -> Entity:
    """RO-Crate 1.1, compacted JSON-LD: a property of one value is no list, one of none is left out."""
    shortened = {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()
    }
    return {name: value for name, value in shortened.items() if value not in ("", [])}
