"""What sessions left behind on each day of UTC, as the last derivation found it, and the composite's inputs from it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, insert

from domain.scores.composite import PromptRubric
from domain.scores.composite_developer import Changed, Horizon, Work
from domain.scores.composite_efficiency import Effort
from domain.scores.composite_rhythm import Run
from domain.scores.composite_trail import Asked, Took, Trail, Used, by_day, day_starts, milliseconds
from domain.scores.windows import Bounds
from domain.values import OrgId, SessionId, UserId
from persistence.database import Reading, Row, Writing, metadata

session_days = sa.Table(
    "session_days",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    # Times are milliseconds of the day. Of a run: its first event, its last one, until when that counts as activity.
    sa.Column("runs", ARRAY(sa.Integer), nullable=False),
    sa.Column("asked_at", ARRAY(sa.Integer), nullable=False),
    sa.Column("reset_at", ARRAY(sa.Integer), nullable=False),
    sa.Column("used_at", ARRAY(sa.Integer), nullable=False),
    sa.Column("used", ARRAY(sa.BigInteger), nullable=False),
    # Of each prompt of `asked_at`: its marks, how long it was answered, the pause before it, whether it corrects.
    sa.Column("prompts", JSONB, nullable=False),
    # Of each arc that began here: when, and what it took.
    sa.Column("took", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "user_id", "day", "session_id"),
    sa.Index("session_days_of_session", "org_id", "session_id"),
)

_KEY = ("org_id", "user_id", "day", "session_id")
_INSERT = insert(session_days)
_NEW = {column.name: _INSERT.excluded[column.name] for column in session_days.c if column.name not in _KEY}
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=_KEY,
    set_=_NEW,
    where=sa.or_(*(session_days.c[name].is_distinct_from(new) for name, new in _NEW.items())),
)
_CLEAR = sa.text(
    "DELETE FROM session_days WHERE org_id = :org_id AND session_id = ANY (:ids) AND (user_id, day, session_id)"
    " NOT IN (SELECT * FROM unnest(:user_id, :day, :session_id))"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("user_id", type_=ARRAY(UUID)),
    sa.bindparam("day", type_=ARRAY(sa.Date)),
    sa.bindparam("session_id", type_=ARRAY(sa.Text)),
)


async def save(db: Writing, org_id: OrgId, trails: Mapping[SessionId, tuple[UserId, Trail]]) -> None:
    """Stores what these sessions left behind, whole; a day that is so already is not touched."""
    rows = [
        _row(day, part) | {"org_id": org_id, "user_id": user_id, "session_id": id}
        for id, (user_id, trail) in sorted(trails.items())
        for day, part in by_day(trail).items()
    ]
    keys = {name: [row[name] for row in rows] for name in ("user_id", "day", "session_id")}
    await db.execute(_CLEAR, {"org_id": org_id, "ids": sorted(trails), **keys})
    if rows:
        await db.execute(_SAVE, rows)


def _row(day: date, trail: Trail) -> dict[str, object]:
    start = day_starts(day)
    return {
        "day": day,
        "runs": [at - start for run in trail.runs for at in run],
        "asked_at": [one.at - start for one in trail.asked],
        "reset_at": [at - start for at in trail.resets],
        "used_at": [one.at - start for one in trail.used],
        "used": [one.tokens for one in trail.used],
        "prompts": [[_marks(one.rubric), one.response_ms, one.pause_ms, one.corrects] for one in trail.asked],
        "took": [[one.at - start, *_effort(one.effort)] for one in trail.took],
    }


def _marks(rubric: PromptRubric | None) -> list[float] | None:
    if rubric is None:
        return None
    return [rubric.context_leverage, rubric.information_density, rubric.turn_economy, rubric.ambiguity_cost]


def _effort(effort: Effort) -> list[float | None]:
    return [effort.tokens, effort.turns, effort.human_seconds, effort.response_seconds]


# Far back it only matters when somebody worked, and that is much the smaller part of a row.
_DETAILED = ", ".join(
    f"CASE WHEN day >= :details THEN {name} END AS {name}"
    for name in ("reset_at", "used_at", "used", "prompts", "took")
)
_DAYS = sa.text(
    f"SELECT user_id, day, runs, asked_at, {_DETAILED} FROM session_days WHERE org_id = :org_id"
    " AND user_id = ANY (:users) AND day >= :since AND day < :until"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("users", type_=ARRAY(UUID)),
    *(sa.bindparam(name, type_=sa.Date) for name in ("since", "until", "details")),
)
_FIRST = sa.text(
    "SELECT given.id, first.day FROM unnest(:users) AS given (id) CROSS JOIN LATERAL (SELECT day FROM session_days"
    " WHERE org_id = :org_id AND user_id = given.id ORDER BY day LIMIT 1) AS first"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("users", type_=ARRAY(UUID)))
_CHANGED = sa.text(
    "SELECT user_id, started_at, lines_added, rework_kind IS NOT NULL AS reworked FROM sub_sessions"
    " WHERE org_id = :org_id AND user_id = ANY (:users) AND started_at >= :since AND started_at < :until"
    " AND lines_added > 0 AND state <> 'merged' ORDER BY started_at"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("users", type_=ARRAY(UUID)),
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("since", "until")),
)


_AT_WORK = sa.text(
    "SELECT DISTINCT user_id FROM session_days WHERE org_id = :org_id AND day >= :since AND day < :until"
    " ORDER BY user_id LIMIT :most"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    *(sa.bindparam(name, type_=sa.Date) for name in ("since", "until")),
    sa.bindparam("most", type_=sa.BigInteger),
)


async def at_work(db: Reading, org_id: OrgId, within: Bounds, most: int) -> list[UserId]:
    """Who was at work then, or a day before or after; so many at most."""
    span = {"since": _day(within.start, -1), "until": _day(within.end, 1)}
    rows = await db.rows(_AT_WORK, {"org_id": org_id, "most": most, **span})
    return [UserId(row["user_id"]) for row in rows]


class Found(NamedTuple):
    """Rows of several developers; making them up into work takes longer than reading them."""

    days: Mapping[UserId, Sequence[Row]]
    changed: Mapping[UserId, Sequence[Row]]
    first: Mapping[UserId, date]

    def work(self, user_id: UserId) -> Work:
        return _work(self.days.get(user_id, ()), self.changed.get(user_id, ()), self.first.get(user_id))


async def find(db: Reading, org_id: OrgId, user_ids: Sequence[UserId], since: Horizon, until: datetime) -> Found:
    """What these developers did before `until`, as far back as is wanted: three statements.

    A day more is read on either side, because a run that reaches across midnight is kept with the day it begins on.
    """
    who = {"org_id": org_id, "users": list(user_ids)}
    span = {"since": _day(since.rhythm, -1), "until": _day(until, 1), "details": _day(since.details, -1)}
    days = _by_user(await db.rows(_DAYS, {**who, **span}))
    first = {row["id"]: row["day"] for row in await db.rows(_FIRST, who)}
    changed = _by_user(await db.rows(_CHANGED, {**who, "since": since.changes, "until": until}))
    return Found(days, changed, first)


def _day(at: datetime, days: int) -> date:
    """That many days from the day of UTC that a moment lies in, the calendar's first or last where it ends."""
    try:
        return at.astimezone(UTC).date() + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def _by_user(rows: Iterable[Row]) -> dict[UserId, list[Row]]:
    found: dict[UserId, list[Row]] = {}
    for row in rows:
        found.setdefault(row["user_id"], []).append(row)
    return found


def _work(days: Iterable[Row], changed: Iterable[Row], first: date | None) -> Work:
    runs: list[Run] = []
    asked_at: list[int] = []
    details: list[Row] = []
    for row in days:
        start, told = day_starts(row["day"]), row["runs"]
        runs += [Run(start + a, start + b, start + c) for a, b, c in zip(*[iter(told)] * 3, strict=True)]
        asked_at += [start + at for at in row["asked_at"]]
        if row["prompts"] is not None:
            details.append(row)
    return Work(
        Trail(
            runs=tuple(sorted(runs)),
            asked=tuple(sorted((one for row in details for one in _asked(row)), key=lambda one: one.at)),
            resets=tuple(sorted(day_starts(row["day"]) + at for row in details for at in row["reset_at"])),
            used=tuple(sorted(one for row in details for one in _used(row))),
            took=tuple(sorted((one for row in details for one in _took(row)), key=lambda one: one.at)),
        ),
        tuple(sorted(asked_at)),
        tuple(Changed(milliseconds(row["started_at"]), row["lines_added"], row["reworked"]) for row in changed),
        None if first is None else datetime.combine(first, time(), UTC),
    )


def _asked(row: Row) -> list[Asked]:
    start = day_starts(row["day"])
    told: list[list[Any]] = row["prompts"]
    return [
        Asked(start + at, None if marks is None else PromptRubric(*marks), *rest)
        for at, (marks, *rest) in zip(row["asked_at"], told, strict=True)
    ]


def _used(row: Row) -> list[Used]:
    start = day_starts(row["day"])
    return [Used(start + at, tokens) for at, tokens in zip(row["used_at"], row["used"], strict=True)]


def _took(row: Row) -> list[Took]:
    start = day_starts(row["day"])
    told: list[list[Any]] = row["took"]
    return [Took(start + at, Effort(*effort)) for at, *effort in told]
