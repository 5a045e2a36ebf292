"""Whatever telemetry holds, reading it raises nothing, and reading it again tells the same."""

from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest import otlp_logs, otlp_metrics, otlp_spans
from domain.ingest.fields import LARGEST
from domain.ingest.otlp import Record
from domain.redaction import redact_json
from domain.values import JsonValue

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = (
    "user_prompt", "assistant_response", "tool_result", "tool_decision", "api_request", "api_error", "compaction",
    "sse_event", "tool_call", "api_response", "interaction", "llm_request", "tool", "token.usage", "cost.usage",
    "commit.count",
)  # fmt: skip
KEYS = (
    "session.id", "conversation.id", "event.timestamp", "event.sequence", "prompt", "prompt.id", "prompt_length",
    "command_name", "response", "tool_name", "tool_use_id", "success", "duration_ms", "tool_parameters", "tool_input",
    "decision", "source", "input_tokens", "cost_usd", "request_id", "model", "error", "error.message", "call_id",
    "arguments", "output", "input_token_count", "cached_token_count", "function_name", "function_args", "prompt_id",
    "type", "user_prompt", "agent_id", "cwd",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["true", "1", "-1", "1e400", "NaN", "Bash", "Edit", "shell", "accept", "reject",
                     '{"command": "ls"}',
                     '{"file_path": "a\\u0000"}', "[[", "9" * 40, "\x00", "\ud800", "2026-03-02T00:00:00Z"]),
)  # fmt: skip
NUMBERS = st.one_of(st.integers(-(2**64), 2**65), st.floats(), st.booleans(), st.none())
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    TEXTS | NUMBERS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=4
)
RECORDS = st.builds(
    Record,
    names=st.tuples(
        st.sampled_from([f"{by}.{name}" for by in ("claude_code", "codex", "gemini_cli") for name in NAMES])
    ),
    attributes=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=12).map(
        lambda told: {"session.id": "s", **told}
    ),
    resource=st.dictionaries(st.sampled_from(["service.name", "service.version", "session.id"]), VALUES, max_size=2),
    times=st.lists(st.integers(-(2**70), 2**70), max_size=2).map(tuple),
    own=st.fixed_dictionaries({"value": NUMBERS, "temporality": st.just("delta"), "failed": st.booleans()}),
)


@given(st.lists(RECORDS, max_size=4))
def test_nothing_raises_and_repeats_tell_the_same(records: list[Record]) -> None:
    for read in (otlp_logs.read, otlp_metrics.read, otlp_spans.read):
        export = read(records, NOW, redact_json)
        again = read(records, NOW, redact_json).batch.events
        assert [event.id for event in again] == [event.id for event in export.batch.events]
        for event in export.batch.events:
            orjson.dumps([event.data, event.source])
            assert 2020 <= event.ts.year <= NOW.year
            assert 0 <= event.ordinal <= LARGEST
            assert "\x00" not in f"{event.session_id}{event.data}{event.source}{event.path}{event.call_id}"
