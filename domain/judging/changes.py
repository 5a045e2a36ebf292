"""What became of a goal arc between two derivations: the live events that tell of it (domain reference, section 14)."""

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from domain.judging.records import ReworkKind, State, SubSession, TitleSource
from domain.live import News
from domain.times import rfc3339
from domain.values import JsonObject, SessionId, SubSessionId, UserId

_FAMILY = "prism.score_v3.sub_session."


def is_of_sub_session(name: str) -> bool:
    """Whether an event of the log of changes tells of a goal arc."""
    return name.startswith(_FAMILY)


ANY_ARC = SubSessionId(UUID(int=0))
"""Stands for whichever arcs changed where nobody can or may say any more which."""

NO_SESSION = SessionId("")


class Change(StrEnum):
    """The last part of `prism.score_v3.sub_session.*`.

    `opened`: the arc is new. `closed`, `scored`, `merged`: it reached that state (an excluded arc is `closed`).
    `relabelled`, `reworked`, `flagged`: its title or summary, its rework, its flags changed.
    `updated`: anything else changed, or the arc is gone; also told of a label edited by hand, which older clients
    know by this name.
    """

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    SCORED = "scored"
    RELABELLED = "relabelled"
    MERGED = "merged"
    REWORKED = "reworked"
    FLAGGED = "flagged"

    @property
    def event_name(self) -> str:
        return _FAMILY + self


_REACHED = {
    State.CLOSED: Change.CLOSED,
    State.EXCLUDED: Change.CLOSED,
    State.SCORED: Change.SCORED,
    State.MERGED: Change.MERGED,
}


def changes(old: SubSession | None, new: SubSession) -> tuple[Change, ...]:
    """The events between two versions of an arc, in the order they are told; () where nothing changed."""
    if old is None:
        return _reached(State.OPEN, new, Change.OPENED)
    if old == new:
        return ()
    told = _reached(old.state, new)
    if old.label != new.label:
        told += (Change.RELABELLED,)
    if _cause(old) != _cause(new):
        told += (Change.REWORKED,)
    if {flag.kind for flag in old.flags} != {flag.kind for flag in new.flags}:
        told += (Change.FLAGGED,)
    return told if told and _explained(old, new) else (*told, Change.UPDATED)


def _reached(before: State, new: SubSession, *told: Change) -> tuple[Change, ...]:
    if new.state is before or new.state not in _REACHED:
        return told
    return (*told, _REACHED[new.state])


def _cause(arc: SubSession) -> tuple[ReworkKind, SubSessionId] | None:
    """What reworked an arc, without the time, which moves on while that one is still open."""
    return None if arc.rework is None else (arc.rework.kind, arc.rework.by)


def _explained(old: SubSession, new: SubSession) -> bool:
    """Whether the change of state, or those of label, rework and flags, are all there is to tell."""
    told = replace(old, label=new.label, rework=new.rework, flags=new.flags)
    by_hand = old.label != new.label and new.label.title_source is TitleSource.USER_EDITED
    return old.state is not new.state or (told == new and not by_hand)


def news(arc: SubSession, change: Change) -> News:
    """What the log of live events is to say."""
    return News(change.event_name, arc.session_id, arc.id, arc.user_id, payload(arc, change))


def erased(user_id: UserId) -> News:
    """Arcs of a developer are gone for good, so nothing names them: show anew what there is."""
    return News(Change.UPDATED.event_name, NO_SESSION, ANY_ARC, user_id, {"event": Change.UPDATED.event_name})


def payload(arc: SubSession, change: Change) -> JsonObject:
    """The small public facts of an arc, as an event carries them."""
    settled = arc.state is State.SCORED
    return {
        "event": change.event_name,
        "sub_session_id": str(arc.id),
        "claude_session_id": arc.session_id,
        "developer_id": str(arc.user_id),
        "state": arc.state,
        "is_preview": arc.state is State.OPEN and arc.rubric.letter_grade is not None,
        "started_at": rfc3339(arc.started_at),
        "ended_at": None if arc.ended_at is None else rfc3339(arc.ended_at),
        "title": arc.label.title,
        "summary": arc.label.summary,
        "title_source": arc.label.title_source,
        "turn_count": arc.measures.turn_count,
        "substance_floor_passed": arc.substance_floor_passed,
        "intent_class": arc.rubric.intent,
        "letter_grade": arc.rubric.letter_grade,
        "prompt_grade": arc.rubric.letter_grade if settled else None,
        "goal_complete": arc.outcome.goal_complete,
        "rework": arc.rework is not None,
        "merged_into_id": None if arc.merged_into_id is None else str(arc.merged_into_id),
    }
