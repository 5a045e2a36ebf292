"""Price lists: what is in them, which price holds when, and what tokens cost by it."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.prices.catalogue import LISTS, VERSION, Price, PriceList, cost, price_of, read, version_of
from domain.timeline import Tokens

COUNTS = st.integers(0, 2**40)
MILLION = 1_000_000


def lists() -> list[PriceList]:
    return [read(files("domain.prices").joinpath(f"{name}.toml").read_text("utf-8")) for name in LISTS]


def every_price() -> list[Price]:
    return [price for one in lists() for model in one.models for price in model.prices]


def price(model: str, year: int, month: int, day: int) -> Price:
    found = price_of(model, datetime(year, month, day, 12, tzinfo=UTC))
    assert found is not None
    return found


# Which price


@pytest.mark.parametrize(
    "model",
    [
        "claude-opus-4-5",
        "claude-opus-4.5",
        "claude-opus-4-5-20251101",
        "anthropic/claude-opus-4.5",
        "claude-opus-4-5-20251101[1m]",
        " Claude-Opus-4-5 ",
    ],
)
def test_a_model_is_known_by_all_its_names(model: str) -> None:
    assert price(model, 2026, 1, 1) == price("claude-opus-4-5", 2026, 1, 1)


def test_snapshots_of_the_other_makers_are_known_too() -> None:
    assert price("openai/gpt-5.4-2026-03-05", 2026, 4, 1) == price("gpt-5.4", 2026, 4, 1)
    assert price("google/gemini-3-pro-preview", 2026, 1, 1).output == Decimal(12)


@pytest.mark.parametrize(
    "model",
    [
        "",
        "<synthetic>",
        "opus",
        "claude",
        "claude-opus-4-50",
        "claude-opus-4-5-2025",
        "gpt-5.4-pro",
        "us.anthropic.claude-opus-4-5-20251101-v1:0",
        "claude-opus-4-5@20251101",
        "somebody/anthropic/claude-opus-4-5",
        "llama-4",
        "claude-opus-4-5\n-20251101",
        "a" * 10**6,
    ],
)
def test_a_name_that_is_not_the_makers_has_no_price(model: str) -> None:
    assert price_of(model, datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_before_its_first_known_day_a_model_has_no_price() -> None:
    first = datetime(2025, 11, 24, tzinfo=UTC)
    assert price_of("claude-opus-4-5", first - timedelta(microseconds=1)) is None
    assert price_of("claude-opus-4-5", first) is not None


def test_a_price_holds_until_the_next_one_by_the_day_in_utc() -> None:
    change = datetime(2026, 10, 7, tzinfo=UTC)
    before, after = price_of("claude-sonnet-5-5", change - timedelta(seconds=1)), price_of("claude-sonnet-5-5", change)
    assert before is not None
    assert after is not None
    assert (before.cache_read, after.cache_read) == (Decimal("0.20"), Decimal("0.10"))
    in_tokyo = datetime(2026, 10, 7, 8, 59, tzinfo=timezone(timedelta(hours=9)))
    assert price_of("claude-sonnet-5-5", in_tokyo) == before


def test_the_last_price_holds_on() -> None:
    assert price("gpt-5.6-luna", 2031, 1, 1) == price("gpt-5.6-luna", 2026, 7, 30)


# What it costs


@pytest.mark.parametrize(
    ("model", "day", "tokens", "usd"),
    [
        ("claude-opus-4-1", (2025, 9, 1), Tokens(MILLION, 0, 0, 0), "15"),
        ("claude-opus-4-5", (2026, 1, 1), Tokens(0, MILLION, 0, 0), "25"),
        ("claude-opus-4-5", (2026, 1, 1), Tokens(0, 0, MILLION, 0), "0.5"),
        ("claude-opus-4-5", (2026, 1, 1), Tokens(0, 0, 0, MILLION), "6.25"),
        ("claude-haiku-4-5", (2026, 1, 1), Tokens(1, 1, 1, 1), "0.00000735"),
        ("gpt-5.4", (2026, 4, 1), Tokens(100_000, 10_000, 100_000, 0), "0.425"),
        ("gpt-5", (2025, 9, 1), Tokens(0, 0, 0, MILLION), "1.25"),
        ("gemini-3.1-pro-preview", (2026, 5, 1), Tokens(5858, 12, 31676, 0), "0.0181952"),
    ],
)
def test_worked_costs(model: str, day: tuple[int, int, int], tokens: Tokens, usd: str) -> None:
    assert cost(tokens, price(model, *day)) == Decimal(usd)


def test_an_hour_in_the_cache_costs_more() -> None:
    opus = price("claude-opus-4-5", 2026, 1, 1)
    assert cost(Tokens(0, 0, 0, 300_000), opus, cache_write_1h=100_000) == Decimal("2.25")
    assert cost(Tokens(0, 0, 0, 300_000), opus, cache_write_1h=10**9) == Decimal("3")


def test_without_a_price_of_its_own_an_hour_costs_as_any_other_write() -> None:
    luna = price("gpt-6-luna", 2026, 10, 1)
    assert cost(Tokens(0, 0, 0, 1_000), luna, cache_write_1h=600) == cost(Tokens(0, 0, 0, 1_000), luna)


@pytest.mark.parametrize(
    ("tokens", "usd"),
    [
        (Tokens(1, 1_000, 199_999, 0), "0.0750027"),
        (Tokens(1, 1_000, 200_000, 0), "0.142506"),
        (Tokens(1, 1_000, 100_000, 100_000), "0.832506"),
    ],
)
def test_a_long_prompt_raises_the_price_of_the_whole_request(tokens: Tokens, usd: str) -> None:
    assert cost(tokens, price("claude-sonnet-4-5", 2026, 1, 1)) == Decimal(usd)


def test_of_responses_told_together_none_is_a_long_prompt_unless_all_are() -> None:
    sonnet, tokens = price("claude-sonnet-4-5", 2026, 1, 1), Tokens(1, 1_000, 200_000, 0)
    assert cost(tokens, sonnet, responses=2) == Decimal("0.075003")
    assert cost(Tokens(2, 2_000, 400_000, 0), sonnet, responses=2) == 2 * cost(tokens, sonnet)


def test_the_premium_for_long_prompts_ended() -> None:
    long = Tokens(300_000, 0, 0, 0)
    assert cost(long, price("claude-opus-4-6", 2026, 3, 12)) == Decimal(3)
    assert cost(long, price("claude-opus-4-6", 2026, 3, 13)) == Decimal("1.5")


def test_nothing_costs_nothing() -> None:
    assert cost(Tokens(), price("claude-opus-5", 2026, 8, 1)) == 0


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.sampled_from(every_price()))
def test_costs_are_exact(input: int, output: int, read: int, write: int, price: Price) -> None:
    """Against whole numbers of a billionth of a dollar."""
    long = price.long_prompt
    rates = price if long is None or input + read + write <= long.above else long
    classes = ((input, rates.input), (output, rates.output), (read, rates.cache_read), (write, rates.cache_write))
    billionths = sum(count * int((rates.input if rate is None else rate) * 1000) for count, rate in classes)
    assert cost(Tokens(input, output, read, write), price) * 10**9 == billionths


# The files


def test_no_name_stands_twice() -> None:
    names = [name for one in lists() for model in one.models for name in model.names]
    assert sorted(set(names)) == sorted(names)
    assert names == [name.lower() for name in names]


def test_every_price_says_where_it_was_read() -> None:
    for one in lists():
        used = {source for model in one.models for price in model.prices for source in price.sources}
        assert used == set(one.sources)
    assert all(price.sources for price in every_price())


def test_prices_are_plausible() -> None:
    """A slip by a factor of ten, or two classes that changed places, show."""
    for one in chain(every_price(), (price.long_prompt for price in every_price() if price.long_prompt)):
        assert Decimal("0.05") <= one.input <= 20
        assert 3 <= one.output / one.input <= 9
        assert one.cache_read is not None
        assert Decimal("0.025") <= one.cache_read / one.input <= Decimal("0.25")
        assert one.cache_write in (None, one.input * Decimal("1.25"))
        assert one.cache_write_1h in (None, one.input * 2)


def test_long_prompts_cost_up_to_five_times_as_much() -> None:
    for price in every_price():
        if price.long_prompt:
            assert 1 < price.long_prompt.output / price.output <= price.long_prompt.input / price.input <= 5


def test_every_day_is_a_day_of_these_models() -> None:
    assert all(date(2025, 1, 1) < price.since <= date(2027, 1, 1) for price in every_price())


ONE = """
[sources]
page = "a page"
[[models]]
names = ["m"]
[[models.prices]]
since = 2026-01-01
input = 1
output = 2.5
sources = ["page"]
"""


def test_a_list_is_read() -> None:
    (model,) = read(ONE).models
    assert model.prices[0].output == Decimal("2.5")
    assert model.prices[0].since == date(2026, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        ONE.replace('["page"]', '["hearsay"]'),
        ONE.replace("output", "outptu"),
        ONE.replace("output = 2.5", ""),
        ONE.replace("since = 2026-01-01", ""),
        ONE + ONE[ONE.index("[[models.prices") :],
        ONE + ONE[ONE.index("[[models.prices") :].replace("2026", "2025"),
        ONE[: ONE.index("[[models.prices")],
    ],
)
def test_a_list_with_a_fault_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"prices|outptu|output|since"):
        read(wrong)


def test_the_version_follows_from_the_figures_and_not_from_the_sources() -> None:
    assert len(VERSION) == 8
    as_read = version_of((read(ONE),))
    assert version_of((read(ONE.replace("a page", "another page")),)) == as_read
    assert version_of((read(ONE.replace("2.5", "2.6")),)) != as_read
    assert version_of((read(ONE.replace("2026-01-01", "2026-01-02")),)) != as_read


def test_the_example_in_the_documentation_adds_up() -> None:
    page = (Path(__file__).parents[3] / "docs" / "prices.md").read_text("utf-8")
    rows = [row.strip("|").split("|") for row in page.splitlines() if row.startswith("| ") and "0." in row]
    tokens = [int(row[1].replace(",", "")) for row in rows[:-1]]
    input, output, read, write, write_1h = tokens
    whole = cost(Tokens(input, output, read, write + write_1h), price("claude-opus-4-6", 2026, 4, 1), write_1h)
    assert [Decimal(row[3]) for row in rows[:-1]] == [
        count * Decimal(row[2]) / MILLION for count, row in zip(tokens, rows[:-1], strict=True)
    ]
    assert rows[-1][3].strip() == f"**{whole.normalize()}**"
