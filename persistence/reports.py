"""Reports and the jobs that make them, one row each; and how each of them went, change by change.

Every change of a row bumps its `seq` and leaves a line in `report_changes` in the same statement, under the row's lock:
whoever follows a report reads these on from a number, without gaps. A row that is over changes no more. `deadline` is
when a report that is not over counts as failed, whatever became of its worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB, UUID

from domain.languages import Language
from domain.reports.document import Document
from domain.reports.records import (
    Failure,
    PeriodName,
    Report,
    ReportChange,
    ReportId,
    ReportKind,
    ReportStatus,
    Stage,
    Written,
)
from domain.values import JsonObject, OrgId, SessionId, Span, UserId, Window
from domain.webhooks import Hook
from persistence.database import Reading, Row, Writing, metadata
from persistence.pages import newest_first
from persistence.webhooks import hook_from, hook_json

PATIENCE = timedelta(minutes=10)
"""So long a report may take from when it is begun, all tries together."""

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("label", sa.Text),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("starts_at", sa.DateTime(timezone=True)),
    sa.Column("ends_at", sa.DateTime(timezone=True)),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("request", JSONB, nullable=False),
    # Who is told when it is over; NULL: nobody.
    sa.Column("hook", JSONB(none_as_null=True)),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("progress", sa.Float, nullable=False, server_default="0"),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
    sa.Column("failure", JSONB(none_as_null=True)),
    sa.Column("payload", JSONB(none_as_null=True)),
    sa.Column("document", JSONB(none_as_null=True)),
    # Sessions that it names or quotes.
    sa.Column("session_ids", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("reports_newest", "org_id", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("reports_recent", "org_id", "kind", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("reports_of_user", "org_id", "user_id", "kind", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("reports_of_scope", "org_id", "kind", "scope", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("reports_in_progress", "org_id", "deadline", postgresql_where=sa.text("finished_at IS NULL")),
)

report_changes = sa.Table(
    "report_changes",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("report_id", UUID, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "report_id", "seq"),
    sa.ForeignKeyConstraint(["org_id", "report_id"], ["reports.org_id", "reports.id"], ondelete="CASCADE"),
    sa.Index("report_changes_of_user", "org_id", "user_id"),
)

_BODY = frozenset(("payload", "document", "hook", "session_ids", "seq", "deadline"))
_SHOWN = sa.select(*(column for column in reports.c if column.name not in _BODY))
_GOING = reports.c.finished_at.is_(None)

Place = tuple[datetime, ReportId]
"""When a report was asked for, and which one it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports of an organisation: of these kinds, of one tag, about stretches that overlap `within`, of one
    developer: who may see no others' is given that one, as no index is found by row-level security alone."""

    kinds: tuple[ReportKind, ...] = tuple(ReportKind)
    scope: str | None = None
    within: Span = Span()
    statuses: tuple[ReportStatus, ...] = ()
    user_id: UserId | None = None


class Ended(NamedTuple):
    """A report that is over by this change, and who is to be told."""

    report: Report
    hook: Hook | None


def _report(row: Row) -> Report:
    return Report(
        org_id=OrgId(row["org_id"]),
        id=ReportId(row["id"]),
        kind=ReportKind(row["kind"]),
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        scope=row["scope"],
        label=row["label"],
        period=PeriodName(row["period"]),
        start=row["starts_at"],
        end=row["ends_at"],
        time_zone=row["time_zone"],
        language=Language(row["language"]),
        status=ReportStatus(row["status"]),
        stage=Stage(row["stage"]),
        progress=row["progress"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        failure=None if row["failure"] is None else _failure(row["failure"]),
        request=row["request"],
    )


def _failure(told: JsonObject) -> Failure:
    return Failure(str(told["code"]), str(told["message"]), told["retryable"] is True)


_FIRST_CHANGE = sa.text(
    "INSERT INTO report_changes (org_id, report_id, seq, user_id, status, stage, progress)"
    " SELECT org_id, id, seq, user_id, status, stage, progress FROM reports WHERE org_id = :org_id AND id = :id"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("id", type_=UUID))


async def save(db: Writing, report: Report, patience: timedelta, hook: Hook | None = None) -> None:
    """A new report, which fails by itself unless it is begun within `patience`."""
    new = sa.insert(reports).values(
        org_id=report.org_id,
        id=report.id,
        kind=report.kind,
        user_id=report.user_id,
        scope=report.scope,
        label=report.label,
        period=report.period,
        starts_at=report.start,
        ends_at=report.end,
        time_zone=report.time_zone,
        language=report.language,
        request=report.request,
        hook=hook_json(hook),
        status=report.status,
        stage=report.stage,
        created_at=report.created_at,
        updated_at=report.created_at,
        deadline=sa.func.now() + sa.cast(patience, INTERVAL),
    )
    await db.execute(new)
    await db.rows(_FIRST_CHANGE, {"org_id": report.org_id, "id": report.id})


async def find(db: Reading, org_id: OrgId, id: ReportId) -> Report | None:
    row = await db.row(_SHOWN.where(reports.c.org_id == org_id, reports.c.id == id))
    return None if row is None else _report(row)


async def by_id(db: Reading, org_id: OrgId, ids: Sequence[ReportId]) -> list[Report | None]:
    """In the order of `ids`; None where there is none within reach."""
    rows = await db.rows(_SHOWN.where(reports.c.org_id == org_id, reports.c.id.in_(ids)))
    found = {ReportId(row["id"]): _report(row) for row in rows}
    return [found.get(id) for id in ids]


async def body(db: Reading, org_id: OrgId, id: ReportId) -> Written | None:
    """What was written; None without a finished report."""
    [found] = await bodies(db, org_id, [id])
    return found


async def bodies(db: Reading, org_id: OrgId, ids: Sequence[ReportId]) -> list[Written | None]:
    """As `body`, in the order of `ids`."""
    query = sa.select(reports.c.id, reports.c.payload, reports.c.document, reports.c.session_ids)
    rows = await db.rows(query.where(reports.c.org_id == org_id, reports.c.id.in_(ids), reports.c.payload.is_not(None)))
    found = {ReportId(row["id"]): _written(row) for row in rows}
    return [found.get(id) for id in ids]


def _written(row: Row) -> Written:
    document = Document.model_validate(row["document"])
    return Written(row["payload"], document, frozenset(SessionId(id) for id in row["session_ids"]))


async def page(db: Reading, org_id: OrgId, wanted: Wanted, window: Window[Place]) -> list[Report]:
    """Newest first: those of the window, and one more if there are more."""
    query = _SHOWN.where(*_which(org_id, wanted))
    return [_report(row) for row in await newest_first(db, query, reports.c.created_at, reports.c.id, window)]


async def count(db: Reading, org_id: OrgId, wanted: Wanted) -> int:
    query = sa.select(sa.func.count().label("n")).where(*_which(org_id, wanted))
    return (await db.rows(query))[0]["n"]


def _which(org_id: OrgId, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    which = [reports.c.org_id == org_id]
    if set(wanted.kinds) != set(ReportKind):
        which.append(reports.c.kind.in_(wanted.kinds))
    if wanted.user_id is not None:
        which.append(reports.c.user_id == wanted.user_id)
    if wanted.scope is not None:
        which.append(reports.c.scope == wanted.scope)
    if wanted.statuses:
        which.append(reports.c.status.in_(wanted.statuses))
    if wanted.within.start is not None:
        which.append(reports.c.ends_at > wanted.within.start)
    if wanted.within.end is not None:
        which.append(reports.c.starts_at < wanted.within.end)
    return which


async def newest_in_progress(db: Reading, org_id: OrgId, kind: ReportKind) -> Report | None:
    query = _SHOWN.where(reports.c.org_id == org_id, reports.c.kind == kind, _GOING)
    row = await db.row(query.order_by(reports.c.created_at.desc(), reports.c.id.desc()).limit(1))
    return None if row is None else _report(row)


async def in_progress(db: Reading, org_id: OrgId) -> int:
    """How many reports of the organisation wait or are being written."""
    query = sa.select(sa.func.count().label("n")).where(reports.c.org_id == org_id, _GOING)
    return (await db.rows(query))[0]["n"]


async def changes(db: Reading, org_id: OrgId, id: ReportId, after: int) -> list[ReportChange]:
    """What happened to a report after its change number `after`, in order."""
    table = report_changes.c
    query = sa.select(report_changes).where(table.org_id == org_id, table.report_id == id, table.seq > after)
    return [
        ReportChange(id, row["seq"], ReportStatus(row["status"]), Stage(row["stage"]), row["progress"], row["at"])
        for row in await db.rows(query.order_by(table.seq))
    ]


def _changed(
    which: Sequence[sa.ColumnElement[bool]], **values: object
) -> sa.TextualSelect | sa.Select[tuple[object, ...]]:
    """Changes the rows of `which` that are not over, with a line of each change; gives the rows as they are then."""
    update = (
        sa.update(reports)
        .where(_GOING, *which)
        .values(seq=reports.c.seq + 1, updated_at=sa.func.clock_timestamp(), **values)
        .returning(reports)
        .cte("changed")
    )
    names = ["org_id", "report_id", "seq", "user_id", "status", "stage", "progress"]
    told = sa.select(
        update.c.org_id, update.c.id, update.c.seq, update.c.user_id, update.c.status, update.c.stage, update.c.progress
    )
    line = sa.insert(report_changes).from_select(names, told).returning(report_changes.c.seq).cte("line")
    return sa.select(update).add_cte(line)


async def advance(db: Writing, org_id: OrgId, id: ReportId, stage: Stage, progress: float) -> Report | None:
    """The report is being written and this far; None once it is over or gone. Progress never falls."""
    begun = reports.c.status == ReportStatus.PENDING
    again = sa.func.now() + sa.cast(PATIENCE, INTERVAL)
    statement = _changed(
        (reports.c.org_id == org_id, reports.c.id == id),
        status=ReportStatus.RUNNING,
        stage=stage,
        progress=sa.func.greatest(reports.c.progress, progress),
        started_at=sa.func.coalesce(reports.c.started_at, sa.func.now()),
        deadline=sa.case((begun, again), else_=reports.c.deadline),
    )
    row = await db.row(statement)
    return None if row is None else _report(row)


async def complete(db: Writing, org_id: OrgId, id: ReportId, written: Written) -> Ended | None:
    """None if it is over already or gone: then nothing may be told of it."""
    return _first(
        await _end(
            db,
            (reports.c.org_id == org_id, reports.c.id == id),
            status=ReportStatus.COMPLETED,
            stage=Stage.FINALIZING,
            progress=1.0,
            payload=written.payload,
            document=written.document.model_dump(mode="json"),
            session_ids=sorted(written.sessions),
        )
    )


async def fail(db: Writing, org_id: OrgId, id: ReportId, failure: Failure) -> Ended | None:
    """None if it is over already or gone."""
    return _first(await _fail(db, (reports.c.org_id == org_id, reports.c.id == id), failure))


async def cancel(db: Writing, org_id: OrgId, id: ReportId) -> Ended | None:
    """None if it is over already or gone."""
    which = (reports.c.org_id == org_id, reports.c.id == id)
    return _first(await _end(db, which, status=ReportStatus.CANCELLED, hook=None))


async def fail_overdue(db: Writing, org_id: OrgId, failure: Failure) -> list[Ended]:
    """Those whose time is up."""
    late = sa.select(reports.c.id).where(reports.c.org_id == org_id, _GOING, reports.c.deadline < sa.func.now())
    rows = late.order_by(reports.c.id).with_for_update(skip_locked=True)
    return await _fail(db, (reports.c.org_id == org_id, reports.c.id.in_(rows)), failure)


async def any_overdue(db: Reading, org_id: OrgId) -> bool:
    query = sa.select(reports.c.id).where(reports.c.org_id == org_id, _GOING, reports.c.deadline < sa.func.now())
    return await db.row(query.limit(1)) is not None


async def _fail(db: Writing, which: Sequence[sa.ColumnElement[bool]], failure: Failure) -> list[Ended]:
    told = {"code": failure.code, "message": failure.message, "retryable": failure.retryable}
    return await _end(db, which, status=ReportStatus.FAILED, failure=told)


async def _end(db: Writing, which: Sequence[sa.ColumnElement[bool]], **values: object) -> list[Ended]:
    rows = await db.rows(_changed(which, finished_at=sa.func.clock_timestamp(), **values))
    return [Ended(_report(row), hook_from(row["hook"])) for row in rows]


def _first(ended: Sequence[Ended]) -> Ended | None:
    return ended[0] if ended else None


async def delete(db: Writing, org_id: OrgId, id: ReportId) -> bool:
    """Whether it was there. What writes it finds nothing to end any more."""
    gone = sa.delete(reports).where(reports.c.org_id == org_id, reports.c.id == id)
    return await db.row(gone.returning(reports.c.id)) is not None


async def forget_hook(db: Writing, org_id: OrgId, id: ReportId) -> None:
    """Who was to be told is told by now; what was given for that may be secret."""
    await db.execute(sa.update(reports).where(reports.c.org_id == org_id, reports.c.id == id).values(hook=sa.null()))
