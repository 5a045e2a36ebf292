"""Exports of telemetry in both encodings, as an exporter would send them."""

import gzip
from collections.abc import Mapping

import orjson
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from domain.values import JsonObject, JsonValue
from tests.make import START

LOGS, METRICS, TRACES = "/v1/logs", "/v1/metrics", "/v1/traces"
JSON = {"content-type": "application/json"}
PROTOBUF = {"content-type": "application/x-protobuf"}
AT_NS = int(START.timestamp()) * 10**9

Told = Mapping[str, str | bool | int | float]


def zipped(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "content-encoding": "gzip"}


def request(session: str, id: str = "req_1", **more: str | int | float) -> Told:
    """An API request as Claude Code logs it."""
    return {
        "session.id": session, "event.name": "api_request", "request_id": id, "model": "claude-sonnet-4-5",
        "input_tokens": 10, "output_tokens": 57, "cost_usd": 0.25, "event.sequence": 1, **more,
    }  # fmt: skip


def _value(value: str | bool | int | float) -> JsonObject:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}


def _pairs(told: Told) -> list[JsonValue]:
    return [{"key": key, "value": _value(value)} for key, value in told.items()]


_RESOURCE: JsonObject = {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]}


def logs_in_json(*records: Told) -> bytes:
    told: list[JsonValue] = [
        {"timeUnixNano": str(AT_NS), "body": {"stringValue": f"claude_code.{one.get('event.name')}"},
         "severityNumber": 9, "traceId": "ab" * 16, "attributes": _pairs(one)} for one in records
    ]  # fmt: skip
    return orjson.dumps(
        {"resourceLogs": [{"resource": _RESOURCE, "scopeLogs": [{"scope": {"name": "x"}, "logRecords": told}]}]}
    )


def metrics_in_json(session: str, temporality: int = 1, **values: float) -> bytes:
    told: list[JsonValue] = [
        {"name": f"claude_code.{name.replace('__', '.')}",
         "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": [
             {"startTimeUnixNano": str(AT_NS), "timeUnixNano": str(AT_NS + 10**9), "asDouble": value,
              "attributes": _pairs({"session.id": session, "type": "input"})}]}}
        for name, value in values.items()
    ]  # fmt: skip
    return orjson.dumps({"resourceMetrics": [{"resource": _RESOURCE, "scopeMetrics": [{"metrics": told}]}]})


def spans_in_json(*told: Told) -> bytes:
    spans: list[JsonValue] = [
        {"traceId": "ab" * 16, "spanId": f"{n:016x}", "name": f"claude_code.{one['name']}", "kind": 1,
         "startTimeUnixNano": str(AT_NS), "endTimeUnixNano": str(AT_NS + 10**9), "attributes": _pairs(one),
         "status": {}}
        for n, one in enumerate(told)
    ]  # fmt: skip
    return orjson.dumps({"resourceSpans": [{"resource": _RESOURCE, "scopeSpans": [{"spans": spans}]}]})


def _attributes(told: Told) -> list[KeyValue]:
    pairs: list[KeyValue] = []
    for key, value in told.items():
        pair = KeyValue(key=key)
        match value:
            case bool():
                pair.value.bool_value = value
            case int():
                pair.value.int_value = value
            case float():
                pair.value.double_value = value
            case str():
                pair.value.string_value = value
        pairs.append(pair)
    return pairs


def _written(message: Message) -> bytes:
    return message.SerializeToString()


def logs_in_protobuf(*records: Told) -> bytes:
    export = ExportLogsServiceRequest()
    group = export.resource_logs.add()
    group.resource.attributes.extend(_attributes({"service.name": "claude-code"}))
    scope = group.scope_logs.add()
    for one in records:
        record = scope.log_records.add(time_unix_nano=AT_NS, trace_id=b"\xab" * 16)
        record.body.string_value = f"claude_code.{one.get('event.name')}"
        record.attributes.extend(_attributes(one))
    return _written(export)


def metrics_in_protobuf(session: str, temporality: int = 1, **values: float) -> bytes:
    export = ExportMetricsServiceRequest()
    group = export.resource_metrics.add()
    group.resource.attributes.extend(_attributes({"service.name": "claude-code"}))
    metrics = group.scope_metrics.add().metrics
    for name, value in values.items():
        metric = metrics.add(name=f"claude_code.{name.replace('__', '.')}")
        metric.sum.aggregation_temporality = temporality
        point = metric.sum.data_points.add(start_time_unix_nano=AT_NS, time_unix_nano=AT_NS + 10**9, as_double=value)
        point.attributes.extend(_attributes({"session.id": session, "type": "input"}))
    return _written(export)


def spans_in_protobuf(*told: Told) -> bytes:
    export = ExportTraceServiceRequest()
    group = export.resource_spans.add()
    group.resource.attributes.extend(_attributes({"service.name": "claude-code"}))
    spans = group.scope_spans.add().spans
    for n, one in enumerate(told):
        span = spans.add(
            name=f"claude_code.{one['name']}", trace_id=b"\xab" * 16, span_id=n.to_bytes(8, "big"),
            start_time_unix_nano=AT_NS, end_time_unix_nano=AT_NS + 10**9,
        )  # fmt: skip
        span.attributes.extend(_attributes(one))
    return _written(export)


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # the same each time, for it names tests
