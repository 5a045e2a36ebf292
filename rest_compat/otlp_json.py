"""From OTLP as JSON to records."""

from collections.abc import Collection, Iterator
from math import isfinite
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.errors import Invalid
from domain.ingest.clean import Reason, Unreadable, parse_strictly
from domain.ingest.otlp import Record
from domain.values import JsonObject, JsonValue
from rest_compat.dialect import Refused
from rest_compat.otlp_shapes import (
    AnyValue,
    KeyValue,
    Metric,
    NumberDataPoint,
    OtlpLogsBody,
    OtlpMetricsBody,
    OtlpTracesBody,
    Resource,
    Span,
)
from rest_compat.wire import faults

T = TypeVar("T")
TEMPORALITIES = {1: "delta", 2: "cumulative"}
FAILED = 2
"""The status of a span that failed."""

MOST_PARTS = 1_000_000
"""Groups, records, attributes and values of one export: a few bytes can stand for very many that are empty."""

_LOGS: TypeAdapter[OtlpLogsBody] = TypeAdapter(OtlpLogsBody)
_METRICS: TypeAdapter[OtlpMetricsBody] = TypeAdapter(OtlpMetricsBody)
_TRACES: TypeAdapter[OtlpTracesBody] = TypeAdapter(OtlpTracesBody)


_TOO_MANY = f"More than {MOST_PARTS} groups, records and attributes in one export"


class Parts:
    """Counts the parts of an export while it is read."""

    def __init__(self) -> None:
        self._left = MOST_PARTS

    def of(self, parts: Collection[T] | None) -> Collection[T]:
        """Raises Refused where there are too many in all."""
        if not parts:
            return ()
        self._left -= len(parts)
        if self._left < 0:
            raise Refused(413, _TOO_MANY)
        return parts


def logs(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of logs."""
    parts = Parts()
    for group in parts.of(_read(body, _LOGS).get("resourceLogs")):
        resource = _resource(group.get("resource"), parts)
        for scope in parts.of(group.get("scopeLogs")):
            for record in parts.of(scope.get("logRecords")):
                told = attributes(record.get("attributes"), parts)
                body_text = plain(record.get("body") or {}, parts)
                times = whole(record.get("timeUnixNano")), whole(record.get("observedTimeUnixNano"))
                yield Record(names_of(record.get("eventName"), told, body_text), told, resource, times)


def metrics(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of metrics."""
    parts = Parts()
    for group in parts.of(_read(body, _METRICS).get("resourceMetrics")):
        resource = _resource(group.get("resource"), parts)
        for scope in parts.of(group.get("scopeMetrics")):
            for metric in parts.of(scope.get("metrics")):
                yield from _points(metric, resource, parts)


def spans(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of traces."""
    parts = Parts()
    for group in parts.of(_read(body, _TRACES).get("resourceSpans")):
        resource = _resource(group.get("resource"), parts)
        for scope in parts.of(group.get("scopeSpans")):
            for span in parts.of(scope.get("spans")):
                yield _span(span, resource, parts)


def names_of(event_name: str | None, told: JsonObject, body: JsonValue) -> tuple[str, ...]:
    """What a log record may be called: newer exporters name events, older ones in an attribute or the body alone."""
    return tuple(name for name in (event_name, told.get("event.name"), body) if isinstance(name, str) and name)


def _points(metric: Metric, resource: JsonObject, parts: Parts) -> Iterator[Record]:
    name, sum = metric.get("name") or "", metric.get("sum") or {}
    temporality = TEMPORALITIES.get(sum.get("aggregationTemporality") or 0)
    for point in parts.of(sum.get("dataPoints")):
        own: JsonObject = {
            "startTimeUnixNano": whole(point.get("startTimeUnixNano")),
            "value": _value(point),
            "temporality": temporality,
        }
        told = attributes(point.get("attributes"), parts)
        yield Record((name,), told, resource, (whole(point.get("timeUnixNano")),), own)


def _value(point: NumberDataPoint) -> float | None:
    return real(point.get("asDouble")) if point.get("asDouble") is not None else whole(point.get("asInt"))


def _span(span: Span, resource: JsonObject, parts: Parts) -> Record:
    began, ended = whole(span.get("startTimeUnixNano")), whole(span.get("endTimeUnixNano"))
    own: JsonObject = {
        "traceId": (span.get("traceId") or "").lower(),
        "spanId": (span.get("spanId") or "").lower(),
        "endTimeUnixNano": ended,
        "failed": (span.get("status") or {}).get("code") == FAILED,
    }
    return Record((span.get("name") or "",), attributes(span.get("attributes"), parts), resource, (began, ended), own)


def _resource(resource: Resource | None, parts: Parts) -> JsonObject:
    return attributes((resource or {}).get("attributes"), parts)


def attributes(pairs: Collection[KeyValue] | None, parts: Parts) -> JsonObject:
    return {pair.get("key") or "": plain(pair.get("value") or {}, parts) for pair in parts.of(pairs)}


def plain(value: AnyValue, parts: Parts) -> JsonValue:
    """What is written as one of several kinds of value."""
    text = value.get("stringValue", value.get("bytesValue"))
    if text is not None:
        return text
    if (number := value.get("intValue")) is not None:
        return whole(number)
    if (double := value.get("doubleValue")) is not None:
        return real(double)
    if (items := value.get("arrayValue")) is not None:
        return [plain(item, parts) for item in parts.of(items.get("values"))]
    if (pairs := value.get("kvlistValue")) is not None:
        return attributes(pairs.get("values"), parts)
    return value.get("boolValue")


def whole(number: int | str | None) -> int:
    """Of 64 bits; 0 stands for none."""
    return int(number or 0)


def real(number: float | str | None) -> float | None:
    """None for what is no number of JSON."""
    value = float(number or 0)
    return value if isfinite(value) else None


def _read(body: bytes, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_python(parse_strictly(body))
    except Unreadable as problem:
        if problem.reason is Reason.TOO_MANY:
            raise Refused(413, _TOO_MANY) from None
        raise Invalid(str(problem)) from None
    except ValidationError as error:
        raise Invalid("; ".join(faults(error))) from None
