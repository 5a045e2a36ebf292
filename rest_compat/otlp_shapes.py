"""OTLP as JSON: names in lowerCamelCase, ids in hexadecimal, whole numbers of 64 bits as text, enums as numbers.

What is not named here is passed over, as the protocol asks.
"""

from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from domain.ingest.envelope import WireInt

T = TypeVar("T")
_OPEN = ConfigDict(strict=True)

Several = Annotated[list[T], Field(fail_fast=True)]
"""The first wrong one is enough: to tell of millions would take gigabytes."""

Hex = Annotated[str, Field(pattern=r"^[0-9a-fA-F]*$", max_length=64)]
Int64 = Annotated[
    Annotated[str, Field(pattern=r"^-?[0-9]{1,20}$")] | WireInt,
    Field(union_mode="left_to_right"),
]
Double = (
    float | Annotated[str, Field(pattern=r"^(NaN|-?Infinity|-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?)$")]
)


class _Shape(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues] - how pydantic configures a TypedDict


class ArrayValue(_Shape, total=False):
    values: "Several[AnyValue] | None"


class KeyValueList(_Shape, total=False):
    values: "Several[KeyValue] | None"


class AnyValue(_Shape, total=False):
    """One of these."""

    stringValue: str | None
    boolValue: bool | None
    intValue: Int64 | None
    doubleValue: Double | None
    bytesValue: str | None
    arrayValue: ArrayValue | None
    kvlistValue: KeyValueList | None


class KeyValue(_Shape, total=False):
    key: str | None
    value: AnyValue | None


class Resource(_Shape, total=False):
    attributes: Several[KeyValue] | None


class LogRecord(_Shape, total=False):
    timeUnixNano: Int64 | None
    observedTimeUnixNano: Int64 | None
    eventName: str | None
    body: AnyValue | None
    attributes: Several[KeyValue] | None


class ScopeLogs(_Shape, total=False):
    logRecords: Several[LogRecord] | None


class ResourceLogs(_Shape, total=False):
    resource: Resource | None
    scopeLogs: Several[ScopeLogs] | None


class OtlpLogsBody(_Shape, total=False):
    """ExportLogsServiceRequest."""

    resourceLogs: Several[ResourceLogs] | None


class NumberDataPoint(_Shape, total=False):
    attributes: Several[KeyValue] | None
    startTimeUnixNano: Int64 | None
    timeUnixNano: Int64 | None
    asInt: Int64 | None
    asDouble: Double | None


class Sum(_Shape, total=False):
    dataPoints: Several[NumberDataPoint] | None
    aggregationTemporality: WireInt | None


class Metric(_Shape, total=False):
    """Of the kinds of metrics, sums tell of work."""

    name: str | None
    sum: Sum | None


class ScopeMetrics(_Shape, total=False):
    metrics: Several[Metric] | None


class ResourceMetrics(_Shape, total=False):
    resource: Resource | None
    scopeMetrics: Several[ScopeMetrics] | None


class OtlpMetricsBody(_Shape, total=False):
    """ExportMetricsServiceRequest."""

    resourceMetrics: Several[ResourceMetrics] | None


class Status(_Shape, total=False):
    code: WireInt | None


class Span(_Shape, total=False):
    traceId: Hex | None
    spanId: Hex | None
    name: str | None
    startTimeUnixNano: Int64 | None
    endTimeUnixNano: Int64 | None
    attributes: Several[KeyValue] | None
    status: Status | None


class ScopeSpans(_Shape, total=False):
    spans: Several[Span] | None


class ResourceSpans(_Shape, total=False):
    resource: Resource | None
    scopeSpans: Several[ScopeSpans] | None


class OtlpTracesBody(_Shape, total=False):
    """ExportTraceServiceRequest."""

    resourceSpans: Several[ResourceSpans] | None
