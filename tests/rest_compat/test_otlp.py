"""Telemetry over HTTP: both encodings, what is stored of it, and how what is wrong with it is told."""

import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

import resolvers.telemetry
from domain.access import KeyKind
from domain.errors import TooMany, Unavailable
from domain.values import JsonObject
from resolvers.rate_limits import Allowance
from rest_compat import otlp, otlp_json, turns
from rest_compat.wire import MOST_BODY_BYTES
from tests.rest_compat import exports
from tests.rest_compat.envelopes import new_id
from tests.rest_compat.exports import JSON, LOGS, METRICS, PROTOBUF, TRACES, gzipped, request, zipped
from tests.rest_compat.house import House, client_of

ENCODINGS = pytest.mark.parametrize("headers", [JSON, PROTOBUF], ids=["json", "protobuf"])
PATHS = pytest.mark.parametrize("path", [LOGS, METRICS, TRACES])


def logs(headers: dict[str, str], *told: exports.Told) -> bytes:
    return exports.logs_in_protobuf(*told) if headers == PROTOBUF else exports.logs_in_json(*told)


async def timeline(house: House, session: str) -> list[JsonObject]:
    return (await (await house.reviewer()).get(f"/v1/sessions/{session}/timeline")).json()["events"]


def status_of(answer: httpx2.Response) -> tuple[int, str]:
    """The error, which is worded as the request was."""
    if answer.request.headers["content-type"].startswith("application/json"):
        assert answer.headers["content-type"] == "application/json"
        return answer.json()["code"], answer.json()["message"]
    assert answer.headers["content-type"] == "application/x-protobuf"
    status = Status.FromString(answer.content)
    return status.code, status.message


@ENCODINGS
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_log_records_are_taken_once(house: House, headers: dict[str, str], packed: bool) -> None:
    session, ada = new_id(), (await house.developer()).client
    body = logs(
        headers, request(session), {"session.id": session, "event.name": "user_prompt", "prompt": "Fix it, please"}
    )
    for _ in range(2):
        if packed:
            answer = await ada.post(LOGS, content=gzipped(body), headers=zipped(headers))
        else:
            answer = await ada.post(LOGS, content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, headers["content-type"])
        assert answer.content == (b"{}" if headers == JSON else b"")
    prompt, spent = sorted(await timeline(house, session), key=lambda event: str(event["kind"]), reverse=True)
    assert prompt["data"]["text"] == "Fix it, please"
    assert (spent["data"]["inputTokens"], spent["data"]["outputTokens"], spent["data"]["costUsd"]) == (10, 57, 0.25)
    assert spent["ts"] == "2026-03-02T09:00:00.000Z"


async def test_both_encodings_tell_the_same(house: House) -> None:
    session, ada = new_id(), (await house.developer()).client
    told = [request(session), {"session.id": session, "event.name": "compaction", "success": True, "pre_tokens": 7}]
    await ada.post(LOGS, content=exports.logs_in_json(*told), headers=JSON)
    first = await timeline(house, session)
    await ada.post(LOGS, content=exports.logs_in_protobuf(*told), headers=PROTOBUF)
    assert await timeline(house, session) == first


@ENCODINGS
async def test_records_without_a_session_are_counted(house: House, headers: dict[str, str]) -> None:
    session, ada = new_id(), (await house.developer()).client
    body = logs(headers, request(session), {"event.name": "api_request"}, {"event.name": "auth"})
    answer = await ada.post(LOGS, content=body, headers=headers)
    words = "2 name no session (session.id)"
    assert answer.status_code == 200
    if headers == JSON:
        assert answer.json() == {"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": words}}
    else:
        partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
        assert (partial.rejected_log_records, partial.error_message) == (2, words)
    assert len(await timeline(house, session)) == 1


@ENCODINGS
async def test_metrics_and_spans_are_taken(house: House, headers: dict[str, str]) -> None:
    session, ada, binary = new_id(), (await house.developer()).client, headers == PROTOBUF
    points = exports.metrics_in_protobuf if binary else exports.metrics_in_json
    answer = await ada.post(METRICS, content=points(session, token__usage=900, commit__count=1), headers=headers)
    assert (answer.status_code, len(answer.content)) == (200, 0 if binary else 2)
    answer = await ada.post(METRICS, content=points(session, 2, token__usage=5, commit__count=1), headers=headers)
    if binary:
        assert ExportMetricsServiceResponse.FromString(answer.content).partial_success.rejected_data_points == 2
    else:
        assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "2"
    told = {"name": "tool", "session.id": session, "tool_name": "Bash", "tool_use_id": "toolu_1", "full_command": "ls"}
    body = (exports.spans_in_protobuf if binary else exports.spans_in_json)(told, {"name": "tool"})
    answer = await ada.post(TRACES, content=body, headers=headers)
    if binary:
        assert ExportTraceServiceResponse.FromString(answer.content).partial_success.rejected_spans == 1
    else:
        assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    kinds = [event["kind"] for event in await timeline(house, session)]
    assert sorted(map(str, kinds)) == ["api_request", "command", "git_action", "tool_result", "tool_use"]


async def test_several_sessions_come_in_one_export(house: House) -> None:
    sessions, ada = [new_id() for _ in range(3)], (await house.developer()).client
    await ada.post(LOGS, content=exports.logs_in_protobuf(*map(request, sessions)), headers=PROTOBUF)
    assert [len(await timeline(house, session)) for session in sessions] == [1, 1, 1]


@ENCODINGS
async def test_sessions_of_somebody_else_are_left_out(house: House, headers: dict[str, str]) -> None:
    mine, theirs = new_id(), new_id()
    ada, bob = (await house.developer()).client, (await house.developer("bob@example.org")).client
    await bob.post(LOGS, content=exports.logs_in_json(request(theirs)), headers=JSON)
    answer = await ada.post(LOGS, content=logs(headers, request(mine), request(theirs, "req_2")), headers=headers)
    assert answer.status_code == 200
    assert b"1 belong to sessions of somebody else" in answer.content
    assert [len(await timeline(house, session)) for session in (mine, theirs)] == [1, 1]
    answer = await ada.post(LOGS, content=logs(headers, request(theirs, "req_3")), headers=headers)
    assert (answer.status_code, status_of(answer)) == (403, (7, "these sessions belong to somebody else"))


async def test_a_candidate_tells_of_the_own_session(house: House) -> None:
    mine, other, cand = new_id(), new_id(), await house.candidate()
    assert (await cand.post(LOGS, content=exports.logs_in_json(request(mine)), headers=JSON)).json() == {}
    answer = await cand.post(LOGS, content=exports.logs_in_json(request(other), request(mine, "req_2")), headers=JSON)
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert len(await timeline(house, mine)) == 2


@PATHS
@ENCODINGS
async def test_nothing_is_taken_without_a_good_key(house: House, path: str, headers: dict[str, str]) -> None:
    reviewer = await house.key(KeyKind.REVIEWER)
    for client in (house.client(), house.client("gck_unknown"), house.client(reviewer)):
        answer = await client.post(path, content=b"\xff", headers=headers)
        assert (answer.status_code, status_of(answer)) == (401, (16, "Invalid or missing API key"))
    reading = house.client(await house.key(scopes=frozenset({"sessions:read"})))
    answer = await reading.post(path, content=b"{}" if headers == JSON else b"", headers=headers)
    assert (answer.status_code, status_of(answer)[0]) == (403, 7)


@PATHS
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b""), (JSON, b"["), (JSON, b"[]"), (JSON, b"\xff"), (JSON, b'{"resourceLogs": NaN}'), (JSON, b"null"),
        (JSON, b"[" * 200 + b"]" * 200), (PROTOBUF, b"\xff"), (PROTOBUF, b"{}"), (PROTOBUF, b"\x0a\x05a"),
        (zipped(JSON), b"{}"), (zipped(JSON), gzipped(b"{}")[:-4]), (zipped(PROTOBUF), b"\x1f\x8b\x08"),
        (zipped(JSON), gzipped(b"{}") + b"more"), (zipped(JSON), b""),
    ],
)  # fmt: skip
async def test_what_is_malformed_is_refused(house: House, path: str, headers: dict[str, str], body: bytes) -> None:
    answer = await (await house.developer()).client.post(path, content=body, headers=headers)
    assert (answer.status_code, status_of(answer)[0]) == (400, 3)


@pytest.mark.parametrize(
    "record",
    [
        {"attributes": "x"}, {"timeUnixNano": "soon"}, {"eventName": 7},
        {"timeUnixNano": True},
        {"attributes": [{"key": 1}]}, {"attributes": [{"key": "a", "value": {"intValue": 1.5}}]},
        {"attributes": [{"key": "a", "value": {"intValue": "9" * 21}}]},
        {"attributes": [{"key": "a", "value": {"doubleValue": "many"}}]},
        {"attributes": [{"key": "a", "value": {"arrayValue": {"values": [7]}}}]},
    ],
)  # fmt: skip
async def test_what_is_of_another_type_is_refused(house: House, record: JsonObject) -> None:
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    answer = await (await house.developer()).client.post(LOGS, json=body)
    assert (answer.status_code, status_of(answer)[0]) == (400, 3)


async def test_of_many_wrong_parts_the_first_is_told(house: House) -> None:
    """To tell of millions would take gigabytes."""
    answer = await (await house.developer()).client.post(LOGS, json={"resourceLogs": [1] * 9})
    assert status_of(answer) == (3, "resourceLogs.0: Input should be a valid dictionary")


async def test_text_that_is_none_is_refused_in_protobuf(house: House) -> None:
    body = exports.logs_in_protobuf({"session.id": "sess"}).replace(b"sess", b"\xff\xfe\xff\xfe")
    answer = await (await house.developer()).client.post(LOGS, content=body, headers=PROTOBUF)
    assert (answer.status_code, status_of(answer)) == (400, (3, "not a protobuf message of this kind"))


VALUES: list[JsonObject] = [
    {"intValue": 2**80}, {"intValue": "9" * 20}, {"intValue": 1.0},
    {"intValue": "-9223372036854775808"}, {"intValue": 9223372036854775807}, {"intValue": "18446744073709551615"},
    {"doubleValue": "NaN"}, {"doubleValue": "-Infinity"}, {"doubleValue": 1}, {"bytesValue": "AAEC"}, {}, {"later": 1},
    {"stringValue": "\x00"}, {"arrayValue": {}}, {"kvlistValue": {"values": [{"key": "", "value": None}]}},
    {"arrayValue": {"values": [{"arrayValue": {"values": [{"boolValue": True}]}}]}}, {"stringValue": None},
]  # fmt: skip


async def test_every_kind_of_value_is_taken(house: House) -> None:
    session, ada = new_id(), (await house.developer()).client
    pairs = [{"key": f"input_tokens{n or ''}", "value": value} for n, value in enumerate(VALUES)]
    named = [
        {"key": "session.id", "value": {"stringValue": session}},
        {"key": "event.name", "value": {"stringValue": "claude_code.api_request"}},
    ]
    record = {"attributes": [*named, *pairs], "severityNumber": 9, "flags": 1, "new": [1], "timeUnixNano": 2**70}
    answer = await ada.post(LOGS, json={"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}], "other": {}})
    assert (answer.status_code, answer.json()) == (200, {})
    assert [event["kind"] for event in await timeline(house, session)] == ["api_request"]


@PATHS
@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"}, {"content-type": "application/grpc"}, {"content-type": ""},
        {"content-type": "application/json", "content-encoding": "br"},
        {"content-type": "application/x-protobuf", "content-encoding": "gzip, gzip"},
    ],
)  # fmt: skip
async def test_another_type_of_body_is_refused(house: House, path: str, headers: dict[str, str]) -> None:
    answer = await (await house.developer()).client.post(path, content=b"{}", headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == (
        PROTOBUF["content-type"] if headers["content-type"] == PROTOBUF["content-type"] else "application/json"
    )


@ENCODINGS
async def test_what_unpacks_to_too_much_is_refused_while_it_is_unpacked(house: House, headers: dict[str, str]) -> None:
    sent = 0
    packer = zlib.compressobj(9, wbits=31)

    async def bomb() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 2**40:
            sent += 2**22
            yield packer.compress(b" " * 2**22) + packer.flush(zlib.Z_SYNC_FLUSH)

    answer = await (await house.developer()).client.post(LOGS, content=bomb(), headers=zipped(headers))
    assert (answer.status_code, status_of(answer)) == (413, (8, f"The body is larger than {MOST_BODY_BYTES} bytes"))
    assert sent < 2 * MOST_BODY_BYTES


@ENCODINGS
async def test_too_many_records_are_refused(
    house: House, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "MOST_RECORDS", 2)
    ada = (await house.developer()).client
    body = logs(headers, *({"event.name": "x"} for _ in range(3)))
    answer = await ada.post(LOGS, content=body, headers=headers)
    assert (answer.status_code, status_of(answer)) == (413, (8, "More than 2 records in one export"))


EMPTY = b"\x12\x00" * 1000
"""A thousand parts of a message, each with nothing in it."""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (PROTOBUF, b"\x0a\x00" * 1000),
        (PROTOBUF, b"\x0a" + b"\xd0\x0f" + EMPTY),
        (PROTOBUF, b"\x0a" + b"\xd3\x0f" + b"\x12" + b"\xd0\x0f" + EMPTY),
        (JSON, b'{"resourceLogs": [' + b"{}," * 999 + b"{}]}"),
        (JSON, b'{"resourceLogs": [{"resource": {"attributes": [' + b"{}," * 999 + b"{}]}}]}"),
    ],
)
async def test_parts_with_nothing_in_them_are_counted_too(
    house: House, headers: dict[str, str], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = (await house.developer()).client
    assert (await ada.post(LOGS, content=body, headers=headers)).status_code == 200
    monkeypatch.setattr(otlp_json, "MOST_PARTS", 999)
    answer = await ada.post(LOGS, content=body, headers=headers)
    assert (answer.status_code, status_of(answer)[0]) == (413, 8)


@ENCODINGS
async def test_under_pressure_exporters_are_told_to_come_back(
    house: House, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, body = (await house.developer()).client, logs(headers, request(new_id()))
    monkeypatch.setattr(turns, "AT_ONCE_BYTES", 2**20 - 1)
    answer = await ada.post(LOGS, content=body, headers=headers)
    assert (answer.status_code, status_of(answer)[0], answer.headers["retry-after"]) == (503, 14, "5")
    monkeypatch.undo()

    async def away(*_: object) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(resolvers.telemetry, "ingest_telemetry", away)
    for _ in range(turns.AT_ONCE_BYTES // turns.LEAST_BYTES + 1):  # a turn that fails is given back
        answer = await ada.post(LOGS, content=body, headers=headers)
        assert status_of(answer) == (14, "the database does not answer")


@ENCODINGS
async def test_a_key_has_1200_exports_a_minute(
    house: House, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = replace(house, services=replace(house.services, rate_limits=True))
    key = await counted.key()
    ada = client_of(counted.services, {"authorization": f"Bearer {key.secret}", **headers})
    answer = await ada.post(LOGS, content=logs(headers, request(new_id())))
    assert [answer.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining")] == ["1200", "1199"]

    def over(_: Allowance) -> None:
        raise TooMany("Rate limit exceeded", 17)

    monkeypatch.setattr(Allowance, "check", over)
    answer = await ada.post(LOGS, content=logs(headers, request(new_id())))
    assert (answer.status_code, status_of(answer)) == (429, (8, "Rate limit exceeded"))
    assert answer.headers["retry-after"] == "17"
