"""What was rendered for people to read counts only where nobody else tells of the session."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest

import persistence.timeline
import resolvers.ingest
import resolvers.sessions
from domain.ingest.batch import Batch, SessionFacts
from domain.ingest.witnesses import COPY, UNNAMED
from domain.timeline import Event, Kind
from domain.values import JsonObject, SessionId
from resolvers.context import Context
from tests.make import event, event_id

SOURCES: dict[str, JsonObject] = {
    "copy": {"channel": "import", "witness": COPY},
    "transcript": {"channel": "import"},
    "hooks": {"channel": "hook"},
}


def told(by: str) -> list[Event]:
    """A prompt, a call and its answer; a copy names the call by itself, and tells less of it."""
    call = f"{UNNAMED}{by}" if by == "copy" else "toolu_1"
    input: JsonObject = {"summary": "Bash"} if by == "copy" else {"command": "ls"}

    def one(kind: Kind, at: float, **facts: object) -> Event:
        return event(kind, at, id=event_id(f"{by} {uuid4()}"), source=SOURCES[by], **facts)

    return [
        one(Kind.PROMPT, 0, data={"text": "fix it"}),
        one(Kind.TOOL_USE, 1, tool="Bash", call_id=call, data={"toolName": "Bash", "input": input}),
        one(Kind.TOOL_RESULT, 2, tool="Bash", call_id=call, data={"text": "a.py"}),
    ]


async def tell(context: Context, id: SessionId, events: list[Event]) -> int:
    batch = Batch("test", {id: SessionFacts("claude-code")}, tuple(replace(one, session_id=id) for one in events))
    return len((await resolvers.ingest.save_batch(context.services, context.caller, batch)).events)


async def kept(context: Context, id: SessionId) -> list[Event]:
    async with context.services.database.read(context.tenant) as db:
        return await persistence.timeline.events_of_session(db, context.caller.org_id, id)


@pytest.mark.parametrize("order", list(permutations(("copy", "transcript", "hooks"))), ids="-".join)
async def test_whoever_comes_first_a_copy_adds_nothing_to_what_others_tell(
    context: Context, order: tuple[str, ...]
) -> None:
    id, stories = SessionId(str(uuid4())), {by: told(by) for by in SOURCES}
    for by in order:
        await tell(context, id, stories[by])
    events = await kept(context, id)
    assert [one.kind for one in events] == [Kind.PROMPT, Kind.TOOL_USE, Kind.TOOL_RESULT]
    assert not any("witness" in one.source for one in events)
    assert (await resolvers.sessions.get_session(context, id)).event_count == 3
    assert await tell(context, id, stories["copy"]) == 0
    assert await kept(context, id) == events


async def test_a_copy_alone_counts(context: Context) -> None:
    id = SessionId(str(uuid4()))
    assert await tell(context, id, told("copy")) == 3
    assert len(await kept(context, id)) == 3
