"""The composite of version 2.1 for any periods: of single developers, and of an organisation."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.scores.composite import Composites
from domain.scores.windows import Bounds
from domain.values import UserId
from persistence.database import Tenant
from resolvers.context import Services


async def composites_of(
    services: Services, tenant: Tenant, user_ids: Sequence[UserId], periods: Sequence[Bounds], zone: ZoneInfo
) -> Composites:
    """Of these developers, each and pooled, in each of these periods: the one asked for, those before it, or a series.

    A period that is the day, week or month of `zone`, or its beginning, is compared with such before it, any other one
    with stretches of its own length. What lies in the future is cut off.
    """
    raise NotImplementedError
