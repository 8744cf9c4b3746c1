"""Grounds: what a producer's table of areas follows from, as its release shows it: parts of blocks, binding, zones.

Decides whether they are this table's: the parts add up to its values, and the binding is the one that the consent
names. Standard library alone, so that `verify` asks here too. Whether a part is what the rasters give is computed again
by `comity reproduce --inputs`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comity import canon
from comity.assembly.facts import ConsentFacts
from comity.errors import NotVerified
from comity.model import blocks as exact
from comity.model.blocks import Blocks
from comity.model.source import Binding
from comity.model.study import Study
from comity.stages.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What lies beside the figures of a raster study.

    zones: GeoJSON of the zones; None where they are cells of one degree.
    """

    blocks: Blocks
    binding: Binding
    zones: bytes | None


def read(
    blocks: bytes, binding: bytes, zones: bytes | None, *, study: Study, given: ConsentFacts, table: Table
) -> Grounds:
    """The grounds of a table.

    Raises:
        FormatError: a file is not what it should be, or blocks and grid do not fit.
        NotVerified: they are not this table's, with the first entry that differs.
    """
    made = exact.decode(blocks)
    says = {
        "study": (made.study, study.digest),
        "period": (made.period, given.period),
        "method": (made.method, f"{study.method.name}/{study.method.version}"),
    }
    for field, (found, wanted) in says.items():
        if found != wanted:
            raise NotVerified(f"blocks of another {field}", where="blocks.json", found=found, wanted=wanted)
    if (digest := canon.digest(binding)) != given.binding:
        raise NotVerified(
            "not the binding that the consent names", where="binding.json", found=digest, wanted=given.binding
        )
    keys, measures = list(study.layout.keys()), study.layout.measures
    for place, (found_, wanted_) in enumerate(zip(exact.totals(made, study.layout), table.values, strict=True)):
        if found_ != wanted_:
            measure, cell = divmod(place, study.layout.cells)
            raise NotVerified(
                "the parts do not add up to the table",
                where=f"blocks.json: {measures[measure].id} of {', '.join(keys[cell])}",
                found=str(found_),
                wanted=str(wanted_),
            )
    return Grounds(blocks=made, binding=canon.decode(binding, Binding, where="binding.json"), zones=zones)


def of(files: Mapping[str, bytes], *paths: str) -> tuple[bytes, bytes, bytes | None]:
    """Parts, binding and zones out of files, by their paths in this order; NotVerified if one of the first is absent.

    Every raster release has both; zones only where they came from a file.
    """
    blocks, binding, zones = paths
    for path in (blocks, binding):
        if path not in files:
            raise NotVerified(
                "the table of a raster study without what it follows from",
                where=path,
                wanted=f"{blocks} and {binding}",
                way_out="fetch the release again, from another mirror",
            )
    return files[blocks], files[binding], files.get(zones)
