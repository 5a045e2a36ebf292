"""Everything out: verdicts of whole organisations, for whoever operates the server."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime

import persistence.access
import persistence.appeals
import persistence.scores
from domain.errors import NotFound
from domain.values import OrgId, SubSessionId, UserId
from persistence.database import Owning, Row, Tenant, Urls, owner_scope
from resolvers.access import check_email, orgs_named

_PAGE = 1_000

SCORE_COLUMNS = (
    "sub_session_id", "claude_session_id", "developer", "started_at", "ended_at", "intent_class", "confidence",
    "judge_status", "goal_complete", "completion_confidence", "rework", "crushed", "letter_grade", "excluded_reason",
)  # fmt: skip


APPEAL_COLUMNS = (
    "sub_session_id", "claude_session_id", "developer", "started_at", "intent_class", "judged_goal_complete",
    "completion_confidence", "judge_version", "appealed_goal_complete", "reason", "appealed_at",
)  # fmt: skip

_Place = tuple[datetime, SubSessionId]
_Page = Callable[[Owning, OrgId, UserId | None, int, _Place | None], Awaitable[Sequence[Row]]]


def score_rows(urls: Urls, slug: str | None, email: str | None) -> AsyncGenerator[dict[str, object]]:
    """One row per arc, oldest first within an organisation. Raises NotFound for an unknown slug or address."""
    return _export(urls, slug, email, persistence.scores.export_page, SCORE_COLUMNS)


def appeal_rows(urls: Urls, slug: str | None, email: str | None) -> AsyncGenerator[dict[str, object]]:
    """One row per appealed verdict, the judge's word beside the developer's. Raises and orders as `score_rows`."""
    return _export(urls, slug, email, persistence.appeals.export_page, APPEAL_COLUMNS)


async def _export(
    urls: Urls, slug: str | None, email: str | None, page: _Page, columns: Sequence[str]
) -> AsyncGenerator[dict[str, object]]:
    async with owner_scope(urls) as db:
        chosen = [(org.id, None) for org in await orgs_named(db, slug)]
        if email is not None:
            chosen = await _of_developer(db, [org_id for org_id, _ in chosen], email.strip().lower())
        for org_id, user_id in chosen:
            await db.bind(Tenant(org_id))
            async with aclosing(_rows(db, org_id, user_id, page, columns)) as rows:
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


async def _rows(
    db: Owning, org_id: OrgId, user_id: UserId | None, page: _Page, columns: Sequence[str]
) -> AsyncGenerator[dict[str, object]]:
    after: _Place | None = None
    while found := await page(db, org_id, user_id, _PAGE, after):
        for row in found:
            yield {name: str(row[name]) if name == "sub_session_id" else row[name] for name in columns}
        after = (found[-1]["started_at"], found[-1]["sub_session_id"])
