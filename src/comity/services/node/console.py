"""The officer's console: one page on this machine alone, where the officer sees what is asked and answers it.

Decides who may open it: whoever was told its address, which holds a token that is new at every start, from this
machine (the address must be a loopback one, and the request must name it: no page of another site can reach it through
the officer's browser). What an answer does is `desk`'s: the running node decides again, by the same code.
"""

import hmac
import ipaddress
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.adapters.dice import dice
from comity.errors import BadInput, ComityError, ConfigError, UsageError, WorldError
from comity.model import decimals
from comity.pages import console as pages
from comity.pages import words
from comity.services import config, serve
from comity.services.node import desk
from comity.services.node.office import read_policy
from comity.services.node.preview import Asking, DryRun

LISTEN: Final = "127.0.0.1:0"  # any free port
LARGEST: Final = 4096  # bytes of an answer
FORM: Final = ("study", "period", "answer", "officer", "secret")  # what an answer says; the last two with four eyes
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the token is part of the address
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def run(home: Path, *, listen: str = "", log: Callable[[str], None] = print) -> None:
    """Serve the console until SIGINT or SIGTERM; its address goes to `log`.

    Args:
        listen: loopback host:port; else that of comity.toml, else any free port.

    Raises:
        ConfigError: the folder cannot be used, or the address is not of this machine alone.
        PortTaken: another process listens there.
    """
    settings = config.node(home)
    wanted = listen or settings.console or LISTEN
    check_loopback(wanted)
    bound, token = serve.bind(wanted, where="node.console"), dice(16).hex()
    host, port = bound.getsockname()[:2]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    log(f"console of {settings.id}: http://{address}/{token}/")
    serve.until_told(application(home, address, token), bound, _rest)


def _rest(stop: threading.Event) -> None:
    """A console does nothing by itself."""
    stop.wait()


def check_loopback(listen: str) -> None:
    """ConfigError for an address that another machine could reach."""
    host, _ = config.address(listen, where="node.console")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            "the console is for this machine alone", where="node.console", found=listen, wanted="127.0.0.1:PORT"
        )


def application(home: Path, address: str, token: str) -> Starlette:
    """The console as an ASGI application, at one address under one token."""
    office = config.node(home).id

    def asked() -> Response:
        return _page(pages.asked([_line(one) for one in desk.asked(home)], office=office))

    def question(study: str, period: str) -> Response:
        named = read_policy(home).four_eyes
        return _page(pages.question(_shown(desk.dry_run(home, study, period)), office=office, named=named))

    def answer(study: str, period: str, given: str, officer: str, secret: str) -> Response:
        match given:
            case "approved":
                desk.approve(home, study, period, officer=officer, secret=secret)
            case "declined":
                desk.decline(home, study, period, officer=officer, secret=secret)
            case _:
                raise UsageError("not an answer", where="console", found=given, wanted="approved or declined")
        return RedirectResponse("./", 303, headers=HEADERS)

    async def show(request: Request) -> Response:
        return await run_in_threadpool(asked)

    async def look(request: Request) -> Response:
        given = request.query_params
        return await run_in_threadpool(question, given.get("study", ""), given.get("period", ""))

    async def say(request: Request) -> Response:
        fields = await _form(request)
        return await run_in_threadpool(answer, *(fields.get(name, "") for name in FORM))

    guarded = partial(_guard, address, token)
    return Starlette(
        routes=[
            Route("/{token}/", guarded(show), methods=["GET"]),
            Route("/{token}/question", guarded(look), methods=["GET"]),
            Route("/{token}/answer", guarded(say), methods=["POST"]),
        ]
    )


Endpoint = Callable[[Request], Awaitable[Response]]


def _guard(address: str, token: str, endpoint: Endpoint) -> Endpoint:
    """Nobody without the token, from another site, or under another name of this machine (DNS rebinding)."""

    async def guarded(request: Request) -> Response:
        origin = request.headers.get("origin", f"http://{address}")
        known = hmac.compare_digest(request.path_params["token"].encode(), token.encode())
        if not known or request.headers.get("host") != address or origin != f"http://{address}":
            return Response(status_code=404, headers=HEADERS)
        try:
            return await endpoint(request)
        except ComityError as e:
            status = 503 if isinstance(e, WorldError) else 400 if isinstance(e, UsageError | BadInput) else 409
            return Response(f"{e}\n", status, headers=HEADERS, media_type="text/plain")

    return guarded


async def _form(request: Request) -> dict[str, str]:
    """Fields of a form, each once; a larger one is cut off."""
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > LARGEST:
            raise UsageError("answer too large", where="console", wanted=f"{LARGEST} bytes at most")
    return {name: values[-1] for name, values in parse_qs(data.decode("ascii", errors="replace")).items()}


def _page(body: bytes) -> Response:
    return Response(body, headers=HEADERS, media_type="text/html; charset=utf-8")


def _line(asking: Asking) -> pages.Line:
    return pages.Line(
        study=asking.study,
        title=asking.title,
        period=asking.period,
        norm=asking.norm,
        mover=asking.mover,
        status=asking.status,
        reasons=tuple(words.reason(reason) for reason in asking.reasons),
    )


def _shown(dry: DryRun) -> pages.Shown:
    """A dry run, as text."""
    from comity.stages import appraising  # loaded when something was counted

    several = len({cell.measure for cell in dry.cells}) > 1
    cells = (
        pages.Cell(
            key=" · ".join((*cell.key, cell.measure) if several else cell.key),
            counted=f"{cell.amount(cell.counted):f}",
            shown=None if cell.shown is None else f"{cell.amount(cell.shown):f}",
            noisy=dry.own_table_noise > 0 and not dry.whole,
        )
        for cell in dry.cells
    )
    return pages.Shown(
        line=_line(dry.asking),
        name=f"{dry.asking.id}/{dry.asking.version}",
        goal=dry.asking.goal,
        source=dry.source,
        binding=dry.binding,
        cells=tuple(cells),
        publishes=dry.suppressed_below > 0,
        rows=words.number(str(dry.coverage.rows)),
        counted=words.number(str(dry.coverage.counted)),
        missing=words.number(str(dry.coverage.missing)),
        outside=words.number(str(dry.coverage.outside)),
        own_noise=words.number(f"{dry.own_noise:.1f}"),
        sum_noise=words.number(f"{dry.sum_noise:.1f}"),
        epsilon=dry.epsilon,
        delta=dry.delta,
        spent=dry.spent or dry.budget,
        budget=dry.budget,
        warnings=dry.warnings,
        estimates=_estimates(dry),
        effects=tuple(
            pages.Effect(key=" · ".join(one.key), of=one.of, value=decimals.spell(one.value, 2)) for one in dry.effects
        ),
        beside=tuple(
            words.beside(
                one.weight, one.measure, middle=decimals.spell(one.middle, 2), most=decimals.spell(one.most, 2)
            )
            for one in appraising.beside(dry.figures)
        ),
    )


def _estimates(dry: DryRun) -> tuple[pages.Estimate, ...]:
    """Figures of the own table, where one of them has a standard error: counts alone stand in the table already."""
    if not any(one.sampling for one in dry.figures):
        return ()
    return tuple(
        pages.Estimate(
            key=" · ".join(one.key),
            measure=one.measure,
            value=one.status if one.value is None else words.number(one.value),
            error=words.number(one.sampling) if one.sampling else "",
            noise=words.number(one.noise) if one.noise else "",
        )
        for one in dry.figures
    )
