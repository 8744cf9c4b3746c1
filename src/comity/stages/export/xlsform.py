"""A norm's questions as an XLSForm, so that they can be asked tomorrow with ODK, KoboToolbox or Survey Solutions.

Decides what a form can hold of a norm: its questions with their languages, choices, routing, bounds, and which answer
is owed. Equal norms give equal bytes: no time of making stands in the file. Words as in xlsform.org.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from openpyxl import Workbook

from comity.errors import FormatError
from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Question, Texts, Variable
from comity.model.structure import TOTAL

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English (en)",
    "ar": "العربية (ar)",
    "es": "Español (es)",
    "fr": "Français (fr)",
    "ru": "Русский (ru)",
    "zh": "中文 (zh)",
}
LONGEST: Final = 32_767  # UTF-16 units in a cell of a workbook; whoever writes more, writes the first of them
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can say
_MODIFIED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")

Row = dict[str, str]


def workbook(norm: Norm) -> bytes:
    """The form as an .xlsx file with sheets survey, choices and settings; FormatError for a norm that asks nothing."""
    if not norm.questions:
        raise FormatError("the norm has no questions", where=norm.name, way_out="write [[questions]] in norm.toml")
    tags = _tags(norm)
    survey = [_question(norm, question, tags) for question in norm.questions]
    choices = [row for name, variable in _lists(norm).items() for row in _choices(norm, name, variable, tags)]
    settings = {
        "form_title": norm.title,
        "form_id": _name(norm.id),
        "version": norm.version,
        "default_language": _language(tags[0]),
    }
    _check(norm, survey, choices)
    _check_lengths(norm, (*survey, *choices, settings))
    each = [f"{column}::{_language(tag)}" for column in ("label", "hint", "guidance_hint") for tag in tags]
    sheets: dict[str, tuple[Sequence[str], list[Row]]] = {
        "survey": (("type", "name", *each, "required", "relevant", "constraint"), survey),
        "choices": (("list_name", "name", *each[: len(tags)]), choices),
        "settings": (tuple(settings), [settings]),
    }
    return _file(sheets)


def _question(norm: Norm, question: Question, tags: Sequence[str]) -> Row:
    """A row of the survey sheet."""
    variable = norm.variable(question.variable)
    mandatory = {id for rule in norm.rules if rule.kind == "mandatory" and rule.severity == "error" for id in rule.of}
    return {
        "type": f"select_one {_list(variable)}" if variable.codelist else "decimal" if _bounds(variable) else "text",
        "name": _name(question.id),
        **_texts("label", question.text, tags),
        **_texts("hint", question.reference, tags),
        **_texts("guidance_hint", question.instruction, tags),
        "required": "yes" if variable.id in mandatory else "",
        "relevant": _relevant(norm, question),
        "constraint": " and ".join(_bounds(variable)),
    }


def _relevant(norm: Norm, question: Question) -> str:
    """Routing as a condition on the answers to the question that asks for its variable."""
    if question.when is None:
        return ""
    before = norm.questions[: norm.questions.index(question)]
    asked = [one.id for one in before if one.variable == question.when.variable][-1]
    return " or ".join(f"${{{_name(asked)}}} = '{code}'" for code in question.when.codes)


def _bounds(variable: Variable) -> list[str]:
    given = ((">=", variable.least), ("<=", variable.most))
    return [f". {sign} {bound}" for sign, bound in given if bound is not None]


def _list(variable: Variable) -> str:
    """A list's name; a variable with codes of its own for no answer has a list of its own."""
    listed = variable.codelist or ""
    return _name(f"{listed}.{variable.id}" if variable.missing else listed)


def _lists(norm: Norm) -> dict[str, Variable]:
    """The lists that questions choose from, by a variable that has each."""
    asked = (norm.variable(question.variable) for question in norm.questions)
    return {_list(variable): variable for variable in asked if variable.codelist is not None}


def _choices(norm: Norm, name: str, variable: Variable, tags: Sequence[str]) -> Iterable[Row]:
    """Rows of the choices sheet: codes but the total, then what stands for no answer, under its own name."""
    for code in norm.structure.codelist(variable.codelist or "").codes:
        if code.id != TOTAL:
            yield {"list_name": name, "name": code.id, **_texts("label", {"en": code.name} | code.names, tags)}
    for text in variable.missing:
        yield {"list_name": name, "name": text, **_texts("label", dict.fromkeys(tags, text), tags)}


def _check(norm: Norm, survey: Sequence[Row], choices: Sequence[Row]) -> None:
    """What a form would read otherwise than the norm says it."""
    for rows in (survey, choices):
        named = [(row.get("list_name", ""), row["name"]) for row in rows]
        twice = sorted({f"{a}.{b}".lstrip(".") for a, b in named if named.count((a, b)) > 1})
        if twice:
            raise FormatError("two ids have one name in a form", where=norm.name, found=", ".join(twice))
    for row in (*survey, *choices):
        if any("${" in text for column, text in row.items() if "::" in column):
            raise FormatError("a form reads ${ as a reference", where=norm.name, found=row["name"])
    if spaced := [row["name"] for row in choices if not row["name"] or any(c.isspace() for c in row["name"])]:
        raise FormatError("a choice has a space in its name", where=norm.name, found=", ".join(spaced))


def _check_lengths(norm: Norm, rows: Iterable[Row]) -> None:
    """FormatError for a text that no cell holds: half a question would be asked, and nobody would know."""
    for row in rows:
        for column, text in row.items():
            if (length := len(text.encode("utf-16-le")) // 2) > LONGEST:
                raise FormatError(
                    "a text is longer than a cell of a form",
                    where=f"{norm.name}, {row.get('name', 'settings')}, {column}",
                    found=f"{length} characters",
                    wanted=f"{LONGEST} at most",
                )


def _tags(norm: Norm) -> tuple[str, ...]:
    """Every language that a question or a choice has, English first."""
    found = {tag for question in norm.questions for tag in (*question.text, *question.instruction, *question.reference)}
    found |= {tag for listed in norm.structure.codelists for code in listed.codes for tag in ("en", *code.names)}
    return tuple(sorted(found, key=lambda tag: (tag != "en", tag)))


def _language(tag: str) -> str:
    return LANGUAGES.get(tag, f"{tag} ({tag})")


def _texts(column: str, texts: Texts, tags: Sequence[str]) -> Row:
    """A column a language; where a translation is missing, the first that there is, for a blank asks nothing."""
    first = next((texts[tag] for tag in tags if tag in texts), "")
    return {f"{column}::{_language(tag)}": texts.get(tag, first) for tag in tags}


def _name(id: str) -> str:
    """A name that a form allows (an XML name): SDMX ids also begin with a figure or hold @ and $."""
    name = re.sub(r"[@$]", lambda sign: f"_{ord(sign[0]):x}_", id)
    return name if re.match(r"[A-Za-z_]", name) else f"n{name}"


def _file(sheets: Mapping[str, tuple[Sequence[str], list[Row]]]) -> bytes:
    """The sheets as .xlsx; every cell is a text, none a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, (columns, rows) in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(({column: column for column in columns}, *rows), 1):
            for place, column in enumerate(columns, 1):
                if row.get(column):
                    cell = sheet.cell(number, place, row[column])
                    cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _timeless(archive: bytes) -> bytes:
    """The same archive without the time at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            new.writestr(entry, data)
    return out.getvalue()
