"""Batches that share a transaction leave the database as if each had come alone, and each is answered for itself."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.ingest
import resolvers.ingest
import resolvers.sessions
from domain.errors import Forbidden
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.timeline import Event, Kind
from domain.values import JsonValue, SessionId
from persistence.bus import Bus
from persistence.database import Tenant
from persistence.ingest import Saved
from resolvers.context import Context, Services
from resolvers.ingest import Receipt, save_batch
from tests.make import event
from tests.make_context import make_context, make_org
from tests.sent import telling

_COMPARED = {
    "sessions": "id, source_service, project, branch, title, metadata, started_at, last_activity_at, ended_at,"
    " event_count, decision_count, (SELECT array_agg(w ORDER BY w) FROM unnest(witnesses) AS w) AS witnesses",
    "events": "session_id, id, ts, kind, source, data, raw_digest",
    "raw_payloads": "session_id, digest, format, position, body",
    "retold_events": "session_id, id, told_as, channel",
}


class Telling:
    """Invents batches of a few sessions: new events and known ones, of several witnesses, which end and are named."""

    def __init__(self, seed: int, channels: Sequence[str]) -> None:
        self._dice = random.Random(seed)
        self._channels = channels
        self._told: list[Event] = []

    def batch(self) -> Batch:
        new = [self._event() for _ in range(self._dice.randint(1, 4))]
        known = self._dice.sample(self._told, min(len(self._told), self._dice.randint(0, 2)))
        moved = [replace(one, ts=one.ts + timedelta(minutes=1)) for one in known]
        copied = [replace(one, session_id=self._session()) for one in known[:1]]
        self._told += new
        events = [*new, *moved, *copied, *new[:1]]
        self._dice.shuffle(events)
        raw = (RawLine(one.session_id, one.raw_digest or b"", at, f"line {at}") for at, one in enumerate(events))
        told = {(one.session_id, one.id): self._facts() for one in events if self._dice.random() < 0.5}
        format = self._dice.choice(("one", "other"))
        return Batch(format, {one.session_id: self._facts() for one in events}, tuple(events), tuple(raw), told)

    def _event(self) -> Event:
        kinds = (Kind.PROMPT, Kind.TOOL_USE, Kind.DECISION_EVENT, Kind.SESSION_END)
        text = self._dice.choice(("fix it", "go on", "thanks"))
        return event(
            self._dice.choice(kinds),
            self._dice.uniform(0, 100),
            session_id=self._session(),
            source={"channel": self._dice.choice(self._channels)},
            data={"text": text},
            raw_digest=self._dice.randbytes(2),
        )

    def _session(self) -> SessionId:
        return SessionId(self._dice.choice(("a", "b", "c")))

    def _facts(self) -> SessionFacts:
        def maybe(name: str) -> str | None:
            return f"{name} {self._dice.randint(1, 3)}" if self._dice.random() < 0.3 else None

        metadata: dict[str, JsonValue] = {f"m{self._dice.randint(1, 3)}": self._dice.randint(1, 9)}
        return SessionFacts(maybe("service"), maybe("project"), maybe("branch"), maybe("title"), metadata)


@pytest.mark.parametrize("channels", [("api",), ("hook",), ("api", "hook"), ("hook", "import", "otlp")])
@pytest.mark.parametrize("seed", range(4))
async def test_together_is_as_one_by_one(services: Services, seed: int, channels: Sequence[str]) -> None:
    together, alone = await make_context(services), await make_context(services)
    told = Telling(seed, channels)
    for size in (1, 5, 3):
        batches = [told.batch() for _ in range(size)]
        answers = await save(together, batches)
        others = [one for batch in batches for one in await save(alone, [batch])]
        assert [one.events for one in answers] == [one.events for one in others]
        assert {id for one in answers for id in one.touched} == {id for one in others for id in one.touched}
    assert await stored(together) == await stored(alone)


async def save(ctx: Context, batches: Sequence[Batch]) -> list[Saved]:
    async with ctx.write() as db:
        saved = await persistence.ingest.save(db, ctx.caller.org_id, ctx.caller.user_id, batches)
    assert not isinstance(saved, persistence.ingest.Taken)
    return saved


async def stored(ctx: Context) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        for table, columns in _COMPARED.items():
            rows = await db.rows(sa.text(f"SELECT {columns} FROM {table} WHERE org_id = '{ctx.caller.org_id}'"))
            found[table] = sorted((tuple(row.values()) for row in rows), key=repr)
    return found


def posted(session: str, **changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "id": str(uuid4()), "sessionId": session, "ts": "2026-04-01T10:00:00Z", "kind": "planning",
        "source": "cursor", "v": 1, "data": {},
    } | changes  # fmt: skip


async def test_a_storm_of_single_events_is_stored_once_each_in_few_transactions(context: Context) -> None:
    sessions = [str(uuid4()) for _ in range(3)]
    events = [posted(id) for id in sessions for _ in range(60)]
    sent = events + events
    random.Random(1).shuffle(sent)
    commits: list[str] = []
    with telling(lambda _, sql, __: commits.append(sql) if sql == "COMMIT" else None):
        results = await asyncio.gather(*(resolvers.ingest.ingest_events(context, [one]) for one in sent))
    receipts = [one.receipt for [one] in results]
    assert (receipts.count(Receipt.ACCEPTED), receipts.count(Receipt.SKIPPED)) == (180, 180)
    counted = [(await resolvers.sessions.get_session(context, SessionId(id))).event_count for id in sessions]
    assert counted == [60, 60, 60]
    assert len((await stored(context))["events"]) == 180
    assert len(commits) < 10


async def test_an_event_that_cannot_be_stored_costs_only_itself(context: Context) -> None:
    id = SessionId(str(uuid4()))
    good = [Batch("test", {id: SessionFacts()}, (event(Kind.PLANNING, session_id=id),)) for _ in range(6)]
    poison = Batch("test", {id: SessionFacts()}, (event(Kind.PLANNING, session_id=id, tool="\0"),))
    both = [*good[:3], poison, *good[3:]]
    saving = [save_batch(context.services, context.caller, one) for one in both]
    results = await asyncio.gather(*saving, return_exceptions=True)
    assert [isinstance(result, Saved) for result in results] == [True] * 3 + [False] + [True] * 3
    assert (await resolvers.sessions.get_session(context, id)).event_count == 6


async def test_a_foreign_session_costs_only_who_sends_it(services: Services) -> None:
    org = await make_org(services.database.urls)
    mine, other = await make_context(services, org=org), await make_context(services, org=org)
    taken, free = str(uuid4()), str(uuid4())
    await resolvers.ingest.ingest_events(other, [posted(taken)])
    sending = [resolvers.ingest.ingest_events(mine, [posted(id)]) for id in (free, taken, free)]
    results = await asyncio.gather(*sending, return_exceptions=True)
    assert [type(result) for result in results] == [list, Forbidden, list]
    assert (await resolvers.sessions.get_session(mine, SessionId(free))).event_count == 2


async def test_all_are_told_after_the_commit_and_before_the_answer(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    announce = context.services.bus.announce

    def noting(bus: Bus, channel: str) -> None:
        happened.append("told")
        announce(channel)

    monkeypatch.setattr(Bus, "announce", noting)

    async def send() -> None:
        await resolvers.ingest.ingest_events(context, [posted("one")])
        happened.append("answered")

    with telling(lambda _, sql, __: happened.append(sql) if sql == "COMMIT" else None):
        await asyncio.gather(send(), send())
    assert happened == ["COMMIT", "told", "told", "answered", "answered"], "of the session, and of the work it makes"
