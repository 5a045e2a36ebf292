"""Batches that were read elsewhere: taken in as if the transcripts lay here."""

import asyncio
from dataclasses import dataclass

import domain.ingest.parcel
from domain.access import Scope
from domain.errors import Invalid
from domain.ingest.batch import Batch
from domain.ingest.clean import Unreadable, parse_strictly
from domain.ingest.reading import Redact, keep_all
from domain.redaction import redact_json
from resolvers.context import Context
from resolvers.ingest import save_batch


@dataclass(frozen=True, slots=True)
class Received:
    """How many events of a parcel were new, and how many were known."""

    accepted: int
    skipped: int


async def ingest_parcel(ctx: Context, body: bytes) -> Received:
    """Stores what is new in a parcel; returns once it is committed.

    Raises Invalid if any of it is not as it should be, Forbidden for a session that is not the caller's to write;
    nothing of the parcel is stored then.
    """
    ctx.caller.require(Scope.EVENTS_WRITE)
    # A large one takes a while to look through: others are served meanwhile.
    batch = await asyncio.to_thread(_unpacked, body, redact_json if ctx.caller.settings.redaction else keep_all)
    saved = await save_batch(ctx.services, ctx.caller, batch)
    ctx.loaders.forget()
    sent = {(event.session_id, event.id) for event in batch.events}
    return Received(len(saved.events), len(sent) - len(saved.events))


def _unpacked(body: bytes, redact: Redact) -> Batch:
    try:
        return domain.ingest.parcel.unpack(parse_strictly(body, domain.ingest.parcel.MOST_LEVELS), redact)
    except Unreadable as problem:
        raise Invalid("Invalid request body", (str(problem),)) from None
