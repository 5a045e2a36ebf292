"""The log of deliveries as front ends read it, and sending one again."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import persistence.webhooks
from domain.access import KeyKind, Scope
from domain.networks import read_networks
from domain.values import UserId
from domain.webhooks import Hook, WebhookId
from persistence.database import Tenant
from resolvers.context import Services
from resolvers.webhooks import deliver_webhook
from schema import nodes
from tests.make_context import NOW
from tests.receiver import receiver
from tests.schema.asking import Asker, make_asker

SHOWN = """id eventType eventId url headerNames state nextAttemptAt createdAt finishedAt
  attempts { startedAt durationMs statusCode error }"""
LIST = f"""query ($state: WebhookState, $first: Int, $after: String) {{
  webhookDeliveries(state: $state, first: $first, after: $after) {{
    totalCount nodes {{ {SHOWN} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on WebhookDelivery {{ {SHOWN} }} }} }}"
REPLAY = f"""mutation ($input: ReplayWebhookInput!) {{ replayWebhook(input: $input) {{
  delivery {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
REFUSAL = b"HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
async def asker(fresh_services: Services) -> Asker:
    return await make_asker(replace(fresh_services, webhook_allow=read_networks("127.0.0.1")))


async def save(asker: Asker, url: str, of: UserId | None = None) -> WebhookId:
    org_id = asker.ctx.caller.org_id
    async with asker.ctx.services.database.write(Tenant(org_id)) as db:
        hook = Hook(url, {"X-Secret": "s3cret"})
        user_id = of or asker.ctx.caller.user_id
        return await persistence.webhooks.save(db, org_id, hook, "report.failed", {"jobId": "j"}, NOW, user_id)


async def send_all(asker: Asker) -> None:
    async with persistence.jobs.scope(asker.ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE state = 'queued'"))
        claimed = await persistence.job_runs.claim(db, 0, timedelta(minutes=1), "test", 10)
    for job in claimed:
        await deliver_webhook(asker.ctx.services, job)


async def test_a_delivery_is_followed_and_sent_again(asker: Asker) -> None:
    async with receiver(REFUSAL) as told:
        id = await save(asker, f"http://127.0.0.1:{told.port}/in?token=s3cret")
        await send_all(asker)
        page = (await asker.data(LIST))["webhookDeliveries"]
        [shown] = page["nodes"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (1, False)
        assert shown == {
            "id": nodes.encode("WebhookDelivery", id),
            "eventType": "report.failed",
            "eventId": f"evt_{id.hex}",
            "url": f"http://127.0.0.1:{told.port}/in",
            "headerNames": ["X-Secret"],
            "state": "PENDING",
            "nextAttemptAt": "2026-03-02T09:00:10.000Z",
            "createdAt": "2026-03-02T09:00:00.000Z",
            "finishedAt": None,
            "attempts": [
                {
                    "startedAt": "2026-03-02T09:00:00.000Z",
                    "durationMs": shown["attempts"][0]["durationMs"],
                    "statusCode": 503,
                    "error": "answered 503",
                }
            ],
        }
        assert "s3cret" not in str(page)
        again = (await asker.data(REPLAY, input={"id": shown["id"]}))["replayWebhook"]
        assert (again["userErrors"], again["delivery"]["nextAttemptAt"]) == ([], "2026-03-02T09:00:00.000Z")
        await send_all(asker)
    assert len(told.bodies) == 2
    node = (await asker.data(NODE, id=shown["id"]))["node"]
    assert len(node["attempts"]) == 2


async def test_the_list_is_paged_and_narrowed(asker: Asker) -> None:
    ids = [nodes.encode("WebhookDelivery", await save(asker, "https://a.example/")) for _ in range(3)]
    first = (await asker.data(LIST, first=2, state="PENDING"))["webhookDeliveries"]
    rest = (await asker.data(LIST, first=2, after=first["pageInfo"]["endCursor"]))["webhookDeliveries"]
    assert [one["id"] for one in first["nodes"] + rest["nodes"]] == ids[::-1]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert (await asker.data(LIST, state="FAILED"))["webhookDeliveries"]["totalCount"] == 0
    assert await asker.code(LIST, after="forged") == "BAD_USER_INPUT"


async def test_what_is_not_the_caller_s_is_not_there(asker: Asker) -> None:
    id = nodes.encode("WebhookDelivery", await save(asker, "https://a.example/"))
    services = asker.ctx.services
    stranger = await make_asker(services)
    colleague = await make_asker(services, asker.slug)
    reader = await make_asker(services, asker.slug, KeyKind.SERVICE)
    for who, seen in ((stranger, False), (colleague, False), (reader, True), (asker, True)):
        assert ((await who.data(NODE, id=id))["node"] is not None) is seen
        assert (await who.data(LIST))["webhookDeliveries"]["totalCount"] == seen
        replayed = (await who.data(REPLAY, input={"id": id}))["replayWebhook"]
        assert [(one["field"], one["code"]) for one in replayed["userErrors"]] == (
            [] if seen else [(["id"], "NOT_FOUND")]
        )
    blind = await make_asker(services, asker.slug, scopes=(Scope.SESSIONS_READ,))
    assert await blind.code(LIST) == await blind.code(REPLAY, input={"id": id}) == "FORBIDDEN"
    assert (await blind.data(NODE, id=id))["node"] is None


@pytest.mark.parametrize("id", ["no id", nodes.encode("Backfill", "1")])
async def test_an_id_of_something_else_is_a_user_error(asker: Asker, id: str) -> None:
    [error] = (await asker.data(REPLAY, input={"id": id}))["replayWebhook"]["userErrors"]
    assert (error["field"], error["code"]) == (["id"], "INVALID_ID")
