"""What a client reads of its budget without looking into the body."""

from datetime import UTC, datetime, timedelta

from resolvers.budgets import Budget
from rest_compat.dialect import RATE_LIMIT_HEADERS
from schema.budgets import budget_headers

NEXT = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)
BUDGET = Budget(1_000_000, 987_654, NEXT)


def test_both_spellings_tell_the_same() -> None:
    assert budget_headers(BUDGET, NEXT - timedelta(seconds=39.5)) == {
        "ratelimit-policy": '"cost";q=1000000;w=60',
        "ratelimit": '"cost";r=987654;t=40',
        "x-ratelimit-limit": "1000000",
        "x-ratelimit-remaining": "987654",
        "x-ratelimit-reset": "1772452860",
    }
    assert datetime.fromtimestamp(1_772_452_860, UTC) == NEXT


def test_after_an_answer_that_outlives_its_minute_a_second_is_enough() -> None:
    assert budget_headers(BUDGET, NEXT + timedelta(seconds=5))["ratelimit"] == '"cost";r=987654;t=1'


def test_rest_spells_its_headers_the_same() -> None:
    assert RATE_LIMIT_HEADERS.keys() <= budget_headers(BUDGET, NEXT).keys()
