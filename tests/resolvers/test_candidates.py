"""The life of a candidate's key: from being made to its end, by use, by time and by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import resolvers.assessments
import resolvers.candidates
import resolvers.hiring
from domain.access import CandidateStatus, KeyKind, Scope
from domain.assessments import Assessment, Task
from domain.candidates import Candidate, CandidateErrorCode, CandidateFilter, Invited, read_status
from domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from domain.jobs import JobKind
from domain.values import SessionId
from persistence.access import api_keys
from persistence.database import Tenant
from resolvers.access import KeyWish, authenticate, create_key
from resolvers.candidates import NewCandidate
from resolvers.context import Context, Services
from resolvers.cursors import window
from resolvers.sessions import create_session, get_session, update_session
from tests.history import Recorded, bug_fix, derive, ended, judging, recorded, session_id, store
from tests.make import prompt, time
from tests.make_context import context_of, make_context

REVIEWER = frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE, Scope.ORG_READ})
NOW = time(60)


@pytest.fixture
async def reviewer(services: Services) -> Context:
    return await make_context(judging(services, NOW), scopes=REVIEWER)


async def task(reviewer: Context, **asked: object) -> Assessment:
    return await resolvers.assessments.create_assessment(reviewer, Task("Rounding", **asked))


async def invite(reviewer: Context, to: Assessment, *who: Invited) -> list[NewCandidate]:
    return await resolvers.candidates.generate_keys(reviewer, to.id, who or [Invited()])


async def opened(reviewer: Context, made: NewCandidate) -> Context:
    return context_of(reviewer.services, await authenticate(reviewer.services, made.secret))


async def found(reviewer: Context, made: NewCandidate) -> Candidate:
    candidate = await resolvers.candidates.find_candidate(reviewer, made.candidate.id)
    assert candidate is not None
    return candidate


def at(ctx: Context, minutes: float) -> Context:
    return context_of(replace(ctx.services, now=lambda: NOW + timedelta(minutes=minutes)), ctx.caller)


async def sent(ctx: Context, *, end: bool = False, id: SessionId | None = None) -> Recorded:
    told = recorded(*bug_fix(0), *([ended(8)] if end else []), id=id)
    await store(ctx, told)
    return told


async def test_a_key_goes_from_pending_over_active_to_completed(reviewer: Context) -> None:
    [made] = await invite(reviewer, await task(reviewer))
    new = await found(reviewer, made)
    assert (new.status, new.session_id, new.redeemed_at) == (CandidateStatus.PENDING, None, None)
    told = await sent(await opened(reviewer, made))
    used = await found(reviewer, made)
    assert (used.status, used.session_id, used.redeemed_at, used.completed_at) == (
        CandidateStatus.ACTIVE, told.id, NOW, None,
    )  # fmt: skip
    await store(await opened(at(reviewer, 5), made), recorded(ended(8), id=told.id))
    done = await found(reviewer, made)
    assert (done.status, done.redeemed_at, done.completed_at) == (
        CandidateStatus.COMPLETED, NOW, NOW + timedelta(minutes=5),
    )  # fmt: skip
    await store(await opened(reviewer, made), recorded(prompt("One more thing", 9), ended(8), id=told.id))
    assert await found(reviewer, made) == done, "what comes later is taken and changes nothing"


async def test_an_end_that_is_told_twice_does_not_complete_a_session_that_goes_on(reviewer: Context) -> None:
    [made] = await invite(reviewer, await task(reviewer))
    ctx, end = await opened(reviewer, made), ended(8)
    told = recorded(*bug_fix(0), end)
    await store(ctx, told)
    await update_session(reviewer, told.id, ended_at=None)
    assert (await found(reviewer, made)).status is CandidateStatus.ACTIVE
    await store(ctx, told)
    assert ((await found(reviewer, made)).status, (await found(reviewer, made)).completed_at) == (
        CandidateStatus.ACTIVE, None,
    )  # fmt: skip


async def test_a_key_runs_out_by_itself(reviewer: Context) -> None:
    made, other = await invite(reviewer, await task(reviewer, expires_in_days=1), Invited(), Invited())
    await sent(await opened(reviewer, other), end=True)
    last, over = at(reviewer, 24 * 60 - 1), at(reviewer, 24 * 60)
    assert (await found(last, made)).status is CandidateStatus.PENDING
    assert (await found(over, made)).status is CandidateStatus.EXPIRED
    assert (await found(over, other)).status is CandidateStatus.COMPLETED
    await opened(last, made)
    for one in (made, other):
        with pytest.raises(Unauthenticated, match="inactive"):
            await opened(over, one)
    counts = [
        [await resolvers.candidates.count_candidates(ctx, CandidateFilter(status=status)) for status in CandidateStatus]
        for ctx in (last, over)
    ]
    assert counts == [[1, 0, 1, 0, 0], [0, 0, 1, 1, 0]]


@pytest.mark.parametrize("status", CandidateStatus)
async def test_a_reviewer_says_how_far_somebody_is(reviewer: Context, status: CandidateStatus) -> None:
    [made] = await invite(reviewer, await task(reviewer))
    marked = await resolvers.candidates.set_status(reviewer, made.candidate.id, status)
    assert marked == await found(reviewer, made)
    assert (marked.status, marked.completed_at is not None) == (status, status is CandidateStatus.COMPLETED)
    if status is CandidateStatus.EXPIRED:
        with pytest.raises(Unauthenticated):
            await opened(reviewer, made)
    else:
        await sent(await opened(reviewer, made))


async def test_a_key_that_ran_out_is_not_used_again(reviewer: Context) -> None:
    [made] = await invite(reviewer, await task(reviewer))
    later = at(reviewer, 8 * 24 * 60)
    for status in (CandidateStatus.PENDING, CandidateStatus.ACTIVE):
        with pytest.raises(Invalid) as refused:
            await resolvers.candidates.set_status(later, made.candidate.id, status)
        assert [fault.code for fault in refused.value.faults] == [CandidateErrorCode.PAST_EXPIRY]
    assert (await resolvers.candidates.set_status(later, made.candidate.id, CandidateStatus.HIRED)).status == "hired"


def test_an_older_name_is_understood() -> None:
    assert read_status("redeemed") is CandidateStatus.ACTIVE
    assert [read_status(status) for status in CandidateStatus] == list(CandidateStatus)
    with pytest.raises(Invalid, match="there are pending, active, completed, expired, hired"):
        read_status("fired")


async def test_two_candidates_share_no_session(reviewer: Context) -> None:
    one, two = await invite(reviewer, await task(reviewer), Invited("kim@example.org"), Invited())
    told = await sent(await opened(reviewer, one))
    with pytest.raises(Forbidden):
        await sent(await opened(reviewer, two), id=told.id)
    with pytest.raises(Forbidden):
        await create_session(await opened(reviewer, two), told.id, None, {})
    assert (await found(reviewer, two)).session_id is None


async def test_the_next_key_of_the_same_candidate_goes_on(reviewer: Context) -> None:
    kim = Invited("kim@example.org")
    lost, next = await invite(reviewer, await task(reviewer), kim, kim)
    told = await sent(await opened(reviewer, lost))
    await resolvers.candidates.revoke_key(reviewer, lost.candidate.id)
    await store(await opened(reviewer, next), recorded(ended(9), id=told.id))
    assert (await found(reviewer, next)).status is CandidateStatus.COMPLETED


async def test_what_a_reviewer_registered_is_theirs_who_send_first(reviewer: Context) -> None:
    one, two = await invite(reviewer, await task(reviewer), Invited(name="Kim"), Invited())
    id = session_id()
    await create_session(reviewer, id, "cursor", {"candidateName": "K.", "note": 1})
    await sent(await opened(reviewer, one), id=id)
    session = await get_session(reviewer, id)
    assert (session.user_id, session.source_service) == (one.candidate.user_id, "cursor")
    assert session.metadata == {
        "candidateName": "K.", "note": 1, "assessmentId": str(one.candidate.assessment_id),
    }  # fmt: skip
    with pytest.raises(Forbidden):
        await sent(await opened(reviewer, two), id=id)
    assert (await found(reviewer, two)).session_id is None


async def test_what_a_candidate_registered_is_nobody_elses(reviewer: Context) -> None:
    one, two = await invite(reviewer, await task(reviewer), Invited(), Invited())
    id = session_id()
    await create_session(await opened(reviewer, one), id, None, {})
    developer = await make_context(reviewer.services)
    own = context_of(
        reviewer.services, replace(developer.caller, org_id=reviewer.caller.org_id, user_id=two.candidate.user_id)
    )
    for ctx in (await opened(reviewer, two), own):
        with pytest.raises(Forbidden):
            await sent(ctx, id=id)
    await sent(await opened(reviewer, one), id=id)


async def test_an_assessment_that_is_taken_back_ends_unused_keys(reviewer: Context) -> None:
    given = await task(reviewer)
    used, unused = await invite(reviewer, given, Invited(), Invited())
    await sent(await opened(reviewer, used))
    await resolvers.assessments.delete_assessment(reviewer, given.id)
    await opened(reviewer, used)
    with pytest.raises(Unauthenticated):
        await opened(reviewer, unused)
    with pytest.raises(NotFound):
        await invite(reviewer, given)


async def test_secrets_are_stored_as_digests_alone(reviewer: Context) -> None:
    [made] = await invite(reviewer, await task(reviewer))
    async with reviewer.services.database.read(Tenant(reviewer.caller.org_id)) as db:
        [row] = await db.rows(sa.select(api_keys).where(api_keys.c.id == made.candidate.id))
    assert made.secret not in str({**row})
    assert row["kind"] == KeyKind.CANDIDATE


async def test_lists_page_from_the_newest(reviewer: Context) -> None:
    given, other = await task(reviewer), await task(reviewer)
    made = [*await invite(reviewer, given, *[Invited()] * 3), *await invite(at(reviewer, 1), given, *[Invited()] * 2)]
    await invite(reviewer, other)
    wanted, walked, after = CandidateFilter(assessment_id=given.id), list[Candidate](), None
    while True:
        page = await resolvers.candidates.list_candidates(reviewer, wanted, window(2, after))
        walked += page.items
        if not page.has_next:
            break
        after = page.end_cursor
    newest = sorted((one.candidate for one in made), key=lambda one: (one.created_at, one.id), reverse=True)
    assert walked == newest
    last = await resolvers.candidates.list_candidates(reviewer, wanted, window(last=2))
    assert [one.id for one in last.items] == [one.id for one in walked[-2:]]


async def test_a_key_of_the_command_line_is_good_as_long_as_the_assessment_says(services: Services) -> None:
    urls = services.database.urls
    given = await resolvers.hiring.create_assessment(urls, "hiring-keys", Task("Rounding", expires_in_days=3), NOW)
    wish = KeyWish("hiring-keys", "kim@example.org", KeyKind.CANDIDATE, assessment_id=given.id)
    assert (await create_key(urls, wish, NOW)).key.expires_at == NOW + timedelta(days=3)
    longer = replace(wish, expires_at=NOW + timedelta(days=30))
    assert (await create_key(urls, longer, NOW)).key.expires_at == longer.expires_at


async def _look(ctx: Context, *told: Recorded) -> None:
    """What the worker does: derives these sessions and looks at the time that is left."""
    await derive(ctx, *told)
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE kind = 'end_timed'"))
        claimed = await persistence.job_runs.claim(db, 20, timedelta(minutes=1), "test")
    [job] = [one for one in claimed if one.kind is JobKind.END_TIMED]
    await resolvers.candidates.end_timed(ctx.services, job)


async def test_a_session_ends_when_its_time_is_up(fresh_services: Services) -> None:
    reviewer = await make_context(judging(fresh_services, NOW), scopes=REVIEWER)
    [first] = await invite(reviewer, await task(reviewer, time_limit_minutes=30))
    [second] = await invite(reviewer, await task(reviewer, time_limit_minutes=90))
    [free] = await invite(reviewer, await task(reviewer))
    told = [await sent(await opened(reviewer, made)) for made in (first, second, free)]
    ends = {0: [None] * 3, 29: [None] * 3, 30: [30, None, None], 89: [30, None, None], 91: [30, 90, None]}
    for minutes, expected in ends.items():
        await _look(at(reviewer, minutes), *told)
        stopped = [(await get_session(at(reviewer, minutes), one.id)).stopped_at for one in told]
        assert stopped == [None if one is None else NOW + timedelta(minutes=one) for one in expected], minutes
    statuses = [(await found(reviewer, made)).status for made in (first, second, free)]
    assert statuses == ["completed", "completed", "active"]
    async with persistence.jobs.scope(fresh_services.database) as db:
        [job] = await db.rows(sa.text("SELECT state FROM jobs WHERE kind = 'end_timed'"), {})
    assert job["state"] == "idle", "nobody's time runs any more"


async def test_a_session_whose_time_is_up_goes_on_only_with_more_time(reviewer: Context) -> None:
    """Whoever asks: it would be ended again. Once the candidate is pending, their time begins with the next event."""
    [made] = await invite(reviewer, await task(reviewer, time_limit_minutes=30))
    told = await sent(await opened(reviewer, made), end=True)
    early, late = at(reviewer, 29), at(reviewer, 31)
    for ctx in (early, await opened(early, made)):
        assert (await update_session(ctx, told.id, ended_at=None)).stopped_at is None
        assert (await found(early, made)).status is CandidateStatus.ACTIVE
    for ctx in (late, await opened(late, made)):
        refused = [await update_session(ctx, told.id, ended_at=None) for _ in range(2)]
        assert [one.stopped_at for one in refused] == [NOW + timedelta(minutes=30)] * 2
        assert refused[0] == refused[1], "and nothing more changes"
        assert (await found(late, made)).status is CandidateStatus.COMPLETED
    await resolvers.candidates.set_status(late, made.candidate.id, CandidateStatus.PENDING)
    assert (await update_session(late, told.id, ended_at=None)).stopped_at is None
    await store(await opened(late, made), recorded(prompt("one more thing", 91), id=told.id))
    again = await found(late, made)
    assert (again.status, again.redeemed_at) == (CandidateStatus.ACTIVE, NOW + timedelta(minutes=31))
    assert (await update_session(late, told.id, ended_at=None)).stopped_at is None
