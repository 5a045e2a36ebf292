"""Houses on the database that the tests of this process share."""

import pytest

from resolvers.context import Services
from tests.make import time
from tests.rest_compat.house import House, house_of

HOURS = 60.0


@pytest.fixture
def house(services: Services) -> House:
    """An organisation of its own, eight hours after START, a Monday."""
    return house_of(services, time(8 * HOURS))


@pytest.fixture
def other_house(services: Services) -> House:
    return house_of(services, time(8 * HOURS))
