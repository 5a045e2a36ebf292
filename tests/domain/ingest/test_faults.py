"""What is wrong with an event, as programs are told."""

from collections.abc import Mapping

import orjson
import pytest
from pydantic import ValidationError

from domain.errors import Fault
from domain.ingest.envelope import Envelope
from domain.ingest.faults import IngestErrorCode, faults, readable_id
from domain.values import JsonValue

ID = "6f1c2b9e-52a4-4a0c-9a2e-0d5f3b1f7c11"
GOOD: Mapping[str, JsonValue] = {
    "id": ID, "sessionId": "s", "ts": "2026-11-22T09:00:00Z", "kind": "prompt", "source": {"channel": "api"},
    "v": 1, "data": {},
}  # fmt: skip


def _faults(item: JsonValue) -> list[Fault]:
    with pytest.raises(ValidationError) as refused:
        Envelope.model_validate_json(orjson.dumps(item))
    return list(faults(refused.value, ("events", "7")))


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"id": 7}, "id", IngestErrorCode.INVALID),
        ({"ts": "1.1.2026"}, "ts", IngestErrorCode.INVALID),
        ({"ts": "9999-12-31T23:59:59-01:00"}, "ts", IngestErrorCode.OUT_OF_RANGE),
        ({"ts": "9999-01-01T00:00:00Z"}, "ts", IngestErrorCode.OUT_OF_RANGE),
        ({"v": 2}, "v", IngestErrorCode.OUT_OF_RANGE),
        ({"kind": "noise"}, "kind", IngestErrorCode.NOT_ALLOWED),
        ({"source": {"channel": "post"}}, "source.channel", IngestErrorCode.NOT_ALLOWED),
        ({"source": {"emitter": "x" * 129}}, "source.emitter", IngestErrorCode.TOO_LONG),
        ({"source": 5}, "source", IngestErrorCode.INVALID),
        ({"kind": "test_run", "data": {"durationMs": -0.5}}, "data.durationMs", IngestErrorCode.OUT_OF_RANGE),
        ({"kind": "test_run", "data": {"passed": 1.5}}, "data.passed", IngestErrorCode.INVALID),
        ({"kind": "git_action", "data": {}}, "data.action", IngestErrorCode.MISSING),
    ],
)
def test_each_rule_names_its_place_and_its_code(
    wrong: Mapping[str, JsonValue], place: str, code: IngestErrorCode
) -> None:
    [fault] = _faults({**GOOD, **wrong})
    assert (fault.field, fault.code) == (("events", "7", *place.split(".")), code)
    assert fault.message


def test_all_that_is_wrong_is_told() -> None:
    told = _faults({**GOOD, "id": "x", "sessionId": "", "source": {"integration": "y" * 129, "emitter": "z" * 129}})
    assert [".".join(fault.field or ()) for fault in told] == [
        "events.7.id",
        "events.7.sessionId",
        "events.7.source.integration",
        "events.7.source.emitter",
    ]


def test_a_member_that_is_not_there_is_missing() -> None:
    told = _faults({name: value for name, value in GOOD.items() if name != "ts"})
    assert [(fault.field, fault.code) for fault in told] == [(("events", "7", "ts"), IngestErrorCode.MISSING)]


@pytest.mark.parametrize("item", [None, 7, "x", []])
def test_what_is_no_object_is_told_as_a_whole(item: JsonValue) -> None:
    [fault] = _faults(item)
    assert (fault.field, fault.code) == (("events", "7"), IngestErrorCode.INVALID)


@pytest.mark.parametrize("item", [None, 7, "x", [ID], {}, {"id": None}, {"id": 7}, {"id": "7"}, {"id": f"{{{ID}}}"}])
def test_an_id_that_is_none_cannot_be_read(item: JsonValue) -> None:
    assert readable_id(item) is None


def test_the_id_of_a_bad_event_can_be_read() -> None:
    assert str(readable_id({"id": ID.upper(), "kind": 5})) == ID
