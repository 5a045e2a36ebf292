"""The envelope of clients: what is taken, what is refused, and the event it becomes."""

# ruff: noqa: E501

from decimal import Decimal

import orjson
import pytest
from pydantic import ValidationError

from domain.ingest.batch import SessionFacts
from domain.ingest.upload import Posted, check, read
from domain.timeline import Attribution, Event, Kind, Observability, Tokens
from domain.values import JsonValue, SessionId

ID = "0199aaaa-0000-7000-8000-000000000001"


def envelope(**changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "id": ID, "sessionId": "s-1", "ts": "2026-04-01T10:15:00Z", "kind": "planning",
        "source": {"channel": "hook", "integration": "cursor"}, "v": 1, "data": {},
    } | changes  # fmt: skip


def keep(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
    return value, ()


def parse(**changes: JsonValue) -> Posted:
    return check(envelope(**changes))


def event(**changes: JsonValue) -> Event:
    return read([parse(**changes)], keep).events[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-a-uuid"}, {"id": "0199aaaa00007000800000000000000a"}, {"id": 7}, {"sessionId": ""},
        {"sessionId": "x" * 256}, {"ts": "2026-04-01T10:15:00"}, {"ts": "2026-04-01 10:15:00Z"},
        {"ts": 1775038500}, {"ts": "2026-13-01T10:15:00Z"}, {"ts": "0000-01-01T00:00:00Z"}, {"kind": "no_such_kind"},
        {"kind": "slash_command"}, {"kind": "thinking_pause"}, {"source": ""}, {"source": None}, {"v": 2}, {"v": "1"},
        {"v": True}, {"data": []}, {"data": None}, {"source": {"channel": "pigeon"}}, {"actor": {"type": "cat"}},
        {"source": {"integration": "x" * 129}}, {"provenance": {"confidence": 1.5}}, {"provenance": {"attribution": "me"}},
        {"kind": "command"}, {"kind": "command", "data": {"command": "ls", "exitCode": "0"}},
        {"kind": "command", "data": {"command": "ls", "exitCode": None}},
        {"kind": "command", "data": {"command": "ls", "durationMs": -1}},
        {"kind": "file_diff", "data": {"linesAdded": 1}}, {"kind": "file_diff", "data": {"path": "a", "linesAdded": -1}},
        {"kind": "file_diff", "data": {"path": "a", "linesAdded": 1.5}}, {"kind": "git_action", "data": {}},
        {"kind": "test_run", "data": {"passed": "3"}}, {"kind": "checkpoint", "data": {"label": 3}},
    ],
)  # fmt: skip
def test_an_envelope_that_breaks_a_rule_is_refused(changes: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        parse(**changes)


def test_a_kind_without_a_strict_payload_takes_any_object() -> None:
    assert event(kind="planning", data={"anything": [1, {"deep": None}]}).data == {"anything": [1, {"deep": None}]}


def test_one_point_zero_is_an_integer() -> None:
    assert event(v=1.0, kind="command", data={"command": "ls", "exitCode": 2.0}).exit_code == 2


def test_nanoseconds_are_cut_to_microseconds() -> None:
    assert event(ts="2026-04-01T10:15:00.123456789Z").ts.microsecond == 123456


def test_source_may_be_one_word() -> None:
    batch = read([parse(source="hook")], keep)
    assert [facts.source_service for facts in batch.told.values()] == ["hook"]


def test_defaults_stand_in_for_what_is_not_said() -> None:
    plain = event()
    assert plain.actor == "unknown"
    assert plain.provenance.attribution is Attribution.UNKNOWN
    assert (plain.provenance.confidence, plain.provenance.observability) == (0.5, Observability.PARTIAL)


def test_unknown_members_of_actor_and_provenance_are_kept() -> None:
    kept = event(actor={"type": "human", "role": "dev"}, provenance={"attribution": "mixed", "methods": ["hook"]})
    assert kept.source["actor"] == {"type": "human", "role": "dev"}
    assert kept.source["provenance"] == {"methods": ["hook"]}


def test_tool_call_is_an_old_name_of_tool_result() -> None:
    assert event(kind="tool_call").kind is Kind.TOOL_RESULT


def test_prompt_is_an_old_name_of_text_and_tokens_are_estimated() -> None:
    said = event(kind="prompt", data={"prompt": "fix the test"})
    assert said.data["text"] == "fix the test"
    assert said.data["tokenCount"] == 3


def test_a_given_token_count_stays() -> None:
    assert event(kind="prompt", data={"text": "fix it", "tokenCount": 99}).data["tokenCount"] == 99


def test_hot_facts_become_fields() -> None:
    call = event(
        kind="api_request",
        data={"model": "m", "inputTokens": 5, "outputTokens": 7, "costUsd": 0.25, "durationMs": 12.7},
    )
    assert call.tokens == Tokens(5, 7, 0, 0)
    assert (call.model, call.cost_usd, call.duration_ms) == ("m", Decimal("0.25"), 12)


@pytest.mark.parametrize("count", [10**30, -5, "7", None, True])
def test_a_count_that_no_column_can_hold_stays_in_the_payload_only(count: JsonValue) -> None:
    odd = event(kind="api_request", data={"inputTokens": float(count) if count == 10**30 else count})
    assert odd.tokens == Tokens()


def test_session_start_promotes_what_is_well_known() -> None:
    data: JsonValue = {"assessmentId": "a1", "candidateName": "Kim", "repoUrl": "git@x:y", "cwd": "/w", "other": 1}
    [facts] = read([parse(kind="session_start", data=data)], keep).told.values()
    assert facts.metadata == {"assessmentId": "a1", "candidateName": "Kim", "repoUrl": "git@x:y", "cwd": "/w"}
    assert facts.project == "git@x:y"


def test_several_sessions_in_one_batch_are_kept_apart() -> None:
    batch = read([parse(), parse(sessionId="s-2", source="shell")], keep)
    assert {session: facts.source_service for (session, _), facts in batch.told.items()} == {
        SessionId("s-1"): "cursor",
        SessionId("s-2"): "shell",
    }
    assert batch.sessions == {SessionId("s-1"): SessionFacts(), SessionId("s-2"): SessionFacts()}


def test_of_equal_ids_the_first_counts() -> None:
    batch = read([parse(), parse(ts="2026-05-01T00:00:00Z", source="shell")], keep)
    assert [event.ts.month for event in batch.events] == [4]
    assert [facts.source_service for facts in batch.told.values()] == ["cursor"]
    assert len(batch.raw) == 1


def test_redaction_leaves_its_mark_and_the_raw_body_holds_no_secret() -> None:
    def clean(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
        return orjson.loads(orjson.dumps(value).replace(b"hunter2", b"[gone]")), ("password",)

    batch = read([parse(kind="prompt", data={"text": "my password is hunter2"})], clean)
    assert batch.events[0].data["text"] == "my password is [gone]"
    assert batch.events[0].data["redactedNames"] == ["password"]
    assert "hunter2" not in batch.raw[0].body
