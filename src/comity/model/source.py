"""National data and how they meet a norm: the source, and the binding between.

A source is a file at home, or a table of a database or of Spark; of rasters it is several, each a layer. A binding is
a member's declarative, versioned map from its own columns (or layers) and codes to the norm's variables; its digest is
in every consent. Nothing here opens a file: see `adapters.tables` and `adapters.rasters`.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, FormatError
from comity.model import binding as sound
from comity.model import toml

RASTERS: Final = "geotiff"  # the format of a source that is made of layers
POSTGRESQL: Final = "postgresql"  # the format of a table in a PostgreSQL database
SPARK: Final = "spark"  # the format of what Spark reads: a folder of Parquet files, or a table of its catalog
GRATICULE: Final = "graticule"  # column of a zone variable whose zones are cells of one degree, not a file
SAMPLE: Final = "sample"  # id of the reference sample; or "sample-" and the period's value

Kind = Literal["raster", "zones", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file of a raster source: a raster of one band, the zones, or a reference sample."""

    id: str
    path: str  # as given by the office; never leaves the node
    kind: Kind
    product: str  # name and version of the map, such as "ESA WorldCover v100"; "" for zones and samples without one
    field: str  # zones: the property that holds a zone's code; "" else
    digest: Digest
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Microdata at home, one row after the other; or the layers of open data on one grid (format "geotiff").

    path: as given by the office; never leaves the node. Of a file, its path; of PostgreSQL, an address without a
        password, "postgresql://reader@host:5432/database"; of Spark, a folder of Parquet files, or for a table of its
        catalog the metastore, "thrift://host:9083" or a folder; "" for a source of layers.
    format: "parquet", "csv", "xlsx", "sav", "dta", "sas7bdat", "duckdb", POSTGRESQL, SPARK or RASTERS.
    table: the sheet of a workbook, or the table of a database or catalog ("schema.table"); "": the only one.
    secret: path of a file that holds the password of a database and nothing else; "": none is needed.
    unique: one row is one person within each period of the vintage that was checked.
    vintage: digest of the data that were checked; stays at home. None: not checked yet.
    """

    id: str
    path: str
    format: str
    table: str = ""
    secret: str = ""
    unique: bool
    vintage: Digest | None = None
    layers: tuple[Layer, ...] = ()

    @property
    def catalogued(self) -> bool:
        """Of Spark: a table of a catalog, and not a folder of files."""
        return self.format == SPARK and (self.table != "" or "://" in self.path)

    def layer(self, id: str) -> Layer | None:
        """A layer by id, if the source has it."""
        return next((layer for layer in self.layers if layer.id == id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Numbers that are one code: least <= number < below, as decimals in the norm's unit; None: no bound."""

    code: str
    least: str | None = None
    below: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """One variable of the norm from one national column.

    column: for a source of layers the id of a layer, in which "{period}" is the period's value, "{from}" and "{to}"
        its two halves; or GRATICULE; or "" for a variable that nothing is read for (the unit, the period).
    codes: national value (as text) -> code of the norm; empty means the same spelling. Of a column of numbers, the
        number in the norm's unit that a value stands for: "0" for "none"; all other values are read as they stand.
    missing: national values (as text) that mean no answer.
    bands: of a column of numbers, the code of each range; instead of codes.
    scale: of a column of numbers, what the national value is multiplied by to be in the norm's unit, as a decimal:
        "0.01" where the file counts cents and the norm asks for a currency's unit.
    """

    variable: str
    column: str
    codes: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    scale: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition that a row of the universe meets: its column holds one of `values` and none of `without` (as text),
    and a number of at least `least` and below `below` (as decimals), as far as these are given. A row that does not,
    or has no value there, is no row of the survey's universe, and counted nowhere.
    """

    column: str
    values: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    least: str | None = None
    below: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of sampling, by column names.

    cluster: of the unit that was drawn; "" for the privacy unit itself, in the last stage alone.
    population: how many units the stratum (or the unit of the stage before) had to draw from; "": drawn with
        replacement, or from so many that it makes no difference; the variance then ends with this stage.
    """

    cluster: str = ""
    population: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """Replicate weights: columns of a weight each, and how their estimates make a variance.

    V = scale x sum over r of factors[r] x (estimate_r - estimate)^2 (Wolter 2007; Lumley 2010, 2.3).
    scale: as a decimal or a fraction "a/b". factors: one for each column, in the same spelling; empty: all 1.
    """

    columns: tuple[str, ...]
    scale: str
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How the sample was drawn, as far as the file says: strata and stages, or replicate weights.

    strata: column of the first stage's strata; "": one stratum.
    stages: from the first on; empty: the privacy unit was drawn, with replacement.
    """

    strata: str = ""
    stages: tuple[Stage, ...] = ()
    replicates: Replicates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """How one source answers one norm.

    deviations: in words, for the officer; what readers are to know is said as a reservation, and a node does not answer
        while a binding deviates and no reservation says so.
    weight: column of the sampling weight: how many units of the population a row stands for; "": 1.
    universe: conditions that a row must meet, all of them.
    """

    id: str
    version: str
    norm: str  # "id/version" of the norm it is written for
    maps: tuple[Map, ...]
    deviations: tuple[str, ...] = ()
    universe: tuple[Filter, ...] = ()
    weight: str = ""
    design: Design = field(default_factory=Design)

    @property
    def digest(self) -> Digest:
        """What every consent names."""
        return canon.digest(canon.encode(self))

    def map(self, variable: str) -> Map:
        """The map of a variable; FormatError if the binding has none."""
        for entry in self.maps:
            if entry.variable == variable:
                return entry
        raise FormatError("the binding maps no column to this variable", where=self.id, found=variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a file at home says of one column, for whoever drafts a binding; stays at home.

    label: what the column is about, in the words of the office.
    labels: value, as text -> its label.
    missing: values that the file itself declares missing.
    values: every value found, as text, in order; None: too many to be codes, or not looked at.
    """

    name: str
    label: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How a source meets a norm in one period; stays at home, for the officer's eyes.

    Every row of the period is counted in a cell, missing (no answer in at least one variable), or outside (an answer
    that the norm's list does not have, and none missing).
    """

    rows: int
    counted: int
    missing: int
    outside: int
    unmapped: dict[str, dict[str, int]]  # variable -> national value outside the list -> rows; the most frequent ones
    absent: dict[str, int] = field(default_factory=dict)  # variable -> rows without an answer to it, where it was asked
    beyond: dict[str, int] = field(default_factory=dict)  # variable -> rows whose answer is clipped, or is no number
    recoded: dict[str, dict[str, int]] = field(default_factory=dict)  # variable -> value for a number, or none -> rows


def read_binding(text: str, *, where: str) -> Binding:
    """A binding out of its TOML text; ConfigError for anything it does not know, and for what contradicts itself."""
    table = toml.read(text, where=where, wrong=ConfigError)
    if (undecided := table.pop("open", [])) != []:
        raise ConfigError(
            "the binding is a draft: points are open",
            where=where,
            found=str(undecided[0] if isinstance(undecided, list) else undecided),
            wanted="every point decided",
            way_out="decide each point and remove it from `open`",
        )
    try:
        binding = canon.convert(table, Binding, where=where)
    except FormatError as e:
        raise ConfigError(e.what, where=where, found=e.found, wanted=e.wanted, way_out="see docs/binding.md") from None
    sound.insist(binding, where=where)
    return binding
