"""Live events: the log of what changed, which can be read on from any of its places."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.errors import Invalid
from domain.timeline import Kind
from domain.values import EventId, JsonObject, OrgId, SessionId, SubSessionId, UserId

KEPT = timedelta(days=7)
"""Who comes back later than this is told to begin anew."""


class Place(NamedTuple):
    """Where an event stands: places compare in the order in which the log is read, which is that of transactions."""

    xid: int
    id: int


BEGINNING = Place(0, 0)


CHANGES = ""
"""The name of an organisation's log of changes; its other logs have longer ones."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place to come back to: whoever reads on from here sees every later event once.

    `epoch` names the database cluster and its history: in a restored backup a place means nothing any more. `log` names
    the log that the place belongs to, `note` is what a stream wants to be reminded of by who comes back.
    """

    org_id: OrgId
    epoch: int
    place: Place
    log: str = CHANGES
    note: int = 0

    def __str__(self) -> str:
        """Opaque text of 39 URL-safe characters, or 50 with a note."""
        body = self._body()
        return base64.urlsafe_b64encode(body + self._check(body)).decode().rstrip("=")

    def _body(self) -> bytes:
        if self.note:
            return _NOTED.pack(_NOTED_FORMAT, self.epoch, *self.place, self.note)
        return _PLAIN.pack(_PLAIN_FORMAT, self.epoch, *self.place)

    def _check(self, body: bytes) -> bytes:
        # Against mix-ups, not against attacks: a place chosen at will shows nothing that the caller may not see anyway.
        return hashlib.sha256(self.org_id.bytes + self.log.encode() + body).digest()[:_CHECK_SIZE]


_PLAIN_FORMAT, _NOTED_FORMAT = 1, 2
_PLAIN, _NOTED = struct.Struct(">BqQq"), struct.Struct(">BqQqq")
_CHECK_SIZE = 4


def read_cursor(text: str, org_id: OrgId, log: str = CHANGES) -> Cursor:
    """The cursor that `str` made. Raises Invalid for any other text and for a cursor of another log."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        body = raw[:-_CHECK_SIZE]
        _, epoch, xid, id, *note = (_NOTED if len(body) == _NOTED.size else _PLAIN).unpack(body)
    except (UnicodeEncodeError, binascii.Error, struct.error):
        raise _forged() from None
    cursor = Cursor(org_id, epoch, Place(xid, id), log, *note)
    if str(cursor) != text:
        raise _forged()
    return cursor


def _forged() -> Invalid:
    return Invalid("this cursor was not made by this server for what is followed here")


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
class Arrival:
    """An event of a session was stored: which one, for whoever wants to look. A late one arrives late."""

    cursor: Cursor
    session_id: SessionId
    event_id: EventId
    kind: Kind


@dataclass(frozen=True, slots=True)
class Resync:
    """Read anew what you show: there was no cursor, or events after it are gone. `cursor` is where events go on."""

    cursor: Cursor
