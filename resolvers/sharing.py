"""Sharing of an insight by a link: switching it, its passwords, and opening it."""

from domain.insights.saved import InsightId
from domain.insights.sharing import NewSharePassword, SharePasswordId, Sharing, SharingChange
from resolvers.context import Context


async def get_sharing(ctx: Context, id: InsightId) -> Sharing:
    """Also of an insight that was never shared. Needs `sharing_configuration:read`. Raises NotFound for no insight."""
    raise NotImplementedError


async def update_sharing(ctx: Context, id: InsightId, change: SharingChange) -> Sharing:
    """Needs `sharing_configuration:write`, as all below. Raises NotFound for no insight."""
    raise NotImplementedError


async def refresh_sharing(ctx: Context, id: InsightId) -> Sharing:
    """With another token: the one before opens nothing any more."""
    raise NotImplementedError


async def create_share_password(
    ctx: Context, id: InsightId, clear: str | None = None, note: str | None = None
) -> NewSharePassword:
    """Another password that opens the link, made here unless one is given. Raises NotFound, Invalid for one that is too
    short, too many of them, and where no password is required."""
    raise NotImplementedError


async def delete_share_password(ctx: Context, id: InsightId, password_id: SharePasswordId) -> None:
    """It opens the link no more. Raises NotFound, also for one that was deleted before."""
    raise NotImplementedError
