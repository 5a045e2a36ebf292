"""The invented world that is measured: who is in it, when it is, and how large it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from domain.values import OrgId, UserId

VERSION = 6
"""Of the seeder: a database that another version made is made anew."""

NOW = datetime(2026, 9, 16, 12, 0, tzinfo=UTC)
"""The clock of the measured server stands still here, a Wednesday, so that "this week" always holds the same arcs."""

HISTORY = timedelta(days=365)
LONG_HISTORY, SHORT_HISTORY = timedelta(days=5 * 365), timedelta(days=5)
TIME_ZONE = "Europe/Berlin"

_IDS = UUID("6f1c33f8-4f0e-4c7e-9c0e-6d5f1a3b2c1d")


def invented_id(name: str) -> UUID:
    """The same id for the same name, in each run."""
    return uuid5(_IDS, name)


@dataclass(frozen=True, slots=True)
class Org:
    """`sessions` of them, numbered from `first` on; developer 0 does about a third of all work."""

    slug: str
    first: int
    sessions: int
    developers: int
    history: timedelta = HISTORY

    @property
    def id(self) -> OrgId:
        return OrgId(invented_id(self.slug))

    def user_id(self, number: int) -> UserId:
        return UserId(invented_id(f"{self.slug}/{number}"))


@dataclass(frozen=True, slots=True)
class World:
    """About `events` events, one session for each hundred of them, two and a half goal arcs for each session."""

    events: int

    @property
    def sessions(self) -> int:
        return self.events // EVENTS_PER_SESSION

    @property
    def orgs(self) -> tuple[Org, ...]:
        """The first holds a quarter of everything; two are empty and take in what is posted; in the last two one
        developer has worked for years, one for days, about one session a day."""
        made: list[Org] = []
        first = 0
        for number, share in enumerate(_SHARES):
            sessions = round(self.sessions * share)
            made.append(Org(f"bench-{number}", first, sessions, max(2, sessions // 200)))
            first += sessions
        days = min(LONG_HISTORY.days, self.sessions)
        veteran = Org("bench-veteran", first, days, 1, LONG_HISTORY)
        return (*made, veteran, Org("bench-novice", first + days, SHORT_HISTORY.days, 1, SHORT_HISTORY))


EVENTS_PER_SESSION = 100
_SHARES = (0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04, 0.0, 0.0)

READ, POSTED, FLOOR_POSTED, VETERAN, NOVICE = 0, 8, 9, 10, 11
"""The organisation that is read, those that the subject and the floor post to, and those of one developer each."""

BUSY = 0
"""The developer with the most sessions of an organisation; the last one has the fewest."""


def secret(slug: str, kind: str, developer: int = BUSY) -> str:
    """The key of a developer. No secret at all: it opens nothing but invented data."""
    prefix = {"developer": "gck", "reviewer": "psk_live"}[kind]
    return f"{prefix}_{sha256(f'{slug}/{kind}/{developer}'.encode()).hexdigest()}"
