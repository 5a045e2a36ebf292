"""What a request to an insight asks for: its page, its dates, its lists, and whether it wants CSV."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import NotFound
from domain.ingest.clean import Unreadable, parse_strictly, storable
from domain.insights.query_calendar import FORMS
from domain.insights.query_calendar import told as told_date
from domain.insights.runs import Refresh
from domain.insights.saved import InsightId
from domain.values import JsonObject, JsonValue
from resolvers.context import Context
from rest_compat.dialect import Parameter
from rest_compat.posthog import csv
from rest_compat.posthog.dialect import DIALECT, wrong
from rest_compat.wire import is_empty, read_body, whole_number

T = TypeVar("T")

MOST_ROWS, USUAL_ROWS = 1_000, 100
MOST_OFFSET = 10**15
CSV = "text/csv"

FORMAT = Parameter(
    "format",
    "`csv` writes the same rows as CSV.",
    {"type": "string", "enum": ["csv", "json"], "default": "json"},
)
LIMIT = Parameter(
    "limit", f"So many at most; moved to the nearest of 1 and {MOST_ROWS}.", {"type": "integer", "default": USUAL_ROWS}
)
OFFSET = Parameter("offset", "How many to leave out, from 0.", {"type": "integer", "default": 0})
REFRESH = Parameter(
    "refresh",
    "How much is left to kept results; anything else means the default.",
    {"type": "string", "enum": [mode.value for mode in Refresh], "default": Refresh.FORCE_CACHE.value},
)
INSIGHT = Parameter("id", "An insight's number, or its short id.", {"type": ["integer", "string"]})
INSIGHT_ID = Parameter("insight_id", "An insight's number.", {"type": "integer", "minimum": 1})


def wants_csv(request: Request) -> bool:
    """Raises Invalid for a format that there is none of."""
    given = request.query_params.get(FORMAT.name, "json")
    if given not in ("csv", "json"):
        raise wrong(FORMAT.name, "a format is csv or json")
    return given == "csv"


def answer(as_csv: bool, body: object, rows: Callable[[], str], status: int = 200) -> Response:
    """The body as JSON, or what `rows` writes."""
    if not as_csv:
        return DIALECT.answer(body, status)
    return Response(rows(), status, media_type=CSV)


async def optional_body(request: Request, shape: TypeAdapter[T], otherwise: T) -> T:
    """The body as `shape`, or `otherwise` where there is none. Raises as `read_body` does."""
    return otherwise if is_empty(request) else await read_body(request, shape)


def one_row(thing: Mapping[str, object]) -> str:
    return csv.rows([thing])


def insight_id(request: Request, name: str = "insight_id") -> InsightId:
    """Of a path where only numbers may stand. Raises NotFound for anything else."""
    text = request.path_params[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise NotFound("no such insight")
    return InsightId(int(text))


def number(request: Request, parameter: Parameter, least: int, most: int, usual: int) -> int:
    """Moved to the nearest bound. Raises Invalid for what is none."""
    found = whole_number(request.query_params.get(parameter.name, str(usual)), least, most)
    if found is None:
        raise wrong(parameter.name, "a whole number is wanted")
    return found


def limit_and_offset(request: Request) -> tuple[int, int]:
    return number(request, LIMIT, 1, MOST_ROWS, USUAL_ROWS), number(request, OFFSET, 0, MOST_OFFSET, 0)


def text(request: Request, name: str) -> str | None:
    """As stored text is spelled; None for one that is not there, or empty."""
    return str(storable(request.query_params.get(name, ""))) or None


def switch(request: Request, name: str) -> bool | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    found = {"true": True, "1": True, "false": False, "0": False}.get(given.lower())
    if found is None:
        raise wrong(name, "true or false is wanted")
    return found


def date(ctx: Context, request: Request, name: str) -> datetime | None:
    """An instant, written out or counted back from now in the caller's zone."""
    given = text(request, name)
    if given is None:
        return None
    try:
        return told_date(given, ctx.now(), ZoneInfo(ctx.caller.time_zone)).at
    except ValueError:
        raise wrong(name, f"write a date like one of {FORMS}") from None


def _json(request: Request, name: str) -> JsonValue:
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        return parse_strictly(given.encode("utf-8", "surrogatepass"))
    except Unreadable as problem:
        raise wrong(name, str(problem)) from None


def numbers(request: Request, name: str) -> tuple[int, ...] | None:
    """A JSON array of whole numbers."""
    found = _json(request, name)
    if found is None:
        return None
    if not isinstance(found, list):
        raise wrong(name, "a JSON array of whole numbers is wanted")
    whole = [one for one in found if isinstance(one, int) and not isinstance(one, bool)]
    if len(whole) != len(found):
        raise wrong(name, "a JSON array of whole numbers is wanted")
    return tuple(whole)


def texts(request: Request, name: str) -> tuple[str, ...] | None:
    """A JSON array of texts."""
    found = _json(request, name)
    if found is None:
        return None
    if not isinstance(found, list):
        raise wrong(name, "a JSON array of texts is wanted")
    given = [one for one in found if isinstance(one, str)]
    if len(given) != len(found):
        raise wrong(name, "a JSON array of texts is wanted")
    return tuple(given)


def json_object(request: Request, name: str) -> JsonObject | None:
    found = _json(request, name)
    if found is not None and not isinstance(found, dict):
        raise wrong(name, "a JSON object is wanted")
    return found


def refresh(request: Request) -> Refresh:
    """Whatever is none means that nothing is computed."""
    given = request.query_params.get(REFRESH.name, "")
    return Refresh(given) if given in {mode.value for mode in Refresh} else Refresh.FORCE_CACHE


def link(ctx: Context, request: Request, **changed: int) -> str:
    """The whole address of this request with some parameters changed."""
    url = request.url.include_query_params(**changed)
    base = ctx.services.public_url
    return str(url) if base is None else f"{base}{url.path}?{url.query}"


def page_body(
    ctx: Context, request: Request, limit: int, offset: int, total: int, results: Sequence[object]
) -> dict[str, object]:
    """One part of a list, with the addresses of those beside it."""
    following = link(ctx, request, limit=limit, offset=offset + limit) if offset + limit < total else None
    before = link(ctx, request, limit=limit, offset=max(0, offset - limit)) if offset > 0 else None
    return {"count": total, "next": following, "previous": before, "results": list(results)}
