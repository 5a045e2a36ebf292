"""`goalarc keys`: who may come in."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import typer

from domain.access import ApiKey, KeyKind, Org, User
from domain.values import AssessmentId, KeyId
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from resolvers.access import KeyWish, NewKey

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@keys.command("create")
def create_key(
    org: Annotated[str, typer.Option(help="Slug of the organisation; made when new.")],
    user: Annotated[str, typer.Option(help="E-mail of the developer whose data the key's are; made when new.")],
    kind: Annotated[KeyKind, typer.Option(help="What the key is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Instead of the scopes usual for the kind; repeatable.")
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May administer, and sees the whole organisation.")] = False,
    assessment: Annotated[UUID | None, typer.Option(help="For a candidate key: its assessment.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone of the developer.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="The key expires after so many days.")] = None,
    budget: Annotated[
        int | None,
        typer.Option(min=1, help="Points of cost it may ask of the graph in a minute, instead of the usual."),
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Make a key. Its secret is shown this once."""
    from resolvers.access import KeyWish

    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    bound = None if assessment is None else AssessmentId(assessment)
    wish = KeyWish(org, user, kind, tuple(scope or ()), admin, bound, time_zone, expires_at, budget)
    made = run(_create(read_settings(data_dir, database_url), wish))
    typer.echo(orjson.dumps(shown(made)).decode() if as_json else _told(made))


async def _create(settings: Settings, wish: "KeyWish") -> "NewKey":
    from resolvers.access import create_key
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await create_key(urls, wish, datetime.now(UTC))


def shown(made: "NewKey") -> dict[str, object]:
    """A new key as machines read it."""
    return {
        "id": str(made.key.id),
        "kind": made.key.kind,
        "key": made.secret,
        "org_id": str(made.org.id),
        "environment_id": made.org.environment_id,
        "user_id": str(made.user.id),
        "scopes": sorted(made.key.scopes),
        "budget": made.key.budget,
    }


def _told(made: "NewKey") -> str:
    return (
        f"{made.key.kind} key for {made.user.email} in {made.org.slug} (environment {made.org.environment_id}):\n\n"
        f"    {made.secret}\n\nIt is not shown again. Revoke it with: goalarc keys revoke {made.key.id}"
    )


@keys.command("list")
def list_keys(
    org: Annotated[str | None, typer.Option(help="Only this organisation.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """List keys; secrets are stored only as digests."""
    rows = [_listed(*row) for row in run(_list(read_settings(data_dir, database_url), org))]
    if as_json:
        typer.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        typer.echo(
            "  ".join(
                str(row[name] or "-") for name in ("id", "kind", "org", "user", "state", "last_used_at", "budget")
            )
        )


async def _list(settings: Settings, org: str | None) -> list[tuple[Org, ApiKey, User | None]]:
    from resolvers.access import list_keys
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await list_keys(urls, org)


def _listed(org: Org, key: ApiKey, user: User | None) -> dict[str, object]:
    expired = key.expires_at is not None and key.expires_at <= datetime.now(UTC)
    return {
        "id": str(key.id),
        "kind": key.kind,
        "org": org.slug,
        "org_id": str(org.id),
        "user": None if user is None else user.email,
        "scopes": sorted(key.scopes),
        "budget": key.budget,
        "state": "revoked" if key.revoked_at else "expired" if expired else "active",
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


@keys.command("revoke")
def revoke_key(id: UUID, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """End a key at once."""
    run(_revoke(read_settings(data_dir, database_url), KeyId(id)))
    typer.echo(f"revoked {id}", err=True)


async def _revoke(settings: Settings, id: KeyId) -> None:
    from resolvers.access import revoke_key
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await revoke_key(urls, id, datetime.now(UTC))
