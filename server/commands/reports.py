"""`goalarc reports`: those that are written again and again."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import orjson
import typer

from domain.languages import Language
from domain.report_schedules import USUAL_HOUR, USUAL_SCOPE, ScheduleId, ScheduleWish
from domain.reports.records import PeriodName
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from resolvers.regular_reports import Listed

reports = typer.Typer(no_args_is_help=True, help="Reports that are written regularly.")


@reports.command("schedule")
def schedule(
    org: Annotated[str, typer.Option(help="Slug of the organisation.")],
    user: Annotated[str | None, typer.Option(help="E-mail of the developer; the organisation's unless told.")] = None,
    period: Annotated[Literal["daily", "weekly", "monthly"], typer.Option(help="How often.")] = "weekly",
    hour: Annotated[int, typer.Option(min=0, max=23, help="At which hour of the day after.")] = USUAL_HOUR,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone; the developer's, or UTC, unless told.")] = None,
    language: Annotated[Language | None, typer.Option(help="What to write in; the organisation's unless told.")] = None,
    scope: Annotated[str, typer.Option(help="A tag to keep them under.")] = USUAL_SCOPE,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Have a report written whenever its day, week or month is over."""
    wish = ScheduleWish(period=PeriodName(period), hour=hour, time_zone=time_zone, language=language, scope=scope)
    _tell(run(_schedule(read_settings(data_dir, database_url), org, user, wish)), as_json)


async def _schedule(settings: Settings, org: str, user: str | None, wish: ScheduleWish) -> "Listed":
    from resolvers.regular_reports import schedule_reports
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await schedule_reports(urls, org, user, wish, datetime.now(UTC))


@reports.command("schedules")
def list_schedules(
    org: Annotated[str | None, typer.Option(help="Only this organisation.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """List which reports are written regularly, newest first."""
    found = run(_list(read_settings(data_dir, database_url), org))
    if as_json:
        typer.echo(orjson.dumps([_shown(one) for one in found], option=orjson.OPT_UTC_Z).decode())
        return
    for one in found:
        _tell(one, as_json=False)


async def _list(settings: Settings, org: str | None) -> "list[Listed]":
    from resolvers.regular_reports import list_schedules
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await list_schedules(urls, org)


@reports.command("unschedule")
def unschedule(id: UUID, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Have a report written no more; those that were written stay."""
    run(_unschedule(read_settings(data_dir, database_url), ScheduleId(id)))
    typer.echo(f"{id}: no more reports", err=True)


async def _unschedule(settings: Settings, id: ScheduleId) -> None:
    from resolvers.regular_reports import unschedule_reports
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await unschedule_reports(urls, id)


def _tell(one: "Listed", as_json: bool) -> None:
    shown = _shown(one)
    if as_json:
        typer.echo(orjson.dumps(shown, option=orjson.OPT_UTC_Z).decode())
    else:
        names = ("id", "org", "user", "period", "hour", "time_zone", "language", "scope")
        typer.echo(
            "  ".join(
                [
                    *("-" if shown[name] is None else str(shown[name]) for name in names),
                    f"{one.schedule.next_at:%Y-%m-%dT%H:%MZ}",
                ]
            )
        )


def _shown(one: "Listed") -> dict[str, object]:
    schedule = one.schedule
    return {
        "id": str(schedule.id),
        "org": one.org.slug,
        "user": None if one.user is None else one.user.email,
        "kind": schedule.kind,
        "period": schedule.period,
        "hour": schedule.hour,
        "time_zone": schedule.time_zone,
        "language": schedule.language,
        "scope": schedule.scope,
        "next_at": schedule.next_at,
        "last_report_id": None if schedule.last_report_id is None else str(schedule.last_report_id),
    }
