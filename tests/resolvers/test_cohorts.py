"""Cohorts as they are kept and read: whose sessions count, since when, and that one index is all that is read."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.cohorts
import resolvers.assessments
import resolvers.candidates
from domain.access import CandidateStatus, Scope
from domain.assessments import Task
from domain.candidates import Invited
from domain.cohorts import CohortInputs, CohortStats
from domain.errors import NotFound
from domain.values import AssessmentId, SessionId
from persistence.cohorts import Asked, candidate_sessions
from persistence.database import Tenant, driver_of
from resolvers.access import authenticate
from resolvers.candidates import NewCandidate
from resolvers.cohorts import get_cohort_stats
from resolvers.context import Context, Services
from resolvers.erasure import delete_session
from resolvers.sessions import update_session
from tests.cohorts import sums_of
from tests.history import Recorded, bug_fix, derive, ended, judging, recorded, store
from tests.make import time
from tests.make_context import context_of, make_context
from tests.sent import telling

REVIEWER = frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE, Scope.SESSIONS_DELETE, Scope.ORG_READ})
NOW = time(60)


@pytest.fixture
async def reviewer(services: Services) -> Context:
    return await make_context(judging(services, NOW), scopes=REVIEWER)


async def assessed(reviewer: Context) -> AssessmentId:
    return (await resolvers.assessments.create_assessment(reviewer, Task("Rounding", expires_in_days=1))).id


async def invited(reviewer: Context, to: AssessmentId) -> NewCandidate:
    [made] = await resolvers.candidates.generate_keys(reviewer, to, [Invited()])
    return made


async def opened(reviewer: Context, made: NewCandidate) -> Context:
    return context_of(reviewer.services, await authenticate(reviewer.services, made.secret))


async def worked(reviewer: Context, to: AssessmentId, end: float | None = 8) -> tuple[NewCandidate, Recorded]:
    """A candidate who fixed something, from minute 0 to 8 unless told otherwise."""
    made, told = await invited(reviewer, to), recorded(*bug_fix(0), *([] if end is None else [ended(end)]))
    await store(await opened(reviewer, made), told)
    await derive(reviewer, told)
    return made, told


def at(ctx: Context, now: datetime) -> Context:
    return context_of(replace(ctx.services, now=lambda: now), ctx.caller)


async def count(ctx: Context, told: Recorded) -> int:
    stats = await get_cohort_stats(at(ctx, ctx.now()), told.id)
    return 0 if stats is None else stats.session_count


async def _fill(
    ctx: Context, assessment: AssessmentId, members: list[tuple[CohortInputs, datetime | None]]
) -> list[str]:
    rows = [
        {
            "org_id": ctx.caller.org_id,
            "session_id": str(uuid4()),
            "key_id": uuid4(),
            "assessment_id": assessment,
            "user_id": uuid4(),
            "counts_from": counts_from,
            **{name: getattr(inputs, name) for name in CohortInputs.__slots__},
        }
        for inputs, counts_from in members
    ]
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.insert(candidate_sessions), rows)
    return [str(row["session_id"]) for row in rows]


def _random(chance: random.Random) -> CohortInputs:
    return CohortInputs(
        duration_ms=chance.choice([None, chance.randrange(10**8)]),
        prompt_count=chance.randrange(50),
        command_fail_rate=chance.randrange(8) / 7,
        verify_intensity=chance.randrange(30) / chance.randrange(1, 9),
        manual_edit_ratio=chance.randrange(10) / 9,
        first_change_latency_ms=chance.choice([None, chance.randrange(10**7)]),
        tests_passed=chance.random() < 0.5,
    )


async def test_the_database_adds_up_as_we_do(reviewer: Context) -> None:
    chance = random.Random(4)
    members = [(_random(chance), chance.choice([NOW, time(0), time(61), None])) for _ in range(200)]
    one, other = AssessmentId(uuid4()), AssessmentId(uuid4())
    ids = await _fill(reviewer, one, members)
    [stranger] = await _fill(reviewer, other, [(CohortInputs(), None)])
    async with reviewer.services.database.read(Tenant(reviewer.caller.org_id, reviewer.caller.user_id)) as db:
        asked = [Asked(SessionId(id), NOW) for id in (*ids, stranger, "unknown")]
        *found, of_stranger, unknown = await persistence.cohorts.cohort_sums(db, reviewer.caller.org_id, asked)
    counted = [inputs for inputs, since in members if since is not None and since <= NOW]
    assert unknown is None
    assert of_stranger is not None
    assert of_stranger.session_count == 0
    for (inputs, since), sums in zip(members, found, strict=True):
        own = inputs if since is not None and since <= NOW else None
        expected = sums_of(counted, own)
        assert sums is not None
        assert (sums.session_count, sums.passed_count, sums.is_member) == (
            len(counted),
            expected.passed_count,
            own is not None,
        )
        for metric, mine in sums.by_metric.items():
            theirs = expected.by_metric[metric]
            assert (mine.count, mine.beaten) == (theirs.count, theirs.beaten)
            assert mine.total == pytest.approx(theirs.total, rel=1e-12)


async def test_one_index_holds_all_that_is_read(reviewer: Context) -> None:
    ids = await _fill(reviewer, AssessmentId(uuid4()), [(CohortInputs(), NOW)] * 100)
    async with reviewer.services.database.read(Tenant(reviewer.caller.org_id, reviewer.caller.user_id)) as db:
        await db.execute(sa.text("SET LOCAL enable_seqscan = off"))
        await db.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
        sent: list[tuple[str, Sequence[object]]] = []
        with telling(lambda _, sql, values: sent.append((sql, values))):
            await persistence.cohorts.cohort_sums(db, reviewer.caller.org_id, [Asked(SessionId(ids[0]), NOW)])
        [(sql, values)] = sent
        plan = "\n".join(row[0] for row in await driver_of(db.connection).fetch(f"EXPLAIN {sql}", *values))
    assert "Index Only Scan using candidate_sessions_cohort on candidate_sessions one" in plan
    condition = plan.partition("candidate_sessions one")[2].partition("Index Cond: ")[2].partition("\n")[0]
    assert all(column in condition for column in ("org_id", "assessment_id", "counts_from"))


async def test_a_session_counts_once_it_is_over_and_derived(reviewer: Context) -> None:
    task = await assessed(reviewer)
    made, told = await worked(reviewer, task, end=None)
    assert await count(reviewer, told) == 0, "at work"
    ctx = await opened(reviewer, made)
    await store(ctx, recorded(ended(9), id=told.id))
    assert await count(reviewer, told) == 0, "not derived"
    await derive(reviewer, told)
    stats = await get_cohort_stats(at(reviewer, NOW), told.id)
    assert stats is not None
    assert (stats.session_count, stats.percentiles) == (1, None)
    assert (stats.metrics.avg_duration_ms, stats.metrics.avg_prompt_count) == (9 * 60_000, 2)
    assert (stats.metrics.avg_verify_intensity, stats.metrics.avg_first_change_latency_ms) == (1, 2 * 60_000)


async def test_an_end_that_is_told_later_counts_from_then(reviewer: Context) -> None:
    _, told = await worked(reviewer, await assessed(reviewer), end=None)
    await update_session(reviewer, told.id, ended_at=time(30))
    await derive(reviewer, told)
    stats = await get_cohort_stats(at(reviewer, NOW), told.id)
    assert stats is not None
    assert stats.metrics.avg_duration_ms == 30 * 60_000
    await update_session(reviewer, told.id, ended_at=None)
    await derive(reviewer, told)
    assert await count(reviewer, told) == 0


async def test_a_session_counts_when_its_key_has_run_out(reviewer: Context) -> None:
    _, told = await worked(reviewer, await assessed(reviewer), end=None)
    for minutes, sessions in ((0, 0), (24 * 60 - 1, 0), (24 * 60, 1)):
        assert await count(at(reviewer, NOW + timedelta(minutes=minutes)), told) == sessions


@pytest.mark.parametrize(
    ("status", "sessions"),
    [("pending", 0), ("active", 0), ("completed", 1), ("expired", 1), ("hired", 1)],
)
async def test_a_status_given_by_hand_counts_at_once(reviewer: Context, status: str, sessions: int) -> None:
    made, told = await worked(reviewer, await assessed(reviewer), end=None)
    await resolvers.candidates.set_status(reviewer, made.candidate.id, CandidateStatus(status))
    assert await count(reviewer, told) == sessions


async def test_a_key_that_is_revoked_at_work_never_counts(reviewer: Context) -> None:
    task = await assessed(reviewer)
    made, told = await worked(reviewer, task, end=None)
    done, finished = await worked(reviewer, task)
    for one in (made, done):
        await resolvers.candidates.revoke_key(reviewer, one.candidate.id)
    later = at(reviewer, NOW + timedelta(days=2))
    assert (await count(later, told), await count(later, finished)) == (1, 1), "what was finished counts on"


async def test_a_deleted_session_counts_no_more(reviewer: Context) -> None:
    task = await assessed(reviewer)
    [_, one], [_, other] = [await worked(reviewer, task) for _ in range(2)]
    assert await count(reviewer, one) == 2
    await delete_session(reviewer, other.id)
    assert await count(reviewer, one) == 1
    with pytest.raises(NotFound):
        await get_cohort_stats(reviewer, other.id)


async def test_a_candidate_is_compared_with_others_and_told_of_none(reviewer: Context) -> None:
    task = await assessed(reviewer)
    (slow, told), (_, quick) = await worked(reviewer, task, end=20), await worked(reviewer, task, end=9)
    await worked(reviewer, await assessed(reviewer), end=1)
    ctx = await opened(reviewer, slow)
    stats: CohortStats | None = await get_cohort_stats(ctx, told.id)
    assert stats == await get_cohort_stats(reviewer, told.id)
    assert stats is not None
    assert stats.percentiles is not None
    assert (stats.session_count, stats.percentiles.duration_ms) == (2, 0)
    with pytest.raises(NotFound):
        await get_cohort_stats(ctx, quick.id)


async def test_who_has_no_assessment_has_no_cohort(reviewer: Context) -> None:
    told = recorded(*bug_fix(0), ended(8))
    ctx = await make_context(reviewer.services)
    await store(ctx, told)
    await derive(ctx, told)
    assert await get_cohort_stats(ctx, told.id) is None
