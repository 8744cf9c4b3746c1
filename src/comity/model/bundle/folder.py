"""A norm's folder: `norm.toml` and `codes/<LIST>.csv`, read strictly, and written in one spelling.

Read is what an author writes by hand, with comments and in any order. `write` has one spelling for a norm: what is
absent or stands at its default is left out. So what is written reads as the same norm, and is written again byte for
byte; what the members vote on is the canonical JSON of the record, not this folder.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Final

from comity import canon
from comity.errors import FormatError
from comity.model import toml
from comity.model.bundle.faults import faults
from comity.model.bundle.norm import Norm
from comity.model.structure import Code, Codelist

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")  # TOML 1.0, Keys
_COLUMNS: Final = "id,name and, where wanted, name:<language>,parent,starts,until"
_PLAIN: Final = ("parent", "starts", "until")


def read(files: Mapping[str, bytes]) -> Norm:
    """A norm out of its folder's files (`norm.toml`, `codes/<LIST>.csv` with columns id,name and optional ones)."""
    if "norm.toml" not in files:
        raise FormatError("no norm.toml in the directory", where="norm", wanted="norm.toml and codes/*.csv")
    table = toml.read(files["norm.toml"], where="norm.toml")
    lists = table.pop("codelists", [])
    structure = table.get("structure")
    if not isinstance(structure, dict) or not isinstance(lists, list):
        raise FormatError("no [structure] table", where="norm.toml")
    if "codelists" in structure:
        raise FormatError("unknown field structure.codelists", where="norm.toml", wanted="[[codelists]]")
    structure["codelists"] = [_codelist(entry, files) for entry in lists]
    norm = canon.convert(table, Norm, where="norm.toml")
    return sound(norm, where="norm.toml")


def decode(data: bytes, *, where: str) -> Norm:
    """A norm out of its bundle (canonical JSON), as strictly as out of its folder."""
    return sound(canon.decode(data, Norm, where=where), where=where)


def sound(norm: Norm, *, where: str) -> Norm:
    """The norm itself; FormatError if it contradicts itself."""
    if wrong := faults(norm):
        raise FormatError("the norm contradicts itself", where=where, found="; ".join(wrong))
    return norm


def write(norm: Norm) -> dict[str, bytes]:
    """The folder of a sound norm, by path."""
    lists = norm.structure.codelists
    blocks = ["\n".join(_values(norm)), *_blocks(norm, "")]
    blocks += ["\n".join(("[[codelists]]", *_values(codelist))) for codelist in lists]
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return {"norm.toml": text.encode()} | {f"codes/{codelist.id}.csv": _csv(codelist) for codelist in lists}


def _codelist(entry: Any, files: Mapping[str, bytes]) -> dict[str, Any]:
    """A code list with the codes of its own CSV file."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise FormatError("a [[codelists]] entry has no id", where="norm.toml")
    name = f"codes/{entry['id']}.csv"
    if name not in files:
        raise FormatError("file missing", where=name, wanted=f"a CSV file with columns {_COLUMNS}")
    if "codes" in entry:
        raise FormatError("unknown field codes", where="norm.toml", wanted=f"the codes in {name}")
    try:
        head, *rows = csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as e:
        raise FormatError(
            "not a code list", where=name, found=str(e), wanted=f"CSV in UTF-8 with columns {_COLUMNS}"
        ) from None
    known = {"id", "name", *_PLAIN}
    right = {"id", "name"} <= set(head) and all(column in known or column.startswith("name:") for column in head)
    right = right and len(set(head)) == len(head)
    wrong = [",".join(row) for row in (rows if right else [head]) if not right or len(row) != len(head)]
    if wrong:
        raise FormatError("wrong columns", where=name, found=wrong[0], wanted=_COLUMNS)
    return {**entry, "codes": [_code(dict(zip(head, row, strict=True))) for row in rows]}


def _code(row: dict[str, str]) -> dict[str, Any]:
    """A code out of its row; an empty cell says nothing."""
    code: dict[str, Any] = {"id": row["id"], "name": row["name"]}
    names = {column.removeprefix("name:"): text for column, text in row.items() if column.startswith("name:") and text}
    return code | {"names": names} | {column: row[column] for column in _PLAIN if row.get(column)}


def _csv(codelist: Codelist) -> bytes:
    """A code list's file: the columns that any of its codes needs, one row a code."""
    languages = sorted({tag for code in codelist.codes for tag in code.names})
    plain = [column for column in _PLAIN if any(getattr(code, column) for code in codelist.codes)]
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["id", "name", *(f"name:{tag}" for tag in languages), *plain])
    rows.writerows(_row(code, languages, plain) for code in codelist.codes)
    return out.getvalue().encode()


def _row(code: Code, languages: list[str], plain: list[str]) -> list[str]:
    names = (code.names.get(tag, "") for tag in languages)
    return [code.id, code.name, *names, *(getattr(code, column) or "" for column in plain)]


def _values(record: Any) -> Iterator[str]:
    """The fields of a record that stand in one line each: texts, numbers, lists of them, texts by language."""
    for field, value in _said(record):
        if not _is_record(value) and not _is_nested(value):
            yield f"{field} = {_value(value)}"


def _blocks(record: Any, path: str) -> Iterator[str]:
    """The fields of a record that have a heading of their own, depth first."""
    for field, value in _said(record):
        at = f"{path}{field}"
        if field == "codelists":
            continue  # they stand at the end, and their codes in files of their own
        if _is_nested(value) and isinstance(value, dict):
            yield "\n".join((f"[{at}]", *(f"{_key(name)} = {_value(texts)}" for name, texts in sorted(value.items()))))
        elif isinstance(value, tuple) and _is_nested(value):
            for item in value:
                yield "\n".join((f"[[{at}]]", *_values(item)))
                yield from _blocks(item, f"{at}.")
        elif _is_record(value):
            yield "\n".join((f"[{at}]", *_values(value)))
            yield from _blocks(value, f"{at}.")


def _said(record: Any) -> Iterator[tuple[str, Any]]:
    """Fields that are not at their default, in the record's own order."""
    for field in fields(record):
        value = getattr(record, field.name)
        if value is not None and value != _default(field):
            yield field.name, value


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _is_record(value: Any) -> bool:
    return is_dataclass(value)


def _is_nested(value: Any) -> bool:
    """Whether it is a list of records, or texts by language by name."""
    if isinstance(value, dict):
        return any(isinstance(item, dict) for item in value.values())
    return isinstance(value, tuple) and any(_is_record(item) for item in value)


def _value(value: Any) -> str:
    """A TOML value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            # A JSON string is a basic string of TOML, but for DEL, which no sound norm has.
            return json.dumps(value, ensure_ascii=False)
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in sorted(value.items())) + " }"
        case _:
            return "[" + ", ".join(map(_value, value)) + "]"


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _value(text)
