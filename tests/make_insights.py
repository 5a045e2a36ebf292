"""Rows of insights put straight where they are counted, so that a test of a query names only the events it is about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

import sqlalchemy as sa

from domain.insights.catalogue import COLUMNS
from domain.values import JsonObject, JsonValue, OrgId, SessionId, SubSessionId, UserId
from persistence.database import Writing
from persistence.insights.events import insight_events, insight_quarters
from tests.make import START, arc_id, event_id, time

QUARTER = timedelta(minutes=15)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_USERS = UUID("f0a7f0d4-2f0e-4a55-9f0c-3e1c9ab1c5f7")


@dataclass(frozen=True, slots=True)
class Made:
    """One event as insights have it; `properties` are those that have no column of their own."""

    id: UUID
    event: str
    ts: datetime
    user_id: UserId
    session_id: SessionId
    arc_id: SubSessionId | None = None
    ordinal: int = 0
    agent: str | None = None
    project: str | None = None
    model: str | None = None
    tool: str | None = None
    properties: JsonObject = field(default_factory=dict[str, JsonValue])

    def told(self, key: str) -> JsonValue:
        """The value of one of the event's properties, with a column or without; None where it has none."""
        return getattr(self, key) if key in COLUMNS else self.properties.get(key)


def developer(name: object) -> UserId:
    """The developer that belongs to `name`, the same in every run. Rows of insights need no row of users."""
    return UserId(uuid5(_USERS, str(name)))


_made = Counter[str]()


def made(
    event: str,
    ts: datetime | float = 0,
    user: UserId | str = "ada",
    *,
    session: str | None = None,
    arc: object = None,
    ordinal: int = 0,
    id: object = None,
    **properties: JsonValue,
) -> Made:
    """An event at `ts` (or so many minutes after `START`) of a developer, in a session of their own unless told.

    `agent`, `project`, `model` and `tool` are given as properties, too. `arc` is any name of an arc.
    """
    _made["events"] += 1
    user_id = UserId(user) if isinstance(user, UUID) else developer(user)
    columns = {key: str(value) for key, value in properties.items() if key in COLUMNS and value is not None}
    return Made(
        id=event_id(("made", _made["events"]) if id is None else id),
        event=event,
        ts=time(ts),
        user_id=user_id,
        session_id=SessionId(session or f"of-{user_id}"),
        arc_id=None if arc is None else arc_id(arc),
        ordinal=ordinal,
        properties={key: value for key, value in properties.items() if key not in COLUMNS},
        **columns,
    )


async def put_events(db: Writing, org_id: OrgId, events: Iterable[Made]) -> None:
    """Adds the events and counts them among the quarters; a session belongs to one developer."""
    rows = list(events)
    if not rows:
        return
    await db.execute(sa.insert(insight_events), [_row(org_id, one) for one in rows])
    sessions = sorted({one.session_id for one in rows})
    table = insight_quarters
    await db.execute(sa.delete(table).where(table.c.org_id == org_id, table.c.session_id.in_(sessions)))
    await db.execute(_COUNT, {"org_id": org_id, "ids": sessions})


# Written on its own, so that what the server counts can be compared with it.
_COUNT = sa.text(
    "INSERT INTO insight_quarters (org_id, session_id, event, quarter, user_id, count)"
    " SELECT org_id, session_id, event, date_bin('15 minutes', ts, TIMESTAMPTZ '2000-01-01 00:00:00+00'), user_id,"
    " count(*) FROM insight_events WHERE org_id = :org_id AND session_id = ANY (:ids) GROUP BY 1, 2, 3, 4, 5"
).bindparams(sa.bindparam("org_id", type_=sa.Uuid), sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))


def _row(org_id: OrgId, one: Made) -> dict[str, object]:
    return {
        "org_id": org_id,
        "session_id": one.session_id,
        "id": one.id,
        "user_id": one.user_id,
        "event": one.event,
        "ts": one.ts,
        "ordinal": one.ordinal,
        "sub_session_id": one.arc_id,
        "agent": one.agent,
        "project": one.project,
        "model": one.model,
        "tool": one.tool,
        "properties": one.properties,
    }


NAMES = ("prompt", "edit", "test_passed", "test_failed", "commit", "arc_reworked")
AGENTS = ("claude-code", "codex", None)


def history(
    seed: int,
    *,
    size: int = 60,
    users: int = 5,
    days: float = 10,
    names: Sequence[str] = NAMES,
    start: datetime = START,
    step: timedelta = timedelta(minutes=1),
) -> list[Made]:
    """A random history, the same for the same seed, in no order of time.

    Few developers with several sessions and arcs each, and few distinct times (multiples of `step`, which may be equal
    and then differ in their ordinals). Properties: `agent`, `tool`, `duration_ms` (some whole, some not), `succeeded`,
    `intent`; each is missing at times.
    """
    random = Random(seed)
    last = int(timedelta(days=days) / step)
    found: list[Made] = []
    for number in range(size):
        user = f"user {random.randrange(users)}"
        session = f"{user} {random.randrange(3)}"
        found.append(
            made(
                random.choice(names),
                start + step * random.randrange(last + 1),
                user,
                session=session,
                arc=random.choice((None, f"{session} a", f"{session} b")),
                ordinal=number,
                id=("history", seed, number),
                **_properties(random),
            )
        )
    return found


def _properties(random: Random) -> JsonObject:
    told: JsonObject = {
        "agent": random.choice(AGENTS),
        "tool": random.choice(("Bash", "Edit", None)),
        "duration_ms": random.choice((None, 0, 5, 5, 40.5, 1200, 60_000)),
        "succeeded": random.choice((True, False, None)),
        "intent": random.choice(("bug_fix", "feature", None)),
    }
    return {key: value for key, value in told.items() if value is not None}
