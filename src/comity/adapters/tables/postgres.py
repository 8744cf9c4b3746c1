"""PostgreSQL: not there yet."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comity.adapters.microdata.labelled import Labels
from comity.canon import Digest
from comity.errors import SourceError
from comity.model.source import Source

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQL:
    """threads: of one count."""

    threads: int = 2
    files: bool = False

    @property
    def version(self) -> str:
        return "postgres"

    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> AbstractContextManager["ibis.Table"]:
        raise SourceError("format not read yet", where=source.id, found=source.format)

    def vintage(self, source: Source) -> Digest:
        raise SourceError("format not read yet", where=source.id, found=source.format)

    def labels(self, source: Source) -> tuple[Labels, ...]:
        return ()

    def hashed(self, text: Any) -> Any:
        return text

    def salted(self, salt: bytes, text: Any) -> Any:
        return text

    def number(self, text: Any) -> Any:
        return text
