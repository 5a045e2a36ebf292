"""Answers are bounded as they are made, since nobody can tell beforehand how long every list will be."""

import pytest
from structlog.testing import capture_logs

from schema import core
from tests.schema.asking import Asker

LONG = '{ __typename __type(name: "SubSession") { fields { name type { name } } } }'


async def test_an_answer_that_grows_too_large_is_ended(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MAX_FIELDS", 50)
    with capture_logs() as logs:
        answer = (await ada.post({"query": LONG})).json()
    assert answer["data"] == {"__typename": "Query", "__type": {"fields": None}}
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert error["message"] == "an answer has at most 50 fields: ask for fewer items or fields"
    assert answer["extensions"]["cost"]["actual"] > 1  # what was done for nothing is charged all the same
    assert not [line for line in logs if line["log_level"] == "error"]


async def test_what_is_within_the_bound_is_answered_in_full(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = (await ada.post({"query": LONG})).json()
    monkeypatch.setattr(core, "MAX_FIELDS", answer["extensions"]["cost"]["actual"])
    assert (await ada.post({"query": LONG})).json()["data"] == answer["data"]
