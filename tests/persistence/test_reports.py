"""The row of a report: what changes it, what does not any more, and the line that each change leaves."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable

from domain.languages import Language
from domain.reports.document import Document
from domain.reports.records import (
    Failure,
    Report,
    ReportId,
    ReportKind,
    ReportStatus,
    Stage,
    Written,
    period,
)
from domain.values import SessionId, Span, UserId, Window
from persistence import reports
from persistence.database import Params, Reading, Row, Tenant, Writing
from persistence.identifiers import new_id
from persistence.reports import Wanted
from resolvers.context import Context
from resolvers.reports import unbegun

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
NO_TIME = timedelta(seconds=-1)
BROKEN = Failure("internal", "It went wrong.", retryable=True)


@pytest.fixture
async def db(context: Context) -> AsyncGenerator[Writing]:
    async with context.services.database.write(Tenant(context.caller.org_id)) as writing:
        yield writing


def asked(context: Context, **changes: object) -> Report:
    caller, of = context.caller, period(NOW - DAY, NOW, ZoneInfo("UTC"))
    whose = Tenant(caller.org_id, caller.user_id)
    report = unbegun(whose, ReportKind.V3, "personal", Language.EN, of, NOW)
    return replace(report, **changes)  # type: ignore[arg-type]


def written(*sessions: str) -> Written:
    document = Document(
        language=Language.EN, title="Week", subtitle="of somebody", summary="Fine.", sections=[], generated_at=NOW
    )
    return Written({"meta": {"totalSessions": 1}}, document, frozenset(map(SessionId, sessions)))


async def saved(db: Writing, context: Context, **changes: object) -> Report:
    report = asked(context, **changes)
    await reports.save(db, report, DAY)
    return report


async def test_a_report_comes_back_as_it_was_stored(db: Writing, context: Context) -> None:
    report = await saved(db, context, label="one", request={"template": "general_report"})
    assert await reports.find(db, report.org_id, report.id) == report
    assert await reports.body(db, report.org_id, report.id) is None


async def test_what_was_written_comes_back_whole(db: Writing, context: Context) -> None:
    report = await saved(db, context)
    ended = await reports.complete(db, report.org_id, report.id, written("s1", "s2"))
    assert ended is not None
    assert ended.report.status is ReportStatus.COMPLETED
    assert (ended.report.progress, ended.report.finished_at is not None) == (1.0, True)
    assert await reports.body(db, report.org_id, report.id) == written("s1", "s2")


async def test_progress_never_falls(db: Writing, context: Context) -> None:
    report = await saved(db, context)
    await reports.advance(db, report.org_id, report.id, Stage.SCORING, 0.6)
    again = await reports.advance(db, report.org_id, report.id, Stage.EXTRACTING, 0.1)
    assert again is not None
    assert (again.status, again.progress) == (ReportStatus.RUNNING, 0.6)


async def test_a_report_ends_once(db: Writing, context: Context) -> None:
    org_id = context.caller.org_id
    for first in ("complete", "fail", "cancel"):
        report = await saved(db, context)
        ends = {
            "complete": lambda one: reports.complete(db, org_id, one, written()),
            "fail": lambda one: reports.fail(db, org_id, one, BROKEN),
            "cancel": lambda one: reports.cancel(db, org_id, one),
        }
        ended = await ends[first](report.id)
        assert ended is not None
        assert [await end(report.id) for end in ends.values()] == [None, None, None]
        assert await reports.advance(db, org_id, report.id, Stage.RENDERING, 0.9) is None
        assert await reports.find(db, org_id, report.id) == ended.report


async def test_each_change_leaves_a_line_and_the_numbers_have_no_gaps(db: Writing, context: Context) -> None:
    report = await saved(db, context)
    await reports.advance(db, report.org_id, report.id, Stage.EXTRACTING, 0.1)
    await reports.advance(db, report.org_id, report.id, Stage.SCORING, 0.5)
    await reports.fail(db, report.org_id, report.id, BROKEN)
    await reports.cancel(db, report.org_id, report.id)  # nothing any more
    lines = await reports.changes(db, report.org_id, report.id, 0)
    assert [(line.seq, line.status, line.stage, line.progress) for line in lines] == [
        (1, ReportStatus.PENDING, Stage.QUEUED, 0.0),
        (2, ReportStatus.RUNNING, Stage.EXTRACTING, 0.1),
        (3, ReportStatus.RUNNING, Stage.SCORING, 0.5),
        (4, ReportStatus.FAILED, Stage.SCORING, 0.5),
    ]
    assert await reports.changes(db, report.org_id, report.id, 2) == lines[2:]


async def test_whose_time_is_up_fails_and_others_do_not(db: Writing, context: Context) -> None:
    org_id = context.caller.org_id
    late, in_time = asked(context), await saved(db, context)
    await reports.save(db, late, NO_TIME)
    assert await reports.any_overdue(db, org_id)
    assert [one.report.id for one in await reports.fail_overdue(db, org_id, BROKEN)] == [late.id]
    assert not await reports.any_overdue(db, org_id)
    going = await reports.newest_in_progress(db, org_id, ReportKind.V3)
    assert going is not None
    assert going.id == in_time.id


async def test_being_begun_gives_a_report_more_time(db: Writing, context: Context) -> None:
    report = asked(context)
    await reports.save(db, report, NO_TIME)
    await reports.advance(db, report.org_id, report.id, Stage.EXTRACTING, 0.0)
    assert not await reports.any_overdue(db, report.org_id)


async def test_lists_show_the_newest_first_and_what_was_wanted(db: Writing, context: Context) -> None:
    org_id = context.caller.org_id
    old = await saved(db, context, created_at=NOW - DAY)
    new = await saved(db, context)
    team = await saved(db, context, scope="team", created_at=NOW - 2 * DAY)
    await saved(db, context, kind=ReportKind.V21)
    await reports.complete(db, org_id, old.id, written())

    async def ids(wanted: Wanted, size: int = 10) -> list[ReportId]:
        return [one.id for one in await reports.page(db, org_id, wanted, Window(size))]

    v3 = (ReportKind.V3,)
    assert await ids(Wanted(v3)) == [new.id, old.id, team.id]
    assert await ids(Wanted(v3, "personal")) == [new.id, old.id]
    assert await ids(Wanted(v3, statuses=(ReportStatus.COMPLETED,))) == [old.id]
    assert await ids(Wanted(v3, within=Span(NOW, None))) == []  # they end where it begins
    assert await ids(Wanted(v3, within=Span(NOW - timedelta(hours=1), NOW))) == [new.id, old.id, team.id]
    assert len(await ids(Wanted(v3), 1)) == 2  # one more says that there are more
    assert await reports.count(db, org_id, Wanted()) == 4
    assert await ids(Wanted(user_id=UserId(new_id()))) == []
    assert await ids(Wanted(kinds=())) == []


class Explained(Reading):
    """Collects the plans of what is asked instead of the rows."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.plan = ""

    async def rows(self, statement: Executable, params: Params = None) -> Sequence[Row]:
        assert isinstance(statement, sa.Select)
        compiled = statement.compile(self.connection, compile_kwargs={"render_postcompile": True})
        values = tuple(compiled.params[name] for name in compiled.positiontup or ())
        self.plan += "\n".join((await self.connection.exec_driver_sql(f"EXPLAIN {compiled}", values)).scalars())
        return []


_FILL = sa.text(
    "INSERT INTO reports (org_id, id, kind, user_id, scope, period, time_zone, language, request, status, stage,"
    " deadline) SELECT CAST(:org_id AS uuid), gen_random_uuid(), 'v3.0', gen_random_uuid(), 'personal', 'daily', 'UTC',"
    " 'en', '{}', 'pending', 'queued', now() FROM generate_series(1, 3000)"
)


@pytest.mark.parametrize(
    ("wanted", "by"),
    [
        (Wanted(), {"org_id"}),
        (Wanted((ReportKind.V3,)), {"org_id", "kind"}),
        (Wanted((ReportKind.V3,), user_id=UserId(new_id())), {"org_id", "user_id", "kind"}),
    ],
)
async def test_lists_are_walked_along_an_index(db: Writing, context: Context, wanted: Wanted, by: set[str]) -> None:
    """A developer's must not be looked for among everybody's: row-level security alone keeps out of an index."""
    await db.execute(_FILL, {"org_id": context.caller.org_id})
    await db.execute(sa.text("SET LOCAL enable_sort = off"))
    asked = Explained(db.connection)
    await reports.page(asked, context.caller.org_id, wanted, Window(5))
    [condition] = [line for line in asked.plan.split("\n") if "Index Cond" in line]
    assert "Sort" not in asked.plan
    assert {name for name in ("org_id", "user_id", "kind") if f"({name} =" in condition} == by


async def test_another_developer_sees_none_of_it(context: Context) -> None:
    database, caller = context.services.database, context.caller
    async with database.write(Tenant(caller.org_id)) as db:
        report = await saved(db, context)
    other = Tenant(caller.org_id, UserId(new_id()))
    async with database.read(other) as db:
        assert await reports.find(db, caller.org_id, report.id) is None
        assert await reports.changes(db, caller.org_id, report.id, 0) == []


async def test_a_deleted_report_is_gone_with_its_lines(db: Writing, context: Context) -> None:
    report = await saved(db, context)
    assert await reports.delete(db, report.org_id, report.id)
    assert not await reports.delete(db, report.org_id, report.id)
    assert await reports.changes(db, report.org_id, report.id, 0) == []


async def test_of_two_that_end_a_report_at_once_one_does(context: Context) -> None:
    database, org_id = context.services.database, context.caller.org_id
    async with database.write(Tenant(org_id)) as db:
        report = await saved(db, context)

    async def end(cancelling: bool) -> object:
        async with database.write(Tenant(org_id)) as db:
            if cancelling:
                return await reports.cancel(db, org_id, report.id)
            return await reports.complete(db, org_id, report.id, written())

    ended = await asyncio.gather(end(True), end(False))
    assert sum(one is not None for one in ended) == 1
    async with database.read(Tenant(org_id)) as db:
        lines = await reports.changes(db, org_id, report.id, 0)
    assert [line.seq for line in lines] == [1, 2]
