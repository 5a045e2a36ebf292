"""`POST /v1/logs`, `/v1/metrics`, `/v1/traces`: telemetry of agents as OTLP over HTTP, in protobuf or JSON.

Whoever sends protobuf is answered in protobuf, errors too.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NotRequired

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from pydantic import with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import domain.ingest.otlp_logs
import domain.ingest.otlp_metrics
import domain.ingest.otlp_spans
import resolvers.telemetry
from domain.errors import Invalid
from domain.ingest.otlp import Record
from resolvers.telemetry import Read, Taken
from rest_compat import otlp_json, otlp_protobuf
from rest_compat.dialect import Dialect, Limit, Operation, Refused, key_or_address
from rest_compat.promptster import CLOSED, INGEST
from rest_compat.turns import turn
from rest_compat.wire import read_bytes

JSON, PROTOBUF = "application/json", "application/x-protobuf"
MOST_RECORDS = 20_000
_RETRY_AFTER_S = "5"
ERRORS = (400, 401, 403, 413, 415, 429)
_CODES = {400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 429: 8, 500: 13, 503: 14}
"""Of gRPC, for each status."""


class StatusBody(TypedDict):
    """google.rpc.Status."""

    code: int
    message: str


class _Otlp(Dialect):
    """Errors are worded as JSON by the dialect, and put into protobuf for whoever speaks that."""

    __slots__ = ()

    async def run(self, operation: Operation, request: Request) -> Response:
        response = await super().run(operation, request)
        if response.status_code == 503:
            response.headers["retry-after"] = _RETRY_AFTER_S
        if response.status_code < 400 or not response.body or not speaks_protobuf(request):
            return response
        worded = orjson.loads(response.body)
        written = Response(
            otlp_protobuf.status(worded["code"], worded["message"]), response.status_code, media_type=PROTOBUF
        )
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        written.headers.update(kept)
        return written


def _word_error(status: int, error: Exception) -> dict[str, object]:
    details = error.details if isinstance(error, Invalid) else ()
    return {"code": _CODES[status], "message": ": ".join((str(error), *details))}


DIALECT = _Otlp(
    title="Telemetry",
    kinds=INGEST.kinds,
    word_error=_word_error,
    error_body=StatusBody,
    refusals=INGEST.refusals,
    limit=Limit("otlp", 1200, key_or_address),
)


@with_config(CLOSED)
class LogsPartialBody(TypedDict):
    rejectedLogRecords: str
    errorMessage: str


@with_config(CLOSED)
class LogsTakenBody(TypedDict):
    """ExportLogsServiceResponse."""

    partialSuccess: NotRequired[LogsPartialBody]


@with_config(CLOSED)
class MetricsPartialBody(TypedDict):
    rejectedDataPoints: str
    errorMessage: str


@with_config(CLOSED)
class MetricsTakenBody(TypedDict):
    """ExportMetricsServiceResponse."""

    partialSuccess: NotRequired[MetricsPartialBody]


@with_config(CLOSED)
class TracesPartialBody(TypedDict):
    rejectedSpans: str
    errorMessage: str


@with_config(CLOSED)
class TracesTakenBody(TypedDict):
    """ExportTraceServiceResponse."""

    partialSuccess: NotRequired[TracesPartialBody]


Decode = Callable[[bytes], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class _Signal:
    """One kind of telemetry: how it is decoded, read and answered."""

    json: Decode
    protobuf: Decode
    read: Read
    rejected: str
    answer: Callable[[Taken], bytes]


async def ingest_logs(request: Request) -> Response:
    return await _ingest(request, _LOGS)


async def ingest_metrics(request: Request) -> Response:
    return await _ingest(request, _METRICS)


async def ingest_traces(request: Request) -> Response:
    return await _ingest(request, _TRACES)


async def _ingest(request: Request, signal: _Signal) -> Response:
    ctx = DIALECT.context(request)
    body = await read_bytes(request, (JSON, PROTOBUF), zipped=True)
    in_protobuf = speaks_protobuf(request)
    with turn(len(body)):
        records = await asyncio.to_thread(_decode, signal.protobuf if in_protobuf else signal.json, body)
        taken = await resolvers.telemetry.ingest_telemetry(ctx, signal.read, records)
    if in_protobuf:
        return Response(signal.answer(taken), media_type=PROTOBUF)
    if taken.reason is None:
        return DIALECT.answer({})
    partial = {signal.rejected: str(taken.rejected), "errorMessage": taken.reason}
    return DIALECT.answer({"partialSuccess": partial})


def _decode(decode: Decode, body: bytes) -> Sequence[Record]:
    records = list(islice(decode(body), MOST_RECORDS + 1))
    if len(records) > MOST_RECORDS:
        raise Refused(413, f"More than {MOST_RECORDS} records in one export")
    return records


def speaks_protobuf(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == PROTOBUF


def _logs_taken(taken: Taken) -> bytes:
    answer = ExportLogsServiceResponse()
    if taken.reason is not None:
        answer.partial_success.rejected_log_records = taken.rejected
        answer.partial_success.error_message = taken.reason
    return answer.SerializeToString()


def _metrics_taken(taken: Taken) -> bytes:
    answer = ExportMetricsServiceResponse()
    if taken.reason is not None:
        answer.partial_success.rejected_data_points = taken.rejected
        answer.partial_success.error_message = taken.reason
    return answer.SerializeToString()


def _traces_taken(taken: Taken) -> bytes:
    answer = ExportTraceServiceResponse()
    if taken.reason is not None:
        answer.partial_success.rejected_spans = taken.rejected
        answer.partial_success.error_message = taken.reason
    return answer.SerializeToString()


_LOGS = _Signal(otlp_json.logs, otlp_protobuf.logs, domain.ingest.otlp_logs.read, "rejectedLogRecords", _logs_taken)
_METRICS = _Signal(
    otlp_json.metrics, otlp_protobuf.metrics, domain.ingest.otlp_metrics.read, "rejectedDataPoints", _metrics_taken
)
_TRACES = _Signal(otlp_json.spans, otlp_protobuf.spans, domain.ingest.otlp_spans.read, "rejectedSpans", _traces_taken)
