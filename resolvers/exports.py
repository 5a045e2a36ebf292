"""Everything out: verdicts of whole organisations, for whoever operates the server."""

from collections.abc import AsyncIterator
from datetime import datetime

import persistence.access
import persistence.scores
from domain.errors import NotFound
from domain.values import OrgId, SubSessionId
from persistence.database import Owning, Tenant, Urls, owner_scope

_PAGE = 1_000

SCORE_COLUMNS = (
    "sub_session_id", "claude_session_id", "developer", "started_at", "ended_at", "intent_class", "confidence",
    "judge_status", "goal_complete", "completion_confidence", "rework", "crushed", "letter_grade", "excluded_reason",
)  # fmt: skip


async def score_rows(urls: Urls, slug: str | None, email: str | None) -> AsyncIterator[dict[str, object]]:
    """One row per arc, oldest first within an organisation. Raises NotFound for an unknown organisation."""
    async with owner_scope(urls) as db:
        orgs = [org for org in await persistence.access.list_orgs(db) if slug in (None, org.slug)]
        if slug is not None and not orgs:
            raise NotFound(f"no organisation {slug}")
        for org in orgs:
            await db.bind(Tenant(org.id))
            async for row in _rows(db, org.id, email):
                yield row


async def _rows(db: Owning, org_id: OrgId, email: str | None) -> AsyncIterator[dict[str, object]]:
    user = None if email is None else await persistence.access.find_user_by_email(db, org_id, email.strip().lower())
    if email is not None and user is None:
        return
    after: tuple[datetime, SubSessionId] | None = None
    while page := await persistence.scores.export_page(db, org_id, user and user.id, _PAGE, after):
        for row in page:
            yield {name: str(row[name]) if name == "sub_session_id" else row[name] for name in SCORE_COLUMNS}
        after = (page[-1]["started_at"], page[-1]["sub_session_id"])
