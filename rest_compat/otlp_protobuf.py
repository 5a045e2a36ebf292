"""From OTLP as protobuf to records, and answers in protobuf."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
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
from rest_compat.otlp_json import FAILED, TEMPORALITIES, names_of

M = TypeVar("M", bound=Message)


def logs(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of logs."""
    for group in _read(body, ExportLogsServiceRequest()).resource_logs:
        resource = attributes(group.resource.attributes)
        for scope in group.scope_logs:
            for record in scope.log_records:
                told = attributes(record.attributes)
                names = names_of(record.event_name, told, plain(record.body))
                yield Record(names, told, resource, (record.time_unix_nano, record.observed_time_unix_nano))


def metrics(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of metrics."""
    for group in _read(body, ExportMetricsServiceRequest()).resource_metrics:
        resource = attributes(group.resource.attributes)
        for scope in group.scope_metrics:
            for metric in scope.metrics:
                yield from _points(metric, resource)


def spans(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of traces."""
    for group in _read(body, ExportTraceServiceRequest()).resource_spans:
        resource = attributes(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield _span(span, resource)


def status(code: int, message: str) -> bytes:
    """An error as google.rpc.Status."""
    return Status(code=code, message=message).SerializeToString()


def _points(metric: Metric, resource: JsonObject) -> Iterator[Record]:
    temporality = TEMPORALITIES.get(metric.sum.aggregation_temporality)
    for point in metric.sum.data_points:
        own: JsonObject = {
            "startTimeUnixNano": point.start_time_unix_nano,
            "value": _value(point),
            "temporality": temporality,
        }
        yield Record((metric.name,), attributes(point.attributes), resource, (point.time_unix_nano,), own)


def _value(point: NumberDataPoint) -> float | None:
    return _real(point.as_double) if point.HasField("as_double") else point.as_int


def _span(span: Span, resource: JsonObject) -> Record:
    own: JsonObject = {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "endTimeUnixNano": span.end_time_unix_nano,
        "failed": span.status.code == FAILED,
    }
    times = span.start_time_unix_nano, span.end_time_unix_nano
    return Record((span.name,), attributes(span.attributes), resource, times, own)


def attributes(pairs: Iterable[KeyValue]) -> JsonObject:
    return {pair.key: plain(pair.value) for pair in pairs}


def plain(value: AnyValue) -> JsonValue:
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
            return [plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return attributes(value.kvlist_value.values)
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
