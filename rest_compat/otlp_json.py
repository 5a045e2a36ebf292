"""From OTLP as JSON to records."""

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.errors import Invalid
from domain.ingest.clean import Unreadable, parse_strictly
from domain.ingest.otlp import Record
from domain.values import JsonObject, JsonValue
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

_LOGS: TypeAdapter[OtlpLogsBody] = TypeAdapter(OtlpLogsBody)
_METRICS: TypeAdapter[OtlpMetricsBody] = TypeAdapter(OtlpMetricsBody)
_TRACES: TypeAdapter[OtlpTracesBody] = TypeAdapter(OtlpTracesBody)


def logs(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of logs."""
    for group in _read(body, _LOGS).get("resourceLogs") or ():
        resource = _resource(group.get("resource"))
        for scope in group.get("scopeLogs") or ():
            for record in scope.get("logRecords") or ():
                told = attributes(record.get("attributes") or ())
                body_text = plain(record.get("body") or {})
                times = whole(record.get("timeUnixNano")), whole(record.get("observedTimeUnixNano"))
                yield Record(names_of(record.get("eventName"), told, body_text), told, resource, times)


def metrics(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of metrics."""
    for group in _read(body, _METRICS).get("resourceMetrics") or ():
        resource = _resource(group.get("resource"))
        for scope in group.get("scopeMetrics") or ():
            for metric in scope.get("metrics") or ():
                yield from _points(metric, resource)


def spans(body: bytes) -> Iterator[Record]:
    """Raises Invalid for what is no export of traces."""
    for group in _read(body, _TRACES).get("resourceSpans") or ():
        resource = _resource(group.get("resource"))
        for scope in group.get("scopeSpans") or ():
            for span in scope.get("spans") or ():
                yield _span(span, resource)


def names_of(event_name: str | None, told: JsonObject, body: JsonValue) -> tuple[str, ...]:
    """What a log record may be called: newer exporters name events, older ones in an attribute or the body alone."""
    return tuple(name for name in (event_name, told.get("event.name"), body) if isinstance(name, str) and name)


def _points(metric: Metric, resource: JsonObject) -> Iterator[Record]:
    name, sum = metric.get("name") or "", metric.get("sum") or {}
    temporality = TEMPORALITIES.get(sum.get("aggregationTemporality") or 0)
    for point in sum.get("dataPoints") or ():
        own: JsonObject = {
            "startTimeUnixNano": whole(point.get("startTimeUnixNano")),
            "value": _value(point),
            "temporality": temporality,
        }
        yield Record(
            (name,), attributes(point.get("attributes") or ()), resource, (whole(point.get("timeUnixNano")),), own
        )


def _value(point: NumberDataPoint) -> float | None:
    return real(point.get("asDouble")) if point.get("asDouble") is not None else whole(point.get("asInt"))


def _span(span: Span, resource: JsonObject) -> Record:
    began, ended = whole(span.get("startTimeUnixNano")), whole(span.get("endTimeUnixNano"))
    own: JsonObject = {
        "traceId": (span.get("traceId") or "").lower(),
        "spanId": (span.get("spanId") or "").lower(),
        "endTimeUnixNano": ended,
        "failed": (span.get("status") or {}).get("code") == FAILED,
    }
    return Record((span.get("name") or "",), attributes(span.get("attributes") or ()), resource, (began, ended), own)


def _resource(resource: Resource | None) -> JsonObject:
    return attributes((resource or {}).get("attributes") or ())


def attributes(pairs: Iterable[KeyValue]) -> JsonObject:
    return {pair.get("key") or "": plain(pair.get("value") or {}) for pair in pairs}


def plain(value: AnyValue) -> JsonValue:
    """What is written as one of several kinds of value."""
    text = value.get("stringValue", value.get("bytesValue"))
    if text is not None:
        return text
    if (number := value.get("intValue")) is not None:
        return whole(number)
    if (double := value.get("doubleValue")) is not None:
        return real(double)
    if (items := value.get("arrayValue")) is not None:
        return [plain(item) for item in items.get("values") or ()]
    if (pairs := value.get("kvlistValue")) is not None:
        return attributes(pairs.get("values") or ())
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
        raise Invalid(str(problem)) from None
    except ValidationError as error:
        raise Invalid("; ".join(faults(error))) from None
