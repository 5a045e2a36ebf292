"""Everything out: verdicts of whole organisations, for whoever operates the server."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

import persistence.access
import persistence.scores
from domain.errors import NotFound
from domain.values import OrgId, SubSessionId, UserId
from persistence.database import Owning, Tenant, Urls, owner_scope
from resolvers.access import check_email, orgs_named

_PAGE = 1_000

SCORE_COLUMNS = (
    "sub_session_id", "claude_session_id", "developer", "started_at", "ended_at", "intent_class", "confidence",
    "judge_status", "goal_complete", "completion_confidence", "rework", "crushed", "letter_grade", "excluded_reason",
)  # fmt: skip


async def score_rows(urls: Urls, slug: str | None, email: str | None) -> AsyncGenerator[dict[str, object]]:
    """One row per arc, oldest first within an organisation. Raises NotFound for an unknown slug or address."""
    async with owner_scope(urls) as db:
        chosen = [(org.id, None) for org in await orgs_named(db, slug)]
        if email is not None:
            chosen = await _of_developer(db, [org_id for org_id, _ in chosen], email.strip().lower())
        for org_id, user_id in chosen:
            await db.bind(Tenant(org_id))
            async with aclosing(_rows(db, org_id, user_id)) as rows:
                async for row in rows:
                    yield row


async def _of_developer(db: Owning, org_ids: Sequence[OrgId], email: str) -> list[tuple[OrgId, UserId | None]]:
    """One address may be a developer of several organisations."""
    check_email(email)
    found: list[tuple[OrgId, UserId | None]] = []
    for org_id in org_ids:
        await db.bind(Tenant(org_id))
        if (user := await persistence.access.find_user_by_email(db, org_id, email)) is not None:
            found.append((org_id, user.id))
    if not found:
        raise NotFound(f"no developer {email}")
    return found


async def _rows(db: Owning, org_id: OrgId, user_id: UserId | None) -> AsyncGenerator[dict[str, object]]:
    after: tuple[datetime, SubSessionId] | None = None
    while page := await persistence.scores.export_page(db, org_id, user_id, _PAGE, after):
        for row in page:
            yield {name: str(row[name]) if name == "sub_session_id" else row[name] for name in SCORE_COLUMNS}
        after = (page[-1]["started_at"], page[-1]["sub_session_id"])
