"""POST /v1/score_v3/insight/backfill."""

from uuid import uuid4

import httpx2
import pytest

from domain.judging.arcs import RULESET_VERSION
from domain.values import JsonValue
from tests.history import arcs, bug_fix, ended, recorded
from tests.make import time
from tests.outdated import outdate, settled
from tests.rest_compat.house import Developer, House

PATH = "/v1/score_v3/insight/backfill"
DAY = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
BAD = "Invalid request body"


async def ask(who: Developer, **body: JsonValue) -> httpx2.Response:
    return await who.client.post(PATH, json={**DAY, **body})


async def boss_of(house: House) -> Developer:
    return await house.developer("boss@example.org", admin=True)


async def test_insight_backfill_admin(house: House) -> None:
    ada, boss = await house.developer(), await boss_of(house)
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    await settled(ada.context)
    await outdate(ada.context, one)
    refused = await ask(ada)
    assert (refused.status_code, refused.json()["code"]) == (403, 403)
    answer = await ask(boss)
    assert (answer.status_code, answer.json()) == (202, {**DAY, "queued": 1, "skipped": 0})


async def test_insight_backfill_idempotent(house: House) -> None:
    ada, boss = await house.developer(), await boss_of(house)
    old, new = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(120, "b.py"), ended(130))
    await ada.worked(old, new)
    await settled(ada.context)
    await outdate(ada.context, old)
    assert (await ask(boss)).json() == {**DAY, "queued": 1, "skipped": 1}
    assert (await ask(boss)).json() == {**DAY, "queued": 0, "skipped": 2}
    await ada.worked(old)
    assert [arc.ruleset_version for arc in await arcs(ada.context, old)] == [RULESET_VERSION]
    await settled(ada.context)
    assert (await ask(boss)).json() == {**DAY, "queued": 0, "skipped": 2}


async def test_of_one_developer(house: House, other_house: House) -> None:
    ada, bob, boss = await house.developer(), await house.developer("bob@example.org"), await boss_of(house)
    mine, theirs = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(120, "b.py"), ended(130))
    await ada.worked(mine)
    await bob.worked(theirs)
    await settled(ada.context)
    await outdate(ada.context, mine, theirs)
    bobs = str(bob.context.caller.user_id)
    assert (await ask(boss, developer_id=bobs)).json() == {**DAY, "queued": 1, "skipped": 0}
    assert (await ask(boss, developer_id=None)).json() == {**DAY, "queued": 1, "skipped": 1}
    eve = await other_house.developer()
    for stranger in (str(uuid4()), str(eve.context.caller.user_id)):
        answer = await ask(boss, developer_id=stranger)
        assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "no such developer"})


async def test_another_organisation_is_not_touched(house: House, other_house: House) -> None:
    ada, eve = await house.developer(), await other_house.developer(admin=True)
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    await outdate(ada.context, one)
    assert (await ask(eve)).json() == {**DAY, "queued": 0, "skipped": 0}


async def test_from_is_inside_and_to_is_not(house: House) -> None:
    boss = await boss_of(house)
    await boss.worked(recorded(*bug_fix(0), ended(8)))
    start, later = time(0).isoformat(), time(60).isoformat()
    assert (await ask(boss, **{"from": start, "to": later})).json()["skipped"] == 1
    assert (await ask(boss, **{"from": "2026-03-02T00:00:00Z", "to": start})).json()["skipped"] == 0


async def test_times_come_back_in_utc(house: House) -> None:
    boss = await boss_of(house)
    answer = (await ask(boss, **{"from": "2026-03-02T00:30:00.5+02:00"})).json()
    assert (answer["from"], answer["to"]) == ("2026-03-01T22:30:00.500000Z", DAY["to"])
    ever = {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59.999999Z"}
    assert (await ask(boss, **ever)).json() == {**ever, "queued": 0, "skipped": 0}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"to": DAY["from"]}, "from must lie before to"),
        ({"from": "2026-03-04T00:00:00Z"}, "from must lie before to"),
        ({"from": None}, f"{BAD}: from: must be an RFC 3339 time with an offset"),
        ({"from": "2026-03-02"}, f"{BAD}: from: must be an RFC 3339 time with an offset"),
        ({"to": 1}, f"{BAD}: to: must be an RFC 3339 time with an offset"),
        ({"developer_id": "ada"}, f"{BAD}: developer_id: must be the UUID of a developer"),
        ({"days": 1}, f"{BAD}: days: Extra inputs are not permitted"),
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused(house: House, body: dict[str, JsonValue], message: str) -> None:
    answer = await ask(await boss_of(house), **body)
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": message})


async def test_a_body_must_hold_both_times(house: House) -> None:
    boss = await boss_of(house)
    for body in ({"from": DAY["from"]}, {"to": DAY["to"]}, {}, []):
        assert (await boss.client.post(PATH, json=body)).status_code == 400
