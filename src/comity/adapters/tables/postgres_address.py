"""Where a PostgreSQL server is, who asks it, and the password: an address without one, and a file that holds it.

Nothing of the environment is read in their place (PGPASSWORD, ~/.pgpass, PGOPTIONS): what a node reads by is what
`sources.toml` says.
"""

from pathlib import Path
from typing import Final

from comity.errors import ConfigError
from comity.model.source import Source

SCHEMES: Final = ("postgresql://", "postgres://")
_KNOWN: Final = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "connect_timeout")
_EXAMPLE: Final = "postgresql://reader@host:5432/database"


def is_address(text: str) -> bool:
    """Whether a word names a database and no file."""
    return text.startswith(SCHEMES)


def address(path: str, *, where: str) -> dict[str, str]:
    """The parts of an address, in libpq's words; ConfigError for one that holds a password or is none.

    No message repeats the address: a password may stand in it.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        if not is_address(path):
            raise psycopg.ProgrammingError
        parts = {name: str(value) for name, value in conninfo_to_dict(path).items()}
    except (psycopg.Error, ValueError):
        raise ConfigError(
            "not the address of a PostgreSQL database",
            where=where,
            wanted=_EXAMPLE,
            way_out="after a question mark it takes host, port, sslmode, sslrootcert and connect_timeout alone",
        ) from None
    if "password" in parts:
        raise ConfigError(
            "a password stands in the address",
            where=where,
            wanted=_EXAMPLE,
            way_out="write the password alone into a file of mode 0600 and name it with --secret",
        )
    if more := sorted(set(parts) - set(_KNOWN)):
        raise ConfigError("unknown in an address", where=where, found=", ".join(more), wanted=", ".join(_KNOWN))
    if lacking := [name for name in ("user", "dbname") if not parts.get(name)]:
        raise ConfigError("the address names no " + ", no ".join(lacking), where=where, wanted=_EXAMPLE)
    return parts


def password(source: Source) -> str:
    """What the secret's file holds, without the line's end; "" if the source has none.

    Raises:
        ConfigError: it cannot be read, others may read it, or it is no single line.
    """
    if not source.secret:
        return ""
    path = Path(source.secret)
    try:
        text, mode = path.read_text("utf-8"), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as e:
        found = (e.strerror or "") if isinstance(e, OSError) else "bytes that are no text"
        raise ConfigError("the secret cannot be read", where=str(path), found=found) from None
    if mode & 0o077:
        raise ConfigError(
            "others may read this secret",
            where=str(path),
            found=oct(mode & 0o777),
            wanted="0o600",
            way_out="chmod 600, and a new password if others did read it",
        )
    word = text.removesuffix("\n").removesuffix("\r")
    if not word or not word.isprintable():
        raise ConfigError("not a password", where=str(path), wanted="one line, the password and nothing else")
    return word


def named(table: str, *, where: str) -> tuple[str, str]:
    """Schema and name of a table, as they stand in the catalogue; "public" where no schema is said.

    A name that holds a point is written in double quotes, as in SQL: `survey."wave.6"`.
    """
    import re

    part = r'(?:"((?:[^"\x00]|"")+)"|([^".\x00]+))'
    if not (found := re.fullmatch(rf"(?:{part}\.)?{part}", table)):
        raise ConfigError("not a table's name", where=where, found=table, wanted="TABLE or SCHEMA.TABLE")
    quoted_schema, schema, quoted, plain = found.groups()
    return (
        quoted_schema.replace('""', '"') if quoted_schema else schema or "public",
        quoted.replace('""', '"') if quoted else plain,
    )
