"""What leaves one machine arrives at the other, and nothing else does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pytest

from domain.errors import Invalid
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.clean import parse_strictly
from domain.ingest.packing import pack
from domain.ingest.parcel import MOST_BYTES, unpack
from domain.ingest.reading import keep_all
from domain.redaction import redact_json
from domain.timeline import Attribution, Event, Kind, Observability, Provenance, Tokens
from domain.values import JsonObject, JsonValue, SessionId
from tests.make import event_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
S, T = SessionId("s"), SessionId("t")
BARE = Event(event_id("bare"), S, AT, Kind.PROMPT, source={"channel": "import"})
FULL = Event(
    event_id("full"), T, AT + timedelta(microseconds=1), Kind.TOOL_RESULT, ordinal=33, agent_id="a", call_id="c",
    request_id="r", tool="Bash", path="/w/ä\n.py", exit_code=-9, succeeded=False, duration_ms=0, model="m",
    tokens=Tokens(1, 0, 3, 4), cost_usd=Decimal("1E-7"), lines_added=0, lines_removed=2, actor="ai",
    provenance=Provenance(Attribution.MIXED, 0.25, Observability.LOW), raw_digest=b"\x01" * 32,
    source={"channel": "import", "integration": "claude-code", "emitter": "claude-code/2"},
    data={"text": "\u2028 \U0001f600 \\ \"", "deep": [{"n": 1.5}, None, True]},
)  # fmt: skip
LINE = RawLine(S, b"\x02" * 32, 7, '{"a":[1,"\\n"]}')
FACTS = SessionFacts("codex", "/w", "main", "Title", {"version": "2"})


def batch(*events: Event, raw: tuple[RawLine, ...] = (), **facts: SessionFacts) -> Batch:
    named = {id: facts.get(id, SessionFacts()) for id in (*(e.session_id for e in events), *map(SessionId, facts))}
    return Batch("codex-rollout-jsonl", named, events, raw)


def arrived(sent: Batch) -> list[Batch]:
    return [unpack(parse_strictly(parcel), keep_all) for parcel in pack(sent)]


def test_everything_arrives_as_it_was() -> None:
    sent = batch(BARE, FULL, raw=(LINE,), s=FACTS)
    assert arrived(sent) == [sent]


def test_facts_alone_arrive() -> None:
    assert arrived(batch(s=FACTS)) == [batch(s=FACTS)]
    assert arrived(batch()) == []


def test_much_goes_in_several_parcels_and_facts_go_once() -> None:
    events = tuple(replace(BARE, id=event_id(str(n)), data={"text": "x" * 1000}) for n in range(9_000))
    parcels = list(pack(batch(*events, s=FACTS)))
    assert len(parcels) > 2
    assert max(map(len, parcels)) < 5 * 2**20
    told = [unpack(parse_strictly(parcel), keep_all) for parcel in parcels]
    assert tuple(event for one in told for event in one.events) == events
    assert [one.sessions[S] for one in told] == [FACTS] + [SessionFacts()] * (len(told) - 1)


def test_many_sessions_go_in_several_parcels() -> None:
    sent = batch(**{f"s{n}": FACTS for n in range(1_001)})
    told = arrived(sent)
    assert {id: facts for one in told for id, facts in one.sessions.items()} == sent.sessions


def test_a_line_that_no_parcel_holds_is_left_out_and_its_events_go() -> None:
    line = replace(LINE, body=orjson.dumps({"x": "y" * MOST_BYTES}).decode())
    assert arrived(batch(BARE, raw=(line, LINE))) == [batch(BARE, raw=(LINE,))]


def test_times_of_other_zones_are_the_same_moment() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    [told] = arrived(batch(replace(BARE, ts=there)))
    assert told.events[0].ts == AT


SECRET = "ghp_" + "aB3dE5fG7h" * 4


def test_what_the_sender_did_not_redact_is_redacted_and_marked() -> None:
    leaky = replace(BARE, path=f"/w/{SECRET}", data={"text": f"use {SECRET}", "redactedNames": ["aws_key"]})
    line = replace(LINE, body=orjson.dumps({"text": SECRET}).decode())
    [parcel] = pack(batch(leaky, FULL, raw=(line,), s=replace(FACTS, title=SECRET)))
    told = unpack(parse_strictly(parcel), redact_json)
    assert SECRET not in str(told)
    marked, other = told.events
    assert (marked.data["redacted"], marked.data["redactedNames"]) == (True, ["aws_key", "github_token"])
    assert other == FULL
    assert told.raw[0].digest == line.digest


def parcel(event: JsonObject | None = None, **session: JsonValue) -> JsonValue:
    plain: JsonObject = {
        "id": str(BARE.id), "ts": "2026-03-02T09:00:00Z", "kind": "prompt",
        "source": {"channel": "import"}, "data": {},
    }  # fmt: skip
    changed = {name: value for name, value in (plain | (event or {})).items() if value != "gone"}
    return {"format": "codex", "sessions": {"s": {"events": [changed]} | session}}


RAW: JsonObject = {"digest": "0" * 64, "position": 1, "record": {}}

REFUSED: list[JsonValue] = [
    None, [], "text", {}, {"format": "codex"}, {"format": "codex", "sessions": {}}, {"format": "codex", "sessions": []},
    {"format": "Codex!", "sessions": {"s": {}}}, {"format": "codex", "sessions": {"": {}}},
    {"format": "codex", "sessions": {"s" * 256: {}}}, {"format": "codex", "sessions": {"s": None}},
    {"format": "codex", "sessions": {str(n): {} for n in range(1_001)}},
    {"format": "codex", "sessions": {"s": {}}, "more": 1},
    parcel({"id": "no-uuid"}), parcel({"id": "gone"}), parcel({"id": 1}),
    parcel({"ts": "yesterday"}), parcel({"ts": "0001-01-01T00:00:00Z"}), parcel({"ts": "9999-12-31T23:00:00Z"}),
    parcel({"ts": "2026-03-02T09:00:00"}), parcel({"ts": 1}),
    parcel({"kind": "unheard_of"}), parcel({"kind": None}),
    parcel({"ordinal": -1}), parcel({"ordinal": 2**31}), parcel({"ordinal": 1.5}), parcel({"ordinal": True}),
    parcel({"exit_code": 2**31}), parcel({"duration_ms": -1}), parcel({"succeeded": 1}),
    parcel({"tokens": {"input": -1}}), parcel({"tokens": {"input": 2**31}}), parcel({"tokens": {"all": 1}}),
    parcel({"cost_usd": "-1"}), parcel({"cost_usd": "NaN"}), parcel({"cost_usd": 1}), parcel({"cost_usd": "1" * 10}),
    parcel({"tool": ""}), parcel({"tool": "x" * 256}), parcel({"path": "x" * 4_097}), parcel({"agent_id": ["a"]}),
    parcel({"actor": "root"}), parcel({"provenance": {"attribution": "mixed"}}),
    parcel({"provenance": {"attribution": "mixed", "confidence": 2, "observability": "low"}}),
    parcel({"source": {"channel": "hook"}}), parcel({"source": {}}), parcel({"source": {"channel": "import", "x": 1}}),
    parcel({"data": []}), parcel({"data": "gone"}), parcel({"raw_digest": "00"}), parcel({"raw_digest": "G" * 64}),
    parcel({"session_id": "t"}), parcel({"seq": 1}),
    parcel(events=None), parcel(events=[None]), parcel(raw=[[]]), parcel(raw=[RAW | {"digest": ""}]),
    parcel(raw=[RAW | {"position": -1}]), parcel(raw=[RAW | {"record": []}]), parcel(raw=[RAW | {"more": 1}]),
    parcel(title=""), parcel(title="x" * 501), parcel(project="x" * 4_097), parcel(metadata={"a": 1}),
    parcel(metadata={str(n): "" for n in range(65)}), parcel(metadata={"a": "x" * 8_193}), parcel(user_id="u"),
]  # fmt: skip


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: str(body)[-60:])
@pytest.mark.parametrize("redact", [keep_all, redact_json])
def test_what_is_not_as_it_should_be_is_refused(body: JsonValue, redact: object) -> None:
    with pytest.raises(Invalid) as told:
        unpack(body, redact)
    assert told.value.details
    assert all(len(detail) < 500 for detail in told.value.details)


MANY: JsonObject = {str(n): 1 for n in range(100)}


@pytest.mark.parametrize(
    "body",
    [
        MANY,
        parcel(MANY),
        parcel({"tokens": MANY}),
        parcel(**MANY),
        parcel(raw=[RAW | MANY]),
        parcel(metadata=MANY),
        {"format": "codex", "sessions": {"data": MANY}},
    ],
)
def test_of_many_members_that_are_none_nothing_is_told(body: JsonValue) -> None:
    with pytest.raises(Invalid) as told:
        unpack(body, keep_all)
    assert told.value.details == ("body: an object with more than 64 members",)


def test_what_is_read_may_have_any_number_of_members() -> None:
    assert unpack(parcel({"data": MANY}, raw=[RAW | {"record": MANY}]), keep_all).events[0].data == MANY


def test_of_a_list_the_first_wrong_one_is_told() -> None:
    with pytest.raises(Invalid) as told:
        unpack(parcel(events=[1] * 5, raw=[1] * 5), keep_all)
    assert [detail.partition(":")[0] for detail in told.value.details] == ["sessions.s.events.0", "sessions.s.raw.0"]


def test_what_is_as_it_should_be_is_taken() -> None:
    assert unpack(parcel(raw=[RAW]), keep_all).events == (BARE,)


def test_too_much_in_all_is_refused() -> None:
    lines: list[JsonValue] = [RAW] * 6_000
    body: JsonValue = {"format": "codex", "sessions": {"s": {"raw": lines}, "t": {"raw": lines}}}
    with pytest.raises(Invalid) as told:
        unpack(body, keep_all)
    assert "10000" in told.value.details[0]
