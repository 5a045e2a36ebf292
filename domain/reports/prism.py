"""The sections that the reports of both versions have in common, named as the old system's clients read them.

Reference: domain reference, sections 17.3 and 17.4. Where nothing is known a value is null or its list empty.
"""

from decimal import Decimal

from domain.judging.records import Habit, SubSession
from domain.languages import Phrases
from domain.reports.document import Chart, Document
from domain.reports.facts import Facts, WorstPrompt, reason_of
from domain.reports.prose import Prose
from domain.reports.wording import TIPS, TITLE_CHARS, categories, shown, titled, why_missed, why_reached
from domain.scores.headline import score, tally
from domain.scores.rounding import ratio
from domain.summaries_of_many import Highlight
from domain.summary_texts import highlight_title, reason
from domain.times import rfc3339
from domain.values import JsonObject, JsonValue

_QUICK_WINS = 3
_PREVIEW = 200


def number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def shared(facts: Facts, prose: Prose, document: Document, say: Phrases, written_by: JsonObject) -> JsonObject:
    """What both versions say, each of its own data."""
    return {
        "version": facts.version,
        "language": document.language,
        "meta": _meta(facts),
        "atAGlance": {"quickWins": _quick_wins(facts, say)},
        "activity": _activity(facts),
        "impressiveThings": _impressive(facts, say),
        "whereThingsGoWrong": {"categories": _wrong(facts, say)},
        "costOptimization": _costs(facts, say),
        "worstPrompts": [worst_prompt(one) for one in facts.worst_prompts],
        "trends": {"points": _trend(facts)},
        "charts": _charts(document),
        "title": document.title,
        "subtitle": document.subtitle,
        "summary": prose.summary,
        "narrative": prose.narrative,
        "writtenBy": written_by,
        "ruleset_version": facts.ruleset_version,
        "generated_at": rfc3339(facts.as_of),
    }


def _meta(facts: Facts) -> JsonObject:
    return {
        "periodStart": rfc3339(facts.period.start),
        "periodEnd": rfc3339(facts.period.end),
        "period": facts.period.name,
        "timeZone": facts.period.zone.key,
        "totalSessions": facts.activity.sessions,
        "totalMessages": facts.activity.prompts,
        "activeDays": facts.active_days,
        "developers": facts.activity.developers,
    }


def _quick_wins(facts: Facts, say: Phrases) -> list[JsonValue]:
    rare = [one for one in facts.habits if one.shown < one.applicable]
    return [{"label": say.say(TIPS[one.habit]), "habit": one.habit} for one in rare[:_QUICK_WINS]]


def _activity(facts: Facts) -> JsonObject:
    days: list[JsonValue] = [
        {
            "start": rfc3339(point.period.start),
            "goals": point.totals.qualifying,
            "reached": point.totals.crushed,
            "leftOut": sum(point.totals.trivia.values()),
            "tokens": point.totals.tokens.total,
        }
        for point in facts.points
    ]
    types: list[JsonValue] = [
        {"type": one.name, "sessions": one.session_count, "share": float(one.share), "reached": one.crushed_count}
        for one in facts.types
    ]
    return {"unit": facts.unit, "points": days, "types": types}


def _impressive(facts: Facts, say: Phrases) -> JsonObject:
    now = facts.now
    highlights: list[JsonValue] = [
        {"label": titled(arc, say), "detail": why_reached(arc, say), "sessionCount": 1, "sessionId": arc.session_id}
        for arc in facts.wins
    ]
    return {
        "winRate": number(ratio(now.crushed, now.qualifying, places=2)),
        "totalWinSessions": facts.activity.winning_sessions,
        "highlights": highlights,
        "sessions": [_standing_out(one, say) for one in facts.highlights],
    }


def _standing_out(one: Highlight, say: Phrases) -> JsonObject:
    return {
        "kind": one.kind,
        "sessionId": one.session_id,
        "label": shown(highlight_title(one, say), TITLE_CHARS),
        "detail": reason(one, say),
        "value": one.value,
        "startedAt": rfc3339(one.started_at),
    }


def _wrong(facts: Facts, say: Phrases) -> list[JsonValue]:
    return [{"label": one.label, "count": one.count, "mitigation": one.advice} for one in categories(facts, say)]


def _costs(facts: Facts, say: Phrases) -> JsonObject:
    """Estimates by list prices. What was spent on goals that were missed is called wasted, and is all that could be
    saved; nothing is claimed of other models, whose work nobody has seen."""
    total, wasted = facts.activity.cost_usd, facts.activity.missed_cost_usd
    actions: list[JsonValue] = [
        {"action": one.advice, "label": one.label, "wastedCostUsd": float(one.cost_usd)}
        for one in categories(facts, say)
        if one.advice is not None and one.cost_usd
    ]
    return {
        "totalCostUsd": float(total),
        "wastedCostUsd": float(wasted),
        "wasteRatio": round(float(wasted / total), 4) if total else 0.0,
        "potentialSavingsUsd": float(wasted),
        "modelRightsizing": [],
        "wasteActions": actions,
        "unpricedGoals": facts.activity.unpriced,
    }


def worst_prompt(one: WorstPrompt) -> JsonObject:
    """`prismScore` is the grade of the goal that the prompt opened, 0-10."""
    return {
        "prismScore": one.points / 10,
        "sessionId": one.arc.session_id,
        "turnIndex": one.turn,
        "promptPreview": shown(one.text, _PREVIEW),
        "promptId": str(one.arc.prompt_ids[one.turn]),
        "letterGrade": one.arc.rubric.letter_grade,
    }


def shown_prompt_without(facts: Facts, habit: Habit) -> str | None:
    """One of the weakest prompts that could have shown the habit and did not."""
    found = [one.text for one in facts.worst_prompts if one.arc.rubric.habits.get(habit) is False]
    return shown(found[0], _PREVIEW) if found else None


def _trend(facts: Facts) -> list[JsonValue]:
    """The period and those before it, the oldest first."""
    points: list[JsonValue] = []
    for place, (window, part, activity) in enumerate(zip(facts.windows, facts.parts, facts.activities, strict=True)):
        composite = facts.composites[place] if facts.composites else None
        points.append(
            {
                "periodStart": rfc3339(window.start),
                "periodEnd": rfc3339(window.end),
                "prismScore": number(score(tally(part))),
                "goals": part.qualifying,
                "reached": part.crushed,
                "costUsd": float(activity.cost_usd),
                "firstTryRate": None if composite is None else number(composite.first_try_rate),
                "frictionRate": None if composite is None else number(composite.rlr),
            }
        )
    return points


def _charts(document: Document) -> JsonObject:
    """By kind, as they stand in the report."""
    found = [block for section in document.sections for block in section.blocks if isinstance(block, Chart)]
    return {str(chart.kind): _chart(chart) for chart in found}


def _chart(chart: Chart) -> JsonObject:
    series: list[JsonValue] = [{"name": one.name, "values": list(one.values)} for one in chart.series]
    return {"title": chart.title, "summary": chart.summary, "labels": list(chart.labels), "series": series}


def arc_of(arc: SubSession, say: Phrases) -> JsonObject:
    """A goal that is told of, however it came out."""
    return {
        "sub_session_id": str(arc.id),
        "claude_session_id": arc.session_id,
        "title": titled(arc, say),
        "started_at": rfc3339(arc.started_at),
        "intent_class": arc.rubric.intent,
        "letter_grade": arc.rubric.letter_grade,
        "turn_count": arc.measures.turn_count,
        "net_loc": arc.measures.net_loc,
        "total_tokens": arc.measures.tokens.total,
        "cost_usd": number(arc.measures.cost_usd),
        "time_to_crush_seconds": arc.time_to_crush_seconds,
        "reason_code": None if arc.crushed else reason_of(arc),
        "reason": why_reached(arc, say) if arc.crushed else why_missed(arc, say),
        "evidence": _evidence(arc),
    }


def _evidence(arc: SubSession) -> list[JsonValue]:
    return [
        {"criterion": item.criterion, "quote": shown(item.quote), "event_ids": [str(id) for id in item.event_ids]}
        for item in arc.evidence
        if item.verdict == "outcome" and item.quote
    ]
