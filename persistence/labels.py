"""What people wrote over the labels of arcs."""

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import persistence.arc_texts
import persistence.live
import persistence.session_texts
from domain.judging.arcs import LabelEdit
from domain.judging.changes import Change, news
from domain.judging.records import Label, SubSession, TitleSource
from domain.values import OrgId, SubSessionId
from persistence.database import Reading, Writing
from persistence.judging import label_edits, sub_sessions


async def edits(db: Reading, org_id: OrgId, ids: Iterable[SubSessionId]) -> dict[SubSessionId, LabelEdit]:
    """What people wrote for these fragments."""
    mine = sa.select(label_edits).where(label_edits.c.org_id == org_id, label_edits.c.sub_session_id.in_(list(ids)))
    return {
        SubSessionId(row["sub_session_id"]): LabelEdit(
            Label(row["title"], row["summary"], TitleSource.USER_EDITED), row["edited_at"]
        )
        for row in await db.rows(mine)
    }


async def relabel(db: Writing, org_id: OrgId, arc: SubSession, label: Label) -> SubSession:
    """Keeps what a person wrote, puts it on the arc at once and tells of it. Call it under `lock`."""
    written = insert(label_edits).values(
        org_id=org_id, sub_session_id=arc.id, user_id=arc.user_id, title=label.title, summary=label.summary
    )
    await db.execute(
        written.on_conflict_do_update(
            index_elements=["org_id", "sub_session_id"],
            set_={"title": label.title, "summary": label.summary, "edited_at": sa.func.now()},
        )
    )
    mine = sa.update(sub_sessions).where(sub_sessions.c.org_id == org_id, sub_sessions.c.id == arc.id)
    shown = {"title": label.title, "summary": label.summary, "title_source": label.title_source}
    await db.execute(mine.values(**shown, updated_at=sa.func.now()))
    renamed = replace(arc, label=label)
    await persistence.arc_texts.save(db, org_id, [renamed])
    await persistence.session_texts.refresh(db, org_id, [arc.session_id])
    await persistence.live.append(db, org_id, [news(renamed, Change.UPDATED)])
    return renamed


async def forget_edits(db: Writing, org_id: OrgId, arc: SubSession) -> None:
    """Deletes what people wrote for any fragment of an arc; the next derivation labels it anew."""
    mine = sa.delete(label_edits).where(label_edits.c.org_id == org_id)
    await db.execute(mine.where(label_edits.c.sub_session_id.in_([arc.id, *arc.fragment_ids])))
