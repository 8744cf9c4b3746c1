"""A source's way into the office: it is named, a binding of it is drafted and kept, and checked against a norm.

For the officer alone, and before any study asks. How sources and bindings are written down is `sources`', what may be
one `origin`'s, layers of maps are `shelf`'s; whether a study is answered from it, the running node decides anew.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.adapters import clock
from comity.adapters.folder import Folder
from comity.errors import ConfigError
from comity.model.inspection import Inspection
from comity.model.job import Silent, Tell
from comity.model.norm import Norm
from comity.model.source import Binding, Coverage, Layer, Source
from comity.services import config
from comity.services.node import origin, sources
from comity.services.node.sources import Entry
from comity.stages import collect, proposing
from comity.stages.proposing import Draft

if TYPE_CHECKING:
    from comity.services.node.shelf import Fit

LAYERS: Final = (".tif", ".tiff", ".geojson", ".json", ".gpkg")  # suffixes of files that are layers, whatever is said


def add_source(
    home: Path, id: str, path: Path | str, *, format: str = "", table: str = "", secret: Path | None = None
) -> Source:
    """Name microdata, a file or a table of a database (`origin.source`). Their rows are read when they are checked or
    counted.
    """
    Folder.open(home, "node")
    source = origin.source(id, path, format=format, table=table, secret=secret)
    known = [entry for entry in sources.read(home) if entry.source.id == id]
    before = known[0] if known else Entry(source=source, bindings=())
    sources.put(home, replace(before, source=source))
    return source


def propose(
    path: Path | str, norm: Norm, *, id: str, table: str = "", secret: Path | None = None
) -> tuple[tuple[Draft, ...], tuple[str, ...], str]:
    """A binding of a file or table for a norm, drafted, its open points and TOML text; it need be no source yet.

    Raises:
        ConfigError, SourceError: as when a source is added; also for a column of two kinds.
    """
    from comity.adapters.tables.counting import NationalTables

    called = id if "://" in str(path) else Path(path).name  # what errors call it; an address may hold what is secret
    source = origin.source(called, path, table=table, secret=secret)
    columns = NationalTables().described(source)
    drafted = proposing.drafts(norm, columns)
    return drafted, proposing.points(drafted, columns), proposing.text(norm, drafted, columns, id=id)


def add_layer(
    home: Path, id: str, layer: str, path: Path, *, product: str = "", field: str = "", tell: Tell | None = None
) -> Layer:
    """Name a file as a layer of a raster source: a map, zones, or a reference sample. See `shelf.add`."""
    from comity.services.node import shelf

    return shelf.add(home, id, layer, path, product=product, field=field, tell=tell or Silent())


def is_layer(path: Path, layer: str) -> bool:
    """Whether a file is meant as a layer: by its suffix, or because a layer's id came with it."""
    return bool(layer) or path.suffix.lower() in LAYERS


def bind(home: Path, source: str, text: str, *, where: str) -> Binding:
    """Keep a binding (its TOML text) for a source."""
    Folder.open(home, "node")
    return sources.bind(home, source, text, where=where)


def check_layers(home: Path, id: str, norm: Norm, *, tell: Tell | None = None) -> "Fit":
    """Check the layers of a raster source against a norm, see `shelf.check`."""
    Folder.open(home, "node")
    from comity.services.node import shelf

    entry = sources.named(home, id)
    return shelf.check(entry, norm, _fitting(home, entry, norm), tell=tell or Silent())


def check_source(home: Path, id: str, norm: Norm) -> tuple[Source, Coverage]:
    """Check a source against a norm: its columns are there, and whether a row is a person; it is kept as checked.

    How it covers the norm is told, not judged: rows with codes that no list has are left out of every count
    (`stages.collect.insist` refuses them).

    Raises:
        SourceError: with what is missing.
    """
    Folder.open(home, "node")
    entry = sources.named(home, id)
    binding = _fitting(home, entry, norm)
    from comity.adapters.tables.counting import NationalTables

    tables = NationalTables(memory=config.node(home, pinned=False).memory)
    checked = tables.register(entry.source, norm, binding)
    covers = tables.coverage(checked, norm, binding)
    sources.put(home, entry.checked(checked, time=clock.now(), rows=covers.rows))
    return checked, covers


def inspect_source(home: Path, id: str, norm: Norm) -> Inspection:
    """What an officer should know of a source beside its coverage: universe, persons, weights, strata."""
    Folder.open(home, "node")
    from comity.adapters.tables.counting import NationalTables

    entry = sources.named(home, id)
    tables = NationalTables(memory=config.node(home, pinned=False).memory)
    return tables.inspected(entry.source, norm, _fitting(home, entry, norm))


def _fitting(home: Path, entry: Entry, norm: Norm) -> Binding:
    """The source's binding for a norm, the last one named; ConfigError if there is none, or it is misspelt."""
    fitting = [b for b in sources.bindings(home, entry) if b.norm == f"{norm.id}/{norm.version}"]
    if not fitting:
        raise ConfigError(
            "no binding of this source is for the norm",
            where=entry.source.id,
            wanted=f"{norm.id}/{norm.version}",
            way_out="comity source bind",
        )
    collect.spelt(norm, fitting[-1])
    return fitting[-1]
