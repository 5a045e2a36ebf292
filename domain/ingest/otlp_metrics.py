"""Metrics of Claude Code: they say how much, not of what, so they count only where nobody else tells of that kind.

Tokens and cost of a minute stand for one request to each model, commits and pull requests for themselves. Lines of
code, active time and decisions are kept as they came. Running totals are not read: what they add cannot be told from
what was sent before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice

import orjson

from domain.ingest import fields
from domain.ingest.line import Line
from domain.ingest.otlp import Ear, Export, Heard, Record, Speaker, batch_of, hear
from domain.ingest.otlp_happenings import dollars, request_event
from domain.ingest.reading import Redact
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

FORMAT = "otlp-metrics"
WITNESS = "otlp-metric"
DELTA = "delta"
_TOKENS, _COST = "token.usage", "cost.usage"
_ACTIONS = {"commit.count": "commit", "pull_request.count": "pull_request"}
_READ = frozenset((_TOKENS, _COST, *_ACTIONS))
_MOST_ACTIONS = 1_000
"""Of one export: each is an event."""
_CLASSES = ("input", "output", "cacheRead", "cacheCreation")


def read(records: Iterable[Record], now: datetime, redact: Redact) -> Export:
    """What these data points tell."""
    heard, homeless = hear(records, Ear((_CLAUDE_CODE,), now, redact, WITNESS))
    mine = [one for one in heard if one.speaker is not None and one.name in _READ]
    good = [one for one in mine if one.own.get("temporality") == DELTA]
    return Export(batch_of(FORMAT, heard, _events(good)), homeless, len(mine) - len(good))


def _events(points: Sequence[Heard]) -> Iterator[Event]:
    used: dict[bytes, list[Heard]] = defaultdict(list)
    for point in points:
        if point.name not in _ACTIONS:
            used[_shared(point)].append(point)
    actions = (action for point in points if point.name in _ACTIONS for action in _actions(point))
    yield from islice(actions, _MOST_ACTIONS)
    for shared, together in used.items():
        yield from _request(shared, together)


def _actions(point: Heard) -> Iterator[Event]:
    done = int(min(fields.number(point.own, "value") or 0, _MOST_ACTIONS))
    for block in range(done):
        yield point.line.event(Kind.GIT_ACTION, block, data={"action": _ACTIONS[point.name]})


def _shared(point: Heard) -> bytes:
    """What points of the same requests have in common: session, time and everything but the class of tokens. The time
    as it was told: one that lies ahead of our clock is taken for now, which moves until the points are sent again."""
    told = {name: value for name, value in point.told.items() if name != "type"}
    since = point.own.get("startTimeUnixNano")
    said = [point.line.session_id, str(point.at or point.line.ts), since, told]
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _request(shared: bytes, points: Sequence[Heard]) -> Iterator[Event]:
    spent: dict[str, float] = defaultdict(float)
    for point in points:
        what = _COST if point.name == _COST else fields.name(point.told, "type") or ""
        spent[what] += max(fields.number(point.own, "value") or 0, 0)
    tokens = Tokens(*(int(min(spent[name], fields.LARGEST)) for name in _CLASSES))
    cost: Decimal | None = dollars(spent[_COST]) if _COST in spent else None
    if not tokens.total and not cost:
        return
    first = points[0]
    line = replace(first.line, key=f"{WITNESS}/{first.line.session_id}/{shared.hex()}")
    source = fields.name(first.told, "query_source")
    yield request_event(line, tokens, model=fields.name(first.told, "model"), cost_usd=cost, querySource=source)


def _nothing(line: Line, name: str, told: JsonObject) -> Iterator[Event]:
    """Points are read together."""
    return iter(())


_CLAUDE_CODE = Speaker("claude-code", "claude_code.", _nothing)
