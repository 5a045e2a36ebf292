"""`goalarc assessments`: the tasks that candidates are given."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import typer

from domain.assessments import DEFAULT_DAYS, MOST_DAYS, MOST_MINUTES, MOST_USD, AllowedTool, Assessment, Task
from domain.values import AssessmentId
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from resolvers.hiring import Listed

assessments = typer.Typer(no_args_is_help=True, help="Tasks for candidates.")


def _usd(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no amount") from None


@assessments.command("create")
def create_assessment(
    org: Annotated[str, typer.Option(help="Slug of the organisation; made when new.")],
    title: Annotated[str, typer.Option(help="What the task is called.")],
    role: Annotated[str | None, typer.Option(help="The position that it is for.")] = None,
    task_brief: Annotated[str | None, typer.Option(help="What the candidate is told to do.")] = None,
    repo_url: Annotated[str | None, typer.Option(help="The repository to work in.")] = None,
    issue_id: Annotated[str | None, typer.Option(help="The issue to solve.")] = None,
    time_limit_minutes: Annotated[int | None, typer.Option(min=1, max=MOST_MINUTES, help="Time to work.")] = None,
    token_budget_usd: Annotated[
        Decimal | None,
        typer.Option(parser=_usd, metavar="USD", help=f"Dollars to spend on models, {MOST_USD} at most."),
    ] = None,
    allowed_tool: Annotated[
        list[AllowedTool] | None, typer.Option(help="An agent that may be used; repeatable. All unless told.")
    ] = None,
    expires_in_days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long keys are good.")] = DEFAULT_DAYS,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Make an assessment, for `candidates generate` and `keys create --kind candidate`."""
    task = Task(
        title=title,
        role=role,
        task_brief=task_brief,
        repo_url=repo_url,
        issue_id=issue_id,
        time_limit_minutes=time_limit_minutes,
        token_budget_usd=token_budget_usd,
        allowed_tools=tuple(allowed_tool or AllowedTool),
        expires_in_days=expires_in_days,
    )
    made = run(_create(read_settings(data_dir, database_url), org, task))
    typer.echo(orjson.dumps({"id": str(made.id)}).decode() if as_json else str(made.id))


async def _create(settings: Settings, org: str, task: Task) -> Assessment:
    from resolvers.hiring import create_assessment
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await create_assessment(urls, org, task, datetime.now(UTC))


@assessments.command("list")
def list_assessments(
    org: Annotated[str | None, typer.Option(help="Only this organisation.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """List assessments, newest first; deleted ones are left out."""
    rows = [_shown(one) for one in run(_list(read_settings(data_dir, database_url), org))]
    if as_json:
        typer.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        typer.echo("  ".join(str(row[name] or "-") for name in ("id", "org", "role", "title")))


async def _list(settings: Settings, org: str | None) -> "list[Listed]":
    from resolvers.hiring import list_assessments
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await list_assessments(urls, org)


def _shown(listed: "Listed") -> dict[str, object]:
    task, budget = listed.assessment.task, listed.assessment.task.token_budget_usd
    return {
        "id": str(listed.assessment.id),
        "org": listed.org.slug,
        "title": task.title,
        "role": task.role,
        "task_brief": task.task_brief,
        "repo_url": task.repo_url,
        "issue_id": task.issue_id,
        "time_limit_minutes": task.time_limit_minutes,
        "token_budget_usd": None if budget is None else float(budget),
        "allowed_tools": list(task.allowed_tools),
        "expires_in_days": task.expires_in_days,
        "created_at": listed.assessment.created_at,
    }


@assessments.command("get")
def get_assessment(id: UUID, data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Show an assessment."""
    listed = run(_get(read_settings(data_dir, database_url), AssessmentId(id)))
    row = _shown(listed)
    if as_json:
        typer.echo(orjson.dumps(row).decode())
        return
    for name, value in {**row, "allowed_tools": ",".join(listed.assessment.task.allowed_tools)}.items():
        typer.echo(f"{name}={'' if value is None else value}")


async def _get(settings: Settings, id: AssessmentId) -> "Listed":
    from resolvers.hiring import get_assessment
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await get_assessment(urls, id)


@assessments.command("delete")
def delete_assessment(id: UUID, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Take an assessment back: its unused keys end, what was done for it stays."""
    run(_delete(read_settings(data_dir, database_url), AssessmentId(id)))
    typer.echo(f"deleted {id}", err=True)


async def _delete(settings: Settings, id: AssessmentId) -> None:
    from resolvers.hiring import delete_assessment
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await delete_assessment(urls, id, datetime.now(UTC))
