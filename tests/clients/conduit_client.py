"""mappa-conduit for Python, unchanged: uploads, asks for reports, follows, waits, cancels, and checks webhooks."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import TypeVar

from conduit import Conduit
from conduit.errors import ApiError, AuthError, ConduitError, JobFailedError, ValidationError, WebhookVerificationError
from conduit.resources import ReportJobReceipt

BASE, KEY, SECRET, TRANSCRIPT = (
    os.environ[name] for name in ("BASE_URL", "SERVICE_KEY", "WEBHOOK_SECRET", "TRANSCRIPT")
)
E = TypeVar("E", bound=ConduitError)

WAIT_MS = 40_000
OUTPUT, TARGET = {"template": "sales_playbook"}, {"strategy": "dominant"}


def ask(client: Conduit, media: str, **more: object) -> ReportJobReceipt:
    return client.reports.create(**{"source": {"media_id": media}, "output": OUTPUT, "target": TARGET, **more})


def uploads(client: Conduit) -> str:
    """Under one key it is one file; in the end it is read."""
    body = Path(TRANSCRIPT).read_bytes()
    first, again = (client.primitives.media.upload(file=body, label="a talk", idempotency_key="u1") for _ in range(2))
    assert first.media_id == again.media_id
    return read(client, first.media_id)


def read(client: Conduit, media: str) -> str:
    ends = time.monotonic() + WAIT_MS / 1000
    while (file := client.primitives.media.get(media)).processing_status not in ("COMPLETED", "FAILED"):
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert (file.processing_status, file.label) == ("COMPLETED", "a talk")
    return media


def streams(client: Conduit, media: str) -> str:
    receipt = ask(client, media)
    assert (receipt.status, receipt.stage) == ("queued", "queued")
    told = list(receipt.handle.stream(timeout_ms=WAIT_MS))
    shares = [event.job.progress or 0.0 for event in told]
    assert [event.type for event in (told[0], told[-1])] in (["status", "terminal"], ["terminal", "terminal"])
    assert shares == sorted(shares)
    assert told[-1].job.status == "succeeded"
    return f"{len(told)} events"


def waits(client: Conduit, media: str) -> str:
    receipt = ask(client, media, idempotency_key="r1")
    report = receipt.handle.wait(timeout_ms=WAIT_MS)
    assert report.job_id == receipt.job_id
    assert report.media_id == media
    assert (report.output.markdown or "").startswith("# ")
    assert client.reports.get(report.id).id == report.id
    assert (client.reports.get_by_job(receipt.job_id) or report).id == report.id
    assert ask(client, media, idempotency_key="r1").job_id == receipt.job_id
    return report.entity_id or ""


def takes_a_file_as_source(client: Conduit, _: str) -> str:
    receipt = client.reports.create(
        source={"file": Path(TRANSCRIPT).read_bytes(), "label": "once more"}, output={"template": "general_report"},
        target={"strategy": "magic_hint", "hint": "the person who asked"}, idempotency_key="both",
    )  # fmt: skip
    return receipt.handle.wait(timeout_ms=WAIT_MS).output.template


def cancels(client: Conduit, media: str) -> str:
    """One that was over already stays as it was."""
    receipt = ask(client, media)
    status = receipt.handle.cancel().status
    assert receipt.handle.cancel().status == status == receipt.handle.job().status
    assert status == "succeeded" or receipt.handle.report() is None
    return status


def fails(client: Conduit, media: str) -> str:
    receipt = ask(client, media, target={"strategy": "entity_id", "entity_id": "nobody"})
    error = raised(JobFailedError, lambda: receipt.handle.wait(timeout_ms=WAIT_MS))
    assert error.code == "target_not_found"
    assert receipt.handle.report() is None
    return str(error)


def reads_errors(client: Conduit, media: str) -> str:
    stranger = Conduit(api_key="gas_nobody", base_url=BASE)
    assert raised(AuthError, lambda: stranger.primitives.media.get(media)).code == "unauthorized"
    invalid = raised(ValidationError, lambda: ask(client, "no such media"))
    assert (invalid.status, invalid.code) == (422, "validation_error")
    assert invalid.request_id
    missing = raised(ApiError, lambda: client.primitives.jobs.get("job_none"))
    assert (missing.status, missing.code) == (404, "not_found")
    return str(missing)


def raised(kind: type[E], call: Callable[[], object]) -> E:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def verifies_webhooks(client: Conduit, media: str) -> str:
    with receiver() as (url, arrived):
        done = ask(client, media, webhook={"url": url, "headers": {"x-mine": "17"}})
        failed = ask(client, media, webhook={"url": url}, target={"strategy": "entity_id", "entity_id": "nobody"})
        told = dict(checked(client, *arrived.get(timeout=WAIT_MS / 1000)) for _ in range(2))
    assert told == {("report.completed", done.job_id): "17", ("report.failed", failed.job_id): None}
    return ", ".join(kind for kind, _ in told)


def checked(client: Conduit, body: bytes, headers: dict[str, str]) -> tuple[tuple[str, str], str | None]:
    assert client.webhooks.verify_signature(body, headers, SECRET)
    forged = raised(WebhookVerificationError, lambda: client.webhooks.verify_signature(body + b" ", headers, SECRET))
    assert forged.code == "webhook_signature_invalid"
    event = client.webhooks.parse_event(body)
    return (event.type, json.loads(body)["data"]["jobId"]), headers.get("x-mine")


@contextmanager
def receiver() -> Iterator[tuple[str, "Queue[tuple[bytes, dict[str, str]]]"]]:
    arrived: Queue[tuple[bytes, dict[str, str]]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            arrived.put((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is to be told of what went well."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", arrived
        server.shutdown()


CHECKS: dict[str, Callable[[Conduit, str], str]] = {
    "creates and streams": streams,
    "waits, and gets the report by its id and by its job": waits,
    "takes a file as source": takes_a_file_as_source,
    "cancels": cancels,
    "tells a missed target": fails,
    "reads errors": reads_errors,
    "verifies webhooks": verifies_webhooks,
}


def check(name: str, run: Callable[[], str]) -> str | None:
    """What it told; None when it failed."""
    try:
        told = run()
    except Exception as error:
        print(f"  FAIL  {name}: {type(error).__name__} {error}"[:500])
        return None
    print(f"  ok    {name}{told and ': '}{told}")
    return told


def main() -> int:
    client = Conduit(api_key=KEY, base_url=BASE)
    media = check("uploads", lambda: uploads(client))
    if media is None:
        return 1
    failed = [name for name, run in CHECKS.items() if check(name, partial(run, client, media)) is None]
    return 1 if failed else 0


sys.exit(main())
