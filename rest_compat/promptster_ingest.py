"""`POST /v1/hooks/ingest`: events, one by one as the old system takes them, or many at once."""

from collections.abc import Sequence
from typing import Annotated, Literal, NotRequired

from pydantic import Field, JsonValue, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.ingest
from domain.errors import Invalid
from resolvers.ingest import IngestResult, Receipt
from rest_compat.promptster import CLOSED, INGEST
from rest_compat.wire import read_json


@with_config(CLOSED)
class AcceptedBody(TypedDict):
    ok: Literal[True]
    id: str


@with_config(CLOSED)
class SkippedBody(TypedDict):
    """The event was known already; nothing changed."""

    ok: Literal[True]
    skipped: Literal[True]


@with_config(CLOSED)
class ItemBody(TypedDict):
    """What became of one event of an array: `id` of a good one, `skipped` if it was known, `errors` of a bad one."""

    ok: bool
    id: NotRequired[str]
    skipped: NotRequired[Literal[True]]
    errors: NotRequired[list[str]]


@with_config(CLOSED)
class BatchBody(TypedDict):
    """One result for each event of an array, in their order; `ok` if none was refused."""

    ok: bool
    results: list[ItemBody]


Events = Annotated[
    list[JsonValue],
    Field(min_length=1, max_length=1000, description="Events like a single one; each is taken or refused by itself."),
]


async def ingest(request: Request) -> Response:
    """One event answers as the old system does; an array of up to 1,000 answers with a result each."""
    ctx = INGEST.context(request)
    sent, size = await read_json(request)
    results = await resolvers.ingest.ingest_events(ctx, sent if isinstance(sent, list) else [sent], size)
    return _many(results) if isinstance(sent, list) else _one(results[0])


def _one(result: IngestResult) -> Response:
    match result.receipt:
        case Receipt.ACCEPTED:
            return INGEST.answer({"ok": True, "id": str(result.id)}, 201)
        case Receipt.SKIPPED:
            return INGEST.answer({"ok": True, "skipped": True})
        case Receipt.REFUSED:
            raise Invalid("Invalid request body", result.errors)


def _many(results: Sequence[IngestResult]) -> Response:
    """201 when something is new, else 200."""
    receipts = {result.receipt for result in results}
    body = {"ok": Receipt.REFUSED not in receipts, "results": [_item(result) for result in results]}
    return INGEST.answer(body, 201 if Receipt.ACCEPTED in receipts else 200)


def _item(result: IngestResult) -> ItemBody:
    match result.receipt:
        case Receipt.ACCEPTED:
            return {"ok": True, "id": str(result.id)}
        case Receipt.SKIPPED:
            return {"ok": True, "id": str(result.id), "skipped": True}
        case Receipt.REFUSED:
            return {"ok": False, "errors": list(result.errors)}
