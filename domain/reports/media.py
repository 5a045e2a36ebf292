"""Reports of a medium: the document of each template, and the body that goes over the wire."""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.languages import Phrases
from domain.media import Template
from domain.reports.document import Document
from domain.reports.media_facts import Course, Material
from domain.reports.media_general import general_report
from domain.reports.media_hiring import hiring_report
from domain.reports.media_playbook import sales_playbook
from domain.reports.media_profile import profile_alignment
from domain.reports.records import Written
from domain.values import JsonObject, JsonValue

_WRITERS: Mapping[Template, Callable[[Material, Phrases, datetime], Document]] = {
    Template.GENERAL: general_report,
    Template.HIRING: hiring_report,
    Template.PROFILE: profile_alignment,
    Template.PLAYBOOK: sales_playbook,
}


def write(material: Material, words: Phrases, now: datetime) -> Written:
    document = _WRITERS[material.wish.template](material, words, now)
    whom: JsonObject = {"id": material.whom.id, "label": material.called}
    payload: JsonObject = {"summary": document.summary, "entity": whom, "metrics": metrics(material)}
    sessions = frozenset((material.session.id, *(arc.session_id for arc in material.arcs)))
    return Written(payload, document, sessions)


def metrics(material: Material) -> JsonObject:
    """What was counted, for programs. `cost_usd` is left out where anything has no price."""
    session = material.session
    counts: dict[str, JsonValue] = {
        "goals": len(material.arcs),
        "goals_judged": len(material.judged),
        **{f"goals_{one}": len(material.that_are(one)) for one in (Course.REACHED, Course.REDONE, Course.MISSED)},
        "prompts": session.prompt_count,
        "tool_calls": session.tool_call_count,
        "tool_errors": session.tool_error_count,
        "tokens": session.tokens.total,
        "duration_seconds": material.duration_s,
    }
    if session.cost_usd is not None:
        counts["cost_usd"] = float(session.cost_usd)
    speakers: list[JsonValue] = [
        {"id": one.id, "label": one.name, "share": round(one.share, 4)} for one in material.present
    ]
    return {**counts, "entities": speakers}
