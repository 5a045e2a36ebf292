"""Who asks in the tests of the graph."""

import pytest

from resolvers.context import Services
from tests.history import judging
from tests.schema.asking import Asker, make_asker


@pytest.fixture
async def judged(services: Services) -> Services:
    """Services that judge by the rules, a year after `START`."""
    return judging(services)


@pytest.fixture
async def ada(judged: Services) -> Asker:
    """A developer of an organisation that nobody else uses."""
    return await make_asker(judged)


@pytest.fixture
async def eve(judged: Services) -> Asker:
    """Somebody of another organisation."""
    return await make_asker(judged)
