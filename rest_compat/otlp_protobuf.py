"""From OTLP as protobuf to records, and answers in protobuf."""

from base64 import b64encode
from collections.abc import Collection, Iterator
from math import isfinite
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from domain.errors import Invalid
from domain.ingest.otlp import Record
from domain.values import JsonObject, JsonValue
from rest_compat.otlp_json import FAILED, TEMPORALITIES, Parts, names_of

M = TypeVar("M", bound=Message)


def logs(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of logs."""
    parts = Parts()
    for group in parts.of(_read(body, ExportLogsServiceRequest()).resource_logs):
        resource = attributes(group.resource.attributes, parts)
        for scope in parts.of(group.scope_logs):
            for record in parts.of(scope.log_records):
                told = attributes(record.attributes, parts)
                names = names_of(record.event_name, told, plain(record.body, parts))
                yield Record(names, told, resource, (record.time_unix_nano, record.observed_time_unix_nano))


def metrics(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of metrics."""
    parts = Parts()
    for group in parts.of(_read(body, ExportMetricsServiceRequest()).resource_metrics):
        resource = attributes(group.resource.attributes, parts)
        for scope in parts.of(group.scope_metrics):
            for metric in parts.of(scope.metrics):
                yield from _points(metric, resource, parts)


def spans(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of traces."""
    parts = Parts()
    for group in parts.of(_read(body, ExportTraceServiceRequest()).resource_spans):
        resource = attributes(group.resource.attributes, parts)
        for scope in parts.of(group.scope_spans):
            for span in parts.of(scope.spans):
                yield _span(span, resource, parts)


def status(code: int, message: str) -> bytes:
    """An error as google.rpc.Status."""
    return Status(code=code, message=message).SerializeToString()


def _points(metric: Metric, resource: JsonObject, parts: Parts) -> Iterator[Record]:
    temporality = TEMPORALITIES.get(metric.sum.aggregation_temporality)
    for point in parts.of(metric.sum.data_points):
        own: JsonObject = {
            "startTimeUnixNano": point.start_time_unix_nano,
            "value": _value(point),
            "temporality": temporality,
        }
        yield Record((metric.name,), attributes(point.attributes, parts), resource, (point.time_unix_nano,), own)


def _value(point: NumberDataPoint) -> float | None:
    return _real(point.as_double) if point.HasField("as_double") else point.as_int


def _span(span: Span, resource: JsonObject, parts: Parts) -> Record:
    own: JsonObject = {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "endTimeUnixNano": span.end_time_unix_nano,
        "failed": span.status.code == FAILED,
    }
    times = span.start_time_unix_nano, span.end_time_unix_nano
    return Record((span.name,), attributes(span.attributes, parts), resource, times, own)


def attributes(pairs: Collection[KeyValue], parts: Parts) -> JsonObject:
    return {pair.key: plain(pair.value, parts) for pair in parts.of(pairs)}


def plain(value: AnyValue, parts: Parts) -> JsonValue:
    """What is written as one of several kinds of value."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _real(value.double_value)
        case "bytes_value":
            return b64encode(value.bytes_value).decode()
        case "array_value":
            return [plain(item, parts) for item in parts.of(value.array_value.values)]
        case "kvlist_value":
            return attributes(value.kvlist_value.values, parts)
        case _:
            return None


def _real(number: float) -> float | None:
    return number if isfinite(number) else None


def _read(body: bytes, into: M) -> M:
    try:
        into.ParseFromString(body)
    except DecodeError:
        raise Invalid("not a protobuf message of this kind") from None
    return into
