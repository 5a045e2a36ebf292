"""PRISM Score v3.0: what a query asks for."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import TypeAdapter
from starlette.requests import Request

from domain.errors import Invalid
from domain.ingest.clean import storable
from domain.scores.periods import PeriodKind
from domain.scores.windows import WindowKind
from resolvers.pillars import Series
from rest_compat.dialect import Parameter
from rest_compat.wire import Time, moment, whole_number

TIME: Mapping[str, object] = TypeAdapter(Time).json_schema()

WINDOW = Parameter(
    "window",
    "The current calendar day, week (from Monday) or month, in the developer's time zone.",
    {"type": "string", "enum": [kind.value for kind in WindowKind], "default": "weekly"},
)
SERIES = (
    Parameter("from", "Where the points begin; without it, 30 days before `to`.", TIME),
    Parameter("to", "Where they end, itself left out; without it, now.", TIME),
    Parameter(
        "period",
        "What a point stands for: a calendar day, week (from Monday) or month in the developer's time zone.",
        {"type": "string", "enum": [kind.value for kind in PeriodKind], "default": "day"},
    ),
)


def at_most(default: int, most: int) -> Parameter:
    text = f"So many rows at most; moved to the nearest of 1 and {most}."
    return Parameter("limit", text, {"type": "integer", "default": default})


def window(request: Request) -> WindowKind:
    try:
        return WindowKind(request.query_params.get("window", WindowKind.WEEKLY))
    except ValueError:
        raise Invalid("Invalid window") from None


def series(request: Request) -> Series:
    try:
        period = PeriodKind(request.query_params.get("period", PeriodKind.DAY))
    except ValueError:
        raise Invalid("Invalid period") from None
    return Series(period, time(request, "from"), time(request, "to"))


def time(request: Request, name: str) -> datetime | None:
    """The time that a parameter holds; None without it."""
    return required_time(request, name) if name in request.query_params else None


def required_time(request: Request, name: str) -> datetime:
    found = moment(request.query_params.get(name, ""))
    if found is None:
        raise Invalid(f"Invalid {name}")
    return found


def text(request: Request, name: str) -> str | None:
    """The text that a parameter holds, as stored text is spelled: without NUL. None without it."""
    given = request.query_params.get(name)
    return None if given is None else str(storable(given))


def limit(request: Request, default: int, most: int) -> int:
    """The limit asked for, moved to the nearest of 1 and `most`."""
    found = whole_number(request.query_params.get("limit", str(default)), 1, most)
    if found is None:
        raise Invalid("Invalid limit")
    return found
