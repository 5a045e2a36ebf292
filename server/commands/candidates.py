"""`goalarc candidates`: who was invited to an assessment, and how far they are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import typer

from domain.access import CandidateStatus
from domain.candidates import MOST_KEYS, Candidate, CandidateFilter, Invited, read_status
from domain.errors import Invalid
from domain.values import AssessmentId, KeyId
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run, stop
from server.settings import Settings

if TYPE_CHECKING:
    from resolvers.candidates import NewCandidate
    from resolvers.hiring import Invitee

candidates = typer.Typer(no_args_is_help=True, help="Candidates and their keys.")

_STATUSES = "|".join(CandidateStatus)
Status = Annotated[str | None, typer.Option(metavar=_STATUSES, help="Only those who are so far.")]


@candidates.command("generate")
def generate_keys(
    assessment: Annotated[UUID, typer.Option(help="What they are invited to.")],
    count: Annotated[
        int | None, typer.Option(min=1, max=MOST_KEYS, help="So many keys for nobody in particular; 1 unless told.")
    ] = None,
    candidate: Annotated[
        list[str] | None,
        typer.Option(metavar="EMAIL[,NAME]", help="Instead, a key for each of these; repeatable."),
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Make a key for each candidate, good for as long as the assessment says. They are shown this once."""
    if candidate and count is not None:
        stop("give --count or --candidate, not both")
    invited = [_invited(text) for text in candidate] if candidate else [Invited()] * (count or 1)
    made = run(_generate(read_settings(data_dir, database_url), AssessmentId(assessment), invited))
    if as_json:
        typer.echo(orjson.dumps([{**_shown(one.candidate), "key": one.secret} for one in made]).decode())
        return
    for one in made:
        typer.echo(f"{one.candidate.id}  {one.secret}  {one.candidate.email or '-'}")


def _invited(text: str) -> Invited:
    email, _, name = text.partition(",")
    return Invited(email, name)


async def _generate(settings: Settings, id: AssessmentId, invited: Sequence[Invited]) -> "list[NewCandidate]":
    from resolvers.hiring import generate_keys
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await generate_keys(urls, id, invited, datetime.now(UTC))


def _shown(one: Candidate) -> dict[str, object]:
    return {
        "id": str(one.id),
        "assessment_id": str(one.assessment_id),
        "org_id": str(one.org_id),
        "candidate_email": one.email,
        "candidate_name": one.name,
        "status": one.status,
        "session_id": one.session_id,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "redeemed_at": one.redeemed_at,
        "completed_at": one.completed_at,
    }


@candidates.command("list")
def list_candidates(
    org: Annotated[str | None, typer.Option(help="Only this organisation.")] = None,
    assessment: Annotated[UUID | None, typer.Option(help="Only those of this assessment.")] = None,
    status: Status = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """List candidates, newest first; revoked keys are left out."""
    wanted = CandidateFilter(
        None if assessment is None else AssessmentId(assessment), None if status is None else _status(status)
    )
    found = run(_list(read_settings(data_dir, database_url), org, wanted))
    rows = [{**_shown(one.candidate), "org": one.org.slug} for one in found]
    if as_json:
        typer.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        names = ("id", "org", "status", "candidate_email", "candidate_name", "session_id")
        typer.echo("  ".join(str(row[name] or "-") for name in names))


def _status(text: str) -> CandidateStatus:
    try:
        return read_status(text)
    except Invalid as error:  # before a database is started for it
        stop(str(error))


async def _list(settings: Settings, org: str | None, wanted: CandidateFilter) -> "list[Invitee]":
    from resolvers.hiring import list_candidates
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await list_candidates(urls, org, wanted, datetime.now(UTC))


@candidates.command("set")
def set_candidate(
    key_id: UUID,
    status: Annotated[str, typer.Option(metavar=_STATUSES, help="How far the candidate is.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Say by hand how far a candidate is."""
    marked = run(_set(read_settings(data_dir, database_url), KeyId(key_id), _status(status)))
    if as_json:
        typer.echo(orjson.dumps(_shown(marked)).decode())
    else:
        typer.echo(f"{key_id}: {marked.status}", err=True)


async def _set(settings: Settings, id: KeyId, status: CandidateStatus) -> Candidate:
    from resolvers.hiring import set_status
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await set_status(urls, id, status, datetime.now(UTC))


@candidates.command("revoke")
def revoke_key(key_id: UUID, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """End a candidate's key at once; the session stays."""
    run(_revoke(read_settings(data_dir, database_url), KeyId(key_id)))
    typer.echo(f"revoked {key_id}", err=True)


async def _revoke(settings: Settings, id: KeyId) -> None:
    from resolvers.hiring import revoke_key
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await revoke_key(urls, id, datetime.now(UTC))
