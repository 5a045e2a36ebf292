"""What payloads of hooks tell, without the rest of the house."""

from collections import Counter
from datetime import datetime, timedelta

from domain.ingest import hooks
from domain.ingest.batch import Batch
from domain.ingest.hooks import Hooks, Payload
from domain.ingest.reading import keep_all
from domain.timeline import Event
from domain.values import JsonObject
from tests.make import START


def batch(of: Hooks, *payloads: JsonObject, at: datetime = START) -> Batch:
    """A second passes between two of them."""
    told = [Payload(body, at + timedelta(seconds=second)) for second, body in enumerate(payloads)]
    return hooks.read(of, told, keep_all)


def told(of: Hooks, *payloads: JsonObject) -> list[Event]:
    """As it is stored: an id counts once."""
    return list({event.id: event for event in reversed(batch(of, *payloads).events)}.values())[::-1]


def kinds(events: list[Event]) -> Counter[str]:
    return Counter(event.kind.value for event in events)
