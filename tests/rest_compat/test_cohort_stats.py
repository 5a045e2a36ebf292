"""GET /v1/sessions/{id}/cohort-stats."""

from datetime import timedelta

import httpx2

from domain.access import KeyKind
from domain.values import JsonObject
from tests.make import time
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

METRICS = (
    "avgDurationMs", "avgPromptCount", "avgCommandFailRate", "avgVerifyIntensity", "avgManualEditRatio",
    "avgFirstChangeLatencyMs", "testPassRate",
)  # fmt: skip


def path(session: str) -> str:
    return f"/v1/sessions/{session}/cohort-stats"


class Task:
    """An assessment of a house and what candidates made of it."""

    def __init__(self, house: House, id: object) -> None:
        self.house, self.id = house, id

    async def done(self, minutes: float = 10, **said: float) -> str:
        """A session that took so long; `said`: prompts, fails (of 10 commands), checks and by_hand (of 4 changes),
        first (minute of the first change), passed, failed."""
        cand, id = await self.house.candidate(assessment_id=self.id), new_id()
        await cand.post(INGEST, json=[*_work(id, **said), posted(id, minutes, "session_end")])
        await self.house.derived(id)
        return id


def _work(
    id: str,
    prompts: int = 1,
    fails: int = 0,
    checks: int = 0,
    by_hand: int = 0,
    first: float = 1,
    passed: int = 1,
    failed: int = 0,
) -> list[JsonObject]:
    asked = [posted(id, 0, "prompt", data={"text": "Fix the rounding"}) for _ in range(prompts)]
    ran = [posted(id, 1, "command", data={"command": "ls", "exitCode": int(n < fails)}) for n in range(10 - checks)]
    ran += [posted(id, 1, "command", data={"command": "pytest", "exitCode": 0}) for _ in range(checks)]
    hands = ["likely_human" if n < by_hand else "likely_ai" for n in range(4)]
    changed = [posted(id, first, "file_diff", data={"path": "a.py"}, provenance={"attribution": by}) for by in hands]
    return [*asked, *ran, *changed, posted(id, first, "test_run", data={"passed": passed, "failed": failed})]


async def task(house: House) -> Task:
    return Task(house, await house.assessment())


async def stats(client: httpx2.AsyncClient, session: str) -> JsonObject:
    answer = await client.get(path(session))
    assert answer.status_code == 200, answer.text
    return answer.json()["cohortStats"]


async def test_cohort_stats_cohort(house: House) -> None:
    """Sessions of the same assessment whose key is completed, expired or hired."""
    rev, one = await house.reviewer(), await task(house)
    await (await task(house)).done()
    done, running = await one.done(), new_id()
    key = await house.key(KeyKind.CANDIDATE, "cand@example.org", assessment_id=one.id, expires_at=time(600))
    await house.client(key, "x-api-key").post(INGEST, json=posted(running))
    await house.derived(running)
    assert (await stats(rev, done))["sessionCount"] == 1
    assert "percentiles" not in await stats(rev, running)
    later = house.at(time(600))
    assert (await stats(await later.reviewer(), done))["sessionCount"] == 2


async def test_cohort_stats_null(house: House) -> None:
    """Without an assessment, and while nobody is through with it."""
    rev, ada, cand = await house.reviewer(), await house.developer(), await house.candidate()
    for client in (ada.client, cand):
        await client.post(INGEST, json=posted(id := new_id()))
        await house.derived(id)
        assert (await rev.get(path(id))).json() == {"cohortStats": None}


async def test_cohort_stats_two(house: House) -> None:
    rev, one = await house.reviewer(), await task(house)
    first = await one.done()
    assert "percentiles" not in await stats(rev, first)
    await one.done()
    assert set((await stats(rev, first))["percentiles"].values()) == {0}


async def test_cohort_stats_higher_better(house: House) -> None:
    rev, one = await house.reviewer(), await task(house)
    few, many = await one.done(fails=1), await one.done(fails=5)
    assert [(await stats(rev, id))["percentiles"]["commandFailRate"] for id in (few, many)] == [1, 0]


async def test_cohort_stats_rank(house: House) -> None:
    """Those this one beats by the others."""
    rev, one = await house.reviewer(), await task(house)
    ids = [await one.done(minutes) for minutes in (4, 1, 3, 2)]
    assert [(await stats(rev, id))["percentiles"]["durationMs"] for id in ids] == [0, 1, 0.333, 0.667]


async def test_cohort_stats_direction(house: House) -> None:
    """As the newer guide of the old system has it: more edits by hand and an earlier first change are better."""
    rev, one = await house.reviewer(), await task(house)
    good = await one.done(5, prompts=1, fails=0, checks=3, by_hand=3, first=1)
    await one.done(9, prompts=4, fails=2, checks=1, by_hand=1, first=4)
    assert set((await stats(rev, good))["percentiles"].values()) == {1}


async def test_cohort_stats_pass_rate(house: House) -> None:
    rev, one = await house.reviewer(), await task(house)
    for failed in (0, 0, 1):
        await one.done(failed=failed)
    last = await one.done(passed=0)
    assert (await stats(rev, last))["metrics"]["testPassRate"] == 50


async def test_cohort_stats_rounding(house: House) -> None:
    rev, one = await house.reviewer(), await task(house)
    await one.done(10, prompts=2, fails=1, checks=3, by_hand=1, first=1)
    await one.done(10, prompts=1, fails=2, checks=0, by_hand=2, first=2)
    last = await one.done(11, prompts=1, fails=0, checks=0, by_hand=0, first=2.5)
    metrics = (await stats(rev, last))["metrics"]
    assert tuple(metrics[name] for name in METRICS) == (
        620_000, 1.3, 0.1, 0.5, 0.25, 110_000, 100,
    )  # fmt: skip


async def test_cohort_stats_of_what_is_out_of_reach(house: House, other_house: House) -> None:
    one = await task(house)
    id = await one.done()
    for client in (await other_house.reviewer(), await house.candidate(assessment_id=one.id)):
        answer = await client.get(path(id))
        assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})


async def test_a_candidate_is_told_how_the_own_session_compares(house: House) -> None:
    one = await task(house)
    await one.done(30)
    key = await house.key(KeyKind.CANDIDATE, "cand@example.org", assessment_id=one.id)
    cand, id = house.client(key, "x-api-key"), new_id()
    await cand.post(INGEST, json=posted(id))
    await house.derived(id)
    assert await stats(cand, id) is None, "the figures of somebody else alone"
    assert (await stats(await house.reviewer(), id))["sessionCount"] == 1
    await cand.post(INGEST, json=posted(id, 20, "session_end"))
    await house.derived(id)
    found = await stats(cand, id)
    assert (found["sessionCount"], found["percentiles"]["durationMs"]) == (2, 1)
    assert found["percentiles"]["firstChangeLatencyMs"] is None
    assert timedelta(milliseconds=found["metrics"]["avgDurationMs"]) == timedelta(minutes=25)
