"""PRISM Score v3.0: flags that inform about goal arcs and change no score."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.pillars
import resolvers.score_rows
from domain.judging.records import Flag, FlagKind
from domain.scores.counts import Count as Counted
from domain.scores.trends import IntegrityPoint
from rest_compat import prism_asked
from rest_compat.dialect import Parameter
from rest_compat.prism_score import DIALECT, Count, Title, Uuid
from rest_compat.wire import Time, plain

Kind = Annotated[str, Field(min_length=1)]
"""An open set: a client must bear with kinds that it does not know."""
_FLAGS, _MOST_FLAGS = 50, 500
_SINCE = timedelta(days=30)

RECENT = (
    Parameter("from", "Flags of goal arcs that started at this time or later; without it, 30 days ago.",
              prism_asked.TIME),
    prism_asked.at_most(_FLAGS, _MOST_FLAGS),
)  # fmt: skip


@with_config(ConfigDict(extra="forbid"))
class KindCountBody(TypedDict):
    kind: Kind
    count: Count


@with_config(ConfigDict(extra="forbid"))
class IntegrityBody(TypedDict):
    """Flags on the goal arcs of the current window, the most frequent kind first; kinds without any are left out."""

    by_kind: list[KindCountBody]


@with_config(ConfigDict(extra="forbid"))
class IntegrityPointBody(TypedDict):
    """Flags in a calendar period, as far as it lies between `from` and `to`."""

    period_start: Time
    total: Count
    by_kind: list[KindCountBody]


@with_config(ConfigDict(extra="forbid"))
class IntegrityTrendBody(TypedDict):
    """Oldest first and without gaps."""

    points: list[IntegrityPointBody]


class FlagBody(TypedDict):
    """A flag, with the title of its goal arc. `created_at` is when the arc started; `evidence` holds ids of events."""

    id: Uuid
    score_v3_sub_session_id: Uuid
    kind: Kind
    severity: str
    detail: str
    evidence: list[Uuid]
    created_at: Time
    title: Title | None


async def get_integrity(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        board = await resolvers.pillars.get_board(ctx, window, count=1)
        return {"by_kind": _by_kind(board.integrity.by_kind)}

    return await DIALECT.kept(ctx, ("integrity", window), make)


async def get_integrity_trend(request: Request) -> Response:
    ctx, series = DIALECT.context(request), prism_asked.series(request)

    async def make() -> object:
        return {"points": [_point(point) for point in await resolvers.pillars.get_integrity_trend(ctx, series)]}

    return await DIALECT.kept(ctx, ("integrity trend", series) if series.is_fixed else None, make)


def _point(point: IntegrityPoint) -> dict[str, object]:
    return {
        "period_start": plain(point.period.window.start),
        "total": point.total,
        "by_kind": _by_kind(point.by_kind),
    }


def _by_kind(counts: Sequence[Counted[FlagKind]]) -> list[KindCountBody]:
    return [{"kind": one.key, "count": one.count} for one in counts]


async def list_integrity_flags(request: Request) -> Response:
    ctx = DIALECT.context(request)
    since = prism_asked.time(request, "from") or ctx.now() - _SINCE
    flags = await resolvers.score_rows.list_own_flags(ctx, since, prism_asked.limit(request, _FLAGS, _MOST_FLAGS))
    return DIALECT.answer([_flag(one.flag, one.title) for one in flags])


def _flag(flag: Flag, title: str | None) -> FlagBody:
    return {
        "id": str(flag.id),
        "score_v3_sub_session_id": str(flag.sub_session_id),
        "kind": flag.kind,
        "severity": flag.severity,
        "detail": flag.detail,
        "evidence": [str(id) for id in flag.event_ids],
        "created_at": plain(flag.created_at),
        "title": title,
    }
