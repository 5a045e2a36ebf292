"""What became of alerts: their history, and the log that is followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.insights.alerts import Alert, AlertChange, AlertId, AlertState, ChangeKind
from domain.live import Cursor, Place
from domain.values import OrgId, UserId
from persistence.bus import alerts_channel
from persistence.database import Reading, Row, Writing, metadata
from persistence.live import EPOCH, Standing

KEPT = 500
"""So many changes of an alert are kept."""
KEPT_OF_DELETED = timedelta(days=30)

insight_alert_feeds = sa.Table(
    "insight_alert_feeds",
    metadata,
    sa.Column("org_id", UUID, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    # Of what stood up to here, some is gone.
    sa.Column("pruned_seq", sa.BigInteger, nullable=False, server_default="0"),
)

insight_alert_changes = sa.Table(
    "insight_alert_changes",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("alert_id", UUID, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("reason", sa.Text),
    sa.PrimaryKeyConstraint("org_id", "seq"),
    sa.Index("insight_alert_changes_of_alert", "org_id", "alert_id", "seq"),
    sa.Index("insight_alert_changes_of_user", "org_id", "user_id"),
    sa.Index("insight_alert_changes_over", "org_id", "at", postgresql_where=sa.text("kind = 'deleted'")),
)

_LOG, _FEEDS = insight_alert_changes.c, insight_alert_feeds.c

_APPEND = sa.text(
    "WITH feed AS (INSERT INTO insight_alert_feeds AS feed (org_id, seq) VALUES (:org_id, 1)"
    "  ON CONFLICT (org_id) DO UPDATE SET seq = feed.seq + 1 RETURNING seq)"
    " INSERT INTO insight_alert_changes (org_id, seq, alert_id, user_id, kind, at, before, state, value, reason)"
    " SELECT :org_id, seq, :alert_id, :user_id, :kind, :at, :before, :state, :value, :reason FROM feed"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("alert_id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("value", type_=sa.Double),
)
# Nobody else appends meanwhile: the organisation's row is locked.
_PRUNE = sa.text(
    "WITH gone AS (DELETE FROM insight_alert_changes WHERE org_id = :org_id AND seq IN ("
    "    SELECT seq FROM insight_alert_changes WHERE org_id = :org_id AND alert_id = :alert_id"
    "    ORDER BY seq DESC OFFSET :kept)"
    "  RETURNING seq), over AS (DELETE FROM insight_alert_changes"
    "    WHERE org_id = :org_id AND kind = 'deleted' AND at < :deadline RETURNING seq)"
    " UPDATE insight_alert_feeds SET pruned_seq = greatest(pruned_seq,"
    "  (SELECT max(seq) FROM (SELECT seq FROM gone UNION ALL SELECT seq FROM over) AS every))"
    " WHERE org_id = :org_id AND (EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM over))"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("alert_id", type_=UUID),
    sa.bindparam("deadline", type_=sa.DateTime(timezone=True)),
)
_FORGET = sa.delete(insight_alert_changes).where(
    _LOG.org_id == sa.bindparam("of_org", type_=UUID),
    _LOG.alert_id == sa.bindparam("of_alert", type_=UUID),
    _LOG.kind != ChangeKind.DELETED,
)


async def append(db: Writing, alert: Alert, before: AlertState, kind: ChangeKind) -> None:
    """Notes how an alert stands from this transaction on; of a deleted one nothing else is kept. After the commit,
    announce `alerts_channel`."""
    its = {"org_id": alert.org_id, "alert_id": alert.id}
    at = alert.checked_at if kind is ChangeKind.CHECKED else None
    now = at or (await db.rows(sa.select(sa.func.now().label("at"))))[0]["at"]
    said = {"value": alert.value, "reason": alert.reason, "before": before, "state": alert.state}
    await db.execute(_APPEND, {**its, "user_id": alert.user_id, "kind": kind, "at": now, **said})
    if kind is ChangeKind.DELETED:
        await db.execute(_FORGET, {"of_org": alert.org_id, "of_alert": alert.id})
    await db.execute(_PRUNE, {**its, "kept": KEPT, "deadline": now - KEPT_OF_DELETED})


class Asked(NamedTuple):
    """So many of the latest checks of an alert."""

    alert_id: AlertId
    most: int


async def histories(db: Reading, org_id: OrgId, asked: Sequence[Asked]) -> list[list[AlertChange]]:
    """For each of `asked`, the newest first."""
    found: dict[AlertId, list[AlertChange]] = {one.alert_id: [] for one in asked}
    ids = sa.select(sa.func.unnest(sa.literal(list(found), ARRAY(UUID))).label("id")).subquery()
    its = sa.select(insight_alert_changes).where(
        _LOG.org_id == org_id, _LOG.alert_id == ids.c.id, _LOG.kind == ChangeKind.CHECKED
    )
    latest = its.order_by(_LOG.seq.desc()).limit(max(one.most for one in asked)).lateral()
    for row in await db.rows(sa.select(latest, EPOCH).select_from(ids.join(latest, sa.true())).order_by(latest.c.seq)):
        found[AlertId(row["alert_id"])].insert(0, _change(row))
    return [found[one.alert_id][: one.most] for one in asked]


def _change(row: Row) -> AlertChange:
    org_id = OrgId(row["org_id"])
    return AlertChange(
        cursor=Cursor(org_id, row["epoch"], Place(0, row["seq"]), NAME),
        alert_id=AlertId(row["alert_id"]),
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        kind=ChangeKind(row["kind"]),
        at=row["at"],
        before=AlertState(row["before"]),
        state=AlertState(row["state"]),
        value=row["value"],
        reason=row["reason"],
    )


NAME = "alerts"
"""Of the log, in its cursors."""


@dataclass(frozen=True, slots=True)
class AlertLog:
    """What became of an organisation's alerts. A developer sees those that count their own events alone."""

    org_id: OrgId

    @property
    def name(self) -> str:
        return NAME

    @property
    def channel(self) -> str:
        return alerts_channel(self.org_id)

    @property
    def poll_s(self) -> float:
        return 5.0

    async def newest(self, db: Reading, user_id: UserId | None = None) -> Cursor:
        row = await self._row(db)
        return Cursor(self.org_id, row["epoch"], Place(0, row["seq"] or 0), NAME)

    async def after(self, db: Reading, place: Place, limit: int, user_id: UserId | None = None) -> list[AlertChange]:
        mine = [_LOG.org_id == self.org_id, _LOG.seq > place.id]
        if user_id is not None:
            mine.append(_LOG.user_id == user_id)
        query = sa.select(insight_alert_changes, EPOCH).where(*mine).order_by(_LOG.seq).limit(limit)
        return [_change(row) for row in await db.rows(query)]

    async def standing(self, db: Reading, cursor: Cursor) -> Standing:
        row = await self._row(db)
        place = cursor.place.id
        lost = cursor.epoch != row["epoch"] or not (row["pruned_seq"] or 0) <= place <= (row["seq"] or 0)
        return Standing(lost=lost)

    def shows(self, entry: AlertChange, user_id: UserId | None) -> bool:
        return user_id in (None, entry.user_id)

    async def _row(self, db: Reading) -> Row:
        one = sa.select(sa.literal(1).label("one")).subquery()
        query = sa.select(EPOCH, _FEEDS.seq, _FEEDS.pruned_seq)
        return (await db.rows(query.select_from(one.outerjoin(insight_alert_feeds, _FEEDS.org_id == self.org_id))))[0]
