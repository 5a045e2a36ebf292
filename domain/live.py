"""Live events: the log of what changed, which can be read on from any of its places."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.errors import Invalid
from domain.values import JsonObject, OrgId, SessionId, SubSessionId, UserId

KEPT = timedelta(days=7)
"""Who comes back later than this is told to begin anew."""


class Place(NamedTuple):
    """Where an event stands: places compare in the order in which the log is read, which is that of transactions."""

    xid: int
    id: int


BEGINNING = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place to come back to: whoever reads on from here sees every later event once.

    `epoch` names the database cluster and its history: in a restored backup a place means nothing any more.
    """

    org_id: OrgId
    epoch: int
    place: Place

    def __str__(self) -> str:
        """Opaque text of 39 URL-safe characters."""
        body = _BODY.pack(_FORMAT, self.epoch, *self.place)
        return base64.urlsafe_b64encode(body + _check(self.org_id, body)).decode().rstrip("=")


def read_cursor(text: str, org_id: OrgId) -> Cursor:
    """The cursor that `str` made. Raises Invalid for any other text and for another organisation's cursor."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        _, epoch, xid, id = _BODY.unpack(raw[: _BODY.size])
    except (UnicodeEncodeError, binascii.Error, struct.error):
        raise _forged() from None
    cursor = Cursor(org_id, epoch, Place(xid, id))
    if str(cursor) != text:
        raise _forged()
    return cursor


_FORMAT = 1
_BODY = struct.Struct(">BqQq")


def _forged() -> Invalid:
    return Invalid("this cursor was not made by this server for this organisation")


def _check(org_id: OrgId, body: bytes) -> bytes:
    # Against mix-ups, not against attacks: a place chosen at will shows nothing that the caller may not see anyway.
    return hashlib.sha256(org_id.bytes + body).digest()[:4]


@dataclass(frozen=True, slots=True)
class News:
    """What a change has to tell; written in its transaction, it becomes a LiveEvent."""

    name: str
    session_id: SessionId
    sub_session_id: SubSessionId
    user_id: UserId
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One change of a goal arc as it was told (domain reference, section 14). `at`: when its transaction began."""

    cursor: Cursor
    at: datetime
    name: str
    sub_session_id: SubSessionId
    session_id: SessionId
    user_id: UserId
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class Resync:
    """Read anew what you show: there was no cursor, or events after it are gone. `cursor` is where events go on."""

    cursor: Cursor
