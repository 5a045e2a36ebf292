"""Asking ClickHouse: values, and what is said of errors."""

import pytest

from domain.insights.errors import InvalidQuery, TooCostly
from persistence.insights.clickhouse.client import Client

AWKWARD = 'it\'s \\ \t \n "é" {x}'


async def test_values_come_back_as_they_were_bound(clickhouse: Client) -> None:
    asked = "SELECT {text:String} AS text, {texts:Array(String)} AS texts, {number:Int64} AS number"
    bound = {"text": AWKWARD, "texts": [AWKWARD, ""], "number": 2**60}
    assert await clickhouse.rows(asked, bound) == [bound]


async def test_what_takes_too_much_says_what_to_ask_less_of(clickhouse: Client) -> None:
    endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
    with pytest.raises(TooCostly, match="too long: ask for a shorter date range"):
        await clickhouse.rows(endless, {}, {"max_execution_time": 1})
    with pytest.raises(TooCostly, match="more memory"):
        await clickhouse.rows("SELECT groupArray(number) FROM numbers(10000000)", {}, {"max_memory_usage": 2**20})
    with pytest.raises(InvalidQuery, match="regular expression"):
        await clickhouse.rows("SELECT match('a', {pattern:String}) AS found", {"pattern": "("})
