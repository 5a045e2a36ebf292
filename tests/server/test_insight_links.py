"""Insights by link over HTTP: who sees what, and what nobody is told."""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from domain.access import KeyKind, Scope
from domain.insights.saved import InsightChange
from domain.insights.sharing import SharingChange
from domain.reports.page import POLICY
from persistence.database import Tenant
from resolvers.access import set_settings
from resolvers.context import Context, Services
from resolvers.insight_links import LOOKS, TRIES
from resolvers.insights import create_insight, update_insight
from resolvers.sharing import create_share_password, delete_share_password, refresh_sharing, update_sharing
from server.insight_links import FORM_POLICY
from server.report_links import ROUTES
from tests.make_context import NOW, context_of, make_context
from tests.make_insights import made, put_events
from tests.rest_compat.posthog import TRENDS
from tests.server.inside import client_of
from tests.server.test_report_links import is_kept_to_itself

SHARING = frozenset({Scope.INSIGHT_WRITE, Scope.SHARING_WRITE})
NOTHING = "this link opens nothing: it has expired, was withdrawn, or never was one\n"


@pytest.fixture
async def ctx(services: Services) -> Context:
    developer = await make_context(services, scopes=SHARING)
    return context_of(services, replace(developer.caller, kind=KeyKind.PERSONAL))


async def link(ctx: Context, name: str = "Crushed <b>goals</b>", **change: object) -> str:
    """Where a new insight lies that is shared."""
    one = await create_insight(ctx, InsightChange(name=name, description="of all", query=TRENDS))
    shared = await update_sharing(ctx, one.id, SharingChange(enabled=True, **change))
    return f"/shared/{shared.access_token}"


def visitor(ctx: Context) -> httpx2.AsyncClient:
    """Asks from an address of its own."""
    return client_of(ctx.services, ROUTES, str(ctx.caller.org_id))


async def get(ctx: Context, path: str) -> httpx2.Response:
    async with visitor(ctx) as client:
        return await client.get(path)


async def post(ctx: Context, path: str, password: str) -> httpx2.Response:
    async with visitor(ctx) as client:
        return await client.post(path, data={"password": password})


async def test_a_link_shows_its_insight_to_anybody(ctx: Context) -> None:
    path = await link(ctx)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        events = [made("arc_crushed", NOW - timedelta(hours=hours), "bob") for hours in (1, 2, 30)]
        await put_events(db, ctx.caller.org_id, events)
    answer = await get(ctx, path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert is_kept_to_itself(answer)
    assert "Crushed &lt;b&gt;goals&lt;/b&gt;" in answer.text
    assert "<svg" in answer.text
    assert ">2</td>" in answer.text, "everybody's events count"
    assert not {"<script", "http:", "https:"} & {part for part in ("<script", "https:") if part in answer.text}


async def test_what_opens_nothing_always_says_the_same(ctx: Context) -> None:
    good = await link(ctx)
    off, turned, deleted = [await link(ctx, name=name) for name in ("off", "turned", "deleted")]
    await update_sharing(ctx, 2, SharingChange(enabled=False))
    await refresh_sharing(ctx, 3)
    await update_insight(ctx, 4, InsightChange(deleted=True))
    last = "A" if good[-1] != "A" else "Q"
    for path in (off, turned, deleted, good[:-1] + last, "/shared/" + "A" * 54, "/shared/" + "A" * 92, "/shared/x"):
        answer = await get(ctx, path)
        assert (answer.status_code, answer.text) == (404, NOTHING), path
        assert is_kept_to_itself(answer)
    assert (await post(ctx, off, "x")).status_code == 404
    assert (await get(ctx, good)).status_code == 200
    await update_insight(ctx, 4, InsightChange(deleted=False))
    assert (await get(ctx, deleted)).status_code == 200


async def test_a_password_is_asked_for_and_nothing_is_told_before(ctx: Context) -> None:
    path = await link(ctx, password_required=True)
    kept = await create_share_password(ctx, 1, "correct horse")
    asked = await get(ctx, path)
    assert (asked.status_code, asked.headers["content-security-policy"]) == (200, FORM_POLICY)
    assert "Crushed" not in asked.text
    assert is_kept_to_itself(asked)
    wrong = await post(ctx, path, "wrong horse")
    assert (wrong.status_code, "Crushed" in wrong.text) == (403, False)
    right = await post(ctx, path, "correct horse")
    assert (right.status_code, "Crushed" in right.text) == (200, True)
    assert right.headers["content-security-policy"] == POLICY
    await delete_share_password(ctx, 1, kept.password.id)
    gone = await post(ctx, path, "correct horse")
    assert (gone.status_code, gone.text) == (403, wrong.text)


async def test_whatever_is_no_form_is_a_wrong_password(ctx: Context) -> None:
    path = await link(ctx, password_required=True)
    async with visitor(ctx) as client:
        for body in (b"", b"\xff", b"password=" + b"x" * 5_000, b"&" * 100, b"password=" + b"x" * 300):
            assert (await client.post(path, content=body)).status_code == 403


async def test_passwords_cannot_be_tried_for_ever(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await link(ctx, password_required=True)
    tried = list[str]()

    async def never(clear: str, hashes: object) -> bool:
        tried.append(clear)
        return False

    monkeypatch.setattr("persistence.passwords.is_one_of", never)
    ctx = context_of(replace(ctx.services, rate_limits=False), ctx.caller)
    statuses = [(await post(ctx, path, str(number))).status_code for number in range(TRIES + 2)]
    assert statuses == [403] * TRIES + [429] * 2
    assert len(tried) == TRIES
    refused = await post(ctx, path, "once more")
    assert refused.headers["retry-after"] == "60"
    next_minute = context_of(replace(ctx.services, now=lambda: NOW + timedelta(minutes=1)), ctx.caller)
    assert (await post(next_minute, path, "x")).status_code == 403


async def test_an_address_opens_only_so_many_pages_a_minute(ctx: Context) -> None:
    async with visitor(ctx) as client:
        found = [(await client.get("/shared/" + "A" * 54)).status_code for _ in range(LOOKS + 1)]
    assert found == [404] * LOOKS + [429]


async def test_what_cannot_be_computed_is_shown_without_a_result(ctx: Context) -> None:
    query = {"kind": "HogQLQuery", "query": "select no_such_column from events"}
    one = await create_insight(ctx, InsightChange(name="Broken", query=query))
    await create_insight(ctx, InsightChange(name="Empty"))
    for id, name in ((one.id, "Broken"), (2, "Empty")):
        shared = await update_sharing(ctx, id, SharingChange(enabled=True))
        answer = await get(ctx, f"/shared/{shared.access_token}")
        assert (answer.status_code, name in answer.text, "nothing to show" in answer.text) == (200, True, True)


async def test_links_to_reports_take_no_form(ctx: Context) -> None:
    assert (await post(ctx, "/shared/" + "A" * 92, "x")).status_code == 405


async def test_a_link_shows_no_more_to_who_has_a_key(ctx: Context) -> None:
    """Neither scopes nor the organisation's consent to AI processing matter."""
    path = await link(ctx)
    await set_settings(ctx.services.database.urls, f"org-{ctx.caller.org_id}", {"ai_processing": "off"})
    async with visitor(ctx) as client:
        plain = await client.get(path)
        keyed = await client.get(path, headers={"authorization": "Bearer phx_nobody"})
    assert plain.text == keyed.text
