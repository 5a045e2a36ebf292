"""Webhooks: what is told to a server elsewhere, how it is signed, and when it is tried again.

An event is told at least once: its id and its bytes are the same at each try, the signatures are made anew.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from domain.errors import Fault, Invalid, NotFound
from domain.times import rfc3339
from domain.values import JsonObject

WebhookId = NewType("WebhookId", UUID)

PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""How long to wait after the first try that failed, after the second, and so on."""
MOST_TRIES = len(PAUSES) + 1

KEPT = timedelta(days=7)
"""So long a delivery that is over is kept, and can be sent again."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Whom to tell, as a caller gave it. Both may hold secrets: neither belongs into a log."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class WebhookState(StrEnum):
    """`pending` -> `delivered`, or after the last try `failed`; sent again, it is pending anew."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookErrorCode(StrEnum):
    """Why a delivery is not sent again."""

    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try went: the status of the answer, or in plain words why there was none. `hopeless`: another try would
    go the same way."""

    duration_ms: int
    status: int | None = None
    trouble: str | None = None
    hopeless: bool = False

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, noted when it began; without a duration and an error it goes on, or its worker was killed."""

    started_at: datetime
    duration_ms: int | None = None
    status: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one receiver. `url` is without its query, and of the headers there are only the names."""

    id: WebhookId
    type: str
    url: str
    header_names: tuple[str, ...]
    state: WebhookState
    attempts: tuple[Attempt, ...]
    next_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a delivery after a try: `pause` until the next one, None when it is over."""

    state: WebhookState
    pause: timedelta | None = None


def after(tries: int, outcome: Outcome) -> Step:
    """What follows the try number `tries`, counted from 1 since the event was saved or sent again."""
    if outcome.is_success:
        return Step(WebhookState.DELIVERED)
    if outcome.hopeless or tries >= MOST_TRIES:
        return Step(WebhookState.FAILED)
    return Step(WebhookState.PENDING, PAUSES[max(tries, 1) - 1])


def error_of(outcome: Outcome) -> str | None:
    """In plain words; None for a success. Nothing that the receiver said is quoted."""
    if outcome.trouble is not None or outcome.is_success:
        return outcome.trouble
    if outcome.status is not None and 300 <= outcome.status < 400:
        return f"answered {outcome.status}: redirects are not followed"
    return f"answered {outcome.status}"


def event_id(id: WebhookId) -> str:
    """What the receiver knows the event by, whichever try it is."""
    return f"evt_{id.hex}"


def event_body(id: WebhookId, type: str, data: JsonObject, at: datetime) -> str:
    """The event as JSON, as it is kept and sent. Source: the contract's MappaWebhookEvent."""
    time = rfc3339(at)
    event = {"id": event_id(id), "type": type, "createdAt": time, "timestamp": time, "data": data}
    return orjson.dumps(event).decode()


def secret_from(random: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(random).decode()}"


def signed(secret: str, id: WebhookId, body: str, at: datetime) -> dict[str, str]:
    """The headers that prove where an event comes from and when it was sent.

    `conduit-signature`, and `mappa-signature` for older clients: the key is the secret as it is written. The three of
    Standard Webhooks: the key is what stands behind `whsec_`, decoded.
    """
    seconds = int(at.timestamp())
    code = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "conduit-signature": f"t={seconds},v1={code}",
        "mappa-signature": f"t={seconds},v1={code}",
        "webhook-id": event_id(id),
        "webhook-timestamp": str(seconds),
        "webhook-signature": Webhook(secret).sign(event_id(id), at, body),
    }


MOST_URL, MOST_HEADERS, MOST_NAME, MOST_VALUE = 2_048, 20, 100, 2_000

_URL = re.compile(r"""https?://[^\s\\"<>^`{|}\x00-\x1f\x7f-\U0010ffff]+""", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")

RESERVED = frozenset({
    "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    "conduit-signature", "mappa-signature", "webhook-id", "webhook-signature", "webhook-timestamp",
})  # fmt: skip
"""Headers that a caller may not set: they belong to the connection, or say that it is really us."""


def checked(hook: Hook) -> Hook:
    """Raises Invalid for an address or headers that cannot be, without repeating them."""
    details = (*_url_faults(hook.url), *_header_faults(hook.headers))
    if details:
        raise Invalid(f"this webhook cannot be called: {details[0]}", details)
    return hook


def _url_faults(url: str) -> tuple[str, ...]:
    if len(url) > MOST_URL:
        return (f"url: more than {MOST_URL} characters",)
    if not _is_url(url):
        return ("url: must be an address of the form https://host/path",)
    return ("url: must hold no user name and no password",) if "@" in urlsplit(url).netloc else ()


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(_URL.fullmatch(url) and parts.hostname and parts.port != 0)
    except ValueError:  # a port or an address that is none
        return False


def _header_faults(headers: Mapping[str, str]) -> tuple[str, ...]:
    if len(headers) > MOST_HEADERS:
        return (f"headers: more than {MOST_HEADERS}",)
    if len({name.lower() for name in headers}) < len(headers):
        return ("headers: a name stands there twice",)
    return tuple(fault for name, value in headers.items() if (fault := _header_fault(name, value)))


def _header_fault(name: str, value: str) -> str | None:
    if len(name) > MOST_NAME or not _NAME.fullmatch(name):
        return "headers: a name that no header can have"
    if name.lower() in RESERVED:
        return f"headers: {name} cannot be set"
    if len(value) > MOST_VALUE or not _VALUE.fullmatch(value):
        return f"headers: the value of {name} is longer than {MOST_VALUE} characters, or not of plain ASCII"
    return None


def shown(url: str) -> str:
    """The address without its query, which may hold a secret."""
    return url.partition("?")[0].partition("#")[0]


def no_such_delivery() -> NotFound:
    message = "no such delivery"
    return NotFound(message, Fault(WebhookErrorCode.NOT_FOUND, message, ("id",)))
