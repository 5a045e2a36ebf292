"""What is posted when a report is over is what the contract says is posted."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from jsonschema_rs import Draft202012Validator

from domain.values import JsonObject
from domain.webhooks import WebhookId, event_body
from tests.rest_compat.contract import ABSENT, document

NOW = datetime(2026, 3, 2, 8, 1, 30, tzinfo=UTC)
DONE: JsonObject = {"jobId": "j", "reportId": "r", "status": "succeeded"}
FAILED: JsonObject = {"jobId": "j", "status": "failed", "error": {"code": "target_not_found", "message": "x"}}


@pytest.mark.parametrize(
    ("type", "data", "fits"),
    [
        ("report.completed", DONE, True),
        ("report.failed", FAILED, True),
        ("report.completed", FAILED, False),
        ("report.cancelled", DONE, False),
    ],
)
def test_an_event_has_the_shape_of_the_contract(type: str, data: JsonObject, fits: bool) -> None:
    whole = document()
    if whole is None:
        pytest.skip(ABSENT)
    schema = {"$ref": "#/$defs/MappaWebhookEvent", "$defs": whole["$defs"]}
    event = orjson.loads(event_body(WebhookId(UUID(int=7)), type, data, NOW))
    checked = Draft202012Validator(schema, validate_formats=True)
    assert checked.is_valid(event) is fits
