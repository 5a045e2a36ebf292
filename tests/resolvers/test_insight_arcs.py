"""Arcs behind numbers: they are looked for in turn, as the numbers are."""

from dataclasses import replace

import pytest

from domain.access import Scope
from domain.errors import TooMany
from domain.insights.drill_downs import (
    TrendsPoint,
)
from domain.values import Window
from resolvers.context import Services
from resolvers.insight_arcs import count_arcs, drill_down, list_arcs
from resolvers.insight_slots import InsightSlots
from tests.make_context import make_context
from tests.rest_compat.posthog import TRENDS


async def test_who_looks_for_arcs_waits_as_who_computes_does(services: Services) -> None:
    none_left = replace(services, insight_slots=InsightSlots(of_one=0, waiting=0))
    ctx = await make_context(none_left, scopes=frozenset({Scope.QUERY_READ, Scope.SCORES_READ}))
    behind = await drill_down(ctx, None, TRENDS, TrendsPoint(0))
    with pytest.raises(TooMany):
        await count_arcs(ctx, behind)
    with pytest.raises(TooMany):
        await list_arcs(ctx, behind, Window(10))
