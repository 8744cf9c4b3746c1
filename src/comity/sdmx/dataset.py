"""A dataset: the observations of one structure as an Arrow table, and the Parquet file of one.

Every value is text, because text is exact and SDMX's formats are text; a component that an observation does not report
is null, never "". Decides which columns there are and what they may hold; whether codes are those of the structure's
lists is `validate`'s. Source: SDMX 3.0, section 2 (information model), data set.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeVar, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from comity.errors import FormatError

Kind = Literal["dataflow", "datastructure", "dataprovision"]
Action = Literal["I", "A", "R", "D"]  # information, append, replace, delete

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
Word = TypeVar("Word", bound=str)
_NCNAME: Final = re.compile(
    r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*"
)  # SDMXCommonReferences, NCNameIDType
_REFERENCE: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*:[A-Za-z0-9_@$-]+(\([0-9]+(\.[0-9]+)*(-[A-Za-z0-9.-]+)?\))?"
)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Components of the structure that the dataset holds, in the order of their columns."""

    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    attributes: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in self.all:
            if not _NCNAME.fullmatch(name):
                raise FormatError("not the id of a component", where="dataset", found=name, wanted="an SDMX NCName")
        if len(set(self.all)) != len(self.all):
            raise FormatError("a component twice", where="dataset", found=", ".join(self.all))

    @property
    def all(self) -> tuple[str, ...]:
        """Dimensions, then measures, then attributes."""
        return self.dimensions + self.measures + self.attributes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataSet:
    """Observations of one structure under one action.

    structure: "AGENCY:ID(VERSION)" of the kind of artefact.
    table: a string column for each component, in the order of `columns`; null where nothing is reported.
    """

    kind: Kind
    structure: str
    action: Action
    columns: Columns
    table: pa.Table

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.action not in ACTIONS:
            raise FormatError(
                "unknown kind of structure or action",
                where="dataset",
                found=f"{self.kind}, {self.action}",
                wanted=f"{', '.join(KINDS)}; {', '.join(ACTIONS)}",
            )
        if not _REFERENCE.fullmatch(self.structure):
            raise FormatError(
                "not a reference to a structure", where="dataset", found=self.structure, wanted="AGENCY:ID(VERSION)"
            )
        if self.table.schema != schema(self.columns):
            raise FormatError(
                "columns are not the dataset's components as text",
                where=self.structure,
                found=str(self.table.schema.names),
                wanted=str(list(self.columns.all)),
            )

    @property
    def rows(self) -> tuple[Mapping[str, str | None], ...]:
        """The observations as plain rows; for small datasets."""
        return tuple(self.table.to_pylist())


def schema(columns: Columns) -> pa.Schema:
    """The Arrow schema of a dataset's table."""
    return pa.schema([pa.field(name, pa.string()) for name in columns.all])


def of(
    rows: Iterable[Mapping[str, str | None]],
    columns: Columns,
    *,
    kind: Kind,
    structure: str,
    action: Action = "I",
) -> DataSet:
    """A dataset of plain rows; FormatError for an unknown component or an empty text."""
    held: dict[str, list[str | None]] = {name: [] for name in columns.all}
    for i, row in enumerate(rows):
        if extra := [name for name in row if name not in held]:
            raise FormatError("no such component", where=f"{structure}, observation {i}", found=", ".join(extra))
        for name, column in held.items():
            value = row.get(name)
            if value == "":
                raise FormatError("an empty text is no value", where=f"{structure}, observation {i}, {name}")
            column.append(value)
    return DataSet(
        kind=kind, structure=structure, action=action, columns=columns, table=pa.table(held, schema=schema(columns))
    )


def parquet(dataset: DataSet) -> bytes:
    """One Parquet file: measures as exact decimals, the rest as text; what the dataset is stands in the metadata.

    Equal datasets give equal bytes under one version of Arrow; another version may write other bytes of equal content.
    """
    arrays = [
        _decimals(dataset.table[name], where=name) if name in dataset.columns.measures else dataset.table[name]
        for name in dataset.columns.all
    ]
    metadata = {
        "sdmx.kind": dataset.kind,
        "sdmx.structure": dataset.structure,
        "sdmx.action": dataset.action,
        "sdmx.dimensions": " ".join(dataset.columns.dimensions),
        "sdmx.measures": " ".join(dataset.columns.measures),
        "sdmx.attributes": " ".join(dataset.columns.attributes),
    }
    table = pa.table(dict(zip(dataset.columns.all, arrays, strict=True))).replace_schema_metadata(metadata)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", version="2.6", use_dictionary=True, write_statistics=True)
    return sink.getvalue()


def read_parquet(data: bytes, *, where: str = "parquet") -> DataSet:
    """Read what `parquet` writes. Measures come back with as many decimals as the longest of their column had."""
    try:
        return _parquet(pq.read_table(io.BytesIO(data)), where)
    except (pa.ArrowException, OSError, UnicodeDecodeError, TypeError) as e:  # so Arrow calls damaged bytes
        raise FormatError(str(e), where=where, wanted="a Parquet file") from None


def _parquet(table: pa.Table, where: str) -> DataSet:
    """Observations of a table, whose metadata say what it holds."""
    told = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    try:
        columns = Columns(
            dimensions=tuple(told["sdmx.dimensions"].split()),
            measures=tuple(told["sdmx.measures"].split()),
            attributes=tuple(told["sdmx.attributes"].split()),
        )
        kind, structure, action = told["sdmx.kind"], told["sdmx.structure"], told["sdmx.action"]
    except KeyError as e:
        raise FormatError("the file does not say what it holds", where=where, wanted=f"metadata {e}") from None
    if tuple(table.schema.names) != columns.all:
        raise FormatError("columns are not those that the file says", where=where, found=str(table.schema.names))
    texts = {
        name: [None if value is None else _text(value) for value in table[name].to_pylist()] for name in columns.all
    }
    return DataSet(
        kind=one_of(kind, KINDS, where=where),
        structure=structure,
        action=one_of(action, ACTIONS, where=where),
        columns=columns,
        table=pa.table(texts, schema=schema(columns)),
    )


def _decimals(column: pa.ChunkedArray, *, where: str) -> pa.Array:
    """A measure as decimals of one scale, the largest that occurs."""
    texts = column.to_pylist()
    for text in texts:
        if text is not None and not _NUMBER.fullmatch(text):
            raise FormatError("not a number", where=where, found=text, wanted="digits, one point at most")
    scale = max((len(text.partition(".")[2]) for text in texts if text), default=0)
    try:
        values = [None if text is None else Decimal(text) for text in texts]
        return pa.array(values, pa.decimal128(38, scale))
    except pa.ArrowException as e:
        raise FormatError(str(e), where=where, wanted="38 digits at most") from None


def _text(value: str | Decimal) -> str:
    """A value as text; decimals without exponent."""
    return value if isinstance(value, str) else f"{value:f}"


def one_of(text: str, known: tuple[Word, ...], *, where: str) -> Word:
    """The word, if it is one of those known."""
    for word in known:
        if word == text:
            return word
    raise FormatError("unknown word", where=where, found=text, wanted=", ".join(known))
