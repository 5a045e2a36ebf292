"""What can be followed: logs, whose entries stand in an order that never changes."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import persistence.arrivals
import persistence.live
from domain.live import CHANGES, Arrival, Cursor, LiveEvent, Place
from domain.values import OrgId, SessionId, UserId
from persistence.bus import live_channel, session_channel
from persistence.database import Reading
from persistence.live import Standing


class Entry(Protocol):
    """What a log holds; its cursor is the place after it."""

    @property
    def cursor(self) -> Cursor: ...


E = TypeVar("E", bound=Entry)


class Log(Protocol[E]):
    """Equal logs are one and are read once for all who follow them.

    `user_id` narrows what is read to one developer; with None it is that of the whole organisation.
    """

    @property
    def org_id(self) -> OrgId: ...
    @property
    def name(self) -> str:
        """The name in its cursors."""
        ...

    @property
    def channel(self) -> str:
        """Announced on the bus when entries were committed."""
        ...

    @property
    def poll_s(self) -> float:
        """A wake-up may be lost with the connection it travels on; the log is looked at this often in any case."""
        ...

    async def newest(self, db: Reading, user_id: UserId | None = None) -> Cursor:
        """The cursor after which only later entries come."""
        ...

    async def after(self, db: Reading, place: Place, limit: int, user_id: UserId | None = None) -> list[E]:
        """The next entries after `place`, in order; fewer than `limit` mean that the end was reached."""
        ...

    async def standing(self, db: Reading, cursor: Cursor) -> Standing:
        """Asked after a page was read, the answer covers the page."""
        ...

    def shows(self, entry: E, user_id: UserId | None) -> bool:
        """Whether `after` would have brought the entry for that developer."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """What changed in an organisation."""

    org_id: OrgId

    @property
    def name(self) -> str:
        return CHANGES

    @property
    def channel(self) -> str:
        return live_channel(self.org_id)

    @property
    def poll_s(self) -> float:
        return 1.0

    async def newest(self, db: Reading, user_id: UserId | None = None) -> Cursor:
        return await persistence.live.newest(db, self.org_id, user_id)

    async def after(self, db: Reading, place: Place, limit: int, user_id: UserId | None = None) -> list[LiveEvent]:
        return await persistence.live.after(db, self.org_id, place, limit, user_id)

    async def standing(self, db: Reading, cursor: Cursor) -> Standing:
        return await persistence.live.standing(db, cursor)

    def shows(self, entry: LiveEvent, user_id: UserId | None) -> bool:
        return user_id in (None, entry.user_id)


@dataclass(frozen=True, slots=True)
class ArrivalLog:
    """The events of one session in the order in which they were stored.

    It belongs to one developer whole. Each of these logs costs a look of its own, so they are looked at less often.
    """

    org_id: OrgId
    session_id: SessionId

    @property
    def name(self) -> str:
        return persistence.arrivals.log_name(self.session_id)

    @property
    def channel(self) -> str:
        return session_channel(self.org_id, self.session_id)

    @property
    def poll_s(self) -> float:
        return 5.0

    async def newest(self, db: Reading, user_id: UserId | None = None) -> Cursor:
        return await persistence.arrivals.newest(db, self.org_id, self.session_id)

    async def after(self, db: Reading, place: Place, limit: int, user_id: UserId | None = None) -> list[Arrival]:
        return await persistence.arrivals.after(db, self.org_id, self.session_id, place, limit)

    async def standing(self, db: Reading, cursor: Cursor) -> Standing:
        return await persistence.arrivals.standing(db, self.session_id, cursor)

    def shows(self, entry: Arrival, user_id: UserId | None) -> bool:
        return True
