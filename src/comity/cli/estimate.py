"""`comity estimate`: what a custodian would publish about a country; put to that country first, answered, settled."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.acts.estimate import Answer
    from comity.assembly.facts import EstimateFacts
    from comity.assembly.state import State
    from comity.canon import Digest
    from comity.model.estimate import Draft, Key
    from comity.services.node.drafts import Shown
    from comity.services.reading import Reading

app = options.group()

Estimate = Annotated[int, typer.Argument(metavar="ESTIMATE", help="The estimate, by its leaf index.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.csv", help="Write the opened values there, for this user alone.")
]
OBJECTIONS: Final = (
    "data-error, source-not-official, definition, coverage, denominator, adjustment, newer-data, method-not-adopted "
    "or legal"
)
ANSWERS: Final = {"accept": "accepted", "object": "objected", "replace": "replaced"}
COLUMNS: Final = ("estimate", "custodian", "country", "series", "period", "deadline", "answer", "reasons", "settled")
DRAFT: Final = ("OBS_VALUE", "LOWER_BOUND", "UPPER_BOUND", "OBS_STATUS", "NATURE")


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The values, in columns named by SDMX ids.")],
    to: Annotated[str, typer.Option("--to", metavar="MEMBER", help="The country's office.")],
    open_: Annotated[
        int, typer.Option("--open", metavar="SECONDS", help="How long it may answer; the charter's least time if less.")
    ] = 0,
    norm: Annotated[
        str, typer.Option("--norm", metavar="NORM", help="The norm by which it was made, if any: id/version or digest.")
    ] = "",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Put an estimate to its country, sealed so that nobody else reads it. By a custodian.

    Prints the estimate's leaf index, by which it is answered and settled.

    Example: `comity estimate propose draft.csv --to ke --open 1814400 --home agency`
    """
    from comity.services import config
    from comity.services.node import estimates

    data, folder = file.read_bytes(), config.home(home)
    method = _norm(norm, folder) if norm else None
    said = estimates.propose(folder, data, member=to, seconds=open_, method=method, where=str(file))
    show.facts(options.said(said), as_json=as_json)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every estimate: who put it to which country, how it was answered, and how it ended. Values are not shown here.

    Example: `comity estimate list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [_row(state, facts) for _, facts in sorted(state.estimates.items())]
    show.rows(rows, COLUMNS, as_json=as_json, none="No estimate was put to a country yet.")


@app.command()
def counts(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """For each custodian and country: of how many estimates how many were answered how, and how they ended. No scores.

    Example: `comity estimate counts --hub https://hub.example.org`
    """
    from comity.assembly import estimates

    with options.reading(hub, home, charter) as reading:
        found = estimates.counts(reading.log.state)
    rows = [
        {"custodian": one.custodian, "country": one.member, "proposed": one.proposed} | {**one.answers} | {**one.ends}
        for one in found
    ]
    columns = ("custodian", "country", "proposed", *estimates.ANSWERS, *estimates.ENDS)
    show.rows(rows, columns, as_json=as_json, none="No estimate was put to a country yet.")


@app.command("show")
def show_(
    estimate: Estimate,
    beside: Annotated[
        Path | None,
        typer.Option("--beside", metavar="FILE.csv", help="The office's own values, shown beside the estimate."),
    ] = None,
    out: Out = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """One estimate: the facts, and the values as far as they are public or, with --home, this office's to open.

    Example: `comity estimate show 120 --home office`
    """
    if hub or not options.is_home(home):
        with options.reading(hub, home, charter) as reading:
            shown = _public(reading, estimate)
            facts = _row(reading.log.state, shown.facts)
    else:
        from comity.services import config
        from comity.services.node import drafts

        shown, state = drafts.show(config.home(home), estimate)
        facts = _row(state, shown.facts)
    facts |= {"may-be-settled": list(shown.may), "digest": shown.facts.value.draft}
    _write(out, shown.draft)
    _told(facts, shown, _own(beside), as_json=as_json)


@app.command()
def answer(
    estimate: Estimate,
    word: Annotated[str, typer.Argument(metavar="ANSWER", help="accept, object or replace.")],
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="CODE", help=f"With object, repeated: why. {OBJECTIONS}."),
    ] = None,
    counter: Annotated[
        Path | None,
        typer.Option("--counter", metavar="FILE.csv", help="The country's own values; `replace` needs them."),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A note that everybody may read.")] = "",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Give this country's one answer to an estimate. The draft is opened first: nobody accepts what it has not seen.

    Example: `comity estimate answer 120 object --reason definition --counter ours.csv --home office`
    """
    from comity.errors import UsageError
    from comity.services import config
    from comity.services.node import estimates

    if word not in ANSWERS:
        raise UsageError("no such answer", where="ANSWER", found=word, wanted=", ".join(ANSWERS))
    _check(word, reason or [], counter)
    codes = _codes(reason or [])
    said: Any = "accepted-with-note" if word == "accept" and note else ANSWERS[word]
    data = counter.read_bytes() if counter else None
    kind: Answer = said
    told = estimates.answer(config.home(home), estimate, kind, codes=codes, counter=data, note=note, where=str(counter))
    show.facts(options.said(told) | {"answer": kind}, as_json=as_json)


@app.command()
def counter(estimate: Estimate, out: Out = None, home: options.Home = None, as_json: show.Json = False) -> None:
    """Open the value that a country put against an estimate, or in its place. By the custodian that proposed it.

    Example: `comity estimate counter 120 --home agency`
    """
    from comity.errors import UsageError
    from comity.services import config
    from comity.services.node import drafts

    shown, state = drafts.show(config.home(home), estimate, answered=True)
    if shown.counter is None:
        raise UsageError("there is no counter-value that this office reads", where=f"leaf {estimate}")
    _write(out, shown.counter)
    _told(_row(state, shown.facts), shown, {}, as_json=as_json)


@app.command()
def settle(
    estimate: Estimate,
    outcome: Annotated[
        str,
        typer.Argument(metavar="OUTCOME", help="published, country-data, side-by-side, aggregates-only or withheld."),
    ],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """End an estimate, as the country's answer allows. By the custodian; what it opens is public from then on.

    Example: `comity estimate settle 120 side-by-side --home agency`
    """
    from typing import get_args

    from comity.acts.estimate import Settlement
    from comity.errors import UsageError
    from comity.services import config
    from comity.services.node import estimates

    known: tuple[Settlement, ...] = get_args(Settlement)
    chosen = next((one for one in known if one == outcome), None)
    if chosen is None:
        raise UsageError("no such settlement", where="OUTCOME", found=outcome, wanted=", ".join(known))
    said = estimates.settle(config.home(home), estimate, chosen)
    show.facts(options.said(said) | {"outcome": chosen}, as_json=as_json)


def _norm(word: str, folder: Path) -> "Digest":
    """A norm in force by its id/version, or any norm by its digest."""
    from comity import canon
    from comity.services.node import reserving

    if canon.is_digest(word):
        return options.digest(word, where="--norm")
    with options.reading(None, folder) as reading:
        return reserving.norm_of(reading.log.state, word).thing.digest


def _check(word: str, reasons: list[str], counter: Path | None) -> None:
    """UsageError for an option that this answer needs and has not, or has and does not take."""
    from comity.errors import UsageError

    if word == "object" and not reasons:
        raise UsageError("an objection says why", where="--reason", found="none", wanted=", ".join(_objections()))
    if word != "object" and reasons:
        raise UsageError("only an objection has reasons", where="--reason", found=reasons[0], wanted=f"{word} without")
    if word == "replace" and counter is None:
        raise UsageError("which values take its place?", where="--counter", found="none", wanted="a CSV file")
    if word == "accept" and counter is not None:
        way_out = "object or replace"
        raise UsageError(
            "who accepts has no other values", where="--counter", found=str(counter), wanted="none", way_out=way_out
        )


def _objections() -> list[str]:
    """The words of the closed list by which a country objects."""
    from comity.assembly.rules.estimate import OBJECTION
    from comity.model.reason import CODES

    return [code.removeprefix(OBJECTION) for code in CODES if code.startswith(OBJECTION)]


def _codes(words: list[str]) -> tuple[str, ...]:
    """Codes of the closed list, with or without their family."""
    from comity.assembly.rules.estimate import OBJECTION
    from comity.errors import UsageError

    known, meant = _objections(), sorted({word.removeprefix(OBJECTION) for word in words})
    if wrong := [word for word in meant if word not in known]:
        raise UsageError("no reason of the closed list", where="--reason", found=wrong[0], wanted=", ".join(known))
    return tuple(OBJECTION + word for word in meant)


def _row(state: "State", facts: "EstimateFacts") -> dict[str, Any]:
    from comity.assembly import estimates
    from comity.pages import words

    reasons = facts.answer.reasons if facts.answer else ()
    return {
        "estimate": facts.ref.index,
        "custodian": facts.custodian,
        "country": facts.member,
        "series": facts.series,
        "period": facts.period,
        "deadline": show.time(facts.deadline),
        "answer": estimates.answered(state, facts),
        "reasons": [words.reason(reason) for reason in reasons],
        "codes": [reason.code for reason in reasons],
        "settled": estimates.ended(facts),
        "answered-at": facts.answer.ref.index if facts.answer else None,
        "settled-at": facts.settled.ref.index if facts.settled else None,
    }


def _public(reading: "Reading", index: int) -> "Shown":
    """An estimate as anyone may see it: values that its settlement opened, as what the log names."""
    from typing import get_args

    from comity.acts.estimate import Settlement
    from comity.assembly import queries
    from comity.assembly.estimates import checked
    from comity.services.node.drafts import Shown, estimate_of, note_of
    from comity.stages.estimate import own_figures

    state = reading.log.state
    facts = estimate_of(state, index)
    settled, may = facts.settled, queries.may_settle(state, facts)

    def read(blob: Any) -> "Draft | None":
        return checked(state, facts, reading.get(blob.digest)) if blob else None

    return Shown(
        facts=facts,
        stage=queries.estimate_stage(state, facts),
        may=tuple(one for one in get_args(Settlement) if one in may),
        draft=read(settled.opened) if settled else None,
        counter=read(settled.counter) if settled else None,
        released=own_figures(state, facts, reading.get),
        note=note_of(facts, reading.get),
    )


def _own(file: Path | None) -> dict["Key", str | None]:
    """The office's own values out of a file, by key."""
    if file is None:
        return {}
    from comity.model import estimate

    return estimate.of_csv(file.read_bytes(), bytes(estimate.SALT), where=str(file)).values


def _told(facts: dict[str, Any], shown: "Shown", own: dict["Key", str | None], *, as_json: bool) -> None:
    """The facts, then the values row by row: the estimate, and beside it whatever else is known of the country.

    country: what it put against the estimate. released: what it publishes itself. own: what a file says.
    """
    rows: dict[Key, dict[str, Any]] = {}
    for row in shown.draft.rows if shown.draft else ():
        codes = dict(sorted(row.key.items()))
        said = (row.value, row.lower or None, row.upper or None, row.status, row.nature)
        rows[tuple(sorted(row.key.items()))] = codes | dict(zip(DRAFT, said, strict=True))
    for name, values in (("country", shown.counter.values if shown.counter else {}), ("own", own)):
        for key, value in values.items():
            rows.setdefault(key, dict(key))[name] = value
    for key in rows.keys() & shown.released.keys():
        rows[key]["released"] = shown.released[key]
    if as_json:
        show.document(facts | {"rows": list(rows.values()), "note": shown.note})
        return
    show.facts(facts, as_json=False)
    if shown.note is not None:
        typer.echo(f"\n{shown.facts.member} writes to its answer:\n{show.prose(shown.note)}")
    if rows:
        unit = shown.draft or shown.counter
        dimensions = dict.fromkeys(name for key in rows for name, _ in key)
        beside = [name for name in ("country", "released", "own") if any(name in row for row in rows.values())]
        typer.echo(f"\n{unit.unit}, UNIT_MULT {unit.multiplier}:" if unit else "")
        show.rows(rows.values(), (*dimensions, *(DRAFT if shown.draft else ()), *beside), as_json=False, none="")


def _write(out: Path | None, draft: "Draft | None") -> None:
    """Opened values as a file of this user alone, where somebody asked for one."""
    if out is None:
        return
    from comity.adapters import durable
    from comity.adapters.folder import PRIVATE_FILE
    from comity.errors import UsageError
    from comity.model import estimate

    if draft is None:
        raise UsageError("nothing was opened that could be written", where="--out", found=str(out))
    durable.write(out, estimate.to_csv(draft), mode=PRIVATE_FILE)
