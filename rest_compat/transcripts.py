"""`POST /v1/transcripts`: what `goalarc watch` read of transcripts on the machine where they lie."""

from dataclasses import replace

from pydantic import with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.parcels
from rest_compat.dialect import Limit, key_or_address
from rest_compat.promptster import CLOSED, INGEST, Count
from rest_compat.turns import turn
from rest_compat.wire import read_bytes

# Whoever comes with years of transcripts sends thousands of parcels, one after the other.
DIALECT = replace(INGEST, title="Transcripts", limit=Limit("transcripts", 1_200, key_or_address))


@with_config(CLOSED)
class ReceivedBody(TypedDict):
    """How many events were new, and how many were there already. All that was sent is committed."""

    accepted: Count
    skipped: Count


async def ingest_transcript(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_bytes(request, ("application/json",), zipped=True)
    with turn(len(body)):
        received = await resolvers.parcels.ingest_parcel(ctx, body)
    return DIALECT.answer(ReceivedBody(accepted=received.accepted, skipped=received.skipped))
