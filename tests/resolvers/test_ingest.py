"""Taking events in: once, by whom it may, counted right, queued in the same transaction."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

import persistence.jobs
import persistence.timeline
import resolvers.access
import resolvers.ingest
import resolvers.sessions
from domain.access import CandidateStatus, KeyKind, OrgSettings
from domain.errors import Forbidden, Invalid, NotFound
from domain.ingest.faults import IngestErrorCode
from domain.values import JsonValue, SessionId
from persistence.database import Urls
from resolvers.access import KeyWish
from resolvers.context import Context, Services
from resolvers.ingest import Receipt
from tests.hiring import create_assessment
from tests.make_context import context_of, make_caller, make_context, make_org, make_user
from tests.sent import telling

TS = datetime(2026, 4, 1, 10, tzinfo=UTC)


def posted(session: str, minutes: float = 0, **changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "id": str(uuid4()), "sessionId": session, "ts": (TS + timedelta(minutes=minutes)).isoformat(),
        "kind": "planning", "source": {"integration": "cursor"}, "v": 1, "data": {},
    } | changes  # fmt: skip


def session_id() -> str:
    return str(uuid4())


async def test_the_first_event_makes_the_session_and_each_is_counted(context: Context) -> None:
    id = session_id()
    events = [posted(id, 5), posted(id, 0), posted(id, 9, kind="decision_event")]
    results = await resolvers.ingest.ingest_events(context, events)
    assert [result.receipt for result in results] == [Receipt.ACCEPTED] * 3
    session = await resolvers.sessions.get_session(context, SessionId(id))
    assert (session.started_at, session.last_activity_at) == (TS, TS + timedelta(minutes=9))
    assert (session.event_count, session.decision_count, session.source_service) == (3, 1, "cursor")


async def test_a_known_event_is_skipped_and_changes_nothing(context: Context) -> None:
    id = session_id()
    event = posted(id)
    await resolvers.ingest.ingest_events(context, [event])
    before = await resolvers.sessions.get_session(context, SessionId(id))
    for again in (event, event | {"ts": (TS + timedelta(days=1)).isoformat()}, event | {"kind": "session_end"}):
        [result] = await resolvers.ingest.ingest_events(context, [again])
        assert result.receipt is Receipt.SKIPPED
    assert await resolvers.sessions.get_session(context, SessionId(id)) == before


async def test_a_batch_of_many_sessions_takes_no_more_statements_than_of_one(context: Context) -> None:
    async def statements(sessions: int) -> int:
        ids = [session_id() for _ in range(sessions)]
        events = [event for id in ids for event in (posted(id), posted(id, 3, kind="session_end"))]
        sent: list[str] = []
        with telling(lambda _, sql, __: sent.append(sql)):
            results = await resolvers.ingest.ingest_events(context, events)
        assert {result.receipt for result in results} == {Receipt.ACCEPTED}
        for id in ids:
            session = await resolvers.sessions.get_session(context, SessionId(id))
            assert (session.event_count, session.ended_at) == (2, TS + timedelta(minutes=3))
        async with context.read() as db:
            queued = await persistence.jobs.waiting(db, context.caller.org_id, [SessionId(id) for id in ids])
        assert queued == sessions
        return len(sent)

    assert await statements(40) == await statements(1)


async def test_a_repetition_inside_one_batch_counts_once(context: Context) -> None:
    id = session_id()
    event = posted(id)
    results = await resolvers.ingest.ingest_events(context, [event, event])
    assert [result.receipt for result in results] == [Receipt.ACCEPTED, Receipt.SKIPPED]
    assert (await resolvers.sessions.get_session(context, SessionId(id))).event_count == 1


async def test_a_bad_event_costs_only_itself(context: Context) -> None:
    good, bad = posted(session_id()), posted(session_id(), kind="command")
    results = await resolvers.ingest.ingest_events(context, [bad, good, "nonsense", None])
    assert [result.receipt for result in results] == [
        Receipt.REFUSED,
        Receipt.ACCEPTED,
        Receipt.REFUSED,
        Receipt.REFUSED,
    ]
    assert "command" in results[0].errors[0]
    assert [(result.index, result.id and str(result.id)) for result in results] == [
        (0, bad["id"]),
        (1, good["id"]),
        (2, None),
        (3, None),
    ]
    assert [fault.field for fault in results[0].faults] == [("events", "0", "data", "command")]


async def test_one_to_a_thousand_events_fit_into_a_call(context: Context) -> None:
    for items in ([], [posted("x")] * 1001):
        with pytest.raises(Invalid):
            await resolvers.ingest.ingest_events(context, items)


async def test_an_event_before_the_first_moves_the_start_back(context: Context) -> None:
    id = session_id()
    await resolvers.ingest.ingest_events(context, [posted(id, 60)])
    await resolvers.ingest.ingest_events(context, [posted(id, 0)])
    session = await resolvers.sessions.get_session(context, SessionId(id))
    assert (session.started_at, session.last_activity_at) == (TS, TS + timedelta(minutes=60))


async def test_an_end_never_moves_and_later_events_are_still_taken(context: Context) -> None:
    id = session_id()
    await resolvers.ingest.ingest_events(context, [posted(id), posted(id, 10, kind="session_end")])
    await resolvers.ingest.ingest_events(context, [posted(id, 20), posted(id, 30, kind="session_end")])
    session = await resolvers.sessions.get_session(context, SessionId(id))
    assert session.ended_at == TS + timedelta(minutes=10)
    assert session.event_count == 4


async def test_concurrent_writers_of_one_session_lose_and_double_nothing(context: Context) -> None:
    id = session_id()
    events = [posted(id, minute) for minute in range(40)]
    calls = [events[start : start + 10] for start in range(0, 40, 5)]
    await asyncio.gather(*(resolvers.ingest.ingest_events(context, call) for call in calls))
    assert (await resolvers.sessions.get_session(context, SessionId(id))).event_count == 40


async def test_the_derivation_is_queued_with_the_events(context: Context) -> None:
    id = session_id()
    await resolvers.ingest.ingest_events(context, [posted(id)])
    async with context.read() as db:
        assert await persistence.jobs.waiting(db, context.caller.org_id, [SessionId(id)]) == 1


async def test_another_developers_session_takes_nothing_and_shows_nothing(services: Services, urls: Urls) -> None:
    org = await make_org(urls)
    mine, other = await make_context(services, org=org), await make_context(services, org=org)
    id = session_id()
    await resolvers.ingest.ingest_events(other, [posted(id)])
    with pytest.raises(Forbidden) as refused:
        await resolvers.ingest.ingest_events(mine, [posted(session_id()), posted(id), posted(id)])
    assert [(fault.code, fault.field) for fault in refused.value.faults] == [
        (IngestErrorCode.SESSION_FORBIDDEN, ("events", "1", "sessionId"))
    ]
    with pytest.raises(NotFound):
        await resolvers.sessions.get_session(mine, SessionId(id))
    assert (await resolvers.sessions.get_session(other, SessionId(id))).event_count == 1


async def test_two_organisations_may_hold_the_same_session_and_see_their_own(services: Services) -> None:
    one, two = await make_context(services), await make_context(services)
    id = session_id()
    await resolvers.ingest.ingest_events(one, [posted(id), posted(id)])
    await resolvers.ingest.ingest_events(two, [posted(id)])
    assert (await resolvers.sessions.get_session(one, SessionId(id))).event_count == 2
    assert (await resolvers.sessions.get_session(two, SessionId(id))).event_count == 1


async def test_secrets_are_gone_before_they_are_stored(context: Context) -> None:
    id, secret = session_id(), "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    await resolvers.ingest.ingest_events(context, [posted(id, kind="prompt", data={"text": f"use {secret} please"})])
    async with context.read() as db:
        [event] = await persistence.timeline.events_of_session(db, context.caller.org_id, SessionId(id))
        raw = await db.rows(persistence.timeline.raw_payloads.select())
    assert secret not in str(event.data)
    assert event.data["redacted"] is True
    assert all(secret not in row["body"] for row in raw if row["session_id"] == id)


async def test_redaction_can_be_switched_off_for_an_organisation(context: Context) -> None:
    caller = replace(context.caller, settings=OrgSettings(redaction=False))
    id, secret = session_id(), "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    open_context = context_of(context.services, caller)
    await resolvers.ingest.ingest_events(open_context, [posted(id, kind="prompt", data={"text": secret})])
    async with context.read() as db:
        [event] = await persistence.timeline.events_of_session(db, caller.org_id, SessionId(id))
    assert event.data["text"] == secret


@pytest.mark.parametrize(
    "data",
    [
        {"text": "nul \x00 and lone \ud83d surrogate"}, {"n": 10**40}, {"n": -(2**70)}, {"text": "x" * 2_000_000},
        {"exitCode": 2**62, "durationMs": 1e300, "linesAdded": 2**63},
    ],
)  # fmt: skip
async def test_what_json_can_say_but_postgres_cannot_hold_is_stored_as_near_as_can_be(
    context: Context, data: dict[str, JsonValue]
) -> None:
    id = session_id()
    [result] = await resolvers.ingest.ingest_events(context, [posted(id, kind="ai_response", data=data)])
    assert result.receipt is Receipt.ACCEPTED


async def test_a_candidate_key_is_tied_to_the_first_session_it_sends(services: Services, urls: Urls) -> None:
    org = await make_org(urls)
    assessment = await create_assessment(urls, org.slug, "Task")
    wish = KeyWish(org.slug, "cand@example.org", KeyKind.CANDIDATE, assessment_id=assessment)
    made = await resolvers.access.create_key(urls, wish, TS)

    async def candidate() -> Context:
        return context_of(services, await resolvers.access.authenticate(services, made.secret))

    id = session_id()
    await resolvers.ingest.ingest_events(await candidate(), [posted(id)])
    assert (await candidate()).caller.session_id == id
    with pytest.raises(Forbidden) as refused:
        await resolvers.ingest.ingest_events(await candidate(), [posted(id, 1), posted(session_id())])
    assert [fault.field for fault in refused.value.faults] == [("events", "1", "sessionId")]
    await resolvers.ingest.ingest_events(await candidate(), [posted(id, 5, kind="session_end")])
    [(_, key, _)] = await resolvers.access.list_keys(urls, org.slug)
    assert key.candidate_status is CandidateStatus.COMPLETED
    await resolvers.ingest.ingest_events(await candidate(), [posted(id, 6)])


async def test_a_refused_batch_leaves_the_candidate_key_untied(services: Services, urls: Urls) -> None:
    org = await make_org(urls)
    caller = replace(make_caller(org, await make_user(urls, org)), kind=KeyKind.CANDIDATE)
    assessment = await create_assessment(urls, org.slug, "Task")
    wish = KeyWish(org.slug, "cand@example.org", KeyKind.CANDIDATE, assessment_id=assessment)
    made = await resolvers.access.create_key(urls, wish, TS)
    context = context_of(services, replace(caller, key_id=made.key.id, user_id=made.user.id))
    with pytest.raises(Forbidden):
        await resolvers.ingest.ingest_events(context, [posted(session_id()), posted(session_id())])
    [(_, key, _)] = await resolvers.access.list_keys(urls, org.slug)
    assert (key.session_id, key.candidate_status) == (None, CandidateStatus.PENDING)


async def test_ids_are_answered_in_the_order_sent(context: Context) -> None:
    id = session_id()
    events = [posted(id, minute) for minute in range(5)]
    results = await resolvers.ingest.ingest_events(context, events)
    assert [result.id for result in results] == [UUID(str(event["id"])) for event in events]
