"""What API responses used: counted once, priced one by one, unpriced as a whole, and known to be a lower bound."""

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.usage import Usage, usage
from domain.timeline import Event, Kind, Tokens
from tests.make import event, prompt, response

OPUS = "claude-opus-4-6"
DAY = datetime(2026, 4, 1, tzinfo=UTC)


def request(tokens: Tokens | None = None, name: str | None = None, **facts: object) -> Event:
    return event(Kind.API_REQUEST, DAY, **{"tokens": tokens, "request_id": name, "model": OPUS, **facts})


def test_nothing_was_used_and_nothing_cost() -> None:
    assert usage([]) == usage([prompt("hello"), response("hi")]) == Usage(Tokens(), None, False)


def test_tokens_are_priced_by_model_and_time() -> None:
    assert usage([request(Tokens(1000, 100, 10_000, 2000))]).cost_usd == Decimal("0.025")
    assert usage([request(Tokens(1000), model="claude-haiku-4-5-20251001")]).cost_usd == Decimal("0.001")


def test_responses_told_together_are_no_long_prompt() -> None:
    together = request(Tokens(600_000), model="gpt-5.4", data={"requests": 3})
    assert usage([together]).cost_usd == Decimal("1.5")
    assert usage([request(Tokens(600_000), model="gpt-5.4")]).cost_usd == Decimal(3)


def test_what_the_source_said_goes_before_the_list() -> None:
    assert usage([request(Tokens(1000, 100), cost_usd=Decimal("0.5"))]).cost_usd == Decimal("0.5")
    free = usage([request(Tokens(1000, 100), cost_usd=Decimal(0)), request(Tokens(1000))])
    assert free.cost_usd == Decimal("0.005")


def test_the_cost_of_one_event_holds_for_the_response() -> None:
    told, counted = response("a", DAY, request_id="r", cost_usd=Decimal("0.5")), request(Tokens(1000, 100), "r")
    assert usage([told, counted]) == usage([counted, told]) == Usage(Tokens(1000, 100), Decimal("0.5"))


def test_a_response_in_many_events_is_priced_once() -> None:
    parts = [request(Tokens(1000, output), "r") for output in (1, 400, 7)]
    assert usage(parts) == Usage(Tokens(1000, 400), Decimal("0.015"))


def test_the_model_may_stand_on_another_event_of_the_response() -> None:
    assert usage([request(Tokens(1000), "r", model=None), response("a", DAY, request_id="r", model=OPUS)]) == Usage(
        Tokens(1000), Decimal("0.005")
    )


@pytest.mark.parametrize(
    "unpriced",
    [
        request(Tokens(5), model="llama-4"),
        request(Tokens(5), model=None),
        request(Tokens(5), model="<synthetic>"),
        request(Tokens(5), ts=datetime(2026, 2, 4, 23, 59, tzinfo=UTC)),
        request(Tokens(5), data={"speed": "fast"}),
    ],
)
def test_one_unpriced_response_leaves_all_unpriced(unpriced: Event) -> None:
    assert usage([unpriced]) == Usage(Tokens(5), None)
    assert usage([unpriced, request(Tokens(1000)), request(cost_usd=Decimal(1))]) == Usage(Tokens(1005), None)


def test_what_used_no_tokens_needs_no_price() -> None:
    empty = request(Tokens(), model="llama-4")
    assert usage([empty]) == Usage(Tokens(), None)
    assert usage([empty, request(Tokens(1000), data={"speed": "standard"})]).cost_usd == Decimal("0.005")


@pytest.mark.parametrize(
    ("for_an_hour", "usd"), [(1000, "0.01"), (400, "0.00775"), (9999, "0.01"), (-5, "0.00625"), ("x", "0.00625")]
)
def test_writes_for_an_hour_are_told_apart(for_an_hour: object, usd: str) -> None:
    found = usage([request(Tokens(0, 0, 0, 1000), data={"cacheWrite1hTokens": for_an_hour})])
    assert found.cost_usd == Decimal(usd)


def test_a_sum_with_a_lower_bound_is_one() -> None:
    low = request(Tokens(10, 1), "r", data={"outputIsLowerBound": True})
    assert usage([low, request(Tokens(5))]).is_lower_bound
    assert not usage([low, request(Tokens(10, 300), "r")]).is_lower_bound
    assert not usage([request(Tokens(10), data={"outputIsLowerBound": "no"})]).is_lower_bound


@given(st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(random: Random) -> None:
    models = (OPUS, "claude-haiku-4-5", None, "claude-opus-4-7")
    events = [request(Tokens(n % 3, n % 2), f"r{n % 4}", model=models[n % 4]) for n in range(12)]
    events += [request(Tokens(1, 1), "r1", model=model, data={"outputIsLowerBound": model == OPUS}) for model in models]
    expected = usage(events)
    random.shuffle(events)
    assert usage(events) == expected
