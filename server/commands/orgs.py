"""`goalarc orgs` and `goalarc users`: settings of an organisation, the time zone of a developer."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, NamedTuple

import orjson
import typer

from domain.access import Org, read_setting, setting_text
from domain.errors import Invalid
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run, stop
from server.settings import Settings

orgs = typer.Typer(no_args_is_help=True, help="Settings of organisations.")
users = typer.Typer(no_args_is_help=True, help="Developers.")

Slug = Annotated[str, typer.Argument(help="Slug of the organisation.")]


@orgs.command("get")
def get_org(slug: Slug, data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Show an organisation and its settings."""
    _tell(run(_get(read_settings(data_dir, database_url), slug)), as_json)


@orgs.command("set")
def set_org(
    slug: Slug,
    settings: Annotated[
        list[str], typer.Argument(help="NAME=VALUE, several of them, such as redaction=off score_default=v2.")
    ],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Change settings; where verdicts depend on one, they are worked out again."""
    changes = dict(_change(text) for text in settings)
    _tell(run(_set(read_settings(data_dir, database_url), slug, changes)), as_json)


_SECRET, _ROTATE = "webhook_secret", "rotate"
"""Kept apart from the settings: those are known to every process and to each of its callers."""


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        stop(f"{text!r} is not of the form NAME=VALUE")
    if name == _SECRET:
        if value != _ROTATE:
            stop(f"{_SECRET} cannot be chosen, only made anew: {_SECRET}={_ROTATE}")
        return name, value
    try:
        read_setting(name, value)
    except Invalid as error:  # before a database is started for it
        stop(str(error))
    return name, value


class _Shown(NamedTuple):
    """An organisation and what signs its webhooks."""

    org: Org
    secret: str


async def _get(settings: Settings, slug: str) -> _Shown:
    from resolvers.access import get_org
    from resolvers.webhooks import get_webhook_secret
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return _Shown(await get_org(urls, slug), await get_webhook_secret(urls, slug))


async def _set(settings: Settings, slug: str, changes: Mapping[str, str]) -> _Shown:
    from resolvers.access import set_settings
    from resolvers.webhooks import get_webhook_secret, rotate_webhook_secret
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        org = await set_settings(urls, slug, {name: changes[name] for name in changes if name != _SECRET})
        if _SECRET in changes:
            await rotate_webhook_secret(urls, slug)
        return _Shown(org, await get_webhook_secret(urls, slug))


@orgs.command("revoke-links")
def revoke_links(slug: Slug, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Make all links to reports of an organisation bad; new ones can be asked for."""
    run(_revoke_links(read_settings(data_dir, database_url), slug))
    typer.echo(f"links to reports of {slug} open nothing any more", err=True)


async def _revoke_links(settings: Settings, slug: str) -> None:
    from resolvers.report_links import revoke_links
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await revoke_links(urls, slug)


def _tell(shown: _Shown, as_json: bool) -> None:
    org = shown.org
    settings = {name: setting_text(value) for name, value in asdict(org.settings).items()} | {_SECRET: shown.secret}
    facts = {"id": str(org.id), "slug": org.slug, "environment_id": org.environment_id}
    if as_json:
        typer.echo(orjson.dumps({**facts, "settings": settings}).decode())
    else:
        typer.echo("\n".join(f"{name}={value}" for name, value in {**facts, **settings}.items()))


@users.command("set")
def set_user(
    email: Annotated[str, typer.Argument(help="E-mail of the developer.")],
    org: Annotated[str, typer.Option(help="Slug of the organisation.")],
    time_zone: Annotated[str, typer.Option(help="IANA zone in which days and windows are cut.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Set the time zone of a developer."""
    run(_set_user(read_settings(data_dir, database_url), org, email, time_zone))
    typer.echo(f"{email} in {org}: {time_zone}", err=True)


async def _set_user(settings: Settings, org: str, email: str, time_zone: str) -> None:
    from resolvers.access import set_time_zone
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await set_time_zone(urls, org, email, time_zone)


@users.callback()
def _group() -> None:
    """Keeps `set` a command of its own although it is the only one."""
