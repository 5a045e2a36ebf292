"""Insights for a team that starts today, through the graph."""

from resolvers.context import Services
from tests.schema.asking import make_asker

MAKE = """mutation { createReadyMadeInsights(input: {folder: "Start"}) {
  insights { name folder tags } userErrors { code } } }"""


async def test_they_are_made_once(services: Services) -> None:
    asker = await make_asker(services)
    made = (await asker.data(MAKE))["createReadyMadeInsights"]
    assert len(made["insights"]) > 4
    assert made["userErrors"] == []
    assert made["insights"][0]["folder"] == "Start"
    assert (await asker.data(MAKE))["createReadyMadeInsights"] == {"insights": [], "userErrors": []}
