"""A stand-in for what computes results, and somebody who asks for them."""

import pytest

import resolvers.insight_computing
import resolvers.insight_runs
from resolvers.context import Context, Services
from tests.make_context import make_context
from tests.resolvers.insight_runs.computing import ORG, Computing


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> Computing:
    stands_in = Computing()
    stands_in.go_on.set()
    monkeypatch.setattr(resolvers.insight_computing, "compute", stands_in.compute)
    monkeypatch.setattr(resolvers.insight_runs, "_LOOK_S", 0.05)
    return stands_in


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(services, scopes=ORG)
